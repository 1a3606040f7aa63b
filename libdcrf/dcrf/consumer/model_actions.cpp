#include "dcrf/consumer/model_actions.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/json/json_writer.hpp"
#include "dcrf/listing/load_page.hpp"

#include <typeinfo>
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

// Room for what most rows are as JSON, so that the text need not grow.
constexpr std::size_t usual_row = 256;

std::string instance_group(const value& key) { return to_string(key); }

std::shared_ptr<const std::string> head_of_deletion(const value& key) {
  std::string body;
  json_writer writer{body};
  writer.begin_object().key("pk");
  write_json(writer, key);
  writer.end_object();
  return std::make_shared<const std::string>(envelope_head("[]", body, R"("delete")", 204));
}

} // namespace

// -- reading --------------------------------------------------------------------------------------

task<response> model_actions::list(request& req) {
  auto asked = first_page(req);
  co_return response::ok(co_await shown_page(req, asked));
}

task<> model_actions::stream_list(request& req) {
  auto asked = first_page(req);
  for (;;) {
    auto data = co_await shown_page(req, asked);
    reply(req, response::ok(std::move(data)));
    if (!asked.has_next()) {
      co_return;
    }
    co_await drain();
    asked.advance();
  }
}

response model_actions::cancel_lists() {
  cancel("list");
  return response::ok();
}

page model_actions::first_page(const request& req) const {
  auto rows = selected(req);
  filtered_by().apply(req, rows);
  return {paginated_by(), req, std::move(rows)};
}

task<json_text> model_actions::shown_page(request& req, page& x) {
  co_await perform_list(req);
  const auto& shown_by = serializer(req);
  auto found = co_await detail::load_page(runtime(), x, shown_by.plan());
  std::string results;
  json_writer writer{results};
  write_json_list(writer, shown_by, x.finish(found.rows, found.count), context_for(req));
  if (paginated_by().style == pagination_style::none) {
    co_return json_text::trusted(std::move(results));
  }
  std::string data;
  json_writer around{data};
  x.write(around, json_text::trusted(std::move(results)));
  co_return json_text::trusted(std::move(data));
}

task<response> model_actions::retrieve(request& req) {
  auto x = co_await found(req, serializer(req).plan());
  co_return response::ok(shown(req, x));
}

// The row that a request is about, which the client may see.
task<row> model_actions::found(request& req, fetch_plan plan) {
  command retrieve;
  retrieve.body = retrieve_command{.where = looked_up(req), .plan = std::move(plan)};
  store_call call{runtime().where(), std::move(retrieve)};
  auto result = co_await call;
  if (!may_see(req, result.rows.front().values)) {
    throw permission_denied();
  }
  co_return std::move(result.rows.front());
}

// -- permissions on rows --------------------------------------------------------------------------

bool model_actions::may_see(const request& req, const record& values) const {
  auto* allowed = descriptor().has_object_permission;
  return allowed == nullptr || allowed(req, instance{model(), values});
}

// -- writing --------------------------------------------------------------------------------------

task<response> model_actions::create(request& req) {
  const auto& read_by = serializer(req);
  auto input = read_input(read_by, required_argument(req, "data"), context_for(req), false);
  if (!input.links.empty()) {
    co_await look_up_links(input);
  }
  if (!input.has_errors()) {
    co_await creating(input, req);
  }
  auto given = input.has_errors() ? std::optional{input.given()} : std::nullopt;
  command create;
  create.body = create_command{.model = &model(),
                               .values = std::move(input).to_record(),
                               .related = std::move(input.related),
                               .errors = std::move(input.errors),
                               .given = std::move(given),
                               .plan = read_by.plan()};
  let_next_start();
  store_call call{runtime().where(), std::move(create)};
  auto created = co_await call;
  instance row{model(), created.rows.front().values};
  co_await after_create(row, req);
  co_return response::created(shown(req, created.rows.front()));
}

// Whether no hook around a write would notice what is about to happen.
bool model_actions::leaves_write_hooks() const {
  const auto* without = descriptor().without_write_hooks;
  return without != nullptr && *without == typeid(*this);
}

bool model_actions::asks_about_row_before(const serializer_descriptor& read_by) const {
  return descriptor().has_object_permission != nullptr || read_by.has_hooks()
         || !leaves_write_hooks();
}

task<response> model_actions::update(request& req) { return save(req, false); }

task<response> model_actions::patch(request& req) { return save(req, true); }

task<response> model_actions::save(request& req, bool is_partial) {
  const auto& read_by = serializer(req);
  auto where = looked_up(req);
  // As in DRF, the row is looked up before it is changed. Where nobody asks about it, the command
  // that changes it does that.
  row before;
  if (asks_about_row_before(read_by)) {
    before = co_await found(req, {});
  }
  instance as_it_is{model(), before.values};
  auto context = context_for(req);
  context.instance = before.values.empty() ? nullptr : &as_it_is;
  auto input = read_input(read_by, required_argument(req, "data"), context, is_partial);
  if (!input.links.empty()) {
    co_await look_up_links(input);
  }
  if (!input.has_errors()) {
    co_await updating(input, req);
  }
  command update;
  update.body = update_command{.where = std::move(where),
                               .changes = std::move(input.changes),
                               .related = std::move(input.related),
                               .errors = std::move(input.errors),
                               .plan = read_by.plan()};
  let_next_start();
  store_call call{runtime().where(), std::move(update)};
  auto updated = co_await call;
  instance row{model(), updated.rows.front().values};
  co_await after_update(row, req);
  co_return response::ok(shown(req, updated.rows.front()));
}

// Finds the rows that the input refers to by links.
task<> model_actions::look_up_links(validated_input& input) {
  for (auto& x : std::exchange(input.links, {})) {
    const auto* target = x.where.model;
    command retrieve;
    retrieve.body = retrieve_command{.where = std::move(x.where)};
    store_call call{runtime().where(), std::move(retrieve)};
    try {
      auto found = co_await call;
      auto key = target->key_of(found.rows.front().values);
      if (x.is_related) {
        input.related[x.target].keys.push_back(std::move(key));
      } else {
        input.set(x.target, std::move(key));
      }
    } catch (const store_failure& failure) {
      if (failure.error().code != store_errc::not_found) {
        throw;
      }
      input.add_error(x.field, "Not found");
    }
  }
}

task<response> model_actions::destroy(request& req) {
  auto where = looked_up(req);
  if (descriptor().has_object_permission != nullptr || !leaves_write_hooks()) {
    auto before = co_await found(req, {});
    instance as_it_is{model(), before.values};
    co_await perform_delete(as_it_is, req);
  }
  command destroy;
  destroy.body = delete_command{.where = std::move(where)};
  let_next_start();
  store_call call{runtime().where(), std::move(destroy)};
  auto deleted = co_await call;
  instance row{model(), deleted.rows.front().values};
  co_await after_delete(row, req);
  co_return response::no_content();
}

// -- observing one row ----------------------------------------------------------------------------

task<response> model_actions::subscribe_instance(request& req) {
  if (!req.optional_id()) {
    detail::argument_errors errors;
    errors.missing("request_id");
    errors.raise();
  }
  auto x = co_await found(req, {});
  co_await subscribe(instance_observer(), instance_group(model().key_of(x.values)), req.id());
  co_return response::created();
}

task<response> model_actions::unsubscribe_instance(request& req) {
  auto request_id = req.optional_id();
  auto where = looked_up(req);
  if (where.field == model().primary_key) {
    // Also of a row that is gone.
    unsubscribe(instance_observer(), instance_group(where.key), request_id);
  }
  auto x = co_await found(req, {});
  unsubscribe(instance_observer(), instance_group(model().key_of(x.values)), request_id);
  co_return response::no_content();
}

task<> model_actions::instance_changed(consumer& self, const observed& event) {
  auto& subject = static_cast<model_actions&>(self);
  bool is_deleted = event.message.kind == change_kind::remove;
  request asking{self.scope(), subject.runtime().where().reader()};
  asking.action(is_deleted ? "delete" : "update");
  if (!self.descriptor().has_permission(asking)) {
    co_return;
  }
  std::shared_ptr<const std::string> head;
  if (!is_deleted) {
    head = co_await subject.shown_now(asking, event.message.key);
  } else if (subject.may_see(asking, event.message.values)) {
    head = head_of_deletion(event.message.key);
  }
  if (head) {
    subject.reply(event.request_ids, head);
  }
}

task<> model_actions::instance_missed(consumer& self, const observed& event) {
  auto& subject = static_cast<model_actions&>(self);
  request asking{self.scope(), subject.runtime().where().reader()};
  asking.action("update");
  if (!self.descriptor().has_permission(asking)) {
    co_return;
  }
  std::string text;
  append_json_string(text, event.message.target.key);
  json_reader reader;
  auto key = read_key(subject.model().key_field(), reader.read(text));
  if (!key) {
    co_return;
  }
  auto head = co_await subject.shown_now(asking, *key);
  subject.reply(event.request_ids, head ? head : head_of_deletion(*key));
}

// The row as `retrieve` shows it now, as an event; null if it is gone meanwhile, or not for the
// client. Whoever is told at the same time and sees the same shares it.
task<std::shared_ptr<const std::string>> model_actions::shown_now(const request& asking,
                                                                  const value& key) {
  request retrieving{scope(), runtime().where().reader()};
  retrieving.action("retrieve");
  shared_reads alone;
  auto* together = runtime().where().reads_in_common();
  auto wanted = (together != nullptr ? *together : alone)
                    .row({.model = &model(),
                          .key = key,
                          .field = model().primary_key,
                          .where = selected(retrieving).where},
                         serializer(retrieving));
  shared_read_call call{runtime().where(), wanted};
  std::shared_ptr<const std::string> result;
  try {
    const auto& found = co_await call;
    if (may_see(asking, found.values)) {
      result = event_head(retrieving, *wanted);
    }
  } catch (const store_failure& failure) {
    if (failure.error().code != store_errc::not_found) {
      throw;
    }
  }
  co_return result;
}

std::shared_ptr<const std::string> model_actions::event_head(const request& retrieving,
                                                             shared_row& x) const {
  if (x.head) {
    return x.head;
  }
  auto body = shown(retrieving, x.found->rows.front());
  auto result =
      std::make_shared<const std::string>(envelope_head("[]", body.str(), R"("update")", 200));
  if (x.serializer->layout().is_same_for_all) {
    x.head = result;
  }
  return result;
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
  result.streams = streams();
  return result;
}

json_text model_actions::shown(const request& req, const row& x) const {
  std::string result;
  result.reserve(usual_row);
  json_writer writer{result};
  write_json(writer, serializer(req), x, context_for(req));
  return json_text::trusted(std::move(result));
}

} // namespace dcrf
