#include "dcrf/store/schema.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace dcrf {

namespace {

using models_type = std::vector<const model_descriptor*>;

void require(const models_type& models, const model_descriptor& wanted,
             const model_descriptor& user) {
  if (std::ranges::find(models, &wanted) == models.end()) {
    throw std::invalid_argument("dcrf: the schema lacks the model \"" + std::string{wanted.name}
                                + "\", which \"" + std::string{user.name} + "\" refers to");
  }
}

void check_targets(const models_type& models) {
  for (const auto* model : models) {
    for (const auto& field : model->fields) {
      if (field.is_foreign_key()) {
        require(models, field.target(), *model);
      }
    }
    for (const auto& relation : model->relations) {
      require(models, relation.target(), *model);
      if (relation.through != nullptr) {
        require(models, relation.through(), *model);
      }
    }
  }
}

void check_tables(const models_type& models) {
  std::vector<std::string> tables{"dcrf_schema", "dcrf_migration",   "dcrf_decimal",
                                  "dcrf_feed",   "dcrf_feed_layout", "dcrf_change"};
  for (const auto* model : models) {
    tables.emplace_back(model->table);
    for (const auto& relation : model->relations) {
      if (relation.through == nullptr) {
        tables.push_back(relation.table());
      }
    }
  }
  std::ranges::sort(tables);
  auto twice = std::ranges::adjacent_find(tables);
  if (twice != tables.end()) {
    throw std::invalid_argument("dcrf: two tables of the schema have the name \"" + *twice + '"');
  }
}

// Appends the model after those that it refers to. Cycles are cut where they close.
void append_after_targets(const model_descriptor* model, models_type& visited,
                          models_type& ordered) {
  if (std::ranges::find(visited, model) != visited.end()) {
    return;
  }
  visited.push_back(model);
  for (const auto& field : model->fields) {
    if (field.is_foreign_key()) {
      append_after_targets(&field.target(), visited, ordered);
    }
  }
  ordered.push_back(model);
}

} // namespace

schema::schema(std::vector<const model_descriptor*> models) {
  check_targets(models);
  check_tables(models);
  models_type visited;
  for (const auto* model : models) {
    append_after_targets(model, visited, models_);
  }
}

const model_descriptor* schema::find(std::string_view table) const noexcept {
  auto found = std::ranges::find(models_, table, &model_descriptor::table);
  return found == models_.end() ? nullptr : *found;
}

std::vector<schema::referrer> schema::referrers(const model_descriptor& model) const {
  std::vector<referrer> result;
  for (const auto* other : models_) {
    for (std::size_t i = 0; i < other->fields.size(); ++i) {
      const auto& field = other->fields[i];
      if (field.is_foreign_key() && field.target() == model) {
        result.push_back({other, i});
      }
    }
  }
  return result;
}

std::vector<const relation_descriptor*>
schema::relations_through(const model_descriptor& model) const {
  std::vector<const relation_descriptor*> result;
  for (const auto* other : models_) {
    for (const auto& relation : other->relations) {
      if (relation.through != nullptr && relation.through() == model) {
        result.push_back(&relation);
      }
    }
  }
  return result;
}

std::vector<const relation_descriptor*> schema::relations_to(const model_descriptor& model) const {
  std::vector<const relation_descriptor*> result;
  for (const auto* other : models_) {
    for (const auto& relation : other->relations) {
      if (relation.target() == model) {
        result.push_back(&relation);
      }
    }
  }
  return result;
}

} // namespace dcrf
