// A consumer and a view set with a field of each type, for the targets that send requests.
#pragma once

#include <dcrf/dcrf.hpp>
#include <dcrf/testing/test_server.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace fuzz {

enum class state { draft, published };
BOOST_DESCRIBE_ENUM(state, draft, published)

struct tag {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(tag, (), (name))

struct item {
  std::int64_t id{};
  std::string name;
  std::optional<std::string> note;
  std::int32_t rank = 0;
  double weight = 0;
  bool is_new = true;
  state status = state::draft;
  dcrf::decimal price;
  dcrf::timestamp at;
  dcrf::date day;
  dcrf::uuid code;
  std::optional<dcrf::json_text> data;
  std::optional<std::int64_t> parent;
  dcrf::many_to_many<tag> tags;
};
BOOST_DESCRIBE_STRUCT(item, (),
                      (id, name, note, rank, weight, is_new, status, price, at, day, code, data,
                       parent, tags))

} // namespace fuzz

template <>
struct dcrf::model<fuzz::tag> {
  static constexpr auto table = "tag";
  using primary_key = dcrf::primary_key<&fuzz::tag::name>;
};

template <>
struct dcrf::model<fuzz::item> {
  using item = fuzz::item;
  static constexpr auto table = "item";
  using primary_key = dcrf::primary_key<&item::id>;
  using fields = dcrf::fields<
      dcrf::text_field<&item::name, dcrf::max_length<50>>, dcrf::field<&item::note>,
      dcrf::field<&item::rank, dcrf::defaulted>, dcrf::field<&item::weight, dcrf::defaulted>,
      dcrf::field<&item::is_new, dcrf::defaulted>, dcrf::field<&item::status, dcrf::defaulted>,
      dcrf::field<&item::price, dcrf::digits<10, 2>, dcrf::defaulted>,
      dcrf::field<&item::at, dcrf::defaulted>, dcrf::field<&item::day, dcrf::defaulted>,
      dcrf::field<&item::code, dcrf::defaulted>, dcrf::field<&item::data>,
      dcrf::foreign_key<&item::parent, item, dcrf::on_delete::cascade>,
      dcrf::relation<&item::tags, dcrf::related_name<"items">, dcrf::blank>>;
};

namespace fuzz {

struct item_serializer : dcrf::model_serializer<item> {
  using fields = dcrf::all_fields;
};

// What consumer and view set have in common.
struct declarations {
  using permissions = dcrf::permissions<dcrf::allow_any>;
  using filterset_fields = dcrf::filterset_fields<
      dcrf::filter_by<&item::name, "exact", "icontains", "startswith", "in">,
      dcrf::filter_by<&item::rank, "exact", "gte", "in">, dcrf::filter_by<&item::weight, "lt">,
      dcrf::filter_by<&item::is_new>, dcrf::filter_by<&item::status>,
      dcrf::filter_by<&item::price, "gte">, dcrf::filter_by<&item::at, "gte">,
      dcrf::filter_by<&item::day>, dcrf::filter_by<&item::code>,
      dcrf::filter_by<&item::parent, "exact", "isnull">, dcrf::filter_by<&item::tags>>;
  using search_fields = dcrf::search_fields<&item::name, &item::note>;
};

struct item_consumer : dcrf::model_consumer<item_consumer, item, item_serializer, dcrf::crud,
                                            dcrf::observe_instance> {
  using permissions = declarations::permissions;
  using filterset_fields = declarations::filterset_fields;
  using search_fields = declarations::search_fields;
  using ordering_fields = dcrf::ordering_fields<&item::name, &item::price>;
  using pagination = dcrf::limit_offset_pagination<dcrf::default_limit<5>>;

  struct items_of_parent : dcrf::model_observer<item, item_serializer> {};

  struct where {
    std::int64_t pk{};
    std::optional<double> weight;
    std::optional<std::string> note;
    std::optional<dcrf::uuid> code;
    bool is_new = false;
    BOOST_DESCRIBE_CLASS(where, (), (pk, weight, note, code, is_new), (), ())
  };

  dcrf::task<dcrf::response> act(where) { co_return dcrf::response::ok(dcrf::json{}); }

  dcrf::task<dcrf::response> watch(dcrf::request& req) {
    co_await subscribe<items_of_parent>(req);
    co_return dcrf::response::created();
  }

  using actions =
      dcrf::actions<dcrf::action<&item_consumer::act>, dcrf::action<&item_consumer::watch>>;
};

struct item_view_set : dcrf::model_view_set<item_view_set, item, item_serializer> {
  using permissions = declarations::permissions;
  using filterset_fields = declarations::filterset_fields;
  using search_fields = declarations::search_fields;
  using pagination =
      dcrf::cursor_pagination<dcrf::ordered_by_descending<&item::price>, dcrf::page_size<2>>;
};

/// Leaves the rows that every input finds.
inline dcrf::task<> prepare(const dcrf::runtime& at) {
  for (const auto* model : {&dcrf::model_of<item>(), &dcrf::model_of<tag>()}) {
    dcrf::bulk_delete_command all{.rows = {.model = model}, .restart_keys = true};
    co_await dcrf::store_call{at.where(), {std::move(all)}};
  }
  tag label{"t"};
  co_await at.repository<tag>().create(label);
  for (std::int64_t price : {100, 150, 150}) {
    item row;
    row.name = "item";
    row.price = dcrf::decimal{price, 2};
    co_await at.repository<item>().create(row);
  }
}

inline void prepare(dcrf::test_server& server) { server.run(prepare(server.runtime())); }

/// The server of all inputs of a run.
inline dcrf::test_server& server() {
  static auto* const result = [] {
    auto* made = new dcrf::test_server{dcrf::schema::of<tag, item>()};
    made->websocket<item_consumer>("/ws/<int:room>/<slug:name>/");
    made->view_set<item_view_set>("/items/");
    prepare(*made);
    return made;
  }();
  return *result;
}

} // namespace fuzz
