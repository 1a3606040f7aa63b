#pragma once

#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/observer/model_observer.hpp"
#include "dcrf/runtime/runtime.hpp"

#include <cstdint>

#include "conformance/comments.hpp"

namespace conformance {

/// How many rows of `entry` bear the name of a user.
dcrf::task<std::int64_t> entries_of(const dcrf::user_info& who, const dcrf::runtime& within);

// [permission]
struct has_entry_permission : dcrf::permission {
  dcrf::task<bool> can_connect(const dcrf::scope& connection, const dcrf::runtime& within) const;
  dcrf::task<bool> has_permission(const dcrf::request& req, const dcrf::runtime& within) const;
};

/// Users whose name a row of `entry` bears.
inline constexpr has_entry_permission has_entry{};
// [permission]

/// Comments, for who has an entry: a thousand of them for each. What it takes to know that is in
/// the database.
class revocable_consumer
    : public dcrf::model_consumer<revocable_consumer, comment, comment_serializer, dcrf::crud,
                                  dcrf::observe_instance, dcrf::observe_list> {
public:
  struct every_comment : dcrf::model_observer<comment, comment_serializer> {};

  using permissions = dcrf::permissions<has_entry>;

  dcrf::task<dcrf::response> subscribe_all(dcrf::request& req);
  dcrf::response unsubscribe_all(dcrf::request& req);

  using actions = dcrf::actions<dcrf::action<&revocable_consumer::subscribe_all>,
                                dcrf::action<&revocable_consumer::unsubscribe_all>>;

protected:
  dcrf::task<dcrf::query<comment>> load_queryset(const dcrf::request& req) const override;
};

} // namespace conformance
