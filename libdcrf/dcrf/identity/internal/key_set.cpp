#include "dcrf/identity/internal/key_set.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace dcrf::internal {

namespace {

constexpr std::chrono::seconds between_readings{1};
constexpr std::chrono::seconds between_reads{5};

// No set of keys is as large.
constexpr std::int64_t largest_file = 1024 * 1024;

// RFC 7518, sections 3.2 and 3.3: shorter ones can be guessed or factored.
constexpr std::size_t shortest_secret_bits = 256;
constexpr std::size_t shortest_rsa_bits = 2048;

// Of a key that signs; empty for others.
std::string_view algorithm_of(const json& key) {
  auto type = text_of(key, "kty");
  std::string_view result;
  if (type == "oct") {
    result = "HS256";
  } else if (type == "RSA") {
    result = "RS256";
  } else if (type == "EC" && text_of(key, "crv") == "P-256") {
    result = "ES256";
  }
  auto own = text_of(key, "alg");
  auto use = text_of(key, "use");
  bool is_for_it = (own.empty() || own == result) && (use.empty() || use == "sig");
  return is_for_it ? result : std::string_view{};
}

void check_size(const key_set::entry& x) {
  auto bits = cjose_jwk_get_keysize(x.key.get(), nullptr);
  auto check = [&](std::string_view algorithm, std::size_t least) {
    if (x.algorithm == algorithm && bits < least) {
      throw std::runtime_error(fmt::format("the key \"{}\" has {} bits; {} wants {} at least", x.id,
                                           bits, algorithm, least));
    }
  };
  check("HS256", shortest_secret_bits);
  check("RS256", shortest_rsa_bits);
}

} // namespace

std::string text_of(const json& object, const char* name) {
  auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

key_set key_set::parse(const std::string& text) {
  auto parsed = json::parse(text, nullptr, false);
  auto keys = parsed.is_object() ? parsed.find("keys") : parsed.end();
  if (!parsed.is_object() || keys == parsed.end() || !keys->is_array()) {
    throw std::runtime_error("it is no JWK set: an object with an array \"keys\"");
  }
  key_set result;
  for (const auto& key : *keys) {
    auto algorithm = key.is_object() ? algorithm_of(key) : std::string_view{};
    if (algorithm.empty()) {
      continue;
    }
    auto own = key.dump();
    cjose_err error{};
    entry added{text_of(key, "kid"), algorithm,
                decltype(entry::key){cjose_jwk_import(own.data(), own.size(), &error)}};
    if (!added.key) {
      throw std::runtime_error(
          fmt::format("the key \"{}\" can't be read: {}", added.id, error.message));
    }
    check_size(added);
    result.entries_.push_back(std::move(added));
  }
  return result;
}

std::vector<const key_set::entry*> key_set::find(std::string_view id,
                                                 std::string_view algorithm) const {
  std::vector<const entry*> result;
  for (const auto& x : entries_) {
    if (x.algorithm == algorithm && (id.empty() || x.id == id)) {
      result.push_back(&x);
    }
  }
  return result;
}

bool key_set::has(std::string_view id) const noexcept {
  return std::ranges::find(entries_, id, &entry::id) != entries_.end();
}

// -- the file -------------------------------------------------------------------------------------

key_file::key_file(std::string path) : path_(std::move(path)) {
  mark_ = look();
  read();
  looked_ = read_ = clock::now();
}

std::shared_ptr<const key_set> key_file::keys(std::string_view id, clock::time_point now) {
  std::lock_guard lock{mutex_};
  if (now - looked_ >= between_readings) {
    looked_ = now;
    try_to_read(now);
  }
  if (!id.empty() && !keys_->has(id) && now - read_ >= between_reads) {
    mark_ = {};
    try_to_read(now);
  }
  return keys_;
}

std::exception_ptr key_file::take_failure() {
  std::lock_guard lock{mutex_};
  return std::exchange(failure_, nullptr);
}

// One that can't be read is tried again at the next look.
void key_file::try_to_read(clock::time_point now) {
  try {
    auto found = look();
    if (!mark_.is_of(found)) {
      mark_ = {};
      read_ = now;
      read();
      mark_ = found;
    }
  } catch (...) {
    failure_ = std::current_exception();
  }
}

key_file::mark key_file::look() const {
  struct stat found{};
  if (::stat(path_.c_str(), &found) != 0) {
    throw std::system_error(errno, std::generic_category(), "the keys of tokens, " + path_);
  }
  return {found.st_ino, found.st_size, found.st_mtim};
}

void key_file::read() {
  std::ifstream file{path_, std::ios::binary};
  std::string text;
  if (file && look().size <= largest_file) {
    text.assign(std::istreambuf_iterator<char>{file}, {});
  }
  if (text.empty()) {
    throw std::runtime_error(fmt::format("the keys of tokens, {}: can't be read", path_));
  }
  try {
    keys_ = std::make_shared<const key_set>(key_set::parse(text));
  } catch (const std::exception& failure) {
    throw std::runtime_error(fmt::format("the keys of tokens, {}: {}", path_, failure.what()));
  }
}

} // namespace dcrf::internal
