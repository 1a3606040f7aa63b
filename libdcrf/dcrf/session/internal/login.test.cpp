// Users that expire, and tokens that come on the open connection.

#include "dcrf/session/internal/login.hpp"

#include "dcrf/session/internal/scripted.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>

namespace login_tests {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;
using consumer_test::driven;
using consumer_test::ping;
using consumer_test::pong;

namespace {

// `Bearer NAME SECONDS`: that user, for so long.
dcrf::task<dcrf::user_info> by_name(const dcrf::scope& connection, const dcrf::runtime&) {
  dcrf::user_info result;
  auto token = dcrf::bearer_token(connection);
  if (!token) {
    co_return result;
  }
  auto blank = token->find(' ');
  if (blank == token->npos) {
    throw dcrf::authentication_failed();
  }
  result.username = token->substr(0, blank);
  result.pk = result.username;
  auto left = std::chrono::seconds{std::stoi(std::string{token->substr(blank)})};
  result.expires = dcrf::timestamp{dcrf::timestamp::now().time + left};
  co_return result;
}

dcrf::authentication tokens() {
  dcrf::authentication result{dcrf::authenticator{&by_name}};
  result.takes_tokens = true;
  return result;
}

dcrf::scope with_token(const std::string& token) {
  dcrf::scope result;
  result.headers.emplace_back("authorization", "Bearer " + token);
  return result;
}

std::string bring(const std::string& token) {
  return R"({"action":"authenticate","request_id":2,"token":")" + token + R"("})";
}

// A connection, and its time.
struct bench {
  explicit bench(dcrf::scope handshake, const dcrf::authentication& how = tokens())
      : driver{session, std::move(handshake), std::make_unique<consumer_test::scripted>(steps)} {
    session.time += 1h;
    driver.connect(how);
  }

  // Time passes, and timers are due.
  void pass(std::chrono::milliseconds time) {
    session.time += time;
    for (auto ticket : std::exchange(session.sleeping, {})) {
      session.finish(ticket, {});
    }
  }

  dcrf::json last() const { return dcrf::json::parse(session.log.back()); }

  consumer_test::script steps;
  consumer_test::fake_session session;
  dcrf::driver driver;
};

} // namespace

TEST_CASE("a connection ends with its user, and its client is told before", "[login]") {
  bench x{with_token("ann 300")};
  CHECK(x.session.log == strings{"accept"});
  x.pass(239s);
  CHECK(x.session.log.size() == 1);
  x.pass(2s);
  REQUIRE(x.session.log.size() == 2);
  CHECK(x.last()["action"] == "expiring");
  CHECK(x.last()["response_status"] == 205);
  CHECK(x.last()["data"]["expires"].is_number());
  x.pass(58s);
  CHECK(x.session.log.size() == 2);
  x.pass(2s);
  CHECK(x.session.log.back() == "close 4401");
  x.driver.receive(ping, true);
  CHECK(x.session.log.back() == "close 4401");
}

TEST_CASE("a connection ends while its action still runs", "[login]") {
  bench x{with_token("ann 10")};
  x.driver.receive(R"({"action":"pause"})", true);
  x.pass(6s);
  x.pass(5s);
  CHECK(x.session.log.back() == "close 4401");
}

TEST_CASE("a new token prolongs", "[login]") {
  bench x{with_token("ann 10")};
  x.driver.receive(bring("ann 1000"), true);
  CHECK(x.last()["response_status"] == 200);
  CHECK(x.last()["action"] == "authenticate");
  CHECK(x.last()["request_id"] == 2);
  auto answered = x.session.log.size();
  x.pass(900s);
  CHECK(x.session.log.size() == answered);
  x.driver.receive(ping, true);
  CHECK(x.session.log.back() == pong);
  x.pass(50s);
  x.pass(60s);
  CHECK(x.session.log.back() == "close 4401");
}

TEST_CASE("a token that is no good changes nothing", "[login]") {
  bench x{with_token("ann 100")};
  SECTION("of another user") {
    x.driver.receive(bring("eve 1000"), true);
    CHECK(x.last()["response_status"] == 403);
  }
  SECTION("a bad one") {
    x.driver.receive(bring("ann"), true);
    CHECK(x.last()["response_status"] == 401);
  }
  SECTION("none") {
    x.driver.receive(R"({"action":"authenticate","token":7})", true);
    CHECK(x.last()["response_status"] == 400);
  }
  CHECK(x.driver.scope().user.username == "ann");
  x.driver.receive(ping, true);
  CHECK(x.session.log.back() == pong);
  x.pass(51s);
  x.pass(50s);
  CHECK(x.session.log.back() == "close 4401");
}

TEST_CASE("who has brought no token may do nothing else, and not for long", "[login]") {
  auto how = tokens();
  how.patience = 5s;
  bench x{{}, how};
  CHECK(x.session.log == strings{"accept"});
  x.driver.receive(ping, true);
  CHECK(x.last()["response_status"] == 401);
  CHECK(x.last()["request_id"] == 1);
  SECTION("brings none") {
    x.pass(4900ms);
    CHECK(x.session.log.back() != "close 4401");
    x.pass(200ms);
    CHECK(x.session.log.back() == "close 4401");
  }
  SECTION("brings one in time") {
    x.driver.receive(bring("ann 100"), true);
    CHECK(x.last()["response_status"] == 200);
    x.pass(6s);
    x.driver.receive(ping, true);
    CHECK(x.session.log.back() == pong);
    CHECK(x.driver.scope().user.username == "ann");
  }
}

namespace {

// Answers when it is told to, as a database does that is slow, and no more for whom it was told.
struct slow_answers {
  dcrf::authentication how() {
    dcrf::authentication result{
        dcrf::authenticator{[this](const dcrf::scope& connection,
                                   const dcrf::runtime& within) -> dcrf::task<dcrf::user_info> {
          auto user = co_await by_name(connection, within);
          if (is_slow) {
            co_await within.sleep(1s);
          }
          if (is_revoked && decides_late) {
            throw dcrf::authentication_failed();
          }
          if (ends) {
            user.expires = dcrf::timestamp{dcrf::timestamp::now().time + *ends};
          }
          co_return user;
        }}};
    result.takes_tokens = true;
    return result;
  }

  bool is_slow = false;
  bool is_revoked = false;
  bool decides_late = true;
  std::optional<std::chrono::seconds> ends;
};

} // namespace

TEST_CASE("a revoke while a token is looked at holds for its user, too", "[login]") {
  slow_answers answers;
  auto how = answers.how();
  bench x{{}, how};
  answers.is_slow = true;
  CHECK_FALSE(x.driver.is_asking_for_user());
  x.driver.receive(bring("ann 1000"), true);
  REQUIRE(x.driver.is_asking_for_user());
  // What the authenticator has read was so before the revoke.
  answers.decides_late = false;
  answers.is_revoked = true;
  x.driver.check_again(how);
  x.pass(2s);
  CHECK_FALSE(x.driver.is_asking_for_user());
  answers.decides_late = true;
  x.pass(2s);
  x.pass(2s);
  CHECK(x.session.log.back() == "close 4403");
}

TEST_CASE("an answer about the token before does not undo a new one", "[login]") {
  slow_answers answers;
  auto how = answers.how();
  bench x{{}, how};
  answers.is_slow = true;
  x.driver.check_again(how);
  answers.is_slow = false;
  x.driver.receive(bring("ann 1000"), true);
  CHECK(x.driver.scope().user.username == "ann");
  x.pass(2s);
  CHECK(x.driver.scope().user.username == "ann");
}

TEST_CASE("an end that is nearer after a revoke is taken over", "[login]") {
  slow_answers answers;
  auto how = answers.how();
  bench x{with_token("ann 1000"), how};
  answers.ends = 10s;
  x.driver.check_again(how);
  x.pass(6s);
  CHECK(x.last()["action"] == "expiring");
  x.pass(5s);
  CHECK(x.session.log.back() == "close 4401");
}

TEST_CASE("where no tokens are taken, authenticate is an action like others", "[login]") {
  bench x{{}, dcrf::authenticator{&by_name}};
  x.driver.receive(bring("ann 100"), true);
  CHECK(x.last()["response_status"] == 405);
}

TEST_CASE("a browser brings its token as a subprotocol", "[login]") {
  dcrf::scope handshake;
  SECTION("and is answered with the other one") {
    // Blanks stand in no subprotocol; this authenticator wants one.
    auto ask = [](const dcrf::scope& connection,
                  const dcrf::runtime&) -> dcrf::task<dcrf::user_info> {
      dcrf::user_info result;
      result.username = dcrf::bearer_token(connection).value();
      result.pk = result.username;
      co_return result;
    };
    dcrf::authentication how{dcrf::authenticator{ask}};
    how.takes_tokens = true;
    handshake.headers.emplace_back("sec-websocket-protocol", "dcrf, dcrf.bearer.ann");
    bench x{handshake, how};
    CHECK(x.session.log == strings{"subprotocol dcrf", "accept"});
    CHECK(x.driver.scope().user.username == "ann");
  }
  SECTION("and learns by a code that it is refused") {
    handshake.headers.emplace_back("sec-websocket-protocol", "dcrf, dcrf.bearer.bad");
    bench x{handshake};
    CHECK(x.session.log == strings{"subprotocol dcrf", "accept", "close 4401"});
    x.driver.disconnect(4401);
    CHECK(x.session.log.back() == "finished");
  }
  SECTION("others learn by the status") {
    bench x{with_token("bad")};
    CHECK(x.session.log == strings{"refuse 401"});
  }
}

TEST_CASE("nothing watches over a connection that has ended", "[login]") {
  bench x{with_token("ann 100")};
  x.driver.disconnect(1000);
  auto size = x.session.log.size();
  x.pass(200s);
  CHECK(x.session.log.size() == size);
}

} // namespace login_tests
