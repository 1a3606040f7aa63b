#include "dcrf/consumer/model_actions.hpp"

#include "dcrf/json/json_writer.hpp"

#include <utility>

namespace dcrf {

namespace {

json_view required_argument(const request& req, std::string_view name) {
  auto found = req.argument(name);
  if (!found) {
    detail::argument_errors errors;
    errors.missing(name);
    errors.raise();
  }
  return *found;
}

std::string instance_group(const value& key) { return to_string(key); }

json_text key_of_row(const value& key) {
  std::string result;
  json_writer writer{result};
  writer.begin_object().key("pk");
  write_json(writer, key);
  writer.end_object();
  return json_text::trusted(std::move(result));
}

} // namespace

// -- reading --------------------------------------------------------------------------------------

task<response> model_actions::list(request& req) {
  const auto& shown_by = serializer(req);
  command list;
  list.body = list_command{.rows = selected(req), .plan = shown_by.plan()};
  store_call call{runtime().where(), std::move(list)};
  auto found = co_await call;
  std::string data;
  json_writer writer{data};
  write_json_list(writer, shown_by, found.rows, context_for(req));
  co_return response::ok(json_text::trusted(std::move(data)));
}

task<response> model_actions::retrieve(request& req) {
  command retrieve;
  retrieve.body = retrieve_command{.where = looked_up(req), .plan = serializer(req).plan()};
  store_call call{runtime().where(), std::move(retrieve)};
  auto found = co_await call;
  co_return response::ok(shown(req, found.rows.front()));
}

// -- writing --------------------------------------------------------------------------------------

task<response> model_actions::create(request& req) {
  const auto& read_by = serializer(req);
  auto input = read_input(read_by, required_argument(req, "data"), context_for(req), false);
  if (!input.has_errors()) {
    co_await creating(input, req);
  }
  command create;
  create.body = create_command{.model = &model(),
                               .values = input.to_record(),
                               .related = std::move(input.related),
                               .errors = std::move(input.errors),
                               .plan = read_by.plan()};
  store_call call{runtime().where(), std::move(create)};
  auto created = co_await call;
  co_return response::created(shown(req, created.rows.front()));
}

task<response> model_actions::update(request& req) { return save(req, false); }

task<response> model_actions::patch(request& req) { return save(req, true); }

task<response> model_actions::save(request& req, bool is_partial) {
  const auto& read_by = serializer(req);
  auto where = looked_up(req);
  auto input = read_input(read_by, required_argument(req, "data"), context_for(req), is_partial);
  if (!input.has_errors()) {
    co_await updating(input, req);
  }
  command update;
  update.body = update_command{.where = std::move(where),
                               .changes = std::move(input.changes),
                               .related = std::move(input.related),
                               .errors = std::move(input.errors),
                               .plan = read_by.plan()};
  store_call call{runtime().where(), std::move(update)};
  auto updated = co_await call;
  co_return response::ok(shown(req, updated.rows.front()));
}

task<response> model_actions::destroy(request& req) {
  auto where = looked_up(req);
  co_await perform_delete(req);
  command destroy;
  destroy.body = delete_command{.where = std::move(where)};
  store_call call{runtime().where(), std::move(destroy)};
  co_await call;
  co_return response::no_content();
}

// -- observing one row ----------------------------------------------------------------------------

task<response> model_actions::subscribe_instance(request& req) {
  if (req.id() == "null") {
    detail::argument_errors errors;
    errors.missing("request_id");
    errors.raise();
  }
  command retrieve;
  retrieve.body = retrieve_command{.where = looked_up(req)};
  store_call call{runtime().where(), std::move(retrieve)};
  auto found = co_await call;
  co_await subscribe(instance_observer(), instance_group(model().key_of(found.rows.front().values)),
                     req.id());
  co_return response::created();
}

response model_actions::unsubscribe_instance(request& req) {
  auto where = looked_up(req);
  std::optional<std::string> request_id;
  if (req.id() != "null") {
    request_id = req.id();
  }
  unsubscribe(instance_observer(), instance_group(where.key), request_id);
  return response::no_content();
}

task<> model_actions::instance_changed(consumer& self, const observed& event) {
  auto& subject = static_cast<model_actions&>(self);
  bool is_deleted = event.message.kind == change_kind::remove;
  request asking{self.scope(), subject.runtime().where().reader()};
  asking.action(is_deleted ? "delete" : "update");
  if (!self.descriptor().has_permission(asking)) {
    co_return;
  }
  response event_response{key_of_row(event.message.key), 204};
  if (!is_deleted) {
    auto now = co_await subject.shown_now(event.message.key);
    if (!now) {
      co_return;
    }
    event_response = response::ok(std::move(*now));
  }
  for (const auto& id : event.request_ids) {
    self.reply(id, is_deleted ? R"("delete")" : R"("update")", event_response);
  }
}

// The row as `retrieve` shows it now; nothing if it is gone meanwhile.
task<std::optional<json_text>> model_actions::shown_now(const value& key) {
  request retrieving{scope(), runtime().where().reader()};
  retrieving.action("retrieve");
  command retrieve;
  retrieve.body = retrieve_command{.where = {.model = &model(),
                                             .key = key,
                                             .field = model().primary_key,
                                             .where = selected(retrieving).where},
                                   .plan = serializer(retrieving).plan()};
  store_call call{runtime().where(), std::move(retrieve)};
  std::optional<json_text> result;
  try {
    auto found = co_await call;
    result = shown(retrieving, found.rows.front());
  } catch (const store_failure& failure) {
    if (failure.error().code != store_errc::not_found) {
      throw;
    }
  }
  co_return result;
}

// -- what they share ------------------------------------------------------------------------------

lookup model_actions::looked_up(const request& req) const {
  auto rule = lookup_by();
  auto key = read_key(model().fields[rule.field], required_argument(req, rule.argument));
  if (!key) {
    throw object_not_found();
  }
  return {
      .model = &model(), .key = std::move(*key), .field = rule.field, .where = selected(req).where};
}

serializer_context model_actions::context_for(const request& req) const {
  serializer_context result;
  result.scope = &req.scope();
  result.user = &req.user();
  result.action = req.action();
  return result;
}

json_text model_actions::shown(const request& req, const row& x) const {
  std::string result;
  json_writer writer{result};
  write_json(writer, serializer(req), x, context_for(req));
  return json_text::trusted(std::move(result));
}

} // namespace dcrf
