#include "dcrf/store/internal/key_array.hpp"

#include "dcrf/json/json_writer.hpp"

namespace dcrf::internal {

std::string key_array(std::span<const value> keys) {
  std::string result;
  json_writer writer{result};
  writer.begin_array();
  for (const auto& key : keys) {
    write_json(writer, key);
  }
  writer.end_array();
  return result;
}

} // namespace dcrf::internal
