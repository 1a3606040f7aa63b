#include "dcrf/consumer/model_actions.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/json/json_writer.hpp"
#include "dcrf/protocol/internal/deletion.hpp"
#include "dcrf/rows/row_operations.hpp"

#include <stdexcept>
#include <typeinfo>
#include <utility>

namespace dcrf {

namespace {

// How long an answer about events holds: a client that may not see them any more is told of some
// for so long at most.
constexpr std::chrono::seconds answers_hold{1};

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

} // namespace

// What the operations on rows ask of a consumer, for one request.
class model_actions::row_asking final : public row_request {
public:
  row_asking(model_actions& self, request& req) : self_(&self), req_(&req) {}

  [[nodiscard]] const request& req() const noexcept { return *req_; }

  [[nodiscard]] row_hooks hooks() const override {
    bool has_write_hooks = !is_self(self_->descriptor().without_write_hooks);
    return {.checks_rows = self_->descriptor().has_object_permission != nullptr,
            .before_writes = has_write_hooks,
            .after_writes = !is_self(self_->descriptor().without_hooks_after_saves),
            .after_deletes = has_write_hooks};
  }

  [[nodiscard]] json_view data() const override { return required_argument(*req_, "data"); }

  void check(const instance& row) const override {
    if (!self_->may_see(*req_, row.values())) {
      throw permission_denied();
    }
  }

  task<> before_create(validated_input& input) override { return self_->creating(input, *req_); }
  task<> before_update(validated_input& input) override { return self_->updating(input, *req_); }
  task<> before_delete(const instance& row) override { return self_->perform_delete(row, *req_); }
  task<> after_create(const instance& row) override { return self_->after_create(row, *req_); }
  task<> after_update(const instance& row) override { return self_->after_update(row, *req_); }
  task<> after_delete(const instance& row) override { return self_->after_delete(row, *req_); }

  void writes_now() override { self_->allow_pipelining(); }

private:
  // Of a type that is derived from the one described, nothing is known.
  [[nodiscard]] bool is_self(const std::type_info* described) const {
    return described != nullptr && *described == typeid(*self_);
  }

  model_actions* self_;
  request* req_;
};

row_operations model_actions::operations(row_asking& asking) const {
  const auto& req = asking.req();
  return {runtime(), serializer(req), context_for(req), asking};
}

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
  row_asking asking{*this, req};
  auto rows = operations(asking);
  auto results = value_or_throw(co_await rows.list(x));
  if (paginated_by().style == pagination_style::none) {
    co_return results;
  }
  std::string data;
  json_writer around{data};
  x.write(around, results);
  co_return json_text::trusted(std::move(data));
}

task<response> model_actions::retrieve(request& req) {
  row_asking asking{*this, req};
  auto rows = operations(asking);
  auto where = looked_up(req);
  auto found = value_or_throw(co_await rows.retrieve(std::move(where)));
  co_return response::ok(rows.shown(found));
}

// -- writing --------------------------------------------------------------------------------------

bool model_actions::may_see(const request& req, const record& values) const {
  auto* allowed = descriptor().has_object_permission;
  return allowed == nullptr || allowed(req, instance{model(), values});
}

task<response> model_actions::create_row(request& req) {
  row_asking asking{*this, req};
  auto rows = operations(asking);
  auto created = value_or_throw(co_await rows.create());
  co_return response::created(rows.shown(created));
}

task<response> model_actions::update_row(request& req) { return save(req, false); }

task<response> model_actions::patch_row(request& req) { return save(req, true); }

task<response> model_actions::save(request& req, bool is_partial) {
  row_asking asking{*this, req};
  auto rows = operations(asking);
  auto where = looked_up(req);
  auto updated = value_or_throw(co_await rows.update(std::move(where), is_partial));
  co_return response::ok(rows.shown(updated));
}

task<response> model_actions::delete_row(request& req) {
  row_asking asking{*this, req};
  auto rows = operations(asking);
  auto where = looked_up(req);
  value_or_throw(co_await rows.remove(std::move(where)));
  co_return response::no_content();
}

// The row that a request is about, which the client may see.
task<row> model_actions::found(request& req) {
  row_asking asking{*this, req};
  auto rows = operations(asking);
  auto where = looked_up(req);
  co_return value_or_throw(co_await rows.find(std::move(where)));
}

// -- observing one row ----------------------------------------------------------------------------

task<response> model_actions::subscribe_instance(request& req) {
  if (!req.optional_id()) {
    detail::argument_errors errors;
    errors.missing("request_id");
    errors.raise();
  }
  auto x = co_await found(req);
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
  auto x = co_await found(req);
  unsubscribe(instance_observer(), instance_group(model().key_of(x.values)), request_id);
  co_return response::no_content();
}

request model_actions::event_request(std::string_view action) const {
  request result{scope(), runtime().where().reader()};
  result.action(std::string{action});
  if (kept_) {
    result.answers(action == "update"   ? kept_->update
                   : action == "delete" ? kept_->remove
                                        : kept_->retrieve);
  }
  return result;
}

task<> model_actions::prepare_events() {
  auto now = std::chrono::steady_clock::now();
  if (!descriptor().awaits() || (kept_ && now < kept_->until)) {
    co_return;
  }
  kept_answers fresh{.until = now + answers_hold};
  auto ask = [this](const char* action, request_answers& to) -> task<> {
    request asking{scope(), runtime().where().reader()};
    asking.action(action);
    co_await prepare(asking);
    to = asking.answers();
  };
  co_await ask("update", fresh.update);
  co_await ask("delete", fresh.remove);
  co_await ask("retrieve", fresh.retrieve);
  kept_ = std::make_unique<kept_answers>(std::move(fresh));
}

// Whether an event of the row would be told, if it came now.
task<bool> model_actions::may_stay_in(const group_name& group) {
  if (group.observer != &instance_observer()) {
    co_return true;
  }
  co_await prepare_events();
  auto asking = event_request("update");
  auto key = read_key(model().key_field(), std::string_view{group.key});
  if (!key || !descriptor().has_permission(asking)) {
    co_return false;
  }
  auto shown = co_await shown_now(asking, *key);
  co_return shown != nullptr;
}

const selection& model_actions::awaited_rows(const request& req) {
  if (!req.answers().rows) {
    throw std::logic_error("dcrf: the rows of a request that nobody has asked for");
  }
  return *req.answers().rows;
}

task<> model_actions::instance_changed(consumer& self, const observed& event) {
  auto& subject = static_cast<model_actions&>(self);
  bool is_deleted = event.message.kind == change_kind::remove;
  if (self.descriptor().awaits()) {
    co_await subject.prepare_events();
  }
  auto asking = subject.event_request(is_deleted ? "delete" : "update");
  if (!self.descriptor().has_permission(asking)) {
    co_return;
  }
  std::shared_ptr<const std::string> head;
  if (!is_deleted) {
    head = co_await subject.shown_now(asking, event.message.key);
  } else if (subject.may_see(asking, event.message.values)) {
    head = internal::head_of_deletion(event.message.key);
  }
  if (head) {
    co_await subject.send_event(event.request_ids, head);
  }
}

task<> model_actions::instance_missed(consumer& self, const observed& event) {
  auto& subject = static_cast<model_actions&>(self);
  if (self.descriptor().awaits()) {
    co_await subject.prepare_events();
  }
  auto asking = subject.event_request("update");
  if (!self.descriptor().has_permission(asking)) {
    co_return;
  }
  auto key = read_key(subject.model().key_field(), std::string_view{event.message.target.key});
  if (!key) {
    co_return;
  }
  auto head = co_await subject.shown_now(asking, *key);
  if (!head) {
    head = internal::head_of_deletion(*key);
  }
  co_await subject.send_event(event.request_ids, head);
}

reading_function model_actions::instance_reading(consumer& self) {
  auto& subject = static_cast<model_actions&>(self);
  if (!self.descriptor().has_permission(subject.event_request("update"))) {
    return {};
  }
  auto retrieving = subject.event_request("retrieve");
  lookup where{.model = &subject.model(),
               .key = {},
               .field = subject.model().primary_key,
               .where = subject.selected(retrieving).where};
  return
      [where = std::move(where), plan = &subject.serializer(retrieving).plan()](const value& key) {
        retrieve_command read{.where = where, .plan = *plan};
        read.where.key = key;
        command result;
        result.body = std::move(read);
        return result;
      };
}

std::shared_ptr<const std::string> model_actions::instance_shown(consumer& self,
                                                                 const replayed_change& x) {
  auto& subject = static_cast<model_actions&>(self);
  if (!x.found || !subject.may_see(subject.event_request("update"), x.found->values)) {
    auto asking = subject.event_request("delete");
    return self.descriptor().has_permission(asking) ? internal::head_of_deletion(x.key) : nullptr;
  }
  auto retrieving = subject.event_request("retrieve");
  auto body = shown_row(subject.serializer(retrieving), *x.found, subject.context_for(retrieving));
  return std::make_shared<const std::string>(envelope_head("[]", body.str(), R"("update")", 200));
}

// The row as `retrieve` shows it now, as an event; null if it is gone meanwhile, or not for the
// client. Whoever is told at the same time and sees the same shares it.
task<std::shared_ptr<const std::string>> model_actions::shown_now(const request& asking,
                                                                  const value& key) {
  auto retrieving = event_request("retrieve");
  shared_reads alone;
  auto* together = runtime().where().reads_in_common();
  auto wanted = (together != nullptr ? *together : alone)
                    .row({.model = &model(),
                          .key = key,
                          .field = model().primary_key,
                          .where = selected(retrieving).where},
                         serializer(retrieving));
  shared_read_call call{runtime().where(), wanted};
  const auto* found = co_await call;
  if (found == nullptr || !may_see(asking, found->values)) {
    co_return nullptr;
  }
  co_return event_head(retrieving, *wanted);
}

std::shared_ptr<const std::string> model_actions::event_head(const request& retrieving,
                                                             shared_row& x) const {
  if (x.head) {
    return x.head;
  }
  auto body = shown_row(serializer(retrieving), x.found->rows.front(), context_for(retrieving));
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

} // namespace dcrf
