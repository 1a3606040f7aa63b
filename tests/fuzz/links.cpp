// What nodes say to each other, and what the feed keeps: the first byte chooses what the rest is
// read as. What was read is written, and read as the same.
#include "input.hpp"
#include "shop.hpp"

#include "dcrf/actors/cluster/internal/codec.hpp"
#include "dcrf/store/internal/feed_bytes.hpp"

#include <utility>
#include <vector>

namespace {

using dcrf::byte_reader;
using dcrf::byte_writer;

const dcrf::schema& models() {
  static const auto result = dcrf::schema::of<fuzz::tag, fuzz::item>();
  return result;
}

template <class Read>
void go_around(std::string_view bytes, Read read) {
  auto as_bytes = [](const auto& x) {
    byte_writer out;
    dcrf::cluster::write(out, x);
    return std::move(out).take();
  };
  byte_reader in{bytes};
  auto first = as_bytes(read(in));
  in.finish();
  byte_reader again{first};
  fuzz::require(as_bytes(read(again)) == first);
}

void read_message(std::string_view bytes) {
  byte_reader in{bytes};
  if (auto message = dcrf::cluster::read_group_message(in)) {
    (void)message->body();
    byte_writer out;
    dcrf::cluster::write(out, *message);
  }
}

void read_feed(std::string_view bytes) {
  auto model = [](std::uint64_t layout) {
    return layout == 0 ? &dcrf::model_of<fuzz::tag>() : &dcrf::model_of<fuzz::item>();
  };
  std::string written;
  for (const auto& x : dcrf::internal::read_changes(bytes, models(), model)) {
    dcrf::internal::write_change(written, x, x.model == &dcrf::model_of<fuzz::tag>() ? 0 : 1);
  }
}

void read(int kind, std::string_view bytes) {
  using namespace dcrf::cluster;
  switch (kind) {
  case 0:
    go_around(bytes, [](byte_reader& in) { return read_command(in, models()); });
    break;
  case 1:
    go_around(bytes, read_store_result);
    break;
  case 2:
    go_around(bytes, read_session_question);
    break;
  case 3:
    go_around(bytes, read_session_answer);
    break;
  case 4:
    read_message(bytes);
    break;
  default:
    read_feed(bytes);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size > 0) {
    try {
      read(bytes[0] % 6, fuzz::text_of(bytes + 1, size - 1));
    } catch (const dcrf::malformed_bytes&) {
    }
  }
  return 0;
}
