#pragma once

#include "dcrf/actors/server.hpp"
#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/view/view_permission.hpp"

#include <nlohmann/json.hpp>

#include "conformance/objects.hpp"

namespace conformance {

// -- permissions ----------------------------------------------------------------------------------

struct is_eve_permission : dcrf::permission {
  [[nodiscard]] bool has_permission(const dcrf::request& req) const;
};

/// The user called eve.
inline constexpr is_eve_permission is_eve{};

struct is_eve_in_views_permission : dcrf::view_permission<is_eve_in_views_permission> {
  [[nodiscard]] bool allows(const dcrf::user_info& who, std::string_view method) const;
};

/// The user called eve, as a permission of views.
inline constexpr is_eve_in_views_permission is_eve_in_views{};

struct staff_connection_permission : dcrf::permission {
  [[nodiscard]] bool can_connect(const dcrf::scope& connection) const;
};

/// Only the staff can connect.
inline constexpr staff_connection_permission staff_connection{};

struct may_read_permission : dcrf::permission {
  [[nodiscard]] bool has_permission(const dcrf::request& req) const;
};

/// Anyone may read; the rest is for users who are logged in.
inline constexpr may_read_permission may_read{};

struct knows_secret_permission : dcrf::permission {
  [[nodiscard]] bool has_permission(const dcrf::request& req) const;
};

/// Whoever gives the right argument `secret`.
inline constexpr knows_secret_permission knows_secret{};

/// Everything but one action.
template <dcrf::text_literal Action>
struct all_but_permission : dcrf::permission {
  [[nodiscard]] bool has_permission(const dcrf::request& req) const {
    return req.action() != Action.view();
  }
};
template <dcrf::text_literal Action>
inline constexpr all_but_permission<Action> all_but{};

// -- consumers that ask them ----------------------------------------------------------------------

/// Actions that do nothing, for whom the permissions let.
template <dcrf::permission_type auto... Permissions>
class guarded_consumer : public dcrf::api_consumer<guarded_consumer<Permissions...>> {
public:
  using permissions = dcrf::permissions<Permissions...>;

  dcrf::response read() { return dcrf::response::ok(dcrf::json("read")); }
  dcrf::response write() { return dcrf::response::ok(dcrf::json("written")); }
  dcrf::response list() { return dcrf::response::ok(dcrf::json("listed")); }
  dcrf::response create() { return dcrf::response::created(dcrf::json("created")); }

  using actions =
      dcrf::actions<dcrf::action<&guarded_consumer::read>, dcrf::action<&guarded_consumer::write>,
                    dcrf::action<&guarded_consumer::list>, dcrf::action<&guarded_consumer::create>>;
};

/// Only users who are logged in can connect.
using member_consumer = guarded_consumer<dcrf::authenticated_connection>;

/// Its clients learn that a user is deleted, but of no update.
struct observed_consumer
    : dcrf::model_consumer<observed_consumer, user, user_serializer, dcrf::observe_instance> {
  using permissions = dcrf::permissions<all_but<"update">>;
};

/// A consumer for each way of asking permissions, below `/ws/perms/`.
void add_permissions(dcrf::server& server);

} // namespace conformance
