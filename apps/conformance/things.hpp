#pragma once

#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/observer/model_observer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "conformance/models.hpp"

namespace conformance {

struct thing_serializer : dcrf::model_serializer<thing> {
  using fields = dcrf::all_fields;
};

struct thing_with_pk_serializer : dcrf::model_serializer<thing> {
  using fields = dcrf::shown<dcrf::renamed<"pk", &thing::id>, dcrf::field<&thing::name>,
                             dcrf::field<&thing::counter>>;
};

/// Things as the JavaScript client `dcrf-client` wants them: all actions, subscriptions to one, to
/// some and to all of them, and an action that answers many times.
template <class Serializer>
class thing_consumer : public dcrf::model_consumer<thing_consumer<Serializer>, thing, Serializer,
                                                   dcrf::crud, dcrf::observe_instance> {
public:
  /// Shows a thing as it is when the event is delivered.
  struct many_things : dcrf::model_observer<thing> {
    using all = dcrf::everything;
    using one = dcrf::by<&thing::id>;
    using groups = dcrf::by_any<all, one>;
    static dcrf::task<> handle(thing_consumer& self, const dcrf::observed& event);
  };

  dcrf::task<dcrf::response> subscribe_many(std::optional<std::vector<std::int64_t>> things,
                                            dcrf::request& req);
  dcrf::response unsubscribe_many(std::optional<std::vector<std::int64_t>> things,
                                  dcrf::request& req);
  dcrf::task<> count_to(std::optional<std::int64_t> limit, std::optional<bool> fail,
                        dcrf::request& req);

  using actions = dcrf::actions<dcrf::action<&thing_consumer::subscribe_many, "things">,
                                dcrf::action<&thing_consumer::unsubscribe_many, "things">,
                                dcrf::action<&thing_consumer::count_to, "limit", "fail">>;

private:
  static std::vector<std::string> groups_of(const std::optional<std::vector<std::int64_t>>& things);
};

} // namespace conformance
