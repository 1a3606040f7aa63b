// expect: column<members...> follows foreign keys and relations, each to the struct that the next member belongs to
#include "models.hpp"

#include "dcrf/store/query.hpp"

auto checked = dcrf::column<&note::text, &person::name> == "x";
