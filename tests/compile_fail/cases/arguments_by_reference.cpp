// expect: an action takes its arguments by value, or as a reference to const
// expect: an action takes its arguments by value, or as a reference to const
// expect: an action takes its arguments by value, or as a reference to const
// expect: an action that is a dcrf::task takes its arguments by value
// expect: this type can't be an argument of an action
// expect: this type can't be an argument of an action
#include "consumers.hpp"

struct point {
  std::int64_t x;
  BOOST_DESCRIBE_CLASS(point, (), (x), (), ())
};

struct unknown {
  int number;
};

struct line {
  std::vector<unknown> points;
  BOOST_DESCRIBE_CLASS(line, (), (points), (), ())
};

struct odd : dcrf::api_consumer<odd> {
  void by_const(const std::string&, std::string&&, const point&, const dcrf::request&) {}
  void changes(std::string&) {}
  void changes_all(point&) {}
  void takes_request(dcrf::request&&) {}
  dcrf::task<> awaits(std::string&) { return {}; }
  void list_of_unknown(std::vector<unknown>) {}
  void nested_unknown(line) {}
};

using dcrf::action;
const auto a = action<&odd::by_const, "first", "second", "third">::descriptor;
const auto b = action<&odd::changes, "first">::descriptor;
const auto c = action<&odd::changes_all>::descriptor;
const auto d = action<&odd::takes_request>::descriptor;
const auto e = action<&odd::awaits, "first">::descriptor;
const auto f = action<&odd::list_of_unknown, "first">::descriptor;
const auto g = action<&odd::nested_unknown, "first">::descriptor;
