#pragma once

#include "dcrf/consumer/consumer.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

#include "conformance/failures.hpp"

namespace conformance {

/// One action for each thing that an action can do: answer, fail, wait, write, talk to others.
class action_consumer : public dcrf::api_consumer<action_consumer> {
public:
  /// Answers bytes with how many they are, and their SHA-256. A request is none, though it comes as
  /// bytes.
  dcrf::task<> received_bytes(std::string bytes) override;

  // -- answering ----------------------------------------------------------------------------------

  struct answer_arguments {
    std::optional<dcrf::json_text> data;
    std::optional<std::int64_t> status;
    BOOST_DESCRIBE_CLASS(answer_arguments, (), (data, status), (), ())
  };

  struct count_arguments {
    std::optional<std::int64_t> count;
    BOOST_DESCRIBE_CLASS(count_arguments, (), (count), (), ())
  };

  struct frame_arguments {
    std::optional<dcrf::json_text> frame;
    BOOST_DESCRIBE_CLASS(frame_arguments, (), (frame), (), ())
  };

  struct number_arguments {
    dcrf::json number;
    BOOST_DESCRIBE_CLASS(number_arguments, (), (number), (), ())
  };

  dcrf::task<dcrf::response> echo(dcrf::json args);
  dcrf::response sync_echo(dcrf::json args);
  dcrf::response see_request(dcrf::request& req);
  dcrf::task<dcrf::response> original_name();
  dcrf::response original_sync_name();
  dcrf::response answer(answer_arguments args);
  dcrf::task<> no_answer();
  void sync_no_answer();
  void not_a_pair();
  dcrf::task<dcrf::response> many_answers(count_arguments args, dcrf::request& req);
  void raw_frame(frame_arguments args);
  void own_reply(dcrf::request& req);
  dcrf::response needs_number(number_arguments args);
  dcrf::response whoami();
  /// No action: clients can't call it.
  dcrf::response not_an_action();

  // -- failing ------------------------------------------------------------------------------------

  struct fail_arguments {
    failure kind;
    BOOST_DESCRIBE_CLASS(fail_arguments, (), (kind), (), ())
  };

  struct late_fail_arguments {
    failure kind;
    std::optional<std::int64_t> delay_ms;
    BOOST_DESCRIBE_CLASS(late_fail_arguments, (), (kind, delay_ms), (), ())
  };

  dcrf::task<> fail(fail_arguments args);
  void sync_fail(fail_arguments args);
  dcrf::task<> detached_fail(late_fail_arguments args);

  // -- waiting ------------------------------------------------------------------------------------

  struct slow_arguments {
    std::optional<std::int64_t> delay_ms;
    std::optional<dcrf::json_text> value;
    BOOST_DESCRIBE_CLASS(slow_arguments, (), (delay_ms, value), (), ())
  };

  dcrf::task<dcrf::response> slow(slow_arguments args);
  dcrf::task<dcrf::response> detached_original();
  dcrf::response start_background(slow_arguments args);

  // -- writing ------------------------------------------------------------------------------------

  struct write_arguments {
    std::string name;
    std::optional<failure> fail;
    BOOST_DESCRIBE_CLASS(write_arguments, (), (name, fail), (), ())
  };

  struct late_write_arguments {
    std::string name;
    std::optional<std::int64_t> delay_ms;
    BOOST_DESCRIBE_CLASS(late_write_arguments, (), (name, delay_ms), (), ())
  };

  /// Makes an entry and counts all; may fail in between.
  dcrf::task<dcrf::response> write(write_arguments args);
  dcrf::task<dcrf::response> detached_write(late_write_arguments args);
  dcrf::task<dcrf::response> count();

  // -- talking ------------------------------------------------------------------------------------

  struct talk_arguments {
    std::string name;
    BOOST_DESCRIBE_CLASS(talk_arguments, (), (name), (), ())
  };

  struct say_arguments {
    std::string name;
    std::optional<dcrf::json_text> words;
    BOOST_DESCRIBE_CLASS(say_arguments, (), (name, words), (), ())
  };

  struct bye_arguments {
    std::optional<std::int64_t> code;
    BOOST_DESCRIBE_CLASS(bye_arguments, (), (code), (), ())
  };

  dcrf::task<dcrf::response> join(talk_arguments args);
  dcrf::response leave(talk_arguments args);
  dcrf::response say(say_arguments args);
  void bye(bye_arguments args);

  using actions = dcrf::actions<
      dcrf::action<"echo", &action_consumer::echo>,
      dcrf::action<"sync_echo", &action_consumer::sync_echo>,
      dcrf::action<"see_request", &action_consumer::see_request>,
      dcrf::action<"renamed.action", &action_consumer::original_name>,
      dcrf::action<"renamed-sync", &action_consumer::original_sync_name>,
      dcrf::action<"answer", &action_consumer::answer>,
      dcrf::action<"no_answer", &action_consumer::no_answer>,
      dcrf::action<"sync_no_answer", &action_consumer::sync_no_answer>,
      dcrf::action<"not_a_pair", &action_consumer::not_a_pair>,
      dcrf::action<"many_answers", &action_consumer::many_answers>,
      dcrf::action<"raw_frame", &action_consumer::raw_frame>,
      dcrf::action<"own_reply", &action_consumer::own_reply>,
      dcrf::action<"needs_number", &action_consumer::needs_number>,
      dcrf::action<"whoami", &action_consumer::whoami>,
      dcrf::action<"fail", &action_consumer::fail>,
      dcrf::action<"sync_fail", &action_consumer::sync_fail>,
      dcrf::detached_action<"detached_fail", &action_consumer::detached_fail>,
      dcrf::action<"slow", &action_consumer::slow>,
      dcrf::detached_action<"detached_slow", &action_consumer::slow>,
      dcrf::detached_action<"detached.renamed", &action_consumer::detached_original>,
      dcrf::action<"start_background", &action_consumer::start_background>,
      dcrf::atomic_action<"atomic_write", &action_consumer::write>,
      dcrf::action<"plain_write", &action_consumer::write>,
      dcrf::detached_action<"detached_write", &action_consumer::detached_write>,
      dcrf::action<"count", &action_consumer::count>, dcrf::action<"join", &action_consumer::join>,
      dcrf::action<"leave", &action_consumer::leave>, dcrf::action<"say", &action_consumer::say>,
      dcrf::action<"bye", &action_consumer::bye>>;

private:
  dcrf::task<> send_later(slow_arguments args);
};

/// Sends every message back as it came.
class echo_consumer : public dcrf::api_consumer<echo_consumer> {
public:
  dcrf::task<> received_text(std::string text) override;
  dcrf::task<> received_bytes(std::string bytes) override;
};

/// Takes part in the talk `lobby` from the start.
struct lobby_consumer : dcrf::api_consumer<lobby_consumer, action_consumer> {
  dcrf::task<> connected() override;
};

/// Takes part in the talk that its path names. A path whose number is beyond 64 bits leads nowhere.
class talk_consumer : public dcrf::api_consumer<talk_consumer, action_consumer> {
public:
  dcrf::response where();

  using actions = dcrf::actions<dcrf::action<"where", &talk_consumer::where>>;

  dcrf::task<> connected() override;

private:
  std::int64_t number_ = 0;
};

/// Takes the name of the action from the member `method` of a request.
class method_key_consumer : public dcrf::api_consumer<method_key_consumer> {
public:
  dcrf::response echo(dcrf::json args);

  using actions = dcrf::actions<dcrf::action<"echo", &method_key_consumer::echo>>;

  std::optional<dcrf::json_text> action_name(const dcrf::request& req) const override;
};

} // namespace conformance
