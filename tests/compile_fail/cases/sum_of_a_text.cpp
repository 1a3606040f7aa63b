// expect: sum_of and avg_of are of numbers, min_of and max_of of numbers, texts, days and times
#include "dcrf/runtime/repository.hpp"

#include "models.hpp"

auto text(const dcrf::repository<note>& notes) { return notes.sum<&note::text>({}); }
