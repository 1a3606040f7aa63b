// expect: referring<&other::member> wants a foreign key
#include "dcrf/store/query.hpp"

#include "models.hpp"

auto checked = dcrf::column<dcrf::referring<&note::text>, &note::id> == 1;
