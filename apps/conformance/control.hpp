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

  struct rows {
    std::string model;
    BOOST_DESCRIBE_CLASS(rows, (), (model), (), ())
  };

  struct row {
    std::string model;
    dcrf::json_text pk;
    BOOST_DESCRIBE_CLASS(row, (), (model, pk), (), ())
  };

  struct columns {
    std::string model;
    dcrf::json_text fields;
    BOOST_DESCRIBE_CLASS(columns, (), (model, fields), (), ())
  };

  struct row_columns {
    std::string model;
    dcrf::json_text pk;
    dcrf::json_text fields;
    BOOST_DESCRIBE_CLASS(row_columns, (), (model, pk, fields), (), ())
  };

  struct many_columns {
    std::string model;
    std::vector<dcrf::json_text> rows;
    BOOST_DESCRIBE_CLASS(many_columns, (), (model, rows), (), ())
  };

  enum class relation_change { add, remove, set, clear };
  BOOST_DESCRIBE_NESTED_ENUM(relation_change, add, remove, set, clear)

  struct relation {
    std::string model;
    dcrf::json_text pk;
    std::string field;
    relation_change how;
    std::optional<std::vector<dcrf::json_text>> pks;
    BOOST_DESCRIBE_CLASS(relation, (), (model, pk, field, how, pks), (), ())
  };

  struct work {
    std::string model;
    std::vector<dcrf::json> steps;
    std::optional<bool> commit;
    std::optional<std::int64_t> hold_ms;
    BOOST_DESCRIBE_CLASS(work, (), (model, steps, commit, hold_ms), (), ())
  };

  dcrf::task<dcrf::response> reset();
  dcrf::task<dcrf::response> create(columns args);
  dcrf::task<dcrf::response> update(row_columns args);
  dcrf::task<dcrf::response> destroy(row args);
  dcrf::task<dcrf::response> get(row args);
  dcrf::task<dcrf::response> count(rows args);
  dcrf::task<dcrf::response> bulk_create(many_columns args);
  dcrf::task<dcrf::response> bulk_update(columns args);
  dcrf::task<dcrf::response> relate(relation args);
  dcrf::task<dcrf::response> transaction(work args);
  dcrf::response fire(dcrf::json args);
  dcrf::response stats();
  dcrf::task<dcrf::response> feed();
  dcrf::task<dcrf::response> prune();

  using actions = dcrf::actions<dcrf::atomic_action<"reset", &control_consumer::reset>,
                                dcrf::action<"create", &control_consumer::create>,
                                dcrf::action<"update", &control_consumer::update>,
                                dcrf::action<"delete", &control_consumer::destroy>,
                                dcrf::action<"get", &control_consumer::get>,
                                dcrf::action<"count", &control_consumer::count>,
                                dcrf::action<"bulk_create", &control_consumer::bulk_create>,
                                dcrf::action<"bulk_update", &control_consumer::bulk_update>,
                                dcrf::action<"relate", &control_consumer::relate>,
                                dcrf::action<"transaction", &control_consumer::transaction>,
                                dcrf::action<"fire", &control_consumer::fire>,
                                dcrf::action<"stats", &control_consumer::stats>,
                                dcrf::action<"feed", &control_consumer::feed>,
                                dcrf::action<"prune", &control_consumer::prune>>;

private:
  dcrf::task<> take(const dcrf::json& step, const table& rows, dcrf::value& at_hand);
  void announce(const dcrf::json& x);

  dcrf::server& server_;
};

} // namespace conformance
