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
  std::string result{source().table};
  result += '_';
  result += name;
  return result;
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
