#pragma once

#include "dcrf/consumer/consumer.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
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

  dcrf::task<dcrf::response> echo(dcrf::json args);
  dcrf::response sync_echo(dcrf::json args);
  dcrf::response see_request(dcrf::request& req);
  dcrf::task<dcrf::response> original_name();
  dcrf::response original_sync_name();
  dcrf::response answer(std::optional<dcrf::json_text> data, std::optional<std::int64_t> status);
  dcrf::task<> no_answer();
  void sync_no_answer();
  void not_a_pair();
  dcrf::task<dcrf::response> many_answers(std::optional<std::int64_t> count, dcrf::request& req);
  void raw_frame(std::optional<dcrf::json_text> frame);
  void own_reply(dcrf::request& req);
  dcrf::response needs_number(dcrf::json number);
  dcrf::response whoami();
  /// No action: clients can't call it.
  dcrf::response not_an_action();

  // -- failing ------------------------------------------------------------------------------------

  dcrf::task<> fail(failure kind);
  void sync_fail(failure kind);
  dcrf::task<> detached_fail(failure kind, std::optional<std::int64_t> delay_ms);

  // -- waiting ------------------------------------------------------------------------------------

  dcrf::task<dcrf::response> slow(std::optional<std::int64_t> delay_ms,
                                  std::optional<dcrf::json_text> value);
  dcrf::task<dcrf::response> detached_original();
  dcrf::response start_background(std::optional<std::int64_t> delay_ms,
                                  std::optional<dcrf::json_text> value);

  // -- writing ------------------------------------------------------------------------------------

  /// Makes an entry and counts all; may fail in between.
  dcrf::task<dcrf::response> write(std::string name, std::optional<failure> fail);
  dcrf::task<dcrf::response> detached_write(std::string name, std::optional<std::int64_t> delay_ms);
  dcrf::task<dcrf::response> count();

  // -- talking ------------------------------------------------------------------------------------

  dcrf::task<dcrf::response> join(std::string name);
  dcrf::response leave(std::string name);
  dcrf::response say(std::string name, std::optional<dcrf::json_text> words);
  void bye(std::optional<std::int64_t> code);

  using actions = dcrf::actions<
      dcrf::action<&action_consumer::echo>, dcrf::action<&action_consumer::sync_echo>,
      dcrf::action<&action_consumer::see_request>,
      dcrf::action<"renamed.action", &action_consumer::original_name>,
      dcrf::action<"renamed-sync", &action_consumer::original_sync_name>,
      dcrf::action<&action_consumer::answer, "data", "status">,
      dcrf::action<&action_consumer::no_answer>, dcrf::action<&action_consumer::sync_no_answer>,
      dcrf::action<&action_consumer::not_a_pair>,
      dcrf::action<&action_consumer::many_answers, "count">,
      dcrf::action<&action_consumer::raw_frame, "frame">, dcrf::action<&action_consumer::own_reply>,
      dcrf::action<&action_consumer::needs_number, "number">,
      dcrf::action<&action_consumer::whoami>, dcrf::action<&action_consumer::fail, "kind">,
      dcrf::action<&action_consumer::sync_fail, "kind">,
      dcrf::detached_action<&action_consumer::detached_fail, "kind", "delay_ms">,
      dcrf::action<&action_consumer::slow, "delay_ms", "value">,
      dcrf::detached_action<"detached_slow", &action_consumer::slow, "delay_ms", "value">,
      dcrf::detached_action<"detached.renamed", &action_consumer::detached_original>,
      dcrf::action<&action_consumer::start_background, "delay_ms", "value">,
      dcrf::atomic_action<"atomic_write", &action_consumer::write, "name", "fail">,
      dcrf::action<"plain_write", &action_consumer::write, "name", "fail">,
      dcrf::detached_action<&action_consumer::detached_write, "name", "delay_ms">,
      dcrf::action<&action_consumer::count>, dcrf::action<&action_consumer::join, "name">,
      dcrf::action<&action_consumer::leave, "name">,
      dcrf::action<&action_consumer::say, "name", "words">,
      dcrf::action<&action_consumer::bye, "code">>;

private:
  dcrf::task<> send_later(std::chrono::milliseconds delay, dcrf::json_text value);
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

  using actions = dcrf::actions<dcrf::action<&talk_consumer::where>>;

  dcrf::task<> connected() override;

private:
  std::int64_t number_ = 0;
};

/// Takes the name of the action from the member `method` of a request.
class method_key_consumer : public dcrf::api_consumer<method_key_consumer> {
public:
  dcrf::response echo(dcrf::json args);

  using actions = dcrf::actions<dcrf::action<&method_key_consumer::echo>>;

  std::optional<dcrf::json_text> action_name(const dcrf::request& req) const override;
};

} // namespace conformance
