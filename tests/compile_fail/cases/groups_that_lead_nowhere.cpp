// expect: wants a column or a many_to_many member
// expect: wants a column or a many_to_many member
// expect: follows foreign keys, each to the struct
#include "dcrf/observer/groups.hpp"

#include "models.hpp"

const auto referring = &dcrf::by<dcrf::referring<&note::author>>::keys;
const auto beyond = &dcrf::by<&note::fans, &person::id>::keys;
const auto elsewhere = &dcrf::by<&note::author, &note::fans>::keys;
