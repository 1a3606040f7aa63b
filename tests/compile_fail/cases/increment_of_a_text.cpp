// expect: increment<&model::member> wants a member that is a number
#include "dcrf/store/assignment.hpp"

#include "models.hpp"

auto text = dcrf::increment<&note::text>(1);
