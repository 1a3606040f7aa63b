// [includes]
#include <dcrf/server.hpp>
// [includes]

#include <nlohmann/json.hpp>

namespace guide::views {

struct item {
  std::int64_t id{};
  std::string name;
  std::int64_t rank = 1;
};
BOOST_DESCRIBE_STRUCT(item, (), (id, name, rank))

} // namespace guide::views

template <>
struct dcrf::model<guide::views::item> {
  using item = guide::views::item;
  static constexpr auto table = "item";
  using primary_key = dcrf::primary_key<&item::id>;
  using fields = dcrf::fields<dcrf::text_field<&item::name, dcrf::max_length<50>>,
                              dcrf::field<&item::rank, dcrf::defaulted>>;
};

namespace guide::views {

struct item_serializer : dcrf::model_serializer<item> {
  using fields =
      dcrf::shown<dcrf::field<&item::id>, dcrf::field<&item::name>, dcrf::field<&item::rank>>;
};

// [lists]
class shelf_view_set
    : public dcrf::model_view_set<shelf_view_set, item, item_serializer, dcrf::list_model> {
public:
  using pagination = dcrf::limit_offset_pagination<dcrf::default_limit<20>>;
  using filterset_fields = dcrf::filterset_fields<dcrf::filter_by<&item::rank, "gte">>;
  using search_fields = dcrf::search_fields<&item::name>;
  using ordering_fields = dcrf::ordering_fields<&item::name, &item::rank>;
};
// [lists]

// [view-set]
class item_view_set : public dcrf::model_view_set<item_view_set, item, item_serializer> {
public:
  using permissions = dcrf::permissions<dcrf::drf::is_authenticated_or_read_only>;

  dcrf::task<dcrf::view_response> promote(dcrf::view_request& req) {
    auto found = co_await get_object(req);
    auto promoted =
        co_await req.repository<item>().update(found.id, dcrf::increment<&item::rank>());
    co_return dcrf::view_response::ok(dcrf::to_json<item_serializer>(promoted));
  }

  using actions =
      dcrf::view_actions<dcrf::detail_action<"promote", &item_view_set::promote, "POST">>;

protected:
  dcrf::query<item> queryset(const dcrf::view_request&) const override {
    return dcrf::query<item>{}.order_by<&item::name>();
  }

  dcrf::task<> perform_create(dcrf::validated<item>& data, dcrf::view_request& req) override {
    if (!req.user().is_staff) {
      data.set<&item::rank>(1);
    }
    return {};
  }
};
// [view-set]

// [api-view]
class item_list_view : public dcrf::api_view<item_list_view> {
public:
  dcrf::task<dcrf::view_response> get(dcrf::view_request& req) {
    dcrf::query<item> rows;
    if (auto least = req.query<std::int64_t>("min_rank")) {
      rows = rows.filter(dcrf::column<&item::rank> >= *least);
    }
    return dcrf::serialized_rows<item_serializer>{req, rows}.list();
  }

  dcrf::task<dcrf::view_response> put(dcrf::view_request& req) {
    return dcrf::serialized_rows<item_serializer>{req}.create();
  }
};
// [api-view]

// [hooked-view]
class own_item_view : public dcrf::api_view<own_item_view> {
public:
  dcrf::task<dcrf::view_response> post(dcrf::view_request& req) {
    auto limit_rank = [&req](dcrf::validated<item>& data) -> dcrf::task<> {
      if (!req.user().is_staff) {
        data.set<&item::rank>(1);
      }
      return {};
    };
    return dcrf::serialized_rows<item_serializer>{req}.before_create(limit_rank).create();
  }
};
// [hooked-view]

// [arguments]
struct transfer {
  std::int64_t to{};
  std::string note;
  BOOST_DESCRIBE_CLASS(transfer, (), (to, note), (), ())
};

class transfer_view : public dcrf::api_view<transfer_view> {
public:
  using permissions = dcrf::permissions<dcrf::drf::is_authenticated>;

  dcrf::view_response post(dcrf::view_request& req) {
    auto from = req.parameter<std::int64_t>("pk");
    auto asked = req.data<transfer>();
    if (asked.to == from) {
      throw dcrf::validation_error("to", "Must be another item.");
    }
    return dcrf::view_response::accepted(dcrf::json{{"from", from}, {"to", asked.to}});
  }
};
// [arguments]

// [plain]
dcrf::view_response version(dcrf::view_request&) { return dcrf::view_response::text("0.1.0"); }
// [plain]

// [permission]
struct is_editor_permission : dcrf::view_permission<is_editor_permission> {
  bool allows(const dcrf::user_info& user, std::string_view method) const {
    return user.is_staff || dcrf::is_safe_method(method);
  }
};
inline constexpr is_editor_permission is_editor{};
// [permission]

// [http]
void add_views(dcrf::server& server) {
  server.view_set<item_view_set>("/api/items/");
  server.view<item_list_view>("/api/ranked/");
  server.view<own_item_view>("/api/own/");
  server.view<transfer_view>("/api/transfer/<int:pk>/");
  server.view<dcrf::plain_view<&version>>("/version/");
}
// [http]

// [static-files]
void add_site(dcrf::server& server) {
  dcrf::static_files files{{{"X-Content-Type-Options", "nosniff"}}};
  files.add_folder("assets");
  server.static_files("/static/", files);
  server.http("GET", "/", files.handler("index.html"), dcrf::without_user);
}
// [static-files]

// [body-size]
void add_uploads(dcrf::server& server) { server.body_size("/api/photos/", 20 * 1024 * 1024); }
// [body-size]

// [not-found]
void add_not_found(dcrf::server& server) {
  server.not_found(
      [](dcrf::http_request&, const dcrf::runtime&) -> dcrf::task<dcrf::http_response> {
        co_return dcrf::http_response::with(404, "text/html; charset=utf-8", "<h1>Not here</h1>");
      });
}
// [not-found]

// [consumer]
void add_consumers(dcrf::server& server) {
  server.websocket<dcrf::view_as_consumer<item_list_view>>("/ws/items/");
  server.websocket<dcrf::view_as_consumer<transfer_view, dcrf::permissions<is_editor>,
                                          dcrf::method_of<"transfer", "POST">>>("/ws/transfer/");
}
// [consumer]

} // namespace guide::views
