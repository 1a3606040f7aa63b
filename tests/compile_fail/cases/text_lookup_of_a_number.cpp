// expect: this lookup of filter_by<> is for columns of text
#include "dcrf/listing/filters.hpp"

#include "models.hpp"

dcrf::list_filters checked;
void add() { dcrf::filterset_fields<dcrf::filter_by<&note::id, "icontains">>::add(checked); }
