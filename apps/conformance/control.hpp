#pragma once

#include "dcrf/actors/server.hpp"
#include "dcrf/consumer/consumer.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace conformance {

class table;

/// Plays another process: whoever connects here writes any row behind everybody's back, as a
/// background job or an administrator would.
class control_consumer : public dcrf::api_consumer<control_consumer> {
public:
  explicit control_consumer(dcrf::server& server) : server_(server) {}

  enum class relation_change { add, remove, set, clear };
  BOOST_DESCRIBE_NESTED_ENUM(relation_change, add, remove, set, clear)

  dcrf::task<dcrf::response> reset();
  dcrf::task<dcrf::response> create(std::string model, dcrf::json_text fields);
  dcrf::task<dcrf::response> update(std::string model, dcrf::json_text pk, dcrf::json_text fields);
  dcrf::task<dcrf::response> destroy(std::string model, dcrf::json_text pk);
  dcrf::task<dcrf::response> get(std::string model, dcrf::json_text pk);
  dcrf::task<dcrf::response> count(std::string model);
  dcrf::task<dcrf::response> bulk_create(std::string model, std::vector<dcrf::json_text> added,
                                         std::optional<bool> events);
  dcrf::task<dcrf::response> bulk_update(std::string model, dcrf::json_text fields,
                                         std::optional<bool> events);
  dcrf::task<dcrf::response> bulk_delete(std::string model, std::optional<bool> events);
  dcrf::task<dcrf::response> relate(std::string model, dcrf::json_text pk, std::string field,
                                    relation_change how,
                                    std::optional<std::vector<dcrf::json_text>> pks);
  dcrf::task<dcrf::response> transaction(std::string model, std::vector<dcrf::json> steps,
                                         std::optional<bool> commit,
                                         std::optional<std::int64_t> hold_ms);
  dcrf::response fire(dcrf::json args);
  dcrf::response stats();
  dcrf::task<dcrf::response> feed();
  dcrf::task<dcrf::response> prune();
  dcrf::task<dcrf::response> revoke(dcrf::json_text user);
  dcrf::task<dcrf::response> kick(dcrf::json_text user);

  using actions = dcrf::actions<
      dcrf::atomic_action<&control_consumer::reset>,
      dcrf::action<&control_consumer::create, "model", "fields">,
      dcrf::action<&control_consumer::update, "model", "pk", "fields">,
      dcrf::action<"delete", &control_consumer::destroy, "model", "pk">,
      dcrf::action<&control_consumer::get, "model", "pk">,
      dcrf::action<&control_consumer::count, "model">,
      dcrf::action<&control_consumer::bulk_create, "model", "rows", "events">,
      dcrf::action<&control_consumer::bulk_update, "model", "fields", "events">,
      dcrf::action<&control_consumer::bulk_delete, "model", "events">,
      dcrf::action<&control_consumer::relate, "model", "pk", "field", "how", "pks">,
      dcrf::action<&control_consumer::transaction, "model", "steps", "commit", "hold_ms">,
      dcrf::action<&control_consumer::fire>, dcrf::action<&control_consumer::stats>,
      dcrf::action<&control_consumer::feed>, dcrf::action<&control_consumer::prune>,
      dcrf::action<&control_consumer::revoke, "user">,
      dcrf::action<&control_consumer::kick, "user">>;

private:
  dcrf::task<dcrf::key> key_of_user(const dcrf::json_text& user) const;
  dcrf::task<> take(const dcrf::json& step, const table& rows, dcrf::value& at_hand);
  void announce(const dcrf::json& x);

  dcrf::server& server_;
};

} // namespace conformance
