// expect: a row may have several values of this column
#include "dcrf/store/query.hpp"

#include "models.hpp"

auto checked = dcrf::query<note>{}.order_by<&note::fans, &person::name>();
