// expect: use of deleted function .*offload
#include "dcrf/runtime/runtime.hpp"

#include <string>

dcrf::task<> hash(const dcrf::runtime& within, std::string password) {
  co_await within.offload([password] { return password.size(); });
}
