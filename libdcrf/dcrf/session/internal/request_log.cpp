#include "dcrf/session/internal/request_log.hpp"

#include "dcrf/json/json_writer.hpp"
#include "dcrf/model/value.hpp"

#include <fmt/format.h>

namespace dcrf {

namespace {

// In bytes: a key, a UUID or a word.
constexpr std::size_t longest_shown = 64;

std::string_view shortened(std::string_view json) {
  return json.size() <= longest_shown ? json : std::string_view{"(long)"};
}

} // namespace

// What comes from outside is JSON here, so no character in them ends the line.
std::string subject_of(const request& req, std::string_view consumer) {
  std::string user;
  json_writer writer{user};
  write_json(writer, req.user().pk.get());
  return fmt::format("user={} consumer={} action={} request={}", shortened(user), consumer,
                     shortened(req.action_text()), shortened(req.id()));
}

std::string request_line(const request& req, std::string_view consumer, unsigned status,
                         std::chrono::nanoseconds took) {
  std::chrono::duration<double, std::milli> milliseconds{took};
  return fmt::format("{} status={} ms={:.3f}", subject_of(req, consumer), status,
                     milliseconds.count());
}

} // namespace dcrf
