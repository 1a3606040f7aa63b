#include "chat/accounts.hpp"

#include "dcrf/actors/server.hpp"
#include "dcrf/consumer/serialize.hpp"
#include "dcrf/json/json_reader.hpp"
#include "dcrf/protocol/origin.hpp"
#include "dcrf/serializer/clean.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chat/models.hpp"
#include "chat/names.hpp"

namespace chat {

namespace {

using dcrf::http_request;
using dcrf::http_response;
using dcrf::runtime;
using dcrf::task;

constexpr std::string_view cookie_name = "session";
constexpr std::chrono::days login_lifetime{30};
constexpr std::size_t shortest_password = 8;
// More would only make the hash slower to compute.
constexpr std::size_t longest_password = 1024;

// -- tokens and passwords -------------------------------------------------------------------------

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string result(sodium_base64_encoded_len(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     '\0');
  sodium_bin2base64(result.data(), result.size(), bytes, size,
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  result.pop_back();
  return result;
}

std::string random_token() {
  std::array<unsigned char, 32> bytes;
  randombytes_buf(bytes.data(), bytes.size());
  return base64(bytes.data(), bytes.size());
}

std::string hash_of_token(std::string_view token) {
  std::array<unsigned char, crypto_generichash_BYTES> hash;
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(token.data()),
                     token.size(), nullptr, 0);
  return base64(hash.data(), hash.size());
}

// Takes long and much memory on purpose, so not on an I/O thread.
std::string hash_of_password(const std::string& password) {
  std::array<char, crypto_pwhash_STRBYTES> result;
  if (crypto_pwhash_str(result.data(), password.data(), password.size(),
                        crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE)
      != 0) {
    throw std::runtime_error("no memory to hash a password");
  }
  return result.data();
}

bool matches(const std::string& hash, const std::string& password) {
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

// What an unknown user's password is compared with, so that their names can't be told from the time
// that a login takes.
const std::string& hash_of_nobody() {
  static const auto result = hash_of_password(random_token());
  return result;
}

// -- requests -------------------------------------------------------------------------------------

struct credentials {
  std::string username;
  std::string password;
};

using origins = std::vector<std::string>;

// A page of another site can send a form, but neither JSON nor, in a browser, a false Origin.
void refuse_foreign(const http_request& request, const origins& allowed) {
  auto type = request.scope.header("content-type").value_or("");
  if (type.substr(0, type.find(';')) != "application/json") {
    throw dcrf::api_exception(415, "Send application/json.");
  }
  auto origin = request.scope.header("origin");
  if (origin && !dcrf::is_origin_allowed(*origin, request.scope, allowed)) {
    throw dcrf::permission_denied("Requests of other sites are refused.");
  }
}

// A handler that pages of other sites can't use.
template <class Handler>
dcrf::http_handler for_own_pages(const origins& allowed, Handler handler) {
  return [allowed, handler](http_request& request, const runtime& within) {
    refuse_foreign(request, allowed);
    return handler(request, within);
  };
}

/// @throws dcrf::validation_error if something is wrong
void raise(const dcrf::field_errors& wrong) {
  if (!wrong.empty()) {
    throw dcrf::validation_error(wrong);
  }
}

std::string text_field(const dcrf::json_view& body, std::string_view name,
                       dcrf::field_errors& wrong) {
  auto found = body.find(name);
  if (!found) {
    wrong.add(name, "This field is required.");
    return {};
  }
  if (found->type() != dcrf::json_type::text) {
    wrong.add(name, "Not a valid string.");
    return {};
  }
  return std::string{found->text()};
}

credentials read_credentials(const http_request& request, dcrf::field_errors& wrong) {
  dcrf::json_reader reader;
  auto body = reader.read(request.body);
  return {text_field(body, "username", wrong), text_field(body, "password", wrong)};
}

void check_password(const std::string& password, dcrf::field_errors& wrong) {
  if (wrong.has("password")) {
    return;
  }
  if (password.size() < shortest_password) {
    wrong.add("password",
              fmt::format("Ensure this field has at least {} characters.", shortest_password));
  }
  if (password.size() > longest_password) {
    wrong.add("password",
              fmt::format("Ensure this field has no more than {} characters.", longest_password));
  }
}

// Trims the name, and finds its key.
void check_name(user& draft, dcrf::field_errors& wrong) {
  if (wrong.has("username")) {
    return;
  }
  try {
    dcrf::full_clean(draft);
  } catch (const dcrf::validation_error& error) {
    wrong.merge(error.by_field());
    return;
  }
  if (auto fault = fault_of_name(draft.username)) {
    wrong.add("username", *fault);
  }
  draft.name_key = key_of_name(draft.username);
}

constexpr std::string_view name_is_taken = "user with this username already exists.";

dcrf::query<user> by_name_key(const std::string& key) {
  return dcrf::query<user>{}.filter(dcrf::column<&user::name_key> == key);
}

task<std::optional<user>> find_user(const std::string& name, const runtime& within) {
  auto found = co_await within.repository<user>().first(by_name_key(key_of_name(name)));
  if (!found) {
    auto exactly = dcrf::query<user>{}.filter(dcrf::column<&user::username> == name);
    found = co_await within.repository<user>().first(exactly);
  }
  co_return found;
}

// -- answers --------------------------------------------------------------------------------------

http_response user_response(unsigned status, const dcrf::json& user) {
  auto result = http_response::with(status, "application/json", dcrf::json{{"user", user}}.dump());
  result.headers.emplace_back("Cache-Control", "no-store");
  return result;
}

http_response user_response(unsigned status, const user& x) {
  return user_response(status, dcrf::json{{"id", x.id}, {"username", x.username}});
}

void set_cookie(http_response& response, const dcrf::scope& connection, std::string_view token,
                std::chrono::seconds lifetime) {
  response.headers.emplace_back("Set-Cookie",
                                fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}",
                                            cookie_name, token, lifetime.count(),
                                            connection.scheme == "https" ? "; Secure" : ""));
}

// Most people never log out, and what has expired is of no use. A few with each login are more than
// can come to be.
task<> forget_expired(const runtime& within) {
  constexpr std::size_t most = 20;
  auto logins = within.repository<login>();
  auto is_expired = dcrf::column<&login::expires_at> < dcrf::timestamp::now();
  std::vector<std::string> hashes;
  for (auto& x : co_await logins.list(dcrf::query<login>{}.filter(is_expired).slice(0, most))) {
    hashes.push_back(std::move(x.token_hash));
  }
  if (!hashes.empty()) {
    auto those = dcrf::query<login>{}.filter(dcrf::column<&login::token_hash>.in(hashes));
    co_await logins.bulk_remove(those);
  }
}

task<http_response> log_in(unsigned status, user who, const dcrf::scope& connection,
                           const runtime& within) {
  co_await forget_expired(within);
  auto token = random_token();
  login created{.token_hash = hash_of_token(token),
                .user = who.id,
                .expires_at = {dcrf::timestamp::now().time + login_lifetime}};
  co_await within.repository<login>().create(created);
  auto response = user_response(status, who);
  set_cookie(response, connection, token, login_lifetime);
  co_return response;
}

// -- handlers -------------------------------------------------------------------------------------

task<http_response> get_session(http_request& request, const runtime&) {
  const auto& who = request.scope.user;
  if (!who.is_authenticated()) {
    co_return user_response(200, nullptr);
  }
  co_return user_response(200, user{.id = who.pk, .username = who.username});
}

// Somebody else may have taken the name since it was looked for.
task<user> create_user(user draft, const runtime& within) {
  try {
    co_return co_await within.repository<user>().create(draft);
  } catch (const dcrf::store_failure& failure) {
    if (failure.error().code != dcrf::store_errc::invalid) {
      throw;
    }
  }
  throw dcrf::validation_error("username", name_is_taken);
}

task<http_response> sign_up(http_request& request, const runtime& within) {
  dcrf::field_errors wrong;
  auto given = read_credentials(request, wrong);
  user draft{.username = given.username, .password = "unusable"};
  check_name(draft, wrong);
  check_password(given.password, wrong);
  if (!wrong.has("username") && co_await find_user(draft.username, within)) {
    wrong.add("username", std::string{name_is_taken});
  }
  raise(wrong);
  auto hash = [password = given.password] { return hash_of_password(password); };
  draft.password = co_await within.offload(hash);
  auto created = co_await create_user(draft, within);
  co_return co_await log_in(201, created, request.scope, within);
}

task<http_response> start_session(http_request& request, const runtime& within) {
  dcrf::field_errors wrong;
  auto given = read_credentials(request, wrong);
  raise(wrong);
  auto found = co_await find_user(given.username, within);
  auto verify = [hash = found ? found->password : std::string{}, password = given.password] {
    return matches(hash.empty() ? hash_of_nobody() : hash, password);
  };
  bool is_right = given.password.size() <= longest_password && co_await within.offload(verify);
  if (!found || !is_right) {
    throw dcrf::validation_error("non_field_errors", "Unable to log in with provided credentials.");
  }
  co_return co_await log_in(200, *found, request.scope, within);
}

task<http_response> end_session(http_request& request, const runtime& within) {
  if (auto hash = login_of(request.scope)) {
    if (co_await within.repository<login>().find(*hash)) {
      co_await within.repository<login>().remove(*hash);
    }
    within.group_send(group_of_login(*hash), dcrf::json{{"logged_out", true}});
  }
  http_response response{.status = 204};
  set_cookie(response, request.scope, "", std::chrono::seconds{0});
  co_return response;
}

} // namespace

task<dcrf::user_info> authenticate(const dcrf::scope& connection, const runtime& within) {
  auto hash = login_of(connection);
  if (!hash) {
    co_return dcrf::user_info{};
  }
  auto known = co_await within.repository<login>().find(*hash);
  if (!known || known->expires_at < dcrf::timestamp::now()) {
    co_return dcrf::user_info{};
  }
  auto who = co_await within.repository<user>().get(known->user);
  dcrf::user_info result;
  result.pk = who.id;
  result.username = std::move(who.username);
  co_return result;
}

std::optional<std::string> login_of(const dcrf::scope& connection) {
  auto token = connection.cookie(cookie_name);
  return token && !token->empty() ? std::optional{hash_of_token(*token)} : std::nullopt;
}

std::string group_of_login(const std::string& token_hash) { return "login " + token_hash; }

dcrf::task<> note_name_keys(const dcrf::runtime& within) {
  auto without = dcrf::query<user>{}.filter(dcrf::column<&user::name_key>.is_null());
  auto users = co_await within.repository<user>().list(without);
  for (const auto& x : users) {
    auto key = key_of_name(x.username);
    if (!co_await within.repository<user>().exists(by_name_key(key))) {
      co_await within.repository<user>().update(x.id, dcrf::set<&user::name_key>(key));
    }
  }
}

void add_accounts(dcrf::server& server, const std::vector<std::string>& allowed_origins) {
  if (sodium_init() < 0) {
    throw std::runtime_error("libsodium can't be used on this machine");
  }
  server.authenticate(&authenticate);
  server.on_start(&note_name_keys);
  server.http("GET", "/api/session", &get_session);
  server.http("POST", "/api/signup", for_own_pages(allowed_origins, &sign_up));
  server.http("POST", "/api/login", for_own_pages(allowed_origins, &start_session));
  server.http("POST", "/api/logout", for_own_pages(allowed_origins, &end_session));
}

} // namespace chat
