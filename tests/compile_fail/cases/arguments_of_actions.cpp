// expect: each argument of an action has its name
// expect: each argument of an action has its name
// expect: each argument of an action has its name
// expect: this type can't be an argument of an action
// expect: this type can't be an argument of an action
// expect: takes its arguments by value
// expect: takes its arguments by value
// expect: an action is declared with its method
// expect: an action is declared with its method
// expect: two arguments of this action have one name
#include "consumers.hpp"

struct plain {
  int number;
};

struct described_arguments {
  std::int64_t pk;
  BOOST_DESCRIBE_CLASS(described_arguments, (), (pk), (), ())
};

struct odd : dcrf::api_consumer<odd> {
  void two(std::string, std::int64_t) {}
  void none(dcrf::request&) {}
  void of_no_type(std::string, plain) {}
  void optional_of_no_type(std::optional<plain>) {}
  dcrf::task<> reference(const std::string&) { return {}; }
  dcrf::task<> reference_to_struct(const described_arguments&, dcrf::request&) { return {}; }
};

using dcrf::action;
const auto a = action<&odd::two>::descriptor;
const auto b = action<"two", &odd::two, "first">::descriptor;
const auto c = action<&odd::none, "first">::descriptor;
const auto d = action<&odd::of_no_type, "first", "second">::descriptor;
const auto e = action<&odd::optional_of_no_type, "first">::descriptor;
const auto f = action<&odd::reference, "first">::descriptor;
const auto g = action<&odd::reference_to_struct>::descriptor;
const auto h = action<"two">::descriptor;
const auto i = action<&odd::two, "first", &odd::none>::descriptor;
const auto j = action<&odd::two, "first", "first">::descriptor;
