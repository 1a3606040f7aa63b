// Exchanges the messages that the pages of docs show. A block of text that follows a line
//
//     <!-- played: PAGE PATH -->
//
// is a dialogue with the consumers of the file PAGE, on a connection of its own and a database of
// its own: what follows `>` is sent, what follows `<` has to come, and nothing else may.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "models.hpp"
#include "pages.hpp"

namespace {

using blog::article;
using blog::author;
using blog::comment;
using blog::tag;
using dcrf::json;

struct dialogue {
  std::string where;
  std::string page;
  std::string target;
  // Frames, each with the direction in front.
  std::vector<std::string> frames;
};

std::vector<dialogue> dialogues_of(const std::filesystem::path& document) {
  std::vector<dialogue> result;
  std::ifstream file{document};
  std::string line;
  bool is_inside = false;
  for (int number = 1; std::getline(file, line); ++number) {
    std::istringstream words{line};
    std::string start;
    std::string kind;
    words >> start >> kind;
    if (start == "<!--" && kind == "played:") {
      auto& x = result.emplace_back();
      x.where = document.filename().string() + ':' + std::to_string(number);
      words >> x.page >> x.target;
      is_inside = true;
    } else if (is_inside && line == "```") {
      is_inside = false;
    } else if (is_inside && (line.starts_with("> ") || line.starts_with("< "))) {
      result.back().frames.push_back(line);
    } else if (is_inside && line.starts_with("  ")) {
      result.back().frames.back() += line;
    }
  }
  return result;
}

dcrf::task<> fill(const dcrf::runtime& within) {
  std::vector<author> authors{{.name = "ann"}, {.name = "bob"}, {.name = "root"}};
  for (const auto& x : authors) {
    co_await within.repository<author>().create(x);
  }
  std::vector<tag> tags{{.name = "birds"}, {.name = "fish"}};
  for (const auto& x : tags) {
    co_await within.repository<tag>().create(x);
  }
  article herons{.title = "Herons", .text = "Grey birds.", .author = 1, .rating = 5};
  herons.status = blog::state::published;
  co_await within.repository<article>().create(herons);
  article pike{.title = "Pike", .text = "They bite.", .author = 2, .rating = 3};
  pike.status = blog::state::published;
  co_await within.repository<article>().create(pike);
  article notes{.title = "Notes", .author = 1};
  co_await within.repository<article>().create(notes);
  co_await within.related<&article::tags>(1).add("birds");
  co_await within.related<&article::tags>(2).add("fish");
  comment nice{.article = 1, .author = 2, .text = "Nice."};
  co_await within.repository<comment>().create(nice);
  comment thanks{.article = 1, .author = 1, .text = "Thanks."};
  co_await within.repository<comment>().create(thanks);
}

// Everybody is who the address says; root is of the staff.
dcrf::task<dcrf::user_info> authenticate(const dcrf::scope& connection,
                                         const dcrf::runtime& within) {
  dcrf::user_info result;
  auto name = connection.query("user").value_or("");
  auto named = dcrf::query<author>{}.filter(dcrf::column<&author::name> == name);
  if (auto found = co_await within.repository<author>().first(named)) {
    result.pk = found->id;
    result.username = name;
    result.is_staff = name == "root";
  }
  co_return result;
}

std::unique_ptr<dcrf::test_server> blog_server() {
  auto result =
      std::make_unique<dcrf::test_server>(dcrf::schema::of<author, tag, article, comment>());
  result->authenticate(&authenticate);
  result->run(fill(result->runtime()));
  return result;
}

void play(const dialogue& x) {
  static const std::map<std::string, std::function<void(dcrf::test_server&)>> pages{
      {"actions", &guide::actions::add_to},
      {"filtering", &guide::filtering::add_to},
      {"hypermedia", &guide::hypermedia::add_to},
      {"model_consumers", &guide::model_consumers::add_to},
      {"multiplexing", &guide::multiplexing::add_to},
      {"observers", &guide::observers::add_to},
      {"pagination", &guide::pagination::add_to},
      {"permissions", &guide::permissions::add_to},
      {"serializers", &guide::serializers::add_to},
      {"throttling", &guide::throttling::add_to},
  };
  INFO(x.where);
  REQUIRE(pages.contains(x.page));
  auto server = blog_server();
  pages.at(x.page)(*server);
  auto client = server->connect(x.target);
  REQUIRE(client.is_accepted());
  for (const auto& frame : x.frames) {
    INFO(frame);
    auto text = frame.substr(2);
    if (frame.front() == '>') {
      client.send_text(text);
    } else {
      auto got = client.receive();
      CHECK(got == json::parse(text));
    }
  }
  CHECK(client.is_silent());
}

} // namespace

TEST_CASE("the messages that the documents show are exchanged", "[guide]") {
  int number = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{GUIDE_DOCUMENTS}) {
    if (entry.path().extension() == ".md") {
      for (const auto& x : dialogues_of(entry.path())) {
        play(x);
        ++number;
      }
    }
  }
  CHECK(number > 20);
}

TEST_CASE("the queries of the guide find what they should", "[guide]") {
  auto server = blog_server();
  guide::models_and_queries::add_to(*server);
  auto client = server->connect("/ws/");
  client.send({{"action", "try"}});
  CHECK(client.receive()["response_status"] == 200);
}

TEST_CASE("a client that speaks no version 2 is refused", "[guide]") {
  auto server = blog_server();
  guide::permissions::add_to(*server);
  CHECK(server->connect("/ws/articles/?user=ann").refused_with() == 403);
  CHECK(server->connect("/ws/invited/").refused_with() == 403);
}
