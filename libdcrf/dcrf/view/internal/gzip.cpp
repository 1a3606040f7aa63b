#include "dcrf/view/internal/gzip.hpp"

#include <boost/beast/zlib/deflate_stream.hpp>
#include <boost/crc.hpp>

#include <cstdint>
#include <stdexcept>

namespace dcrf::internal {

namespace zlib = boost::beast::zlib;

namespace {

void append_little_endian(std::string& to, std::uint32_t x) {
  for (int shift = 0; shift < 32; shift += 8) {
    to += static_cast<char>((x >> shift) & 0xff);
  }
}

} // namespace

std::string gzip(std::string_view text) {
  // Deflate, no flags, no time, best compression, of an unknown system.
  std::string result{"\x1f\x8b\x08\0\0\0\0\0\x02\xff", 10};
  auto head = result.size();
  zlib::deflate_stream stream;
  stream.reset(9, 15, 9, zlib::Strategy::normal);
  result.resize(head + stream.upper_bound(text.size()));
  zlib::z_params x;
  x.next_in = text.data();
  x.avail_in = text.size();
  x.next_out = result.data() + head;
  x.avail_out = result.size() - head;
  boost::beast::error_code ec;
  stream.write(x, zlib::Flush::finish, ec);
  if (ec != zlib::error::end_of_stream) {
    throw std::runtime_error("a text can't be compressed: " + ec.message());
  }
  result.resize(head + x.total_out);
  boost::crc_32_type sum;
  sum.process_bytes(text.data(), text.size());
  append_little_endian(result, sum.checksum());
  append_little_endian(result, static_cast<std::uint32_t>(text.size()));
  return result;
}

} // namespace dcrf::internal
