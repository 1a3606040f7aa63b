// expect: `handle` is private or of another signature
// expect: declared by `using groups
// expect: this serializer is one of another model
// expect: `groups` is private or no type
// expect: the `groups` of an observer are
// expect: `groups_for` is private or of another signature
// expect: `groups_for` is private or of another signature
#include "dcrf/observer/model_observer.hpp"
#include "dcrf/observer/signal.hpp"

#include "consumers.hpp"

struct foreign : dcrf::model_observer<note, person_serializer> {};

struct hidden : dcrf::model_observer<note> {
private:
  using groups = dcrf::by<&note::author>;
};

struct of_another_model : dcrf::model_observer<note> {
  using groups = dcrf::by<&person::id>;
};

struct no_function : dcrf::model_observer<note> {
  std::vector<std::string> groups_for(const note&) { return {}; }
};

struct handled : dcrf::model_observer<note> {
  static dcrf::task<> handle(dcrf::observed&) { return {}; }
};

struct misspelt : dcrf::model_observer<note> {
  using group_by = dcrf::by<&note::author>;
};

struct rung : dcrf::signal {};
struct on_ring : dcrf::signal_observer<rung> {
  static std::vector<std::string> groups_for(int) { return {}; }
};

const auto& a = dcrf::observer_of<foreign>();
const auto& b = dcrf::observer_of<hidden>();
const auto& c = dcrf::observer_of<of_another_model>();
const auto& d = dcrf::observer_of<no_function>();
const auto& e = dcrf::observer_of<handled>();
const auto& f = dcrf::observer_of<misspelt>();
const auto& g = dcrf::observer_of<on_ring>();
