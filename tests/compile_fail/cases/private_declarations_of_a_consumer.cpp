// expect: `permissions` is private or no type
// expect: `actions` is private or no type
// expect: `throttles` is private or no type
// expect: `watches_relations` is private or no constant
// expect: `permissions` is private or no type
// expect: `permissions` is no list
#include "consumers.hpp"

class permitted : public dcrf::api_consumer<permitted> {
  using permissions = dcrf::permissions<dcrf::is_authenticated>;
};

class acting : public dcrf::api_consumer<acting> {
  void act() {}
  using actions = dcrf::actions<dcrf::action<"act", &acting::act>>;
};

class throttled : public dcrf::api_consumer<throttled> {
  using throttles = dcrf::throttles<dcrf::user_rate<"1/min">>;
};

class watching : public dcrf::model_consumer<watching, note, note_serializer> {
  static constexpr bool watches_relations = true;
};

struct valued : dcrf::api_consumer<valued> {
  static constexpr auto permissions = dcrf::permissions<dcrf::is_authenticated>{};
};

struct unlisted : dcrf::api_consumer<unlisted> {
  using permissions = dcrf::is_authenticated_permission;
};

const auto& a = permitted::describe();
const auto& b = acting::describe();
const auto& c = throttled::describe();
const auto& d = watching::describe();
const auto& e = valued::describe();
const auto& f = unlisted::describe();
