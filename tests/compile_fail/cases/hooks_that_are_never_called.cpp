// expect: `load_queryset` hides the hook
// expect: `may_stay_subscribed` hides the hook
// expect: `received_text` hides the hook
// expect: this is no hook: the hooks of a connection
// expect: this is no hook: before a write run
// expect: `load_queryset` means nothing in a view set
#include "dcrf/session/endpoint.hpp"
#include "dcrf/view/http_view.hpp"
#include "dcrf/view/model_view_set.hpp"

#include "consumers.hpp"

struct loading : dcrf::model_consumer<loading, note, note_serializer> {
protected:
  dcrf::task<dcrf::query<note>> load_queryset(dcrf::request&) { co_return dcrf::query<note>{}; }
};

struct loading_set : dcrf::model_view_set<loading_set, note, note_serializer> {
protected:
  dcrf::task<dcrf::query<note>> load_queryset(const dcrf::view_request&) const {
    co_return dcrf::query<note>{};
  }
};

struct staying : dcrf::api_consumer<staying> {
  dcrf::task<bool> may_stay_subscribed(dcrf::request&) { co_return false; }
};

struct reading : dcrf::api_consumer<reading> {
  dcrf::task<> received_text(const std::string&) { return {}; }
};

struct leaving : dcrf::api_consumer<leaving> {
  dcrf::task<> disconnect(std::uint16_t) { return {}; }
};

struct misspelt : dcrf::model_consumer<misspelt, note, note_serializer> {
  dcrf::task<> preform_create(dcrf::validated<note>&, dcrf::request&) { return {}; }
};

const auto a = dcrf::endpoint_of<loading>();
const auto b = dcrf::endpoint_of<staying>();
const auto c = dcrf::endpoint_of<reading>();
const auto d = dcrf::endpoint_of<leaving>();
const auto e = dcrf::endpoint_of<misspelt>();
void serve() {
  dcrf::add_view_set<loading_set>("/", [](const std::string&, const dcrf::http_handler&) {});
}
