#include "dcrf/protocol/response.hpp"

#include <array>
#include <charconv>

namespace dcrf {

namespace {

constexpr std::size_t envelope_overhead =
    std::string_view{
        R"({"errors":,"data":,"action":,"response_status":-9223372036854775808,"request_id":})"}
        .size();

void append_head(std::string& out, std::string_view errors, std::string_view data,
                 std::string_view action, std::int64_t status) {
  out += R"({"errors":)";
  out += errors;
  out += R"(,"data":)";
  out += data;
  out += R"(,"action":)";
  out += action;
  out += R"(,"response_status":)";
  std::array<char, 20> digits;
  out.append(digits.data(),
             std::to_chars(digits.data(), digits.data() + digits.size(), status).ptr);
  out += R"(,"request_id":)";
}

} // namespace

std::string envelope_head(std::string_view errors, std::string_view data, std::string_view action,
                          std::int64_t status) {
  std::string result;
  result.reserve(envelope_overhead + errors.size() + data.size() + action.size());
  append_head(result, errors, data, action, status);
  return result;
}

std::string envelope(std::string_view errors, std::string_view data, std::string_view action,
                     std::int64_t status, std::string_view request_id) {
  std::string result;
  result.reserve(envelope_overhead + errors.size() + data.size() + action.size()
                 + request_id.size());
  append_head(result, errors, data, action, status);
  result += request_id;
  result += '}';
  return result;
}

} // namespace dcrf
