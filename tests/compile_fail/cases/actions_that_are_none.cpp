// expect: an atomic_action<> is one that awaits
// expect: an action returns a dcrf::response
// expect: an action takes its arguments first
// expect: each argument of an action has its name
// expect: an action is a method of its consumer
// expect: two actions of this consumer have one name
// expect: two actions of this consumer have one name
// expect: `actions` lists a method of another class
// expect: `actions` is no list of actions
// expect: a consumer, a view set or a view is not final
#include "consumers.hpp"

struct doubled : dcrf::api_consumer<doubled> {
  void one() {}
  void two() {}
  using actions =
      dcrf::actions<dcrf::action<"act", &doubled::one>, dcrf::action<"act", &doubled::two>>;
};

struct doubled_by_method : dcrf::api_consumer<doubled_by_method> {
  void one() {}
  void two() {}
  using actions = dcrf::actions<dcrf::action<&doubled_by_method::one>,
                                dcrf::action<"one", &doubled_by_method::two>>;
};

struct foreign : dcrf::api_consumer<foreign> {
  using actions = dcrf::actions<dcrf::action<"act", &doubled::one>>;
};

struct unlisted : dcrf::api_consumer<unlisted> {
  using actions = dcrf::actions<dcrf::list_model>;
};

struct last final : dcrf::api_consumer<last> {};

struct plain {
  int number;
};

struct odd : dcrf::api_consumer<odd> {
  int wrong_result() { return 1; }
  void wrong_order(dcrf::request&, plain) {}
  void not_described(plain) {}
  static void no_method() {}
  dcrf::response not_awaiting() { return dcrf::response::no_content(); }
};

using dcrf::detail::call_action;
const auto a = &call_action<&odd::wrong_result>;
const auto b = &call_action<&odd::wrong_order>;
const auto c = &call_action<&odd::not_described>;
const auto d = &call_action<&odd::no_method>;
const auto e = dcrf::atomic_action<&odd::not_awaiting>::is_right();
const auto& f = doubled::describe();
const auto& g = doubled_by_method::describe();
const auto& h = foreign::describe();
const auto& i = unlisted::describe();
const auto& j = last::describe();
