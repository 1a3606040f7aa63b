#include "dcrf/model/descriptor.hpp"

#include <algorithm>
#include <stdexcept>

namespace dcrf {

void detail::read_into(const field_descriptor& field, void* row, const value& x) {
  if (is_null(x) && !field.is_nullable) {
    return;
  }
  try {
    field.set(row, x);
  } catch (const std::out_of_range&) {
    // As it was initialized.
  }
}

std::string relation_descriptor::table() const {
  if (through != nullptr) {
    return std::string{through().table};
  }
  std::string result{source().table};
  result += '_';
  result += name;
  return result;
}

std::string_view relation_descriptor::source_column() const {
  return through == nullptr ? "source" : through().fields[source_field].column;
}

std::string_view relation_descriptor::target_column() const {
  return through == nullptr ? "target" : through().fields[target_field].column;
}

bool relation_descriptor::may_repeat() const {
  if (through == nullptr) {
    return false;
  }
  const auto& links = through();
  auto keeps_apart = [this](std::span<const std::size_t> set) {
    return std::ranges::all_of(
        set, [this](std::size_t field) { return field == source_field || field == target_field; });
  };
  return !links.fields[source_field].is_unique && !links.fields[target_field].is_unique
         && std::ranges::none_of(links.unique_together, keeps_apart);
}

std::optional<std::size_t> model_descriptor::find_field(std::string_view field) const noexcept {
  auto found = std::ranges::find(fields, field, &field_descriptor::name);
  if (found == fields.end()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - fields.begin());
}

const relation_descriptor*
model_descriptor::find_relation(std::string_view relation) const noexcept {
  auto found = std::ranges::find(relations, relation, &relation_descriptor::name);
  return found == relations.end() ? nullptr : &*found;
}

} // namespace dcrf
