// expect: this class is not the one that its base is told of
// expect: a view is a class that derives from
// expect: `permissions` is private or no type
// expect: the handler `post` is private or of another signature
// expect: the handler `get` is private or of another signature
#include "dcrf/view/api_view.hpp"
#include "dcrf/view/http_view.hpp"

class hidden : public dcrf::api_view<hidden> {
  dcrf::view_response get(dcrf::view_request&) { return {}; }

public:
  dcrf::view_response put(dcrf::view_request&) { return {}; }
};

struct of_another_signature : dcrf::api_view<of_another_signature> {
  dcrf::view_response get(dcrf::view_request&) { return {}; }
  int post(dcrf::view_request&) { return 1; }
};

class permitted : public dcrf::api_view<permitted> {
  using permissions = dcrf::permissions<dcrf::is_authenticated>;

public:
  dcrf::view_response get(dcrf::view_request&) { return {}; }
};

struct derived : permitted {};

const auto a = dcrf::http_view<hidden>();
const auto b = dcrf::http_view<of_another_signature>();
const auto c = dcrf::http_view<permitted>();
const auto d = dcrf::http_view<derived>();
const auto e = dcrf::http_view<int>();
