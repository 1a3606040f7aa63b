// Part 3 of docs/tutorial.md: logging in and out, over HTTP with JSON.
#pragma once

// [hashing]
#include <dcrf/json/json_reader.hpp>
#include <dcrf/server.hpp>
#include <sodium.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include "models.hpp"

inline std::string hex(const unsigned char* bytes, std::size_t size) {
  std::string result(2 * size + 1, '\0');
  sodium_bin2hex(result.data(), result.size(), bytes, size);
  result.pop_back();
  return result;
}

inline std::string random_token() {
  std::array<unsigned char, 32> bytes;
  randombytes_buf(bytes.data(), bytes.size());
  return hex(bytes.data(), bytes.size());
}

inline std::string hash_of_token(std::string_view token) {
  std::array<unsigned char, crypto_generichash_BYTES> hash;
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(token.data()),
                     token.size(), nullptr, 0);
  return hex(hash.data(), hash.size());
}

inline std::string hash_of_password(const std::string& password) {
  std::array<char, crypto_pwhash_STRBYTES> result;
  if (crypto_pwhash_str(result.data(), password.data(), password.size(),
                        crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE)
      != 0) {
    throw std::runtime_error("no memory to hash a password");
  }
  return result.data();
}
// [hashing]

// [authenticate]
inline dcrf::task<dcrf::user_info> authenticate(const dcrf::scope& connection,
                                                const dcrf::runtime& within) {
  dcrf::user_info result;
  auto token = connection.cookie("session");
  if (!token) {
    co_return result;
  }
  auto known = co_await within.repository<login>().find(hash_of_token(*token));
  if (!known) {
    co_return result;
  }
  auto who = co_await within.repository<user>().get(known->user);
  result.pk = who.id;
  result.username = who.username;
  co_return result;
}
// [authenticate]

// [input]
struct credentials {
  std::string username;
  std::string password;
};

// A page of another site can't send JSON to this one, so it can't log anybody in or out.
inline void refuse_forms(const dcrf::http_request& request) {
  if (request.scope.header("content-type") != "application/json") {
    throw dcrf::api_exception(415, "Send application/json.");
  }
}

inline std::string text_field(dcrf::json_view body, std::string_view name) {
  auto found = body.find(name);
  if (!found || found->type() != dcrf::json_type::text || found->text().empty()) {
    throw dcrf::validation_error(name, "This field is required.");
  }
  return std::string{found->text()};
}

inline credentials read_credentials(const dcrf::http_request& request) {
  refuse_forms(request);
  dcrf::json_reader reader;
  auto body = reader.read(request.body);
  return {text_field(body, "username"), text_field(body, "password")};
}
// [input]

// [log_in]
// Who isn't known yet becomes a user with that password.
inline dcrf::task<user> known_or_new(credentials given, const dcrf::runtime& within) {
  auto named = dcrf::query<user>{}.filter(dcrf::column<&user::username> == given.username);
  auto known = co_await within.repository<user>().first(named);
  if (known) {
    // Hashing takes long on purpose, so it runs on another thread.
    auto verify = [hash = known->password.value_or(""), password = given.password] {
      return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
    };
    if (!co_await within.offload(verify)) {
      throw dcrf::validation_error("password", "This is not the password of that user.");
    }
    co_return *known;
  }
  user draft{.username = given.username};
  dcrf::full_clean(draft);
  auto hash = [password = given.password] { return hash_of_password(password); };
  draft.password = co_await within.offload(hash);
  co_return co_await within.repository<user>().create(draft);
}

inline dcrf::task<dcrf::http_response> log_in(dcrf::http_request& request,
                                              const dcrf::runtime& within) {
  auto given = read_credentials(request);
  auto who = co_await known_or_new(given, within);
  auto token = random_token();
  login created{.token_hash = hash_of_token(token), .user = who.id};
  co_await within.repository<login>().create(created);
  dcrf::http_response response{.status = 204};
  response.headers.emplace_back("Set-Cookie",
                                "session=" + token + "; Path=/; HttpOnly; SameSite=Lax");
  co_return response;
}
// [log_in]

// [log_out]
inline dcrf::task<dcrf::http_response> log_out(dcrf::http_request& request,
                                               const dcrf::runtime& within) {
  refuse_forms(request);
  if (auto token = request.scope.cookie("session")) {
    if (auto known = co_await within.repository<login>().find(hash_of_token(*token))) {
      co_await within.repository<login>().remove(known->token_hash);
    }
  }
  dcrf::http_response response{.status = 204};
  response.headers.emplace_back("Set-Cookie", "session=; Path=/; Max-Age=0");
  co_return response;
}

inline dcrf::task<dcrf::http_response> who_am_i(dcrf::http_request& request, const dcrf::runtime&) {
  if (!request.scope.user.is_authenticated()) {
    throw dcrf::not_authenticated();
  }
  dcrf::user_info who = request.scope.user;
  user shown{.id = who.pk, .username = who.username};
  auto body = dcrf::to_json<user_serializer>(shown);
  co_return dcrf::http_response::with(200, "application/json", std::move(body).str());
}
// [log_out]
