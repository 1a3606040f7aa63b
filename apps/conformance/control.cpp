#include "conformance/control.hpp"

#include <malloc.h>

#include <chrono>

#include "conformance/models.hpp"
#include "conformance/signals.hpp"
#include "conformance/table.hpp"

namespace conformance {

namespace {

// What a transaction throws that shall not be committed.
struct rolled_back {};

dcrf::json_text pk_of(const dcrf::value& key) {
  std::string result;
  dcrf::json_writer writer{result};
  writer.begin_object().key("pk");
  dcrf::write_json(writer, key);
  writer.end_object();
  return dcrf::json_text::trusted(std::move(result));
}

dcrf::relate_command::how mode_of(control_consumer::relation_change x) {
  using change = control_consumer::relation_change;
  using how = dcrf::relate_command::how;
  switch (x) {
  case change::add:
    return how::add;
  case change::remove:
    return how::remove;
  case change::set:
    return how::set;
  case change::clear:
    break;
  }
  return how::clear;
}

dcrf::bulk_events events_of(std::optional<bool> x) {
  return x.value_or(false) ? dcrf::bulk_events::on : dcrf::bulk_events::off;
}

// What a feed keeps; null if there is none.
dcrf::response extent_of(const std::optional<dcrf::feed::extent>& x) {
  if (!x) {
    return dcrf::response::ok();
  }
  return dcrf::response::ok(dcrf::json{{"entries", x->entries},
                                       {"bytes", x->bytes},
                                       {"oldest", x->oldest->text},
                                       {"newest", x->newest->text}});
}

} // namespace

// -- rows -----------------------------------------------------------------------------------------

dcrf::task<dcrf::response> control_consumer::reset() {
  // Who refers goes before who is referred to.
  auto models = all_models().models();
  for (auto model = models.rbegin(); model != models.rend(); ++model) {
    table rows{runtime(), **model};
    co_await rows.clear();
  }
  co_return dcrf::response::ok();
}

dcrf::task<dcrf::response> control_consumer::create(std::string model, dcrf::json_text fields) {
  table rows{runtime(), model};
  auto key = co_await rows.create(fields);
  co_return dcrf::response::created(pk_of(key));
}

dcrf::task<dcrf::response> control_consumer::update(std::string model, dcrf::json_text pk,
                                                    dcrf::json_text fields) {
  table rows{runtime(), model};
  auto key = rows.key(pk);
  co_await rows.update(key, fields);
  co_return dcrf::response::ok(pk_of(key));
}

dcrf::task<dcrf::response> control_consumer::destroy(std::string model, dcrf::json_text pk) {
  table rows{runtime(), model};
  co_await rows.remove(rows.key(pk));
  co_return dcrf::response::no_content();
}

dcrf::task<dcrf::response> control_consumer::get(std::string model, dcrf::json_text pk) {
  table rows{runtime(), model};
  auto found = co_await rows.get(rows.key(pk));
  co_return dcrf::response::ok(std::move(found));
}

dcrf::task<dcrf::response> control_consumer::count(std::string model) {
  table rows{runtime(), model};
  auto number = co_await rows.count();
  co_return dcrf::response::ok(dcrf::json(number));
}

// -- past the model layer -------------------------------------------------------------------------

dcrf::task<dcrf::response> control_consumer::bulk_create(std::string model,
                                                         std::vector<dcrf::json_text> added,
                                                         std::optional<bool> events) {
  table rows{runtime(), model};
  auto number = co_await rows.bulk_create(std::move(added), events_of(events));
  co_return dcrf::response::created(dcrf::json{{"count", number}});
}

dcrf::task<dcrf::response> control_consumer::bulk_update(std::string model, dcrf::json_text fields,
                                                         std::optional<bool> events) {
  table rows{runtime(), model};
  auto number = co_await rows.bulk_update(std::move(fields), events_of(events));
  co_return dcrf::response::ok(dcrf::json{{"count", number}});
}

dcrf::task<dcrf::response> control_consumer::bulk_delete(std::string model,
                                                         std::optional<bool> events) {
  table rows{runtime(), model};
  auto number = co_await rows.bulk_delete(events_of(events));
  co_return dcrf::response::ok(dcrf::json{{"count", number}});
}

// -- relations and transactions -------------------------------------------------------------------

dcrf::task<dcrf::response>
control_consumer::relate(std::string model, dcrf::json_text pk, std::string field,
                         relation_change how, std::optional<std::vector<dcrf::json_text>> pks) {
  table rows{runtime(), model};
  auto others = std::move(pks).value_or(std::vector<dcrf::json_text>{});
  co_await rows.relate(rows.key(pk), field, mode_of(how), std::move(others));
  co_return dcrf::response::ok();
}

dcrf::task<dcrf::response> control_consumer::transaction(std::string model,
                                                         std::vector<dcrf::json> steps,
                                                         std::optional<bool> commit,
                                                         std::optional<std::int64_t> hold_ms) {
  table rows{runtime(), model};
  dcrf::value at_hand;
  bool commits = commit.value_or(true);
  auto all_steps = [&]() -> dcrf::task<> {
    for (const auto& step : steps) {
      co_await take(step, rows, at_hand);
    }
    co_await runtime().sleep(std::chrono::milliseconds{hold_ms.value_or(0)});
    if (!commits) {
      throw rolled_back{};
    }
  };
  try {
    co_await runtime().atomic(all_steps);
  } catch (const rolled_back&) {
    // As it was asked for.
  }
  auto result = pk_of(at_hand).to_json();
  result["committed"] = commits;
  co_return dcrf::response::ok(result);
}

dcrf::task<> control_consumer::take(const dcrf::json& step, const table& rows,
                                    dcrf::value& at_hand) {
  const auto& what = step.at("do");
  dcrf::json_text fields{step.value("fields", dcrf::json::object())};
  if (what == "create") {
    at_hand = co_await rows.create(fields);
  } else if (what == "load") {
    at_hand = rows.key(step.at("pk"));
    co_await rows.get(at_hand);
  } else if (what == "save") {
    co_await rows.update(at_hand, fields);
  } else if (what == "delete") {
    co_await rows.remove(at_hand);
  } else if (what == "fire") {
    announce(step);
  } else {
    throw dcrf::validation_error("steps", "There is no such step.");
  }
}

// -- signals and numbers --------------------------------------------------------------------------

dcrf::response control_consumer::fire(dcrf::json args) {
  announce(args);
  return dcrf::response::ok();
}

void control_consumer::announce(const dcrf::json& x) {
  announcement result;
  result.value = x.value("value", dcrf::json{});
  result.sender = x.value("sender", "herald");
  result.channel = x.value("channel", dcrf::json{});
  dcrf::send_signal(runtime(), result);
}

// What malloc keeps for later would hide what the server holds from who looks at the process.
dcrf::response control_consumer::stats() {
  malloc_trim(0);
  return dcrf::response::ok(dcrf::json{{"memberships", server_.stats().memberships},
                                       {"live_queries", server_.stats().live_queries}});
}

// -- the feed -------------------------------------------------------------------------------------

dcrf::task<dcrf::response> control_consumer::feed() {
  auto ask = [&server = server_] { return server.feed_extent(); };
  co_return extent_of(co_await runtime().offload(ask));
}

dcrf::task<dcrf::response> control_consumer::prune() {
  auto ask = [&server = server_] { return server.prune_feed(); };
  co_return extent_of(co_await runtime().offload(ask));
}

// -- users ----------------------------------------------------------------------------------------

// By its key or its name. One that has no row may have come with a token.
dcrf::task<dcrf::key> control_consumer::key_of_user(const dcrf::json_text& user) const {
  auto named = user.to_json();
  if (named.is_number_integer()) {
    co_return named.get<std::int64_t>();
  }
  if (!named.is_string()) {
    throw dcrf::validation_error("user", "Not a key and no name.");
  }
  auto name = named.get<std::string>();
  auto rows =
      dcrf::query<conformance::user>{}.filter(dcrf::column<&conformance::user::username> == name);
  auto found = co_await repository<conformance::user>().first(rows);
  co_return found ? dcrf::key{found->id} : dcrf::key{name};
}

dcrf::task<dcrf::response> control_consumer::revoke(dcrf::json_text user) {
  server_.revoke(co_await key_of_user(user));
  co_return dcrf::response::ok();
}

dcrf::task<dcrf::response> control_consumer::kick(dcrf::json_text user) {
  server_.kick(co_await key_of_user(user));
  co_return dcrf::response::ok();
}

} // namespace conformance
