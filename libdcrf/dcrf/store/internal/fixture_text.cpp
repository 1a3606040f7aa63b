#include "dcrf/store/internal/fixture_text.hpp"

#include "dcrf/store/internal/storage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <utility>

namespace dcrf::internal {

namespace {

// -- where objects are ----------------------------------------------------------------------------

// Walks over the text and finds the ends of values by their brackets; whether they are JSON is for
// the reader to say.
class scanner {
public:
  explicit scanner(std::string_view text) : text_(text) {}

  std::vector<fixture_object> objects() {
    std::vector<fixture_object> result;
    skip_blanks();
    bool is_array = take('[');
    skip_blanks();
    while (!is_at_end() && !(is_array && peek() == ']')) {
      if (peek() != '{') {
        refuse_line(line_, fmt::format("an object is expected, not {}", shown()));
      }
      result.push_back(object());
      skip_blanks();
      if (is_array && !take(',') && (is_at_end() || peek() != ']')) {
        refuse_line(line_, "',' or ']' is expected after an object of the array");
      }
      skip_blanks();
    }
    if (is_array && !take(']')) {
      refuse_line(line_, "the array has no end");
    }
    skip_blanks();
    if (!is_at_end()) {
      refuse_line(line_, "there is more after the end of the array");
    }
    return result;
  }

private:
  [[nodiscard]] bool is_at_end() const noexcept { return at_ == text_.size(); }
  [[nodiscard]] char peek() const noexcept { return text_[at_]; }

  char next() noexcept {
    auto result = text_[at_++];
    line_ += result == '\n' ? 1 : 0;
    return result;
  }

  bool take(char x) noexcept {
    bool found = !is_at_end() && peek() == x;
    at_ += found ? 1 : 0;
    return found;
  }

  void skip_blanks() noexcept {
    while (!is_at_end() && std::isspace(static_cast<unsigned char>(peek())) != 0) {
      next();
    }
  }

  [[nodiscard]] std::string shown() const {
    auto end = text_.find_first_of(" \t\r\n", at_);
    return std::string{text_.substr(at_, std::min<std::size_t>(end - at_, 20))};
  }

  fixture_object object() {
    auto begin = at_;
    auto line = line_;
    std::size_t depth = 0;
    do {
      if (is_at_end()) {
        refuse_line(line, "the object has no end");
      }
      auto x = next();
      if (x == '"') {
        skip_text(line);
      }
      depth += x == '{' || x == '[' ? 1 : 0;
      depth -= x == '}' || x == ']' ? 1 : 0;
    } while (depth > 0);
    return {text_.substr(begin, at_ - begin), line};
  }

  void skip_text(std::size_t line) {
    while (!take('"')) {
      if (is_at_end()) {
        refuse_line(line, "a text has no end");
      }
      if (next() == '\\' && !is_at_end()) {
        next();
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

// -- values ---------------------------------------------------------------------------------------

template <class Type>
std::optional<value> parsed(json_view x) {
  if (x.type() != json_type::text) {
    return std::nullopt;
  }
  auto result = Type::parse(x.text());
  return result ? std::optional<value>{*result} : std::nullopt;
}

std::optional<value> number_of(json_view x) {
  switch (x.type()) {
  case json_type::int64:
    return value{x.int64()};
  case json_type::uint64:
  case json_type::real:
    return value{x.real()};
  default:
    return std::nullopt;
  }
}

// Of the type that the field holds; nothing if it is of another one.
std::optional<value> value_of(const field_descriptor& field, json_view x) {
  switch (field.type) {
  case field_type::boolean:
    return x.type() == json_type::boolean ? std::optional<value>{x.boolean()} : std::nullopt;
  case field_type::integer:
    return x.type() == json_type::int64 ? std::optional<value>{x.int64()} : std::nullopt;
  case field_type::real:
    return number_of(x);
  case field_type::text:
  case field_type::choice:
    return x.type() == json_type::text ? std::optional<value>{std::string{x.text()}} : std::nullopt;
  case field_type::decimal:
    return x.type() == json_type::int64 ? std::optional<value>{x.int64()} : parsed<decimal>(x);
  case field_type::date:
    return parsed<date>(x);
  case field_type::timestamp:
    return parsed<timestamp>(x);
  case field_type::uuid:
    return parsed<uuid>(x);
  case field_type::json:
    return value{json_text::trusted(x.to_text())};
  }
  return std::nullopt;
}

class row_reader {
public:
  row_reader(const schema& models, const fixture_object& from)
      : models_(models), line_(from.line) {}

  fixture_row read(json_view object) {
    auto name = object.find("model");
    if (!name || name->type() != json_type::text) {
      refuse_line(line_, "the object has no \"model\"");
    }
    result_.model = &model_named(name->text());
    result_.line = line_;
    result_.values.resize(model().fields.size());
    result_.related.resize(model().relations.size());
    object.each_member([this](std::string_view member, json_view x) { take(member, x); });
    for (std::size_t i = 0; i < given_.size(); ++i) {
      if (!given_[i]) {
        fill(i);
      }
    }
    return std::move(result_);
  }

private:
  [[nodiscard]] const model_descriptor& model() const noexcept { return *result_.model; }

  // Django puts the name of an application in front.
  const model_descriptor& model_named(std::string_view name) {
    auto is_called = [this](const model_descriptor* x, std::string_view given) {
      return fixture_name(models_, *x) == given || x->table == given;
    };
    for (auto given : {name, name.substr(name.rfind('.') + 1)}) {
      for (const auto* x : models_.models()) {
        if (is_called(x, given)) {
          given_.resize(x->fields.size());
          return *x;
        }
      }
    }
    refuse_line(line_, fmt::format("there is no model \"{}\"", name));
  }

  void take(std::string_view member, json_view x) {
    if (member == "pk") {
      set(model().primary_key, x);
    } else if (member == "fields" && x.is_object()) {
      x.each_member([this](std::string_view name, json_view y) { take_field(name, y); });
    } else if (member != "model") {
      refuse_line(line_, fmt::format("\"{}\" is not expected", member));
    }
  }

  void take_field(std::string_view name, json_view x) {
    if (auto field = model().find_field(name)) {
      set(*field, x);
      return;
    }
    const auto* relation = model().find_relation(name);
    if (relation == nullptr) {
      refuse_line(line_, fmt::format("{} has no field \"{}\"", model().name, name));
    }
    if (relation->through != nullptr) {
      refuse_line(line_, fmt::format("{} consists of rows of the model {}", name,
                                     relation->through().name));
    }
    if (x.type() != json_type::array) {
      refuse_line(line_, fmt::format("{} must be an array of keys", name));
    }
    auto place = static_cast<std::size_t>(relation - model().relations.data());
    auto& keys = result_.related[place].emplace();
    x.each_element(
        [&](json_view key) { keys.push_back(read(relation->target().key_field(), name, key)); });
  }

  void set(std::size_t i, json_view x) {
    const auto& field = model().fields[i];
    given_[i] = true;
    if (x.is_null()) {
      if (!field.is_nullable && !field.is_primary_key) {
        refuse_line(line_, fmt::format("{} may not be null", field.name));
      }
      result_.values[i] = std::monostate{};
      return;
    }
    result_.values[i] = read(field, field.name, x);
  }

  value read(const field_descriptor& field, std::string_view name, json_view x) {
    // A reference holds the key that it refers to, and is of its type.
    auto result = value_of(field, x);
    if (result) {
      result = fitted(field, std::move(*result));
    }
    if (!result) {
      refuse_line(line_, fmt::format("{} can't hold {}", name, x.to_text()));
    }
    return std::move(*result);
  }

  void fill(std::size_t i) {
    const auto& field = model().fields[i];
    if (i == model().primary_key) {
      result_.values[i] = std::monostate{};
    } else if (field.automatic != auto_time::never) {
      auto now = timestamp::now();
      result_.values[i] = field.type == field_type::date
                              ? value{date{std::chrono::floor<std::chrono::days>(now.time)}}
                              : value{now};
    } else if (field.is_nullable || field.has_default || field.allows_blank) {
      result_.values[i] = *fitted(field, field.initial());
    } else {
      refuse_line(line_, fmt::format("{} is missing", field.name));
    }
  }

  const schema& models_;
  std::size_t line_;
  fixture_row result_;
  std::vector<bool> given_;
};

} // namespace

void refuse_line(std::size_t line, const std::string& reason) {
  throw store_failure(store_errc::failed, fmt::format("line {}: {}", line, reason));
}

std::string fixture_name(const schema& models, const model_descriptor& model) {
  auto is_alone =
      std::ranges::count(models.models(), model.name, [](const auto* x) { return x->name; }) == 1;
  std::string result{is_alone ? model.name : model.table};
  std::ranges::replace(result, ' ', '_');
  return result;
}

void write_fixture(json_writer& writer, const std::string& name, const fixture_row& x) {
  const auto& model = *x.model;
  writer.begin_object().key("model").text(name).key("pk");
  write_json(writer, model.key_of(x.values));
  writer.key("fields").begin_object();
  for (std::size_t i = 0; i < model.fields.size(); ++i) {
    if (i != model.primary_key) {
      writer.key(model.fields[i].name);
      write_json(writer, x.values[i]);
    }
  }
  for (std::size_t i = 0; i < model.relations.size(); ++i) {
    // Links that are rows of a model are among its own.
    if (model.relations[i].through != nullptr) {
      continue;
    }
    writer.key(model.relations[i].name).begin_array();
    for (const auto& key : *x.related[i]) {
      write_json(writer, key);
    }
    writer.end_array();
  }
  writer.end_object().end_object();
}

std::vector<fixture_object> objects_of(std::string_view text) { return scanner{text}.objects(); }

fixture_row read_fixture(const schema& models, json_reader& reader, const fixture_object& from) {
  try {
    return row_reader{models, from}.read(reader.read(from.text));
  } catch (const json_error& e) {
    refuse_line(from.line, e.what());
  }
}

} // namespace dcrf::internal
