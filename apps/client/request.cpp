#include "client/request.hpp"

#include <fmt/format.h>

#include <utility>

#include "client/errors.hpp"
#include "client/words.hpp"

namespace client {

namespace {

bool is_object_text(std::string_view word) { return word.starts_with('{'); }

json object_of(std::string_view text) {
  auto result = parse_json(text);
  if (!result.is_object()) {
    throw usage_error{fmt::format("not a JSON object: {}", text)};
  }
  return result;
}

// An integer that no number holds exactly is better sent as it was typed.
bool is_rounded(const json& value, std::string_view text) {
  return value.is_number_float() && text.find_first_of(".eE") == std::string_view::npos;
}

json value_of(std::string_view text) {
  try {
    auto value = parse_json(text);
    return is_rounded(value, text) ? json(text) : value;
  } catch (const usage_error&) {
    return json(text);
  }
}

void set(json& arguments, std::string_view word) {
  auto equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    throw usage_error{fmt::format("{}: an argument must be KEY=VALUE or a JSON object", word)};
  }
  auto path = word.substr(0, equals);
  auto* place = &arguments;
  while (true) {
    auto dot = path.find('.');
    auto key = path.substr(0, dot);
    if (key.empty()) {
      throw usage_error{fmt::format("{}: a key is empty", word)};
    }
    if (!place->is_null() && !place->is_object()) {
      throw usage_error{fmt::format("{}: has a value already", word)};
    }
    place = &(*place)[std::string{key}];
    if (dot == std::string_view::npos) {
      break;
    }
    path.remove_prefix(dot + 1);
  }
  if (!place->is_null()) {
    throw usage_error{fmt::format("{}: has a value already", word)};
  }
  *place = value_of(word.substr(equals + 1));
}

std::string dump(const json& value) {
  try {
    return value.dump();
  } catch (const json::exception&) {
    throw usage_error{"what is sent must be UTF-8"};
  }
}

} // namespace

request request_maker::from_words(std::span<const std::string> words) {
  if (words.empty()) {
    throw usage_error{"an action is missing"};
  }
  if (is_object_text(words.front())) {
    if (words.size() > 1) {
      throw usage_error{fmt::format("{}: nothing may follow a request in JSON", words[1])};
    }
    return finish(object_of(words.front()));
  }
  json frame = json::object();
  frame["action"] = words.front();
  for (const auto& word : words.subspan(1)) {
    if (is_object_text(word)) {
      frame.update(object_of(word));
    } else {
      set(frame, word);
    }
  }
  return finish(std::move(frame));
}

request request_maker::from_line(std::string_view line) {
  auto start = line.find_first_not_of(" \t");
  if (start != std::string_view::npos && is_object_text(line.substr(start))) {
    return finish(object_of(line.substr(start)));
  }
  return from_words(split_words(line));
}

request request_maker::finish(json frame) {
  if (stream_) {
    frame = json{{"stream", *stream_}, {"payload", std::move(frame)}};
  }
  auto payload = frame.find("payload");
  bool has_envelope = frame.contains("stream") && payload != frame.end() && payload->is_object();
  auto& body = has_envelope ? *payload : frame;
  if (!body.contains("request_id")) {
    body["request_id"] = ++last_id_;
  }
  auto id = dump(body["request_id"]);
  return {std::move(id), dump(frame)};
}

} // namespace client
