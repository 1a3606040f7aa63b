// expect: the condition of exists<> is on the rows that its last step leads to
// expect: a query is filtered by conditions on rows of its own model
// expect: conditions are composed with conditions on rows of the same model
// expect: related_to<&model::member> wants a many_to_many member
// expect: a query is ordered by members of its own model
// expect: a column is compared to a value of its member's type
// expect: a column is compared to a value of its member's type
// expect: a column is compared to a value of its member's type
// expect: this comparison is for columns of text
#include "dcrf/store/query.hpp"

#include "models.hpp"

using dcrf::column;
using dcrf::query;

auto a() { return query<note>{}.order_by<&person::name>(); }
auto b() { return query<note>{}.filter(column<&person::name> == "ann"); }
auto c() { return column<&note::text> == "x" && column<&person::name> == "ann"; }
auto d() { return dcrf::related_to<&note::author>(1); }
auto e() { return column<&note::text> == 5; }
auto f() { return column<&note::text> == std::optional<std::string>{}; }
auto g() { return column<&note::id>.in({"a", "b"}); }
auto h() { return column<&note::id>.contains("x"); }
auto i() { return dcrf::exists<&note::fans>(column<&note::text> == "x"); }
