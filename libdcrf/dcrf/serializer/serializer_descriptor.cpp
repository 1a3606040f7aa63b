#include "dcrf/serializer/serializer_descriptor.hpp"

#include <algorithm>
#include <iterator>

namespace dcrf {

namespace {

fetch_plan plan_of(const serializer_descriptor& serializer);

fetch fetch_of(const related_source& related) {
  fetch result;
  result.kind = related.side;
  result.model = related.model;
  result.field = related.field;
  result.relation = related.relation;
  result.limit = related.limit;
  for (const auto& order : related.order_by) {
    result.order_by.push_back({{order.field}, order.is_descending});
  }
  if (related.serializer == nullptr) {
    result.keys_only = true;
  } else {
    result.nested = plan_of(related.serializer());
  }
  return result;
}

fetch summary_of(const related_source& related) {
  fetch result;
  result.kind = related.side;
  result.model = related.model;
  result.field = related.field;
  result.relation = related.relation;
  result.summary = {.what = related.what};
  if (related.column) {
    result.summary->path = {*related.column};
  }
  return result;
}

bool is_related(const serializer_field& field) {
  return field.source == field_source::related_row || field.source == field_source::related_rows;
}

// Fields that need the row behind the same foreign key share its fetch.
std::size_t find_or_add(fetch_plan& plan, const model_descriptor& target, std::size_t key) {
  auto same = [&](const fetch& x) {
    return x.kind == fetch::side::foreign_key && x.field == key && !x.keys_only;
  };
  auto found = std::ranges::find_if(plan, same);
  if (found != plan.end()) {
    return static_cast<std::size_t>(found - plan.begin());
  }
  fetch added;
  added.model = &target;
  added.field = key;
  plan.push_back(std::move(added));
  return plan.size() - 1;
}

std::vector<std::size_t> add_path(fetch_plan& plan, const model_descriptor& from,
                                  std::span<const std::size_t> keys) {
  std::vector<std::size_t> result;
  auto* level = &plan;
  const auto* model = &from;
  for (auto key : keys) {
    model = &model->fields[key].target();
    result.push_back(find_or_add(*level, *model, key));
    level = &(*level)[result.back()].nested;
  }
  return result;
}

// Paths come last: they may add to the fetches of nested serializers, whose own come first there.
fetch_plan make_plan(const serializer_descriptor& serializer,
                     std::span<serializer_layout::item*> items) {
  fetch_plan plan;
  for (auto* item : items) {
    if (is_related(*item->field)) {
      item->fetches.push_back(plan.size());
      plan.push_back(fetch_of(item->field->related));
    } else if (item->field->source == field_source::summary) {
      item->fetches.push_back(plan.size());
      plan.push_back(summary_of(item->field->related));
    }
  }
  for (auto* item : items) {
    if (item->field->source == field_source::path) {
      item->fetches = add_path(plan, *serializer.model, item->field->path);
    }
    for (const auto& argument : item->field->link.arguments) {
      item->argument_fetches.push_back(add_path(plan, *serializer.model, argument.path));
    }
  }
  return plan;
}

std::vector<serializer_layout::item> make_items(const serializer_descriptor& serializer) {
  std::vector<serializer_layout::item> result;
  for (const auto& field : serializer.fields) {
    if (!field.is_write_only) {
      std::string key{result.empty() ? '{' : ','};
      append_json_string(key, field.name);
      key += ':';
      result.push_back({std::move(key), &field});
    }
  }
  return result;
}

fetch_plan plan_of(const serializer_descriptor& serializer) {
  auto items = make_items(serializer);
  std::vector<serializer_layout::item*> pointers;
  std::ranges::transform(items, std::back_inserter(pointers), [](auto& x) { return &x; });
  return make_plan(serializer, pointers);
}

// The stream of a link may be another one on another connection.
bool is_same_for_all(const serializer_layout::item& item) {
  const auto& field = *item.field;
  if (field.source == field_source::link) {
    return !field.link.stream.empty();
  }
  auto* nested = field.related.serializer;
  return !field.wants_context && (nested == nullptr || nested().layout().is_same_for_all);
}

} // namespace

serializer_layout::serializer_layout(const serializer_descriptor& serializer)
    : items(make_items(serializer)) {
  std::vector<item*> pointers;
  std::ranges::transform(items, std::back_inserter(pointers), [](auto& x) { return &x; });
  if (serializer.listed != nullptr) {
    listed.emplace(item{.key = {}, .field = serializer.listed});
    pointers.push_back(&*listed);
  }
  plan = make_plan(serializer, pointers);
  // In lists rows may be shown by another field, such as a link.
  is_same_for_all = std::ranges::all_of(items, dcrf::is_same_for_all)
                    && (!listed || dcrf::is_same_for_all(*listed));
}

bool serializer_descriptor::has_hooks() const noexcept {
  auto is_validated = [](const serializer_field& field) { return !field.validators.empty(); };
  return validate != nullptr || prepare != nullptr || std::ranges::any_of(fields, is_validated);
}

const fetch_plan& serializer_descriptor::plan() const { return layout().plan; }

} // namespace dcrf
