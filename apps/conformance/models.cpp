#include "conformance/models.hpp"

namespace conformance {

const dcrf::schema& all_models() {
  static const auto result = dcrf::schema::of<user, comment, item, entry, sample, gadget, ticket,
                                              team, profile, room, message, thing, account>();
  return result;
}

} // namespace conformance
