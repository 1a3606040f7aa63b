#include "dcrf/observer/internal/shown_rows.hpp"

#include <algorithm>
#include <optional>

namespace dcrf::internal {

namespace {

const value& key_shown(const model_descriptor& model, const row& x, bool has_key_only) {
  return has_key_only ? x.values.front() : model.key_of(x.values);
}

class effect_on_shown {
public:
  effect_on_shown(const row_keys& keys, const change& x) : keys_(&keys), change_(&x) {}

  [[nodiscard]] bool may_change(const fetch_plan& plan, const model_descriptor& parent) const {
    return std::ranges::any_of(plan, [&](const fetch& x) {
      return (change_->model == x.model && change_->relation == nullptr && is_of(x, parent))
             || (x.relation != nullptr && has_links(*x.relation)) || may_change(x.nested, *x.model);
    });
  }

private:
  [[nodiscard]] bool has(const model_descriptor& model, const value& key) const {
    return keys_->contains({&model, key});
  }

  // Which rows are linked to a sum is not known.
  [[nodiscard]] bool is_of(const fetch& x, const model_descriptor& parent) const {
    if (x.summary && x.relation != nullptr) {
      return true;
    }
    auto concerns = [&](const std::optional<record>& state) {
      return state
             && (has(*x.model, x.model->key_of(*state))
                 || (x.kind == fetch::side::referrers && has(parent, (*state)[x.field])));
    };
    return concerns(change_->before) || concerns(change_->after);
  }

  [[nodiscard]] bool has_links(const relation_descriptor& relation) const {
    bool is_own = std::ranges::any_of(change_->links, [&](const auto& links) {
      return links.relation == &relation && has(*change_->model, change_->key());
    });
    if (is_own || relation.through == nullptr || change_->model != &relation.through()) {
      return is_own;
    }
    auto concerns = [&](const std::optional<record>& state) {
      return state
             && (has(relation.source(), (*state)[relation.source_field])
                 || has(relation.target(), (*state)[relation.target_field]));
    };
    return concerns(change_->before) || concerns(change_->after);
  }

  const row_keys* keys_;
  const change* change_;
};

} // namespace

void add_shown_keys(const fetch_plan& plan, const row& x, row_keys& to) {
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (plan[i].summary) {
      continue;
    }
    for (const auto& each : x.related[i]) {
      to.insert({plan[i].model, key_shown(*plan[i].model, each, plan[i].keys_only)});
      if (!plan[i].keys_only) {
        add_shown_keys(plan[i].nested, each, to);
      }
    }
  }
}

void add_shown_models(const fetch_plan& plan, const model_descriptor& model,
                      std::vector<const model_descriptor*>& to) {
  for (const auto& x : plan) {
    to.push_back(x.model);
    if (x.relation != nullptr) {
      to.push_back(&model);
      if (x.relation->through != nullptr) {
        to.push_back(&x.relation->through());
      }
    }
    add_shown_models(x.nested, *x.model, to);
  }
}

bool may_change_shown(const row_keys& shown, const fetch_plan& plan, const model_descriptor& model,
                      const change& x) {
  return effect_on_shown{shown, x}.may_change(plan, model);
}

} // namespace dcrf::internal
