#include "dcrf/serializer/validated.hpp"

#include <algorithm>

namespace dcrf {

const value* validated_input::find(std::size_t field) const noexcept {
  auto found = std::ranges::find(changes, field, &std::pair<std::size_t, value>::first);
  return found == changes.end() ? nullptr : &found->second;
}

void validated_input::set(std::size_t field, value x) {
  auto found = std::ranges::find(changes, field, &std::pair<std::size_t, value>::first);
  if (found == changes.end()) {
    changes.emplace_back(field, std::move(x));
  } else {
    found->second = std::move(x);
  }
}

related_keys* validated_input::find_related(const relation_descriptor& relation,
                                            bool reverse) noexcept {
  auto found = std::ranges::find_if(related, [&](const related_keys& x) {
    return x.relation == &relation && x.reverse == reverse;
  });
  return found == related.end() ? nullptr : &*found;
}

namespace {

record initial_record(const model_descriptor& model) {
  record result;
  result.reserve(model.fields.size());
  for (const auto& field : model.fields) {
    result.push_back(field.initial());
  }
  return result;
}

} // namespace

record validated_input::to_record() const& {
  auto result = initial_record(*model);
  for (const auto& [field, x] : changes) {
    if (field != model->version) {
      result[field] = x;
    }
  }
  return result;
}

record validated_input::to_record() && {
  auto result = initial_record(*model);
  for (auto& [field, x] : changes) {
    if (field != model->version) {
      result[field] = std::move(x);
    }
  }
  return result;
}

std::vector<std::size_t> validated_input::given() const {
  std::vector<std::size_t> result;
  result.reserve(changes.size());
  for (const auto& [field, x] : changes) {
    result.push_back(field);
  }
  return result;
}

} // namespace dcrf
