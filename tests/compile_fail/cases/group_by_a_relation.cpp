// expect: by<&model::member> wants a column
#include "dcrf/observer/groups.hpp"

#include "models.hpp"

const auto checked = &dcrf::by<&note::fans>::keys;
