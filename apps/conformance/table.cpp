#include "conformance/table.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/protocol/errors.hpp"
#include "dcrf/serializer/read_input.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <optional>

#include "conformance/models.hpp"

namespace conformance {

namespace {

const dcrf::model_descriptor& model_named(std::string_view name) {
  const auto* found = all_models().find(name);
  if (found == nullptr) {
    throw dcrf::validation_error("model", "There is no such model.");
  }
  return *found;
}

// -- relations ------------------------------------------------------------------------------------

struct relation_end {
  const dcrf::relation_descriptor* relation;
  bool is_far;
};

relation_end find_relation(const dcrf::model_descriptor& model, std::string_view name) {
  if (const auto* near = model.find_relation(name)) {
    return {near, false};
  }
  for (const auto* far : all_models().relations_to(model)) {
    if (far->related_name == name) {
      return {far, true};
    }
  }
  throw dcrf::validation_error("field", "There is no such relation.");
}

dcrf::fetch_plan keys_of_relations(const dcrf::model_descriptor& model) {
  dcrf::fetch_plan result;
  for (const auto& relation : model.relations) {
    result.push_back({.kind = dcrf::fetch::side::targets,
                      .model = &relation.target(),
                      .relation = &relation,
                      .keys_only = true});
  }
  return result;
}

void write_row(dcrf::json_writer& writer, const dcrf::model_descriptor& model,
               const dcrf::row& row) {
  writer.begin_object();
  for (std::size_t i = 0; i < model.fields.size(); ++i) {
    writer.key(model.fields[i].name);
    dcrf::write_json(writer, row.values[i]);
  }
  for (std::size_t i = 0; i < model.relations.size(); ++i) {
    writer.key(model.relations[i].name).begin_array();
    for (const auto& related : row.related[i]) {
      dcrf::write_json(writer, related.values.front());
    }
    writer.end_array();
  }
  writer.end_object();
}

} // namespace

table::table(const dcrf::runtime& within, std::string_view model)
    : table(within, model_named(model)) {}

table::table(const dcrf::runtime& within, const dcrf::model_descriptor& model)
    : within_(within), model_(&model) {}

// -- reading what is written ----------------------------------------------------------------------

dcrf::value table::key(const dcrf::json_text& pk) const {
  dcrf::json_reader reader;
  auto found = dcrf::read_key(model_->key_field(), reader.read(pk.str()));
  if (!found) {
    throw dcrf::object_not_found();
  }
  return *std::move(found);
}

table::columns table::read(const dcrf::json_text& fields) const {
  columns result;
  dcrf::json_reader reader;
  reader.read(fields.str()).each_member([&](std::string_view name, dcrf::json_view x) {
    auto index = model_->find_field(name);
    if (!index) {
      throw dcrf::validation_error(name, "There is no such field.");
    }
    result.emplace_back(*index, dcrf::read_operand(model_->fields[*index], x));
  });
  return result;
}

dcrf::record table::new_row(const dcrf::json_text& fields) const {
  dcrf::validated_input input{.model = model_, .changes = read(fields)};
  return input.to_record();
}

dcrf::lookup table::where(dcrf::value key) const {
  return {.model = model_, .key = std::move(key), .field = model_->primary_key};
}

dcrf::selection table::all() const {
  dcrf::selection result;
  result.model = model_;
  return result;
}

// -- asking the store -----------------------------------------------------------------------------

template <class Body>
dcrf::task<dcrf::store_result> table::ask(Body body) const {
  dcrf::command x;
  x.body = std::move(body);
  dcrf::store_call call{within_.where(), std::move(x)};
  co_return co_await call;
}

dcrf::task<dcrf::value> table::create(dcrf::json_text fields) const {
  dcrf::create_command creation{.model = model_, .values = new_row(fields)};
  auto result = co_await ask(std::move(creation));
  co_return model_->key_of(result.rows.front().values);
}

dcrf::task<> table::update(dcrf::value key, dcrf::json_text fields) const {
  dcrf::update_command change{.where = where(std::move(key)), .changes = read(fields)};
  co_await ask(std::move(change));
}

dcrf::task<> table::remove(dcrf::value key) const {
  dcrf::delete_command removal{.where = where(std::move(key))};
  co_await ask(std::move(removal));
}

dcrf::task<dcrf::json_text> table::get(dcrf::value key) const {
  dcrf::retrieve_command retrieval{.where = where(std::move(key)),
                                   .plan = keys_of_relations(*model_)};
  auto found = co_await ask(std::move(retrieval));
  std::string result;
  dcrf::json_writer writer{result};
  write_row(writer, *model_, found.rows.front());
  co_return dcrf::json_text::trusted(std::move(result));
}

dcrf::task<std::int64_t> table::count() const {
  dcrf::count_command counting{.rows = all()};
  co_return (co_await ask(std::move(counting))).count;
}

dcrf::task<std::int64_t> table::bulk_create(std::vector<dcrf::json_text> rows,
                                            dcrf::bulk_events events) const {
  dcrf::bulk_create_command creation{.model = model_, .events = events};
  for (const auto& fields : rows) {
    creation.rows.push_back(new_row(fields));
  }
  co_return (co_await ask(std::move(creation))).count;
}

dcrf::task<std::int64_t> table::bulk_update(dcrf::json_text fields,
                                            dcrf::bulk_events events) const {
  dcrf::bulk_update_command change{.rows = all(), .changes = read(fields), .events = events};
  co_return (co_await ask(std::move(change))).count;
}

dcrf::task<std::int64_t> table::bulk_delete(dcrf::bulk_events events) const {
  dcrf::bulk_delete_command removal{.rows = all(), .events = events};
  co_return (co_await ask(std::move(removal))).count;
}

dcrf::task<> table::clear() const {
  dcrf::bulk_delete_command removal{.rows = all(), .restart_keys = true};
  co_await ask(std::move(removal));
}

dcrf::task<> table::relate(dcrf::value key, std::string relation, dcrf::relate_command::how mode,
                           std::vector<dcrf::json_text> keys) const {
  auto [descriptor, is_far] = find_relation(*model_, relation);
  dcrf::relate_command change{
      .relation = descriptor, .reverse = is_far, .key = std::move(key), .mode = mode};
  table others{within_, is_far ? descriptor->source() : descriptor->target()};
  for (const auto& x : keys) {
    change.keys.push_back(others.key(x));
  }
  co_await ask(std::move(change));
}

} // namespace conformance
