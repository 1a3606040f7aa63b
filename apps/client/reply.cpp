#include "client/reply.hpp"

#include "client/errors.hpp"
#include "client/json.hpp"

namespace client {

std::optional<reply> read_reply(std::string_view text) {
  try {
    auto frame = parse_json(text);
    if (!frame.is_object()) {
      return {};
    }
    auto payload = frame.find("payload");
    bool has_envelope = frame.contains("stream") && payload != frame.end();
    const json& body = has_envelope ? *payload : frame;
    if (!body.is_object()) {
      return {};
    }
    auto id = body.find("request_id");
    auto status = body.find("response_status");
    if (id == body.end() || status == body.end() || !status->is_number_integer()) {
      return {};
    }
    return reply{id->dump(), status->get<int>()};
  } catch (const usage_error&) {
    return {};
  }
}

} // namespace client
