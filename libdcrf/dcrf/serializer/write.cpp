#include "dcrf/serializer/write.hpp"

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

void write_path(json_writer& writer, const serializer_layout::item& item, const row& start) {
  const auto* at = &start;
  for (auto fetched : item.fetches) {
    const auto& found = at->related[fetched];
    if (found.empty()) {
      writer.null();
      return;
    }
    at = &found.front();
  }
  write_json(writer, at->values[item.field->column]);
}

void write_item(json_writer& writer, const serializer_layout::item& item, const row& x,
                const serializer_context& context) {
  const auto& field = *item.field;
  switch (field.source) {
  case field_source::column:
    write_json(writer, x.values[field.column]);
    break;
  case field_source::path:
    write_path(writer, item, x);
    break;
  case field_source::computed:
    field.compute(writer, x.values, context);
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

void write_json_list(json_writer& writer, const serializer_descriptor& serializer,
                     std::span<const row> rows, const serializer_context& context) {
  writer.begin_array();
  for (const auto& x : rows) {
    write_json(writer, serializer, x, context);
  }
  writer.end_array();
}

} // namespace dcrf
