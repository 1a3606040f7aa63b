#include "reply_head.hpp"

#include <charconv>

#include "options.hpp"

namespace load {

namespace {

std::optional<std::int64_t> integer_at(std::string_view text) {
  std::int64_t value = 0;
  auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc{} ? std::optional{value} : std::nullopt;
}

// Goes through a text of JSON that need not be valid; what is missing ends it.
class json_cursor {
public:
  explicit json_cursor(std::string_view text) : rest_{text} {}

  [[nodiscard]] std::string_view rest() const { return rest_; }

  bool take(char wanted) {
    skip_space();
    if (rest_.empty() || rest_.front() != wanted) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  // What is between the quotes, after the first of these was taken.
  std::string_view string() {
    auto from = rest_;
    for (std::size_t quote = from.find('"'); quote != from.npos;
         quote = from.find('"', quote + 1)) {
      auto slashes = quote;
      while (slashes > 0 && from[slashes - 1] == '\\') {
        --slashes;
      }
      if ((quote - slashes) % 2 == 0) {
        rest_.remove_prefix(quote + 1);
        return from.substr(0, quote);
      }
    }
    rest_ = {};
    return from;
  }

  void skip_space() {
    while (!rest_.empty() && static_cast<unsigned char>(rest_.front()) <= ' ') {
      rest_.remove_prefix(1);
    }
  }

  void skip_value() {
    if (take('"')) {
      string();
    } else if (!rest_.empty() && (rest_.front() == '{' || rest_.front() == '[')) {
      skip_nested();
    } else {
      rest_.remove_prefix(std::min(rest_.size(), rest_.find_first_of(",}")));
    }
  }

private:
  void skip_nested() {
    int depth = 0;
    while (!rest_.empty()) {
      char each = rest_.front();
      rest_.remove_prefix(1);
      if (each == '"') {
        string();
      } else if (each == '{' || each == '[') {
        ++depth;
      } else if ((each == '}' || each == ']') && --depth == 0) {
        return;
      }
    }
  }

  std::string_view rest_;
};

reply_head read_json(std::string_view message) {
  reply_head result;
  json_cursor cursor{message};
  if (!cursor.take('{')) {
    return result;
  }
  while (cursor.take('"')) {
    auto name = cursor.string();
    if (!cursor.take(':')) {
      break;
    }
    cursor.skip_space();
    if (name == settings.id_key) {
      auto value = cursor.rest();
      if (auto id = integer_at(value.substr(value.starts_with('"') ? 1 : 0))) {
        result.id = std::uint64_t(*id);
      }
    } else if (name == settings.status_key) {
      result.status = integer_at(cursor.rest());
    }
    cursor.skip_value();
    cursor.take(',');
  }
  return result;
}

// `43<id>[null,...]`: 200 when the first element, the error, is null, and otherwise 500.
reply_head read_socket_io(std::string_view message) {
  if (!message.starts_with("43")) {
    return {};
  }
  auto id = integer_at(message.substr(2));
  if (!id) {
    return {};
  }
  auto arguments = message.substr(std::min(message.size(), message.find('[')));
  return {std::uint64_t(*id), arguments.starts_with("[null") ? 200 : 500};
}

} // namespace

reply_head read_head(std::string_view message) {
  return settings.is_socket_io() ? read_socket_io(message) : read_json(message);
}

std::optional<std::int64_t> find_integer(std::string_view message, const std::string& name) {
  auto at = message.find('"' + name + '"');
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  auto rest = message.substr(at + name.size() + 2);
  auto value = rest.find_first_not_of(" :");
  return value == std::string_view::npos ? std::nullopt : integer_at(rest.substr(value));
}

} // namespace load
