// expect: referring<&other::member> wants a foreign key
#include "models.hpp"

#include "dcrf/store/query.hpp"

auto checked = dcrf::column<dcrf::referring<&note::text>, &note::id> == 1;
