#pragma once

#include "dcrf/groups/channel_layer.hpp"
#include "dcrf/groups/presence_table.hpp"
#include "dcrf/testing/test_server.hpp"

#include <cstddef>
#include <map>
#include <unordered_map>
#include <vector>

namespace dcrf {

/// The groups of all sessions of a test server.
class test_server::hub final : public channel_layer {
public:
  std::vector<const observer_descriptor*> observers_of(const void* subject) const override;
  bool has_members(const group_name& x) const override { return members_.contains(x); }
  void publish(group_message_ptr message) override;
  presence_table& presences() override { return presences_; }

  void join(const group_name& x, session* session, group_member* member);
  void leave(const group_name& x, group_member* member);
  [[nodiscard]] bool is_member(const group_name& x, group_member* member) const;
  [[nodiscard]] std::size_t memberships() const;

private:
  std::unordered_map<group_name, std::map<group_member*, session*>> members_;
  presence_table presences_{[this](group_message_ptr x) { publish(std::move(x)); }};
};

} // namespace dcrf
