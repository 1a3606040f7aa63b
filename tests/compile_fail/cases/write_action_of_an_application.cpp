// expect: write_action<> is for the library's own actions
#include "consumers.hpp"

struct writing : dcrf::api_consumer<writing> {
  dcrf::task<dcrf::response> write() { co_return dcrf::response::no_content(); }
  using actions = dcrf::actions<dcrf::write_action<"write", &writing::write>>;
};

const auto& checked = writing::describe();
