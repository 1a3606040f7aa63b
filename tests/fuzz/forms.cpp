// Forms: a media type in the first line, and the body behind it.
#include "input.hpp"

#include "dcrf/protocol/errors.hpp"
#include "dcrf/view/form.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  auto body = fuzz::text_of(bytes, size);
  auto media_type = fuzz::next_line(body);
  try {
    dcrf::form form{media_type, body};
    for (const auto& file : form.files()) {
      auto bytes_of_file = file.bytes;
      fuzz::require(
          bytes_of_file.empty()
          || (bytes_of_file.data() >= body.data()
              && bytes_of_file.data() + bytes_of_file.size() <= body.data() + body.size()));
      fuzz::require(file.name.find('/') == file.name.npos);
    }
    (void)form.data();
  } catch (const dcrf::api_exception&) {
  }
  return 0;
}
