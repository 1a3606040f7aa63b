#include "dcrf/identity/token_verifier.hpp"

#include "dcrf/identity/internal/key_set.hpp"
#include "dcrf/protocol/errors.hpp"

#include <cjose/base64.h>
#include <cjose/jws.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <utility>

namespace dcrf {

namespace {

using namespace internal;

// As much as a head of a request holds.
constexpr std::size_t longest_token = 8 * 1024;

constexpr std::array known_algorithms{"HS256", "RS256", "ES256"};

// The end of the year 9999: times beyond it are no times.
constexpr double latest_time = 253402300799.0;

struct jws_release {
  void operator()(cjose_jws_t* x) const noexcept { cjose_jws_release(x); }
};

[[noreturn]] void refuse(const char* why) { throw authentication_failed(why); }

// A part of a token. The depth of what it holds is limited before there is a tree.
std::optional<json> object_of(std::string_view text) {
  try {
    auto result = json_text::parse(text).to_json();
    return result.is_object() ? std::optional{std::move(result)} : std::nullopt;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::optional<json> header_of(std::string_view token) {
  auto part = token.substr(0, token.find('.'));
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (part.empty() || !cjose_base64url_decode(part.data(), part.size(), &bytes, &size, nullptr)) {
    return std::nullopt;
  }
  std::unique_ptr<std::uint8_t, decltype(&std::free)> owner{bytes, &std::free};
  return object_of({reinterpret_cast<const char*>(bytes), size});
}

// In seconds since 1970.
std::optional<double> time_of(const json& object, const char* name) {
  auto found = object.find(name);
  if (found == object.end()) {
    return std::nullopt;
  }
  if (!found->is_number()) {
    refuse("The token names a time that is none.");
  }
  auto result = found->get<double>();
  if (!std::isfinite(result) || result < 0) {
    refuse("The token names a time that is none.");
  }
  return std::min(result, latest_time);
}

bool names(const json& claims, const char* name, const std::string& whom) {
  auto found = claims.find(name);
  if (found == claims.end()) {
    return false;
  }
  return *found == whom
         || (found->is_array() && std::ranges::find(*found, json(whom)) != found->end());
}

timestamp at(double seconds) {
  return timestamp::from_microseconds(static_cast<std::int64_t>(seconds * 1e6));
}

} // namespace

struct token_verifier::state {
  explicit state(token_rules x) : rules(std::move(x)), file(rules.keys_file) {}

  json read(std::string_view token) const;
  timestamp check(const json& claims) const;

  token_rules rules;
  mutable key_file file;
};

namespace {

token_rules checked(token_rules x) {
  auto is_known = [](const std::string& name) {
    return std::ranges::find(known_algorithms, name) != known_algorithms.end();
  };
  if (x.algorithms.empty() || !std::ranges::all_of(x.algorithms, is_known)) {
    throw std::invalid_argument("dcrf: tokens want algorithms, of HS256, RS256 and ES256");
  }
  if (x.issuer.empty() || x.audience.empty()) {
    throw std::invalid_argument("dcrf: tokens want an issuer and an audience");
  }
  if (x.leeway < std::chrono::seconds{0}) {
    throw std::invalid_argument("dcrf: the leeway of tokens is not negative");
  }
  return x;
}

} // namespace

token_verifier::token_verifier(token_rules rules)
    : state_(std::make_unique<state>(checked(std::move(rules)))) {}
token_verifier::token_verifier(token_verifier&&) noexcept = default;
token_verifier& token_verifier::operator=(token_verifier&&) noexcept = default;
token_verifier::~token_verifier() = default;

std::exception_ptr token_verifier::take_failure() const { return state_->file.take_failure(); }

token_claims token_verifier::verify(std::string_view token) const {
  auto claims = state_->read(token);
  auto expires = state_->check(claims);
  return {text_of(claims, "sub"), json_text{claims}, expires};
}

// The key decides the algorithm, not the token: a public key is never a secret.
json token_verifier::state::read(std::string_view token) const {
  constexpr auto malformed = "The token is malformed.";
  if (token.size() > longest_token) {
    refuse(malformed);
  }
  auto header = header_of(token);
  // What a token calls critical has to be understood (RFC 7515, section 4.1.11), and nothing is.
  if (!header || header->contains("crit")) {
    refuse(malformed);
  }
  auto algorithm = text_of(*header, "alg");
  if (std::ranges::find(rules.algorithms, algorithm) == rules.algorithms.end()) {
    refuse("The token is signed by an algorithm that is not accepted.");
  }
  auto id = text_of(*header, "kid");
  auto keys = file.keys(id, key_file::clock::now());
  std::unique_ptr<cjose_jws_t, jws_release> parsed{
      cjose_jws_import(token.data(), token.size(), nullptr)};
  if (!parsed) {
    refuse(malformed);
  }
  auto is_by = [&](const key_set::entry* x) {
    return cjose_jws_verify(parsed.get(), x->key.get(), nullptr);
  };
  if (!std::ranges::any_of(keys->find(id, algorithm), is_by)) {
    refuse("The token's signature is not valid.");
  }
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (!cjose_jws_get_plaintext(parsed.get(), &bytes, &size, nullptr)) {
    refuse(malformed);
  }
  auto claims = object_of({reinterpret_cast<const char*>(bytes), size});
  if (!claims) {
    refuse(malformed);
  }
  return *std::move(claims);
}

// RFC 7519, section 4.1. @returns when it ends
timestamp token_verifier::state::check(const json& claims) const {
  if (text_of(claims, "iss") != rules.issuer) {
    refuse("The token is of another issuer.");
  }
  if (!names(claims, "aud", rules.audience)) {
    refuse("The token is for another audience.");
  }
  auto now = timestamp::now();
  auto end = time_of(claims, "exp");
  if (!end) {
    refuse("The token does not say when it ends.");
  }
  auto last = timestamp{at(*end).time + rules.leeway};
  if (now >= last) {
    refuse("The token has expired.");
  }
  auto begin = time_of(claims, "nbf");
  if (begin && now.time + rules.leeway < at(*begin).time) {
    refuse("The token is not valid yet.");
  }
  return now < at(*end) ? at(*end) : last;
}

} // namespace dcrf
