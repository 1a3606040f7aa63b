// expect: this member is a many-to-many relation, which `related<&model::member>.key.` changes
#include "dcrf/store/assignment.hpp"

#include "models.hpp"

auto relation = dcrf::set<&note::fans>({});
