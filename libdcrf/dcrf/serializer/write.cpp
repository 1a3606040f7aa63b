#include "dcrf/serializer/write.hpp"

#include <algorithm>

namespace dcrf {

namespace {

// A row fetched for its key alone has only that one value.
void write_related(json_writer& writer, const serializer_field& field, const row& x,
                   const serializer_context& context) {
  if (field.related.serializer == nullptr) {
    write_json(writer, x.values.front());
  } else {
    write_json(writer, field.related.serializer(), x, context);
  }
}

// A column of the row at the end of some fetches, or null if one of them found nothing.
void write_path(json_writer& writer, const row& start, std::span<const std::size_t> fetches,
                std::size_t column) {
  const auto* at = &start;
  for (auto fetched : fetches) {
    const auto& found = at->related[fetched];
    if (found.empty()) {
      writer.null();
      return;
    }
    at = &found.front();
  }
  write_json(writer, at->values[column]);
}

std::string_view stream_of(const link_source& link, const serializer_context& context) {
  if (!link.stream.empty()) {
    return link.stream;
  }
  auto found = std::ranges::find(context.streams, link.model, &linked_stream::model);
  return found == context.streams.end() ? std::string_view{} : found->name;
}

void write_link(json_writer& writer, const serializer_layout::item& item, const row& x,
                const serializer_context& context) {
  const auto& field = *item.field;
  if (!field.link.is_to_many && is_null(x.values[field.column])) {
    writer.null();
    return;
  }
  writer.begin_object().key("stream");
  if (auto stream = stream_of(field.link, context); !stream.empty()) {
    writer.text(stream);
  } else {
    writer.null();
  }
  writer.key("payload").begin_object().key("action").text(field.link.action);
  for (std::size_t i = 0; i < field.link.arguments.size(); ++i) {
    const auto& argument = field.link.arguments[i];
    writer.key(argument.name);
    write_path(writer, x, item.argument_fetches[i], argument.column);
  }
  writer.end_object().end_object();
}

void write_item(json_writer& writer, const serializer_layout::item& item, const row& x,
                const serializer_context& context) {
  const auto& field = *item.field;
  switch (field.source) {
  case field_source::column:
    write_json(writer, x.values[field.column]);
    break;
  case field_source::path:
    write_path(writer, x, item.fetches, field.column);
    break;
  case field_source::summary:
    write_json(writer, x.related[item.fetches[0]].front().values.front());
    break;
  case field_source::computed:
    field.compute(writer, x.values, context);
    break;
  case field_source::link:
    write_link(writer, item, x, context);
    break;
  case field_source::related_row:
    if (const auto& found = x.related[item.fetches[0]]; found.empty()) {
      writer.null();
    } else {
      write_related(writer, field, found.front(), context);
    }
    break;
  case field_source::related_rows:
    writer.begin_array();
    for (const auto& found : x.related[item.fetches[0]]) {
      write_related(writer, field, found, context);
    }
    writer.end_array();
    break;
  }
}

} // namespace

void write_json(json_writer& writer, const serializer_descriptor& serializer, const row& x,
                const serializer_context& context) {
  const auto& layout = serializer.layout();
  auto& out = writer.next();
  if (layout.items.empty()) {
    out += '{';
  }
  for (const auto& item : layout.items) {
    out += item.key;
    write_item(writer, item, x, context);
  }
  out += '}';
}

json_text shown_row(const serializer_descriptor& serializer, const row& x,
                    const serializer_context& context) {
  // Room for what most rows are, so that the text need not grow.
  constexpr std::size_t usual_row = 256;
  std::string result;
  result.reserve(usual_row);
  json_writer writer{result};
  write_json(writer, serializer, x, context);
  return json_text::trusted(std::move(result));
}

namespace {

void write_in_list(json_writer& writer, const serializer_descriptor& serializer, const row& x,
                   const serializer_context& context) {
  if (const auto& listed = serializer.layout().listed) {
    write_link(writer, *listed, x, context);
  } else {
    write_json(writer, serializer, x, context);
  }
}

} // namespace

std::string shown_in_list(const serializer_descriptor& serializer, const row& x,
                          const serializer_context& context) {
  std::string result;
  json_writer writer{result};
  write_in_list(writer, serializer, x, context);
  return result;
}

void write_json_list(json_writer& writer, const serializer_descriptor& serializer,
                     std::span<const row> rows, const serializer_context& context) {
  writer.begin_array();
  for (const auto& x : rows) {
    write_in_list(writer, serializer, x, context);
  }
  writer.end_array();
}

} // namespace dcrf
