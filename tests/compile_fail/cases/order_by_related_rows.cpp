// expect: a row may have several values of this column
#include "models.hpp"

#include "dcrf/store/query.hpp"

auto checked = dcrf::query<note>{}.order_by<&note::fans, &person::name>();
