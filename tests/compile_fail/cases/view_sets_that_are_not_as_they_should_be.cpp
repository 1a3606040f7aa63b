// expect: this serializer is one of another model
// expect: those of a view set are `perform_create`
// expect: `perform_create` hides the hook
// expect: observe_instance, observe_list and observe_count are for a model_consumer
// expect: `actions` is private or no type
// expect: the actions of a view set are dcrf::view_actions
// expect: two actions of this view set have one name and one method
// expect: `permissions` is private or no type
#include "dcrf/view/http_view.hpp"
#include "dcrf/view/model_view_set.hpp"

#include "consumers.hpp"

template <class Self, class Serializer = note_serializer, class... Mixins>
using notes = dcrf::model_view_set<Self, note, Serializer, Mixins...>;

class hidden : public notes<hidden> {
  using permissions = dcrf::permissions<dcrf::is_authenticated>;
};

struct foreign : notes<foreign, person_serializer> {};

class acting : public notes<acting> {
  dcrf::view_response act(dcrf::view_request&) { return {}; }
  using actions = dcrf::view_actions<dcrf::list_action<"act", &acting::act>>;
};

struct of_a_consumer : notes<of_a_consumer> {
  using actions = dcrf::actions<>;
};

struct doubled : notes<doubled> {
  dcrf::view_response act(dcrf::view_request&) { return {}; }
  using actions = dcrf::view_actions<dcrf::list_action<"act", &doubled::act>,
                                     dcrf::list_action<"act", &doubled::act, "POST", "GET">>;
};

struct after : notes<after> {
  dcrf::task<> after_delete(const dcrf::instance&, dcrf::view_request&) { return {}; }
};

struct before : notes<before> {
  dcrf::task<> perform_create(dcrf::validated<note>&, dcrf::request&) { return {}; }
};

struct observing : notes<observing, note_serializer, dcrf::observe_instance> {};

template <class... ViewSets>
void serve() {
  (dcrf::add_view_set<ViewSets>("/", [](const std::string&, const dcrf::http_handler&) {}), ...);
}

const auto a = &serve<hidden, foreign, acting, of_a_consumer, doubled, after, before, observing>;
