// The code of docs/guide/migrations.md.

#include <dcrf/actors/server.hpp>

#include "models.hpp"

using blog::article;
using blog::author;
using blog::comment;

namespace guide::migrations {

void declare(dcrf::server& server);
dcrf::migration initials();

// [steps]
void declare(dcrf::server& server) {
  server.migrations({
      dcrf::migration("2026-03 e-mail")
          .renamed<&author::email>("mail")
          .dropped<author>("telephone"),
      dcrf::migration("2026-04 ratings")
          .added<&article::rating>("0")
          .sql("UPDATE blog_article SET rating = 5 WHERE title = 'Herons'"),
      dcrf::migration("2026-05 comments without an author")
          .renamed_table<comment>("blog_remark")
          .changed<&comment::author>(),
  });
}
// [steps]

// [code]
dcrf::migration initials() {
  return dcrf::migration("2026-06 initials").run([](dcrf::migration_sql& db) {
    for (const auto& row : db.query("SELECT id, name FROM blog_author")) {
      auto name = std::get<std::string>(row[1]);
      std::vector<dcrf::value> parameters{name.substr(0, 1) + '.', row[0]};
      db.execute("UPDATE blog_author SET name = :p1 WHERE id = CAST(:p2 AS bigint)", parameters);
    }
  });
}
// [code]

} // namespace guide::migrations
