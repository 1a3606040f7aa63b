#include "dcrf/session/internal/live_request.hpp"

#include "dcrf/protocol/internal/live_member.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <fmt/format.h>

#include <string_view>

namespace dcrf {

live_request::live_request(const request& req) {
  auto member = req.argument("live");
  if (!member || !member->is_object()) {
    throw validation_error("live", "Expected an object.");
  }
  if (auto position = member->find("since"); position && !position->is_null()) {
    if (position->type() != json_type::text) {
      throw validation_error("live", "`since` is a position, as it came in `at`.");
    }
    since = std::string{position->text()};
  }
  if (auto id = member->find("of"); id && !id->is_null()) {
    of = id->to_text();
  }
  notes.wants_cut = of || req.action() == "list" || req.action() == "retrieve";
}

std::string live_request::answer() const {
  std::string result;
  auto add = [&result](std::string_view x) {
    result += result.empty() ? "" : ",";
    result += x;
  };
  if (resumed) {
    add(*resumed == replay::outcome::resumed ? R"("resumed":true)" : R"("resumed":false)");
  }
  if (resumed && *resumed != replay::outcome::resumed) {
    add(fmt::format(R"("reason":"{}")", reason_of(*resumed)));
  }
  if (notes.has_written) {
    add(notes.has_changed ? R"("changed":true)" : R"("changed":false)");
  }
  if (has_more) {
    add(R"("more":true)");
  } else if (at) {
    add(internal::at_member(*at));
  }
  return result;
}

} // namespace dcrf
