// JSON documents: what is read is written, and what is written is read as the same. Another parser
// takes and refuses the same texts.
#include "input.hpp"

#include <dcrf/json/json.hpp>
#include <dcrf/json/json_reader.hpp>
#include <dcrf/json/internal/python_text.hpp>

#include <nlohmann/json.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static dcrf::json_reader reader;
  auto text = fuzz::text_of(bytes, size);
  std::string written;
  try {
    auto read = reader.read(text);
    (void)dcrf::python_text(read);
    written = read.to_text();
    fuzz::require(dcrf::json::accept(text));
  } catch (const dcrf::json_error&) {
    // The other one takes a byte order mark, ends at a NUL, and nests as deep as it can.
    bool is_theirs = text.starts_with("\xef\xbb\xbf") || text.find('\0') != text.npos
                     || size > dcrf::json_reader::default_depth;
    fuzz::require(is_theirs || !dcrf::json::accept(text));
    return 0;
  }
  fuzz::require(reader.read(written).to_text() == written);
  fuzz::require(dcrf::json::parse(written) == dcrf::json::parse(text));
  return 0;
}
