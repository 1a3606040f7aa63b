// [includes]
#include <catch2/catch.hpp>
#include <dcrf/consumer/model_consumer.hpp>
#include <dcrf/testing/test_server.hpp>
#include <dcrf/view/api_view.hpp>
#include <dcrf/view/serialized_rows.hpp>
#include <dcrf/view/view_permission.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
// [includes]

namespace gallery {

struct photo {
  std::int64_t id{};
  std::string title;
  std::string file;
};
BOOST_DESCRIBE_STRUCT(photo, (), (id, title, file))

} // namespace gallery

template <>
struct dcrf::model<gallery::photo> {
  static constexpr auto table = "gallery_photo";
  using primary_key = dcrf::primary_key<&gallery::photo::id>;
  using fields = dcrf::fields<dcrf::text_field<&gallery::photo::title, dcrf::max_length<100>>>;
};

namespace gallery {

const auto folder = std::filesystem::temp_directory_path() / "dcrf-gallery";

// [serializer]
struct photo_serializer : dcrf::model_serializer<photo> {
  using fields = dcrf::shown<dcrf::field<&photo::id>, dcrf::field<&photo::title>,
                             dcrf::field<&photo::file, dcrf::read_only>>;
};
// [serializer]

// [keeping]
// Keeps bytes under a name that nobody chose, on a thread that may wait for the disk.
dcrf::task<std::string> kept(const dcrf::runtime& within, std::string_view bytes) {
  auto name = dcrf::to_string(dcrf::uuid::random()) + ".png";
  auto write = [path = folder / name, content = std::string{bytes}] {
    std::ofstream file{path, std::ios::binary};
    file << content;
    if (!file.flush()) {
      throw dcrf::api_exception(503, "The photo could not be stored.");
    }
  };
  co_await within.offload(write);
  co_return name;
}
// [keeping]

// [view]
bool is_png(std::string_view bytes) { return bytes.starts_with("\x89PNG\r\n\x1a\n"); }

class photos_view : public dcrf::api_view<photos_view> {
public:
  using permissions = dcrf::permissions<dcrf::drf::is_authenticated>;

  dcrf::task<dcrf::view_response> post(dcrf::view_request& req) {
    const auto* file = req.form().file("photo");
    if (file == nullptr) {
      throw dcrf::validation_error("photo", "No file was submitted.");
    }
    // What the client says of it is nothing to rely on.
    if (!is_png(file->bytes)) {
      throw dcrf::validation_error("photo", "Upload a PNG image.");
    }
    auto name = co_await kept(req.runtime(), file->bytes);
    auto set_file = [&name](dcrf::validated<photo>& data) -> dcrf::task<> {
      data.set<&photo::file>(name);
      return {};
    };
    auto rows = dcrf::serialized_rows<photo_serializer>{req}.before_create(set_file);
    co_return co_await rows.create();
  }
};
// [view]

// [download]
class photo_view : public dcrf::api_view<photo_view> {
public:
  using permissions = dcrf::permissions<dcrf::drf::is_authenticated>;

  dcrf::task<dcrf::view_response> get(dcrf::view_request& req) {
    auto row = co_await req.repository<photo>().get(req.parameter<std::int64_t>("pk"));
    auto read = [path = folder / row.file] {
      std::ostringstream content;
      content << std::ifstream{path, std::ios::binary}.rdbuf();
      return content.str();
    };
    auto result =
        dcrf::view_response::bytes(co_await req.runtime().offload(read), 200, "image/png");
    result.header("X-Content-Type-Options", "nosniff");
    co_return result;
  }
};
// [download]

// [consumer]
// Takes a title, then the photo as a binary message.
class upload_consumer : public dcrf::api_consumer<upload_consumer> {
public:
  using permissions = dcrf::permissions<dcrf::is_authenticated>;

  struct announcement {
    std::string title;
    BOOST_DESCRIBE_CLASS(announcement, (), (title), (), ())
  };

  dcrf::response announce(announcement args) {
    title_ = args.title;
    return dcrf::response::accepted();
  }

  dcrf::task<> received_bytes(std::string bytes) override {
    if (!user().is_authenticated() || !title_ || !is_png(bytes)) {
      throw dcrf::parse_error("Announce the photo, then send it as PNG.");
    }
    photo draft{.title = *std::exchange(title_, std::nullopt)};
    draft.file = co_await kept(runtime(), bytes);
    send(co_await create<photo_serializer>(draft));
  }

  using actions = dcrf::actions<dcrf::action<"announce", &upload_consumer::announce>>;

private:
  std::optional<std::string> title_;
};
// [consumer]

struct bench {
  bench() {
    std::filesystem::create_directories(folder);
    server.view<photos_view>("/api/photos/");
    server.view<photo_view>("/api/photos/<int:pk>/file/");
    server.websocket<upload_consumer>("/ws/photos/");
  }
  ~bench() { std::filesystem::remove_all(folder); }

  dcrf::http_response post(const std::string& body) {
    dcrf::http_request request;
    request.method = "POST";
    request.scope.user = ann;
    request.scope.headers = {{"content-type", "multipart/form-data; boundary=x7"}};
    request.body = body;
    return server.fetch("/api/photos/", request);
  }

  dcrf::test_server server{dcrf::schema::of<photo>()};
  dcrf::user_info ann{.pk = 1, .username = "ann"};
};

const std::string png{"\x89PNG\r\n\x1a\n\0\xff", 10};

} // namespace gallery

using dcrf::json;
using gallery::bench;
using gallery::png;

// [test]
TEST_CASE("a photo that was uploaded is there", "[guide]") {
  bench x;
  auto title =
      std::string{"--x7\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHerons\r\n"};
  auto photo = "--x7\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"h.png\"\r\n\r\n"
               + png + "\r\n";
  auto answer = x.post(title + photo + "--x7--\r\n");
  REQUIRE(answer.status == 201);
  CHECK(json::parse(answer.body)["title"] == "Herons");
  auto found = x.server.fetch("GET", "/api/photos/1/file/", x.ann);
  CHECK(found.body == png);

  auto without = x.post(title + "--x7--\r\n");
  CHECK(without.status == 400);
  CHECK(json::parse(without.body) == json{{"photo", {"No file was submitted."}}});
  CHECK(x.server.fetch("POST", "/api/photos/", json{{"title", "a"}}, x.ann).status == 415);
}
// [test]

TEST_CASE("a photo may come as a binary message", "[guide]") {
  bench x;
  auto client = x.server.connect("/ws/photos/", x.ann);
  client.send_binary(png);
  CHECK(client.receive()["response_status"] == 400);
  client.send({{"action", "announce"}, {"title", "Herons"}});
  CHECK(client.receive()["response_status"] == 202);
  client.send_binary(png);
  CHECK(client.receive()["id"] == 1);
  CHECK(x.server.fetch("GET", "/api/photos/1/file/", x.ann).body == png);
}
