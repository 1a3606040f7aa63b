#include "dcrf/identity/token_verifier.hpp"

#include "dcrf/identity/internal/test_tokens.hpp"
#include "dcrf/protocol/errors.hpp"

#include <catch2/catch.hpp>

namespace identity_test {

using namespace std::chrono_literals;

namespace {

using strings = std::vector<std::string>;

dcrf::token_verifier verifier_of(const keys_on_disk& keys,
                                 strings algorithms = {"HS256", "RS256", "ES256"}) {
  return dcrf::token_verifier{{.keys_file = keys.path(),
                               .algorithms = std::move(algorithms),
                               .issuer = "conformance",
                               .audience = "dcrf",
                               .leeway = 30s}};
}

// Why a token is refused; empty if it is good.
std::string refusal(const dcrf::token_verifier& verifier, const std::string& token) {
  try {
    static_cast<void>(verifier.verify(token));
    return {};
  } catch (const dcrf::authentication_failed& refused) {
    return refused.text();
  }
}

std::string changed(json claims, const char* name, const json& value) {
  claims[name] = value;
  return claims.dump();
}

constexpr auto bad_signature = "The token's signature is not valid.";
constexpr auto bad_algorithm = "The token is signed by an algorithm that is not accepted.";
constexpr auto malformed = "The token is malformed.";

} // namespace

TEST_CASE("a token that is signed by one of the keys is good", "[tokens]") {
  auto signs = GENERATE(0, 1, 2);
  auto key = signs == 0 ? signer::secret("k") : signs == 1 ? signer::rsa("k") : signer::ec("k");
  keys_on_disk keys{signer::secret("other"), key};
  auto verifier = verifier_of(keys);
  auto claims = good_claims();
  claims["roles"] = {"a", "b"};
  auto found = verifier.verify(key.sign(claims));
  CHECK(found.subject == "ann");
  CHECK(found.all.to_json() == claims);
  CHECK(found.expires.microseconds() / 1'000'000 == claims["exp"].get<std::int64_t>());
}

TEST_CASE("a signature by another key or over another text is not valid", "[tokens]") {
  auto key = signer::secret("k");
  keys_on_disk keys{key};
  auto verifier = verifier_of(keys);
  CHECK(refusal(verifier, signer::secret("k").sign(good_claims())) == bad_signature);
  auto token = key.sign(good_claims());
  auto first = token.find('.');
  auto last = token.rfind('.');
  auto forged = token.substr(0, first + 1) + base64url(changed(good_claims(), "sub", "eve"))
                + token.substr(last);
  CHECK(refusal(verifier, forged) == bad_signature);
  CHECK(refusal(verifier, token.substr(0, last + 1)) != "");
}

TEST_CASE("a token can't choose how it is verified", "[tokens]") {
  auto rsa = signer::rsa("rsa");
  auto secret = signer::secret("secret");
  keys_on_disk keys{rsa, secret};
  auto verifier = verifier_of(keys);
  SECTION("none") {
    auto unsigned_token =
        base64url(R"({"alg":"none"})") + '.' + base64url(good_claims().dump()) + '.';
    CHECK(refusal(verifier, unsigned_token) == bad_algorithm);
    CHECK(refusal(verifier, unsigned_token + "AAAA") == bad_algorithm);
  }
  SECTION("a public key as a secret") {
    auto modulus = rsa.public_key()["n"].get<std::string>();
    CHECK(refusal(verifier, signer::secret_of("rsa", modulus).sign(good_claims()))
          == bad_signature);
    CHECK(refusal(verifier, signer::secret_of("rsa", rsa.public_key().dump()).sign(good_claims()))
          == bad_signature);
  }
  SECTION("one that is not listed") {
    auto only_rsa = verifier_of(keys, {"RS256"});
    CHECK(refusal(only_rsa, secret.sign(good_claims())) == bad_algorithm);
    CHECK(refusal(only_rsa, rsa.sign(good_claims())).empty());
  }
  SECTION("with what it calls critical") {
    CHECK(refusal(verifier, secret.sign(good_claims(), {{"crit", {"exp"}}, {"exp", 1}}))
          == malformed);
  }
}

TEST_CASE("a token that names no key may be of any that fits", "[tokens]") {
  auto first = signer::secret("first");
  auto second = signer::secret("second");
  keys_on_disk keys{first, second};
  auto verifier = verifier_of(keys);
  CHECK(refusal(verifier, second.sign(good_claims(), {{"kid", ""}})).empty());
  CHECK(refusal(verifier, second.sign(good_claims(), {{"kid", "first"}})) == bad_signature);
}

TEST_CASE("the claims have to be right, within the leeway", "[tokens]") {
  auto key = signer::secret("k");
  keys_on_disk keys{key};
  auto verifier = verifier_of(keys);
  auto with = [&](const char* name, const json& value) {
    auto claims = good_claims();
    claims[name] = value;
    return refusal(verifier, key.sign(claims));
  };
  auto without = [&](const char* name) {
    auto claims = good_claims();
    claims.erase(name);
    return refusal(verifier, key.sign(claims));
  };
  CHECK(with("iss", "x") == "The token is of another issuer.");
  CHECK(without("iss") == "The token is of another issuer.");
  CHECK(with("aud", "x") == "The token is for another audience.");
  CHECK(without("aud") == "The token is for another audience.");
  CHECK(with("aud", json{"x", "dcrf"}).empty());
  CHECK(with("aud", json{"x"}) == "The token is for another audience.");
  CHECK(without("exp") == "The token does not say when it ends.");
  CHECK(with("exp", seconds_from_now(-40)) == "The token has expired.");
  CHECK(with("exp", seconds_from_now(-20)).empty());
  CHECK(with("exp", "tomorrow") == "The token names a time that is none.");
  CHECK(with("exp", -1) == "The token names a time that is none.");
  CHECK(with("exp", 1e300).empty());
  CHECK(with("nbf", seconds_from_now(40)) == "The token is not valid yet.");
  CHECK(with("nbf", seconds_from_now(20)).empty());
  CHECK(with("nbf", json::object()) == "The token names a time that is none.");
}

TEST_CASE("what is only good by the leeway ends with that", "[tokens]") {
  auto key = signer::secret("k");
  keys_on_disk keys{key};
  auto claims = good_claims();
  auto end = seconds_from_now(-10);
  claims["exp"] = end;
  auto found = verifier_of(keys).verify(key.sign(claims));
  CHECK(found.expires.microseconds() / 1'000'000 == end + 30);
}

TEST_CASE("what is no token is refused", "[tokens]") {
  auto key = signer::secret("k");
  keys_on_disk keys{key};
  auto verifier = verifier_of(keys);
  auto head = base64url(R"({"alg":"HS256","kid":"k"})");
  for (const auto& text :
       strings{"", ".", "..", "a.b.c", head, head + ".", head + "..", std::string(9000, 'a'),
               base64url("[]") + ".a.b", base64url(std::string(5000, '[')) + ".a.b",
               key.sign(good_claims()) + std::string(9000, 'a')}) {
    CHECK(refusal(verifier, text) != "");
  }
  CHECK(refusal(verifier, key.sign(json::array())) == malformed);
}

TEST_CASE("rules that are none, and files without keys, are refused", "[tokens]") {
  keys_on_disk keys{signer::secret("k")};
  CHECK_THROWS_AS(verifier_of(keys, {}), std::invalid_argument);
  CHECK_THROWS_AS(verifier_of(keys, {"none"}), std::invalid_argument);
  CHECK_THROWS_AS(dcrf::token_verifier({.keys_file = keys.path(), .algorithms = {"HS256"}}),
                  std::invalid_argument);
  for (const auto* text : {"", "[]", "{}", "{\"keys\": 1}", "{\"keys\": [{\"kty\": \"RSA\"}]}"}) {
    keys.put_text(text);
    CHECK_THROWS_AS(verifier_of(keys), std::runtime_error);
  }
  keys.put(signer::secret("short", 128));
  CHECK_THROWS_AS(verifier_of(keys), std::runtime_error);
  keys.put(signer::rsa("short", 1024));
  CHECK_THROWS_AS(verifier_of(keys), std::runtime_error);
  // Keys for other purposes are none of ours.
  keys.put_text(R"({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}, {"kty": "oct",
                   "use": "enc", "k": "AA"}, 7]})");
  CHECK_NOTHROW(verifier_of(keys));
}

// -- the file -------------------------------------------------------------------------------------

TEST_CASE("the keys are those of the file, as it is now", "[tokens]") {
  using dcrf::internal::key_file;
  auto first = signer::secret("first");
  auto second = signer::secret("second");
  keys_on_disk keys{first};
  key_file file{keys.path()};
  auto now = key_file::clock::now();
  CHECK(file.keys("first", now)->has("first"));

  keys.put(second);
  CHECK(file.keys("first", now)->has("first"));
  // A key that is in it no more is forgotten within a second.
  now += 1100ms;
  CHECK(!file.keys("first", now)->has("first"));
  CHECK(file.keys("first", now)->has("second"));
  CHECK(file.take_failure() == nullptr);

  // What can't be read changes nothing, and is told once.
  keys.put_text("half of a fi");
  now += 1100ms;
  CHECK(file.keys("second", now)->has("second"));
  CHECK(file.take_failure() != nullptr);
  CHECK(file.take_failure() == nullptr);
  keys.put(first, second);
  now += 1100ms;
  CHECK(file.keys("first", now)->has("first"));
}

TEST_CASE("an unknown key has the file read, in measure", "[tokens]") {
  using dcrf::internal::key_file;
  auto first = signer::secret("first");
  keys_on_disk keys{first};
  key_file file{keys.path()};
  auto now = key_file::clock::now();
  auto before = file.keys("first", now);
  CHECK(file.keys("unknown", now) == before);
  now += 5100ms;
  auto after = file.keys("unknown", now);
  CHECK(after != before);
  CHECK(file.keys("unknown", now) == after);
  CHECK(file.keys("unknown", now + 4s) == after);
  CHECK(file.keys("first", now + 60s) == after);
}

} // namespace identity_test
