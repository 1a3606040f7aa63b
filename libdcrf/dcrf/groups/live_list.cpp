#include "dcrf/groups/live_list.hpp"

#include "dcrf/groups/observer_descriptor.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <random>

namespace dcrf {

namespace {

// Nodes over one database watch the same lists, each for its own clients.
const std::string& process_name() {
  static const std::string result = [] {
    std::random_device random;
    return fmt::format("{:08x}{:08x}", random(), random());
  }();
  return result;
}

void add_to_name(std::string& to, const value& x) {
  auto text = to_string(x);
  to += fmt::format("{}:{}:", x.index(), text.size());
  to += text;
}

void add_to_name(std::string& to, const column_path& x) {
  to += fmt::format("[{}]", fmt::join(x, "."));
}

void add_to_name(std::string& to, const condition& x) {
  to += fmt::format("({},{},", static_cast<int>(x.kind), static_cast<int>(x.op));
  add_to_name(to, x.path);
  if (x.relation != nullptr) {
    to += fmt::format("r{}{}", static_cast<const void*>(x.relation), x.reverse ? "<" : ">");
  }
  if (x.referrer != nullptr) {
    to += fmt::format("f{}.{}", x.referrer->table, x.referring_field);
  }
  for (const auto& operand : x.operands) {
    add_to_name(to, operand);
  }
  for (const auto& child : x.children) {
    add_to_name(to, child);
  }
  to += ')';
}

} // namespace

group_name list_group(const list_query& x) {
  auto key = fmt::format("{} {} {} ", process_name(), x.rows.model->table,
                         static_cast<const void*>(x.serializer));
  add_to_name(key, x.rows.where);
  for (const auto& by : x.rows.order_by) {
    add_to_name(key, by.path);
    key += by.is_descending ? '-' : '+';
  }
  if (x.rows.limit) {
    key += fmt::format(" {} {}", *x.rows.limit, x.rows.offset);
  }
  return {&list_observer(), std::move(key)};
}

// It has a group for each list, and observes nothing itself.
const observer_descriptor& list_observer() noexcept {
  static const observer_descriptor result = [] {
    observer_descriptor descriptor;
    descriptor.name = "dcrf lists";
    descriptor.subject = &process_name();
    return descriptor;
  }();
  return result;
}

std::string_view reason_of(list_state::outcome x) noexcept {
  switch (x) {
  case list_state::outcome::expired:
    return "expired";
  case list_state::outcome::unknown:
    return "unknown";
  default:
    return "changed";
  }
}

bool is_of_list(const group_message& x) noexcept { return x.target.observer == &list_observer(); }

const list_steps* steps_of(const group_message& x) noexcept {
  return static_cast<const list_steps*>(x.live.get());
}

} // namespace dcrf
