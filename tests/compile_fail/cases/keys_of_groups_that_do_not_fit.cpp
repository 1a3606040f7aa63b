// expect: keyed by a member: subscribe with one value of its type
// expect: keyed by a member: subscribe with one value of its type
// expect: one group for all rows: subscribe without a key
// expect: groups of several kinds
// expect: what its `groups_for` returns
// expect: one group for all sendings
#include "dcrf/observer/model_observer.hpp"
#include "dcrf/observer/signal.hpp"

#include "models.hpp"

struct of_author : dcrf::model_observer<note> {
  using groups = dcrf::by<&note::author>;
};
struct every_note : dcrf::model_observer<note> {};
struct of_two : dcrf::model_observer<note> {
  using groups = dcrf::by_any<dcrf::by<&note::author>, dcrf::by<&note::id>>;
};
struct of_its_own : dcrf::model_observer<note> {
  static std::vector<std::string> groups_for(const note&) { return {}; }
};
struct rung : dcrf::signal {};
struct on_ring : dcrf::signal_observer<rung> {};

const auto a = dcrf::group_key_of<of_author>("text");
const auto b = dcrf::group_key_of<of_author>();
const auto c = dcrf::group_key_of<every_note>("text");
const auto d = dcrf::group_key_of<of_two>(1);
const auto e = dcrf::group_key_of<of_its_own>();
const auto f = dcrf::group_key_of<on_ring>("text");
