// expect: the last step of exists<> is a many_to_many member
#include "dcrf/store/query.hpp"

#include "models.hpp"

auto checked = dcrf::exists<&note::author>(dcrf::column<&person::name> == "x");
