#pragma once

#include "dcrf/consumer/internal/test_models.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

// A model and helpers for the tests of views.
namespace view_test {

struct item {
  std::int64_t id{};
  std::string name;
  std::int64_t rank = 1;
};
BOOST_DESCRIBE_STRUCT(item, (), (id, name, rank))

} // namespace view_test

template <>
struct dcrf::model<view_test::item> {
  using item = view_test::item;
  static constexpr auto table = "item";
  using primary_key = dcrf::primary_key<&item::id>;
  using fields = dcrf::fields<dcrf::text_field<&item::name, dcrf::max_length<10>, dcrf::unique>,
                              dcrf::field<&item::rank, dcrf::defaulted>>;
};

namespace view_test {

struct item_serializer : dcrf::model_serializer<item> {
  using fields =
      dcrf::shown<dcrf::field<&item::id>, dcrf::field<&item::name>, dcrf::field<&item::rank>>;
};

using consumer_test::user;

/// A server with `item 1`, of rank 1, to `item N`.
struct bench {
  explicit bench(std::int64_t count = 0) {
    for (std::int64_t i = 1; i <= count; ++i) {
      item draft;
      draft.name = "item " + std::to_string(i);
      draft.rank = i;
      consumer_test::stored(server, draft);
    }
  }

  dcrf::test_server server{dcrf::schema::of<item>()};
};

inline std::string header(const dcrf::http_response& x, std::string_view name) {
  auto found = std::ranges::find(x.headers, name, [](const auto& pair) { return pair.first; });
  return found == x.headers.end() ? "none" : found->second;
}

/// "200 {…}"
inline std::string said(const dcrf::http_response& x) {
  return std::to_string(x.status) + ' ' + x.body;
}

} // namespace view_test
