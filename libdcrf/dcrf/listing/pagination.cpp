#include "dcrf/listing/pagination.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/protocol/errors.hpp"
#include "dcrf/serializer/read_input.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace dcrf {

namespace {

constexpr auto most = std::numeric_limits<std::int64_t>::max();

// A number, which may come as text; nothing for anything else. What is too large counts as the
// largest.
std::optional<std::int64_t> whole_number(const std::optional<json_view>& x) {
  if (!x) {
    return std::nullopt;
  }
  switch (x->type()) {
  case json_type::int64:
    return x->int64();
  case json_type::uint64:
    return most;
  case json_type::real:
    return std::abs(x->real()) < static_cast<double>(most) ? static_cast<std::int64_t>(x->real())
           : x->real() > 0                                 ? most
                                                           : std::int64_t{0};
  case json_type::text: {
    auto text = x->text();
    auto start = std::min(text.find_first_not_of(" \t\n\r"), text.size());
    auto end = text.find_last_not_of(" \t\n\r") + 1;
    std::int64_t result = 0;
    auto* last = text.data() + std::max(start, end);
    auto [rest, error] = std::from_chars(text.data() + start, last, result);
    if (rest != last || error == std::errc::invalid_argument) {
      return std::nullopt;
    }
    return error == std::errc{} ? result : text[start] == '-' ? std::int64_t{0} : most;
  }
  default:
    return std::nullopt;
  }
}

// How many rows a request wants: what is not positive counts as missing. 0 for no limit.
std::int64_t limit_of(const pagination_descriptor& pagination, const request& req,
                      std::string_view argument) {
  auto asked = whole_number(req.argument(argument)).value_or(0);
  if (asked <= 0) {
    return pagination.default_limit;
  }
  return pagination.max_limit > 0 ? std::min(asked, pagination.max_limit) : asked;
}

json_view cursor_in(const std::string& text, json_reader& reader) {
  try {
    return reader.read(text);
  } catch (const json_error&) {
    throw not_found("Invalid cursor");
  }
}

value position_value(const field_descriptor& field, json_view x) {
  try {
    auto result = read_operand(field, x);
    if (!is_null(result)) {
      return result;
    }
  } catch (const validation_error&) {
  }
  throw not_found("Invalid cursor");
}

condition compared(std::size_t field, comparison op, value x) {
  condition result;
  result.kind = condition::node::compare;
  result.path = {field};
  result.op = op;
  result.operands = {std::move(x)};
  return result;
}

} // namespace

page::page(const pagination_descriptor& pagination, const request& req, selection rows)
    : pagination_(&pagination), style_(pagination.style), rows_(std::move(rows)) {
  switch (style_) {
  case pagination_style::none:
    break;
  case pagination_style::limit_offset:
    limit_offset(req);
    break;
  case pagination_style::page_number:
    page_number(req);
    break;
  case pagination_style::cursor:
    cursor(req);
    break;
  }
}

void page::limit_offset(const request& req) {
  limit_ = limit_of(*pagination_, req, "limit");
  if (limit_ == 0) {
    style_ = pagination_style::none;
    return;
  }
  offset_ = std::max(whole_number(req.argument("offset")).value_or(0), std::int64_t{0});
  rows_.limit = limit_;
  rows_.offset = offset_;
}

void page::page_number(const request& req) {
  limit_ = pagination_->max_limit > 0 ? limit_of(*pagination_, req, "page_size")
                                      : pagination_->default_limit;
  rows_.limit = limit_;
  auto argument = req.argument("page");
  if (argument && argument->type() == json_type::text && argument->text() == "last") {
    is_last_ = true;
    return;
  }
  auto number = argument && !argument->is_null() ? whole_number(argument) : 1;
  if (!number || *number < 1) {
    throw not_found("Invalid page.");
  }
  offset_ = *number - 1 > most / limit_ ? most : (*number - 1) * limit_;
  rows_.offset = offset_;
}

void page::count(std::int64_t rows) {
  offset_ = rows > 0 ? (rows - 1) / limit_ * limit_ : 0;
  rows_.offset = offset_;
}

// -- cursors --------------------------------------------------------------------------------------

// A cursor is `{"after": [values]}` or `{"before": [values]}`, where the values are those of the
// columns that the rows are ordered by, the primary key the last of them.
void page::cursor(const request& req) {
  limit_ = pagination_->max_limit > 0 ? limit_of(*pagination_, req, "page_size")
                                      : pagination_->default_limit;
  rows_.order_by.clear();
  for (const auto& x : pagination_->order) {
    rows_.order_by.push_back({{x.field}, x.is_descending});
  }
  rows_.order_by.push_back({{rows_.model->primary_key}, false});
  // One more than the page has tells whether there is another one.
  rows_.limit = limit_ + 1;
  rows_.offset = 0;
  auto given = req.argument("cursor");
  json_reader reader;
  std::string text;
  // In the query of a URL it is the text of a JSON document.
  if (given && given->type() == json_type::text) {
    text = given->text();
    given = cursor_in(text, reader);
  }
  if (!given || given->is_null()) {
    return;
  }
  auto after = given->find("after");
  auto before = given->find("before");
  if (after.has_value() == before.has_value()) {
    throw not_found("Invalid cursor");
  }
  has_position_ = true;
  is_backward_ = before.has_value();
  if (is_backward_) {
    for (auto& x : rows_.order_by) {
      x.is_descending = !x.is_descending;
    }
  }
  start_after(is_backward_ ? *before : *after);
}

// The rows after a position: those that are greater in the first column, or equal there and greater
// in the second, and so on.
void page::start_after(json_view position) {
  if (position.type() != json_type::array || position.size() != rows_.order_by.size()) {
    throw not_found("Invalid cursor");
  }
  auto equal_so_far = condition{};
  condition result;
  result.kind = condition::node::any_of;
  auto column = rows_.order_by.begin();
  position.each_element([&](json_view x) {
    auto field = column->path.front();
    auto read = position_value(rows_.model->fields[field], x);
    auto beyond = column->is_descending ? comparison::lt : comparison::gt;
    result.children.push_back(equal_so_far && compared(field, beyond, read));
    equal_so_far = std::move(equal_so_far) && compared(field, comparison::eq, std::move(read));
    ++column;
  });
  rows_.where = std::move(rows_.where) && std::move(result);
}

void page::write_cursor(json_writer& writer, std::string_view direction,
                        const std::optional<record>& position) const {
  if (!position) {
    writer.null();
    return;
  }
  writer.begin_object().key(direction).begin_array();
  for (const auto& x : rows_.order_by) {
    write_json(writer, (*position)[x.path.front()]);
  }
  writer.end_array().end_object();
}

// -- what was found -------------------------------------------------------------------------------

bool page::with_count() const noexcept {
  return style_ == pagination_style::limit_offset || style_ == pagination_style::page_number;
}

std::span<const row> page::finish(std::vector<row>& found, std::int64_t count) {
  count_ = count;
  if (style_ == pagination_style::page_number && offset_ > 0 && offset_ >= count_) {
    throw not_found("Invalid page.");
  }
  if (style_ != pagination_style::cursor) {
    return found;
  }
  auto size = std::min(found.size(), static_cast<std::size_t>(limit_));
  bool has_more = found.size() > size;
  found.resize(size);
  if (is_backward_) {
    std::ranges::reverse(found);
  }
  first_.reset();
  last_.reset();
  if (!found.empty() && (is_backward_ ? has_more : has_position_)) {
    first_ = found.front().values;
  }
  if (!found.empty() && (is_backward_ || has_more)) {
    last_ = found.back().values;
  }
  return found;
}

void page::write(json_writer& writer, const json_text& results) const {
  if (style_ == pagination_style::none) {
    writer.raw(results);
    return;
  }
  writer.begin_object();
  auto page_or_null = [&](std::string_view name, bool is_there, std::int64_t number) {
    writer.key(name);
    is_there ? writer.integer(number) : writer.null();
  };
  switch (style_) {
  case pagination_style::none:
    break;
  case pagination_style::limit_offset:
    writer.key("count").integer(count_).key("results").raw(results);
    writer.key("limit").integer(limit_).key("offset").integer(offset_);
    break;
  case pagination_style::page_number: {
    auto number = offset_ / limit_ + 1;
    writer.key("count").integer(count_);
    page_or_null("next", count_ - offset_ > limit_, number + 1);
    page_or_null("previous", number > 1, number - 1);
    writer.key("results").raw(results);
    break;
  }
  case pagination_style::cursor:
    write_cursor(writer.key("next"), "after", last_);
    write_cursor(writer.key("previous"), "before", first_);
    writer.key("results").raw(results);
    break;
  }
  writer.end_object();
}

std::optional<page::difference> page::beyond(std::string_view direction,
                                             const std::optional<record>& position) const {
  if (!position) {
    return std::nullopt;
  }
  std::string text;
  json_writer writer{text};
  write_cursor(writer, direction, position);
  return difference{{"cursor", std::move(text)}};
}

page::difference page::with_offset(std::int64_t offset) const {
  auto text = offset > 0 ? std::optional{std::to_string(offset)} : std::nullopt;
  return {{"limit", std::to_string(limit_)}, {"offset", std::move(text)}};
}

std::optional<page::difference> page::next() const {
  bool is_last = limit_ >= count_ - offset_;
  switch (style_) {
  case pagination_style::none:
    break;
  case pagination_style::limit_offset:
    return is_last ? std::nullopt : std::optional{with_offset(offset_ + limit_)};
  case pagination_style::page_number:
    return is_last ? std::nullopt
                   : std::optional{difference{{"page", std::to_string(offset_ / limit_ + 2)}}};
  case pagination_style::cursor:
    return beyond("after", last_);
  }
  return std::nullopt;
}

std::optional<page::difference> page::previous() const {
  switch (style_) {
  case pagination_style::none:
    break;
  case pagination_style::limit_offset:
    return offset_ > 0 ? std::optional{with_offset(offset_ - limit_)} : std::nullopt;
  case pagination_style::page_number: {
    auto number = offset_ / limit_;
    auto text = number > 1 ? std::optional{std::to_string(number)} : std::nullopt;
    return number > 0 ? std::optional{difference{{"page", std::move(text)}}} : std::nullopt;
  }
  case pagination_style::cursor:
    return beyond("before", first_);
  }
  return std::nullopt;
}

// -- streaming ------------------------------------------------------------------------------------

bool page::has_next() const noexcept {
  return style_ == pagination_style::limit_offset && offset_ < count_ - limit_;
}

void page::advance() {
  offset_ += limit_;
  rows_.offset = offset_;
}

} // namespace dcrf
