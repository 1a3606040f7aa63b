#include "dcrf/session/internal/once_request.hpp"

#include "dcrf/serializer/validation_error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <stdexcept>
#include <string_view>

namespace dcrf {

namespace {

constexpr std::ptrdiff_t longest = 255;

// Nobody else's may be guessed where all have one owner. So long is a UUID in base 64.
constexpr std::ptrdiff_t shortest_of_nobody = 22;

std::string digest_of(std::string_view x) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, x.data(), x.size(), bytes.data(), &size) != 1) {
    throw std::runtime_error("OpenSSL has no SHA-256");
  }
  std::string result;
  for (std::size_t i = 0; i < size; ++i) {
    result += fmt::format("{:02x}", bytes[i]);
  }
  return result;
}

std::ptrdiff_t characters_of(std::string_view utf8) {
  return std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
}

std::string owner_of(const user_info& x) {
  return x.is_authenticated() ? "user " + to_string(x.pk.get()) : std::string{};
}

std::string text_of(const request& req) {
  auto member = req.argument("once");
  if (!member || member->type() != json_type::text) {
    throw validation_error("once", "Not a valid string.");
  }
  std::string result{member->text()};
  auto size = characters_of(result);
  if (size < 1 || size > longest) {
    throw validation_error("once", "Ensure this field has 1 to 255 characters.");
  }
  if (!req.user().is_authenticated() && size < shortest_of_nobody) {
    throw validation_error("once", "Without a user it has at least 22 characters, at random.");
  }
  return result;
}

std::string stream_of(const request& req, frame_reader& reader) {
  if (req.member().empty()) {
    return {};
  }
  auto stream = reader.read(req.frame()).find("stream");
  return stream ? stream->to_text() : std::string{};
}

// The members of objects are in an order of their own there.
std::string content_of(const request& req, const action_descriptor& action) {
  auto arguments = req.arguments();
  arguments.erase("once");
  if (!action.takes_live) {
    arguments.erase("live");
  }
  return digest_of(req.action() + '\0' + arguments.dump());
}

} // namespace

once_claim claim_of(const request& req, const action_descriptor& action, frame_reader& reader) {
  if (!action.is_atomic && !action.ends_with_command) {
    throw validation_error("once", "This action can't be done once: it is no atomic action.");
  }
  auto text = text_of(req);
  auto stream = stream_of(req, reader);
  return {.owner = owner_of(req.user()),
          .name = digest_of(req.scope().path + '\0' + stream + '\0' + text),
          .content = content_of(req, action)};
}

std::string kept_text(const std::optional<response>& x) {
  return x ? fmt::format("{} {}", x->status, x->data.str()) : std::string{};
}

std::optional<response> kept_response(const std::string& text) {
  if (text.empty()) {
    return std::nullopt;
  }
  response result;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result.status);
  if (error != std::errc{} || end == text.data() + text.size()) {
    throw std::runtime_error("a reply that was kept can't be read");
  }
  result.data = json_text::trusted(std::string{end + 1, text.data() + text.size()});
  return result;
}

} // namespace dcrf
