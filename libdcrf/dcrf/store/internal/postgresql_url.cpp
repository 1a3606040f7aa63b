#include "dcrf/store/internal/postgresql_url.hpp"

#include "dcrf/store/command.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <array>
#include <memory>
#include <utility>

namespace dcrf::internal::postgresql {

namespace {

using parsed_options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

// A silent server is given up after some 20 seconds; one that is not there at all after 5.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> defaults{{
    {"connect_timeout", "5"},
    {"keepalives_idle", "10"},
    {"keepalives_interval", "5"},
    {"keepalives_count", "2"},
    {"tcp_user_timeout", "20000"},
    {"application_name", "dcrf"},
    {"client_encoding", "UTF8"},
}};

std::string in_quotes(std::string_view text) {
  std::string result{'\''};
  for (auto c : text) {
    if (c == '\'' || c == '\\') {
      result += '\\';
    }
    result += c;
  }
  return result + '\'';
}

std::string_view default_of(std::string_view keyword) {
  for (const auto& [name, initial] : defaults) {
    if (name == keyword) {
      return initial;
    }
  }
  return {};
}

} // namespace

bool is_url(std::string_view url) noexcept {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

std::string connect_string(const database_options& options) {
  char* message = nullptr;
  parsed_options parsed{PQconninfoParse(options.url.c_str(), &message), &PQconninfoFree};
  std::unique_ptr<char, decltype(&PQfreemem)> error{message, &PQfreemem};
  if (!parsed || options.url.find('\0') != std::string::npos) {
    std::string text = error ? error.get() : "it has a NUL in it";
    while (text.ends_with('\n')) {
      text.pop_back();
    }
    throw store_failure(store_errc::failed, fmt::format("the database \"{}\" can't be opened: {}",
                                                        without_password(options.url), text));
  }
  std::string result;
  for (const auto* x = parsed.get(); x->keyword != nullptr; ++x) {
    auto given = x->val == nullptr ? default_of(x->keyword) : std::string_view{x->val};
    if (!given.empty()) {
      result += fmt::format("{}={} ", x->keyword, in_quotes(given));
    }
  }
  return result;
}

} // namespace dcrf::internal::postgresql

namespace dcrf {

std::string without_password(std::string_view url) {
  auto user = url.find("://");
  auto end = url.find('@');
  auto colon = user == std::string_view::npos ? user : url.find(':', user + 3);
  std::string result{url};
  if (end != std::string_view::npos && colon < end) {
    result.replace(colon, end - colon, "");
  }
  auto parameter = result.find("password=");
  if (parameter != std::string::npos) {
    result.replace(parameter, result.find('&', parameter) - parameter, "password=");
  }
  return result;
}

} // namespace dcrf
