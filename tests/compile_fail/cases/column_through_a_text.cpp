// expect: column<members...> follows foreign keys and relations
#include "dcrf/store/query.hpp"

#include "models.hpp"

auto checked = dcrf::column<&note::text, &person::name> == "x";
