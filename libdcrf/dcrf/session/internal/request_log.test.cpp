#include "dcrf/session/internal/request_log.hpp"

#include "dcrf/session/internal/scripted.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace request_log_tests {

using consumer_test::driven;
using consumer_test::ping;

namespace {

// Without the time that the request took, which is a number.
std::string without_time(const std::string& line) {
  auto end = line.rfind(" ms=");
  REQUIRE(end != std::string::npos);
  CHECK(std::stod(line.substr(end + 4)) >= 0);
  return line.substr(0, end);
}

} // namespace

TEST_CASE("each request leaves a line, if that is wanted", "[log]") {
  driven x;
  x.connect([](const dcrf::scope&, const dcrf::runtime&) -> dcrf::task<dcrf::user_info> {
    dcrf::user_info result;
    result.pk = 7;
    co_return result;
  });
  x.driver.receive(ping, true);
  CHECK(x.session.lines.empty());
  x.session.is_logging = true;
  x.driver.receive(ping, true);
  x.driver.receive(R"({"action": "none", "request_id": {"a": "b"}, "secret": 1})", true);
  x.driver.receive("[]", true);
  REQUIRE(x.session.lines.size() == 3);
  CHECK(without_time(x.session.lines[0])
        == R"(user=7 consumer=scripted action="ping" request=1 status=200)");
  CHECK(without_time(x.session.lines[1])
        == R"(user=7 consumer=scripted action="none" request={"a":"b"} status=405)");
  CHECK(without_time(x.session.lines[2])
        == "user=7 consumer=scripted action=null request=null status=400");
}

TEST_CASE("what clients choose neither ends a line nor makes it long", "[log]") {
  driven x;
  x.session.is_logging = true;
  x.connect();
  x.driver.receive(R"({"action": "a\nb", "request_id": ")" + std::string(100, 'x') + "\"}", true);
  REQUIRE(x.session.lines.size() == 1);
  CHECK(without_time(x.session.lines[0])
        == R"(user=null consumer=scripted action="a\nb" request=(long) status=405)");
}

TEST_CASE("failures say whose request they are of", "[log]") {
  driven x;
  x.connect();
  x.steps.act = [](dcrf::consumer&, dcrf::request&) -> dcrf::task<> {
    throw std::runtime_error("the disk is full");
  };
  x.driver.receive(R"({"action": "act", "request_id": 3})", true);
  CHECK(x.session.failures
        == std::vector<std::string>{R"(user=null consumer=scripted action="act" request=3)"});
}

} // namespace request_log_tests
