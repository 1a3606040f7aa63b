#include "dcrf/model/field_errors.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/json/json_writer.hpp"

#include <algorithm>
#include <utility>

namespace dcrf {

namespace {

constexpr std::string_view of_no_field = "non_field_errors";

} // namespace

field_errors::field_errors(kind x) : kind_(x) {}

field_errors field_errors::leaf(kind x, std::string text) {
  field_errors result{x};
  result.entries_.push_back({std::move(text), {}});
  return result;
}

field_errors::field_errors(const std::vector<std::string>& texts) : kind_(kind::list) {
  for (const auto& text : texts) {
    add(text);
  }
}

field_errors::field_errors(const json_text& errors) {
  json_reader reader;
  *this = of(reader.read(errors.str()));
}

field_errors field_errors::of(json_view x) {
  switch (x.type()) {
  case json_type::object: {
    field_errors result;
    x.each_member([&](std::string_view name, json_view errors) {
      result.entries_.push_back({std::string{name}, of(errors)});
    });
    return result;
  }
  case json_type::array: {
    field_errors result{kind::list};
    x.each_element([&](json_view errors) { result.entries_.push_back({{}, of(errors)}); });
    return result;
  }
  case json_type::text:
    return leaf(kind::text, std::string{x.text()});
  default:
    return leaf(kind::json, x.to_text());
  }
}

field_errors field_errors::of_elements(std::vector<field_errors> elements) {
  field_errors result{kind::list};
  for (auto& x : elements) {
    result.entries_.push_back({{}, std::move(x)});
  }
  return result;
}

bool field_errors::has(std::string_view field) const noexcept {
  return kind_ == kind::fields
         && std::ranges::find(entries_, field, &entry::name) != entries_.end();
}

void field_errors::add(std::string text) {
  if (empty()) {
    kind_ = kind::list;
  }
  if (kind_ == kind::list) {
    entries_.push_back({{}, leaf(kind::text, std::move(text))});
  }
}

void field_errors::add(std::string_view field, std::string text) {
  auto found = std::ranges::find(entries_, field, &entry::name);
  if (found == entries_.end()) {
    found = entries_.insert(found, {std::string{field}, {}});
  }
  found->errors.add(std::move(text));
}

void field_errors::set(std::string_view field, field_errors errors) {
  if (!errors.empty()) {
    entries_.push_back({std::string{field}, std::move(errors)});
  }
}

void field_errors::merge(const field_errors& other) {
  if (empty()) {
    *this = other;
  } else if (kind_ == kind::list && other.kind_ == kind::list) {
    entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end());
  } else if (other.has_fields()) {
    if (kind_ != kind::fields) {
      *this = {};
    }
    for (const auto& x : other.entries_) {
      auto found = std::ranges::find(entries_, x.name, &entry::name);
      if (found == entries_.end()) {
        entries_.push_back(x);
      } else {
        found->errors.merge(x.errors);
      }
    }
  }
}

field_errors field_errors::as_list() const {
  if (kind_ == kind::list) {
    return *this;
  }
  field_errors result{kind::list};
  result.entries_.push_back({{}, *this});
  return result;
}

const field_errors* field_errors::only_fields() const noexcept {
  if (kind_ == kind::fields) {
    return this;
  }
  bool is_only =
      kind_ == kind::list && entries_.size() == 1 && entries_.front().errors.kind_ == kind::fields;
  return is_only ? &entries_.front().errors : nullptr;
}

field_errors field_errors::of_field() const {
  const auto* fields = only_fields();
  return fields != nullptr ? *fields : as_list();
}

field_errors field_errors::by_field() const {
  field_errors result;
  if (const auto* fields = only_fields()) {
    for (const auto& [name, errors] : fields->entries_) {
      bool is_right = errors.kind_ == kind::list || errors.kind_ == kind::fields;
      result.entries_.push_back({name, is_right ? errors : errors.as_list()});
    }
  } else {
    result.entries_.push_back({std::string{of_no_field}, as_list()});
  }
  return result;
}

void field_errors::write(json_writer& writer) const {
  switch (kind_) {
  case kind::fields:
    writer.begin_object();
    for (const auto& [name, errors] : entries_) {
      writer.key(name);
      errors.write(writer);
    }
    writer.end_object();
    break;
  case kind::list:
    writer.begin_array();
    for (const auto& x : entries_) {
      x.errors.write(writer);
    }
    writer.end_array();
    break;
  case kind::text:
    writer.text(entries_.front().name);
    break;
  case kind::json:
    writer.raw(entries_.front().name);
  }
}

json_text field_errors::to_json_text() const {
  std::string result;
  json_writer writer{result};
  write(writer);
  return json_text::trusted(std::move(result));
}

bool operator==(const field_errors& lhs, const field_errors& rhs) {
  return lhs.kind_ == rhs.kind_
         && std::ranges::equal(lhs.entries_, rhs.entries_, [](const auto& a, const auto& b) {
              return a.name == b.name && a.errors == b.errors;
            });
}

} // namespace dcrf
