#include "dcrf/actors/net/internal/outbox.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>

namespace outbox_tests {

using dcrf::internal::outbox;

namespace {

std::string content(const outbox& box) {
  outbox::gathered storage;
  std::string result;
  for (auto piece : box.gather(storage)) {
    result.append(static_cast<const char*>(piece.data()), piece.size());
  }
  return result;
}

std::size_t pieces(const outbox& box) {
  outbox::gathered storage;
  return box.gather(storage).size();
}

} // namespace

TEST_CASE("short pieces are put together", "[outbox]") {
  outbox box;
  box.append(std::string_view{"head "});
  box.append(std::string{"body "});
  box.append(std::make_shared<const std::string>("tail"));
  box.append(std::string_view{});
  CHECK(content(box) == "head body tail");
  CHECK(pieces(box) == 1);
  CHECK(box.size() == 14);
}

TEST_CASE("long pieces are neither copied nor put together", "[outbox]") {
  outbox box;
  auto shared = std::make_shared<const std::string>(100'000, 's');
  std::string own(100'000, 'o');
  const auto* data = own.data();
  box.append(std::string_view{"h"});
  box.append(shared);
  box.append(std::move(own));
  box.append(std::string_view{"t"});
  outbox::gathered storage;
  auto gathered = box.gather(storage);
  REQUIRE(gathered.size() >= 3);
  CHECK(gathered[1].data() == shared->data());
  CHECK(gathered[2].data() == data);
  CHECK(content(box) == "h" + *shared + std::string(100'000, 'o') + "t");
  box.clear();
  CHECK(shared.use_count() == 1);
}

TEST_CASE("bytes are consumed in any portions", "[outbox]") {
  auto portion = GENERATE(1, 2, 4095, 4096, 4097, 10'000);
  outbox box;
  std::string expected;
  for (int i = 0; i < 50; ++i) {
    std::string piece(static_cast<std::size_t>(i * 200 + 1), static_cast<char>('a' + i % 26));
    expected += piece;
    box.append(std::move(piece));
  }
  std::string seen;
  for (int round = 0; !box.empty(); ++round) {
    auto now = content(box).substr(0, static_cast<std::size_t>(portion));
    seen += now;
    box.consume(now.size());
    if (round % 100 == 99) { // it may grow meanwhile
      expected += "more";
      box.append(std::string_view{"more"});
    }
    CHECK(box.size() == expected.size() - seen.size());
    if (portion < 4000 && round > 300) {
      break;
    }
  }
  CHECK(expected.starts_with(seen));
  if (box.empty()) {
    CHECK(seen == expected);
  }
}

TEST_CASE("what one outbox gave back holds nothing of it", "[outbox]") {
  auto long_text = std::string(5'000, 'l');
  outbox first;
  first.append(std::string_view{"secret"});
  if (GENERATE(false, true)) {
    first.append(std::string{long_text});
  }
  first.consume(GENERATE(0, 3));
  first.clear();
  outbox second;
  second.append(std::string_view{"s"});
  outbox third;
  third.append(std::string{long_text});
  third.append(std::string_view{"t"});
  CHECK(content(second) == "s");
  CHECK(pieces(second) == 1);
  CHECK(content(third) == long_text + "t");
  CHECK(content(first).empty());
  first.append(std::string_view{"again"});
  CHECK(content(first) == "again");
}

} // namespace outbox_tests
