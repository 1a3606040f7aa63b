// expect: the last step of exists<> is a many_to_many member
#include "models.hpp"

#include "dcrf/store/query.hpp"

auto checked = dcrf::exists<&note::author>(dcrf::column<&person::name> == "x");
