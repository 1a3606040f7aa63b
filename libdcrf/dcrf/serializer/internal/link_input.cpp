#include "dcrf/serializer/internal/link_input.hpp"

#include "dcrf/serializer/read_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace dcrf::internal {

namespace {

constexpr auto no_null = "This field may not be null.";
constexpr auto neither_key_nor_link = "Must be either a hyper-media reference or a pk value";

// The row whose field has the value given.
std::optional<lookup> row_with(const model_descriptor& model, std::size_t field, json_view x,
                               field_errors& errors) {
  auto key = read_key(model.fields[field], x);
  if (!key) {
    errors.add("Not found");
    return std::nullopt;
  }
  return lookup{.model = &model, .key = std::move(*key), .field = field};
}

// The value of the stream's own lookup argument, if the payload has that and no other.
std::optional<json_view> lookup_argument(const linked_stream& stream, json_view payload) {
  std::optional<json_view> result;
  bool has_others = false;
  payload.each_member([&](std::string_view name, json_view x) {
    if (name == stream.lookup_argument) {
      result = x;
    } else if (name != "action" && name != "request_id") {
      has_others = true;
    }
  });
  return has_others ? std::nullopt : result;
}

std::optional<lookup> row_linked_to(const link_source& link, json_view x,
                                    const serializer_context& context, field_errors& errors) {
  auto name = x.find("stream");
  auto payload = x.find("payload");
  if (!name || name->type() != json_type::text || !payload || !payload->is_object()) {
    errors.add("Must be of the format {stream: ..., payload: {..}}");
    return std::nullopt;
  }
  auto action = payload->find("action");
  if (!action || action->is_null()) {
    errors.add("must have an action key");
    return std::nullopt;
  }
  auto stream = std::ranges::find(context.streams, name->text(), &linked_stream::name);
  if (stream == context.streams.end()) {
    errors.add(fmt::format("stream {} not found.", name->text()));
    return std::nullopt;
  }
  if (action->type() != json_type::text || !stream->offers(action->text())) {
    auto text = action->type() == json_type::text ? std::string{action->text()} : action->to_text();
    errors.add(fmt::format("action {} not supported on {}.", text, name->text()));
    return std::nullopt;
  }
  auto argument = lookup_argument(*stream, *payload);
  if (!argument) {
    errors.add("Incorrect lookup arguments");
    return std::nullopt;
  }
  if (stream->model != link.model) {
    errors.add("Not found");
    return std::nullopt;
  }
  return row_with(*stream->model, stream->lookup_field, *argument, errors);
}

bool is_key(const field_descriptor& key, json_view x) {
  if (key.type == field_type::integer) {
    return x.type() == json_type::int64 || x.type() == json_type::uint64;
  }
  return x.type() == json_type::text;
}

std::optional<lookup> row_of(const link_source& link, json_view x,
                             const serializer_context& context, field_errors& errors) {
  if (is_key(link.model->key_field(), x)) {
    return row_with(*link.model, link.model->primary_key, x, errors);
  }
  if (x.is_object()) {
    return row_linked_to(link, x, context, errors);
  }
  errors.add(neither_key_nor_link);
  return std::nullopt;
}

void read_one(validated_input& result, const serializer_field& field, json_view x,
              const serializer_context& context, field_errors& errors) {
  if (x.is_null()) {
    if (result.model->fields[field.column].is_nullable) {
      result.set(field.column, {});
    } else {
      errors.add(no_null);
    }
    return;
  }
  if (auto row = row_of(field.link, x, context, errors)) {
    if (row->field == row->model->primary_key) {
      result.set(field.column, row->key);
    }
    result.links.push_back({field.name, std::move(*row), field.column, false});
  }
}

void read_many(validated_input& result, const serializer_field& field, json_view x,
               const serializer_context& context, field_errors& errors) {
  if (x.is_null()) {
    errors.add(no_null);
    return;
  }
  if (x.type() != json_type::array) {
    errors.add(fmt::format("Expected a list of items but got type \"{}\".", python_name(x.type())));
    return;
  }
  if (x.size() == 0 && !field.link.relation->allows_blank) {
    errors.add("This list may not be empty.");
    return;
  }
  std::vector<linked_row> rows;
  x.each_element([&](json_view element) {
    // The first one that is wrong is the only one reported.
    if (!errors.empty()) {
      return;
    }
    if (auto row = row_of(field.link, element, context, errors)) {
      rows.push_back({field.name, std::move(*row), result.related.size(), true});
    }
  });
  if (errors.empty()) {
    result.related.push_back({.relation = field.link.relation});
    std::ranges::move(rows, std::back_inserter(result.links));
  }
}

} // namespace

void read_link(validated_input& result, const serializer_field& field, json_view x,
               const serializer_context& context, field_errors& errors) {
  if (field.link.is_to_many) {
    read_many(result, field, x, context, errors);
  } else {
    read_one(result, field, x, context, errors);
  }
}

} // namespace dcrf::internal
