#include "message_template.hpp"

#include <algorithm>
#include <utility>

#include "options.hpp"

namespace load {

namespace {

constexpr int sequence_digits = 12;
constexpr int time_digits = 19;

void append_padded(std::string& out, std::uint64_t value, int digits) {
  auto text = std::to_string(value);
  out.append(std::size_t(std::max(0, digits - int(text.size()))), '0').append(text);
}

std::uint64_t digits_of(std::string_view text) {
  std::uint64_t result = 0;
  for (char each : text) {
    result = result * 10 + std::uint64_t(each - '0');
  }
  return result;
}

} // namespace

message_template::message_template(std::string_view text) {
  static constexpr std::pair<std::string_view, part_kind> fields[] = {
      {"{id}", part_kind::id},        {"{pk}", part_kind::key},
      {"{seq}", part_kind::sequence}, {"{conn}", part_kind::connection},
      {"{group}", part_kind::group},  {"{mark}", part_kind::mark},
      {"{pad}", part_kind::padding}};
  while (!text.empty()) {
    auto field = std::find_if(std::begin(fields), std::end(fields),
                              [&](const auto& each) { return text.starts_with(each.first); });
    if (field != std::end(fields)) {
      parts_.push_back({field->second, {}});
      text.remove_prefix(field->first.size());
      continue;
    }
    if (parts_.empty() || parts_.back().kind != part_kind::literal) {
      parts_.push_back({part_kind::literal, {}});
    }
    parts_.back().text += text.front();
    text.remove_prefix(1);
  }
}

void message_template::append_to(std::string& out, const template_values& values) const {
  for (const auto& each : parts_) {
    switch (each.kind) {
    case part_kind::literal:
      out += each.text;
      break;
    case part_kind::id:
      out += std::to_string(values.id);
      break;
    case part_kind::key:
      out += std::to_string(values.key);
      break;
    case part_kind::sequence:
      out += std::to_string(values.sequence);
      break;
    case part_kind::connection:
      out += std::to_string(values.connection);
      break;
    case part_kind::group:
      out += std::to_string(values.group);
      break;
    case part_kind::mark:
      out += '~';
      append_padded(out, values.sequence, sequence_digits);
      out += '.';
      append_padded(out, values.time, time_digits);
      out += '~';
      break;
    case part_kind::padding:
      out.append(std::size_t(settings.padding), 'x');
      break;
    }
  }
}

event_mark find_mark(std::string_view message) {
  for (auto at = message.find('~'); at != std::string_view::npos; at = message.find('~', at + 1)) {
    auto mark = message.substr(at, event_mark::length);
    if (mark.size() == event_mark::length && mark[sequence_digits + 1] == '.'
        && mark.back() == '~') {
      return {true, digits_of(mark.substr(1, sequence_digits)),
              digits_of(mark.substr(sequence_digits + 2, time_digits))};
    }
  }
  return {};
}

} // namespace load
