// expect: an action returns a dcrf::response
// expect: an action takes its arguments
// expect: the arguments of an action are a described struct
// expect: an action is a method of its consumer
// expect: an atomic_action<> is one that awaits
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

const auto& a = doubled::describe();
const auto& b = foreign::describe();
const auto& c = unlisted::describe();
const auto& d = last::describe();
const auto e = dcrf::detail::is_action<&odd::wrong_result>();
const auto f = dcrf::detail::is_action<&odd::wrong_order>();
const auto g = dcrf::detail::is_action<&odd::not_described>();
const auto h = dcrf::detail::is_action<&odd::no_method>();
const auto i = &dcrf::detail::call_atomic_action<&odd::not_awaiting>;
