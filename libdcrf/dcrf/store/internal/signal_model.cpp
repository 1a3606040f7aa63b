#include "dcrf/store/internal/signal_model.hpp"

#include "dcrf/model/uuid.hpp"
#include "dcrf/store/internal/execute.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace dcrf {

namespace {

constexpr std::array<field_descriptor, 2> signal_fields{
    {{.name = "id", .column = "id", .type = field_type::uuid, .is_primary_key = true},
     {.name = "name", .column = "name", .type = field_type::text}}};

} // namespace

const model_descriptor& signal_model() noexcept {
  static const model_descriptor result{
      .name = "signal", .table = "dcrf_signal", .fields = signal_fields};
  return result;
}

std::string_view signal_name(const record& sent) { return std::get<std::string>(sent[1]); }

namespace internal {

store_result execute(store& at, const signal_command& x) {
  record sent{uuid::random(), x.name};
  std::ranges::copy(x.values, std::back_inserter(sent));
  at.note(signal_model(), std::nullopt, std::move(sent));
  return {};
}

} // namespace internal

} // namespace dcrf
