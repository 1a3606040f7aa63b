// Declares a model and creates its table: headers, library and what the library links to.
#include <boost/describe.hpp>
#include <dcrf/model/model.hpp>
#include <dcrf/store/database.hpp>

#include <cstdint>
#include <iostream>
#include <string>

struct note {
  std::int64_t id{};
  std::string text;
};
BOOST_DESCRIBE_STRUCT(note, (), (id, text))

template <>
struct dcrf::model<note> {
  static constexpr auto table = "note";
  using primary_key = dcrf::primary_key<&note::id>;
};

int main() {
  dcrf::database db{{.url = "sqlite://:memory:"}, dcrf::schema::of<note>()};
  const auto steps = db.migrate();
  for (const auto& step : steps) {
    std::cout << step << '\n';
  }
  return steps.empty() ? 1 : 0;
}
