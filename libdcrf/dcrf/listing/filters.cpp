#include "dcrf/listing/filters.hpp"

#include "dcrf/serializer/read_input.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <algorithm>
#include <utility>

namespace dcrf {

namespace {

constexpr std::string_view spaces = " \t\n\r";

// The parts of a text that are not empty, between any of the separators.
std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    auto end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) {
      result.push_back(text.substr(0, end));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

bool is_blank(json_view x) {
  return x.is_null() || (x.type() == json_type::text && x.text().empty());
}

// A text with commas is a list, too, as in the query of a URL.
std::vector<value> listed(const field_descriptor& field, std::string_view text) {
  std::vector<value> result;
  for (auto part : split(text, ",")) {
    result.push_back(read_operand(field, part));
  }
  return result;
}

std::vector<value> listed(const field_descriptor& field, json_view x) {
  if (x.type() == json_type::text) {
    return listed(field, x.text());
  }
  if (x.type() != json_type::array) {
    throw validation_error("Expected a list of items.");
  }
  std::vector<value> result;
  x.each_element([&](json_view element) { result.push_back(read_operand(field, element)); });
  return result;
}

condition condition_of(const list_filter& filter, json_view x) {
  if (filter.kind == filter_kind::range) {
    auto bounds = listed(*filter.field, x);
    if (bounds.size() != 2) {
      throw validation_error("Range query expects two values.");
    }
    return filter.ranged(bounds.front(), bounds.back());
  }
  if (filter.op == comparison::in) {
    return filter.compared(filter.op, listed(*filter.field, x));
  }
  if (filter.op == comparison::is_null) {
    return filter.compared(filter.op, {read_operand({.type = field_type::boolean}, x)});
  }
  return filter.compared(filter.op, {read_operand(*filter.field, x)});
}

condition filtered(const std::vector<list_filter>& filters, const request& req) {
  condition result;
  field_errors errors;
  for (const auto& x : filters) {
    auto given = req.argument(x.argument);
    if (!given || is_blank(*given)) {
      continue;
    }
    try {
      result = std::move(result) && condition_of(x, *given);
    } catch (const validation_error& error) {
      errors.set(x.argument, error.details().of_field());
    }
  }
  if (!errors.empty()) {
    throw validation_error(std::move(errors));
  }
  return result;
}

condition searched(const std::vector<list_search>& columns, const request& req) {
  condition result;
  auto given = req.argument("search");
  if (columns.empty() || !given || given->type() != json_type::text) {
    return result;
  }
  for (auto word : split(given->text(), " \t\n\r,")) {
    condition in_one;
    in_one.kind = condition::node::any_of;
    for (auto compared : columns) {
      in_one.children.push_back(compared(comparison::icontains, {std::string{word}}));
    }
    result = std::move(result) && std::move(in_one);
  }
  return result;
}

std::vector<ordering> ordered(const std::vector<list_order>& offered, const request& req) {
  std::vector<ordering> result;
  auto given = req.argument("ordering");
  if (!given || given->type() != json_type::text) {
    return result;
  }
  for (auto name : split(given->text(), ",")) {
    name.remove_prefix(std::min(name.find_first_not_of(spaces), name.size()));
    name = name.substr(0, name.find_last_not_of(spaces) + 1);
    bool is_descending = name.starts_with('-');
    name.remove_prefix(is_descending ? 1 : 0);
    if (auto found = std::ranges::find(offered, name, &list_order::name); found != offered.end()) {
      result.push_back({found->path, is_descending});
    }
  }
  return result;
}

} // namespace

void list_filters::apply(const request& req, selection& rows) const {
  rows.where = std::move(rows.where) && filtered(filters, req) && searched(search, req);
  if (auto order = ordered(ordering, req); !order.empty()) {
    rows.order_by = std::move(order);
  }
}

} // namespace dcrf
