#pragma once

#include "dcrf/identity/internal/key_set.hpp"

#include <cjose/base64.h>
#include <cjose/jws.h>
#include <cjose/jwk.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace identity_test {

using nlohmann::json;

inline std::string base64url(std::string_view bytes) {
  char* text = nullptr;
  std::size_t size = 0;
  cjose_base64url_encode(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), &text,
                         &size, nullptr);
  std::string result(text, size);
  std::free(text);
  return result;
}

/// A key that signs tokens.
class signer {
public:
  static signer secret(const std::string& id, std::size_t bits = 256) {
    return {id, "HS256", cjose_jwk_create_oct_random(bits, nullptr)};
  }
  static signer secret_of(const std::string& id, std::string_view bytes) {
    return {id, "HS256",
            cjose_jwk_create_oct_spec(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                      bytes.size(), nullptr)};
  }
  static signer rsa(const std::string& id, std::size_t bits = 2048) {
    constexpr std::array<std::uint8_t, 3> exponent{1, 0, 1};
    return {id, "RS256",
            cjose_jwk_create_RSA_random(bits, exponent.data(), exponent.size(), nullptr)};
  }
  static signer ec(const std::string& id) {
    return {id, "ES256", cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, nullptr)};
  }

  /// What verifiers are given: the public part, or the secret.
  [[nodiscard]] json public_key() const {
    std::unique_ptr<char, decltype(&std::free)> text{
        cjose_jwk_to_json(key_.get(), algorithm_ == "HS256", nullptr), &std::free};
    auto result = json::parse(text.get());
    result["kid"] = id_;
    return result;
  }

  [[nodiscard]] std::string sign(const json& claims, json header = json::object()) const {
    header.emplace("alg", algorithm_);
    header.emplace("kid", id_);
    std::unique_ptr<cjose_header_t, decltype(&cjose_header_release)> head{cjose_header_new(nullptr),
                                                                          &cjose_header_release};
    for (const auto& [name, value] : header.items()) {
      if (value.is_string()) {
        cjose_header_set(head.get(), name.c_str(), value.get<std::string>().c_str(), nullptr);
      } else {
        cjose_header_set_raw(head.get(), name.c_str(), value.dump().c_str(), nullptr);
      }
    }
    auto text = claims.dump();
    auto* made =
        cjose_jws_sign(key_.get(), head.get(), reinterpret_cast<const std::uint8_t*>(text.data()),
                       text.size(), nullptr);
    if (made == nullptr) {
      throw std::runtime_error("can't sign");
    }
    const char* result = nullptr;
    cjose_jws_export(made, &result, nullptr);
    std::string copy{result};
    cjose_jws_release(made);
    return copy;
  }

private:
  signer(std::string id, std::string algorithm, cjose_jwk_t* key)
      : id_(std::move(id)), algorithm_(std::move(algorithm)), key_(key) {
    if (!key_) {
      throw std::runtime_error("can't make a key");
    }
  }

  std::string id_;
  std::string algorithm_;
  std::unique_ptr<cjose_jwk_t, dcrf::internal::jwk_release> key_;
};

/// A file with keys, which is replaced as a whole.
class keys_on_disk {
public:
  template <class... Signers>
  explicit keys_on_disk(const Signers&... x) {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path()
            / ("dcrf-keys-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    put(x...);
  }
  keys_on_disk(const keys_on_disk&) = delete;
  keys_on_disk& operator=(const keys_on_disk&) = delete;
  ~keys_on_disk() { std::filesystem::remove(path_); }

  [[nodiscard]] std::string path() const { return path_.string(); }

  template <class... Signers>
  void put(const Signers&... x) {
    put_text(json{{"keys", json::array({x.public_key()...})}}.dump());
  }

  void put_text(const std::string& text) {
    auto beside = path_.string() + ".new";
    std::ofstream{beside} << text;
    std::filesystem::rename(beside, path_);
  }

private:
  std::filesystem::path path_;
};

inline std::int64_t seconds_from_now(std::int64_t x) {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
             .count()
         + x;
}

/// The claims of a token that is good for a minute.
inline json good_claims() {
  return {{"iss", "conformance"}, {"aud", "dcrf"}, {"sub", "ann"}, {"exp", seconds_from_now(60)}};
}

} // namespace identity_test
