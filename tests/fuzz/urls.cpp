// URLs of PostgreSQL databases, of which logs show no password.
#include "input.hpp"

#include "dcrf/store/internal/postgresql_url.hpp"

#include <string>

namespace {

constexpr std::string_view secret = "SECRET";

// Whether all that a text has of the secret is in the password that the client library is given.
bool is_only_in_password(std::string_view url, std::string_view connecting) {
  constexpr std::string_view start = " password='";
  auto password = connecting.find(start);
  if (password == connecting.npos) {
    return false;
  }
  auto value = connecting.substr(password + start.size(), secret.size());
  return value == secret && url.find(secret) == url.rfind(secret);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  dcrf::database_options options;
  options.url = "postgresql://" + std::string{fuzz::text_of(bytes, size)};
  auto shown = dcrf::without_password(options.url);
  try {
    auto connecting = dcrf::internal::postgresql::connect_string(options);
    if (is_only_in_password(options.url, " " + connecting)) {
      fuzz::require(shown.find(secret) == std::string::npos);
    }
  } catch (const dcrf::store_failure& error) {
    if (shown.find(secret) == shown.npos) {
      fuzz::require(std::string_view{error.what()}.find(secret) == std::string_view::npos);
    }
  }
  return 0;
}
