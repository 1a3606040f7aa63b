#include "dcrf/store/internal/postgresql_url.hpp"

#include "dcrf/store/command.hpp"

#include <boost/url/pct_string_view.hpp>
#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
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

struct reading {
  parsed_options options{nullptr, &PQconninfoFree};
  std::string problem{};
};

reading read(const std::string& url) {
  reading result;
  char* message = nullptr;
  result.options.reset(PQconninfoParse(url.c_str(), &message));
  std::unique_ptr<char, decltype(&PQfreemem)> owned{message, &PQfreemem};
  result.problem = owned ? owned.get() : "";
  while (result.problem.ends_with('\n')) {
    result.problem.pop_back();
  }
  return result;
}

// The client library quotes what it can't read, so it is asked about the URL without the password.
std::string problem_of(const std::string& shown) {
  auto found = read(shown);
  return found.options ? "a special character of its password is not percent-encoded"
                       : found.problem;
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
  bool has_nul = options.url.find('\0') != std::string::npos;
  auto parsed = has_nul ? reading{} : read(options.url);
  if (!parsed.options) {
    auto shown = without_password(options.url);
    shown = shown.substr(0, shown.find('\0')); // there the text of an exception ends
    throw store_failure(store_errc::failed,
                        fmt::format("the database \"{}\" can't be opened: {}", shown,
                                    has_nul ? "there is a NUL in its URL" : problem_of(shown)));
  }
  std::string result;
  for (const auto* x = parsed.options.get(); x->keyword != nullptr; ++x) {
    auto given = x->val == nullptr ? default_of(x->keyword) : std::string_view{x->val};
    if (!given.empty()) {
      result += fmt::format("{}={} ", x->keyword, in_quotes(given));
    }
  }
  return result;
}

} // namespace dcrf::internal::postgresql

namespace dcrf {

namespace {

// Where the `@` behind user and password is, as the client library looks for it; also if the
// password has a slash that should be percent-encoded. 0 if there is none.
std::size_t end_of_user(std::string_view rest) {
  auto end = rest.find_first_of("@/");
  if (end != rest.npos && rest[end] == '/') {
    end = rest.substr(0, rest.find('?')).rfind('@');
  }
  return end == rest.npos ? 0 : end;
}

} // namespace

std::string without_password(std::string_view url) {
  auto scheme = url.find("://");
  auto start = scheme == url.npos ? 0 : scheme + 3;
  std::string result{url.substr(0, start)};
  url.remove_prefix(start);
  auto user_end = end_of_user(url);
  result += url.substr(0, std::min(url.find(':'), user_end));
  url.remove_prefix(user_end);
  auto parameters = std::min(url.find('?'), url.size());
  result += url.substr(0, parameters);
  url.remove_prefix(parameters);
  while (!url.empty()) {
    auto next = std::min(url.find('&', 1), url.size());
    auto equals = std::min(url.find('='), next);
    auto name = boost::urls::make_pct_string_view(url.substr(1, equals - 1));
    bool is_secret = name && name->decode().ends_with("password");
    result += url.substr(0, is_secret ? std::min(equals + 1, next) : next);
    url.remove_prefix(next);
  }
  return result;
}

} // namespace dcrf
