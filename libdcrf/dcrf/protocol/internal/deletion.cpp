#include "dcrf/protocol/internal/deletion.hpp"

#include "dcrf/json/json_writer.hpp"
#include "dcrf/protocol/response.hpp"

#include <utility>

namespace dcrf::internal {

json_text shown_deletion(const value& key) {
  std::string result;
  json_writer writer{result};
  writer.begin_object().key("pk");
  write_json(writer, key);
  writer.end_object();
  return json_text::trusted(std::move(result));
}

std::shared_ptr<const std::string> head_of_deletion(const value& key) {
  return std::make_shared<const std::string>(
      envelope_head("[]", shown_deletion(key).str(), R"("delete")", 204));
}

} // namespace dcrf::internal
