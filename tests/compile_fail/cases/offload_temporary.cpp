// expect: give the function a name first
#include "dcrf/runtime/runtime.hpp"

#include <string>

dcrf::task<> hash(const dcrf::runtime& within, std::string password) {
  co_await within.offload([password] { return password.size(); });
}
