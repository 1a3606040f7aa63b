#include "dcrf/observer/model_observer.hpp"

#include "dcrf/json/json_writer.hpp"

namespace dcrf::detail {

json_text key_body(const model_descriptor& model, const row& x) {
  std::string result;
  json_writer writer{result};
  writer.begin_object().key("pk");
  write_json(writer, model.key_of(x.values));
  writer.end_object();
  return json_text::trusted(std::move(result));
}

json_text serialized_body(const serializer_descriptor& serializer, const row& x) {
  std::string result;
  json_writer writer{result};
  write_json(writer, serializer, x, serializer_context{});
  return json_text::trusted(std::move(result));
}

const fetch_plan& empty_plan() {
  static const fetch_plan result;
  return result;
}

} // namespace dcrf::detail
