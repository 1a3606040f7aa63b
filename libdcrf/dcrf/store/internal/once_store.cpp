#include "dcrf/store/internal/once_store.hpp"

#include "dcrf/model/timestamp.hpp"
#include "dcrf/store/command.hpp"
#include "dcrf/store/internal/table_info.hpp"

#include <fmt/format.h>

#include <array>
#include <memory>

namespace dcrf::internal {

namespace {

// What an entry costs besides its texts, with its places in the indexes, roughly.
constexpr std::int64_t bytes_of_claim = 200;

// What is forgotten at once: so many rows take about a millisecond.
constexpr std::int64_t claims_at_once = 256;

// The parts of all entries that one owner, and all that is nobody's, may have.
constexpr std::uint64_t part_of_owner = 16;
constexpr std::uint64_t part_of_nobody = 2;

std::int64_t microseconds(std::chrono::milliseconds x) {
  return std::chrono::duration_cast<std::chrono::microseconds>(x).count();
}

} // namespace

void once_store::create(connection& sql) {
  if (sql.kind().read_table(sql, "dcrf_once")) {
    return;
  }
  const auto& language = sql.language();
  auto text = language.type_of({.type = field_type::text});
  auto integer = language.type_of({.type = field_type::integer});
  sql.execute(
      fmt::format("CREATE TABLE \"dcrf_once\" (owner {0} NOT NULL, name {0} NOT NULL, "
                  "content {0} NOT NULL, reply {0} NOT NULL, number {1} NOT NULL, "
                  "bytes {1} NOT NULL, owned_number {1} NOT NULL, owned_bytes {1} NOT NULL, "
                  "time {1} NOT NULL, "
                  "PRIMARY KEY (owner, name))",
                  text, integer));
  sql.execute("CREATE INDEX \"dcrf_once_number\" ON \"dcrf_once\" (number)");
  sql.execute("CREATE INDEX \"dcrf_once_owned\" ON \"dcrf_once\" (owner, owned_number)");
}

// -- claims ---------------------------------------------------------------------------------------

// Numbers and bytes count up from the oldest entry to the newest, all together and for each owner,
// so that nobody has to count what is kept. Nodes that claim at the same moment may take the same
// ones.
once_result_ptr once_store::claim(const once_claim& x) {
  if (auto found = find(x)) {
    return found;
  }
  auto kept = all();
  auto owned = of_owner(x.owner);
  check_room(x, kept, owned);
  auto size =
      static_cast<std::int64_t>(x.owner.size() + x.name.size() + x.content.size()) + bytes_of_claim;
  std::array<value, 8> parameters{x.owner,
                                  x.name,
                                  x.content,
                                  kept.last.number + 1,
                                  kept.last.bytes + size,
                                  owned.last.number + 1,
                                  owned.last.bytes + size,
                                  timestamp::now().microseconds()};
  auto count =
      sql_->execute("INSERT INTO \"dcrf_once\" (owner, name, content, reply, number, bytes, "
                    "owned_number, owned_bytes, time) VALUES (:p1, :p2, :p3, '', :p4, :p5, "
                    ":p6, :p7, :p8) ON CONFLICT (owner, name) DO NOTHING",
                    parameters);
  if (count > 0) {
    return nullptr;
  }
  // Another node's transaction was waited for.
  auto found = find(x);
  if (!found) {
    throw store_failure(store_errc::unavailable, "what was done once has just been forgotten");
  }
  return found;
}

once_result_ptr once_store::find(const once_claim& x) {
  once_result_ptr result;
  std::array<value, 2> parameters{x.owner, x.name};
  sql_->each("SELECT content, reply FROM \"dcrf_once\" WHERE owner = :p1 AND name = :p2",
             parameters, [&](const statement& found) {
               result = std::make_shared<const once_result>(once_result{
                   .content = std::string{found.text(0)}, .reply = std::string{found.text(1)}});
             });
  return result;
}

once_store::span_of_entries once_store::all() {
  return {.first = read_counted("SELECT number, bytes FROM \"dcrf_once\" ORDER BY number LIMIT 1",
                                nullptr),
          .last = read_counted(
              "SELECT number, bytes FROM \"dcrf_once\" ORDER BY number DESC LIMIT 1", nullptr)};
}

once_store::span_of_entries once_store::of_owner(const std::string& owner) {
  return {.first = read_counted("SELECT owned_number, owned_bytes FROM \"dcrf_once\" WHERE owner = "
                                ":p1 ORDER BY owned_number LIMIT 1",
                                &owner),
          .last = read_counted("SELECT owned_number, owned_bytes FROM \"dcrf_once\" WHERE owner = "
                               ":p1 ORDER BY owned_number DESC LIMIT 1",
                               &owner)};
}

once_store::counted once_store::read_counted(std::string_view query, const std::string* owner) {
  counted result;
  value parameter = owner ? value{*owner} : value{};
  sql_->each(query, {&parameter, owner ? std::size_t{1} : std::size_t{0}},
             [&](const statement& x) { result = {x.integer(0), x.integer(1)}; });
  return result;
}

bool once_store::span_of_entries::has(std::uint64_t entries, std::uint64_t bytes) const {
  return last.number > 0
         && (static_cast<std::uint64_t>(last.number - first.number + 1) >= entries
             || static_cast<std::uint64_t>(last.bytes - first.bytes) >= bytes);
}

void once_store::check_room(const once_claim& x, const span_of_entries& all,
                            const span_of_entries& owned) {
  auto part = x.owner.empty() ? part_of_nobody : part_of_owner;
  auto share = [part](std::uint64_t whole) { return std::max<std::uint64_t>(1, whole / part); };
  if (owned.has(share(bounds_.entries), share(bounds_.bytes))
      || all.has(bounds_.entries, bounds_.bytes)) {
    throw store_failure(store_errc::exhausted,
                        "As many writes are remembered as can be: try again later.");
  }
}

void once_store::keep(const once_claim& x, const std::string& reply) {
  auto size = static_cast<std::int64_t>(reply.size());
  std::array<value, 5> parameters{reply, size, size, x.owner, x.name};
  sql_->execute("UPDATE \"dcrf_once\" SET reply = :p1, bytes = bytes + :p2, owned_bytes = "
                "owned_bytes + :p3 WHERE owner = :p4 AND name = :p5",
                parameters);
}

// -- forgetting -----------------------------------------------------------------------------------

bool once_store::prune() {
  if (timestamp::now().microseconds() < next_look_) {
    return false;
  }
  sql_->begin(true);
  try {
    auto has_more = forget_some();
    sql_->commit();
    return has_more;
  } catch (...) {
    sql_->rollback();
    throw;
  }
}

bool once_store::forget_some() {
  auto kept_for = microseconds(bounds_.time);
  auto now = timestamp::now().microseconds();
  std::int64_t read = 0;
  std::int64_t forgotten = 0;
  std::int64_t last = 0;
  // Nothing is older than what is written from now on, if nothing is there.
  auto oldest = now;
  value count = claims_at_once;
  sql_->each("SELECT number, time FROM \"dcrf_once\" ORDER BY number LIMIT :p1", {&count, 1},
             [&](const statement& x) {
               bool is_old = x.integer(1) + kept_for <= now;
               if (is_old && forgotten == read) {
                 ++forgotten;
                 last = x.integer(0);
               } else if (forgotten == read) {
                 oldest = x.integer(1);
               }
               ++read;
             });
  if (forgotten > 0) {
    value until = last;
    sql_->execute("DELETE FROM \"dcrf_once\" WHERE number <= :p1", {&until, 1});
  }
  auto has_more = forgotten == claims_at_once;
  next_look_ = has_more ? 0 : oldest + kept_for;
  return has_more;
}

} // namespace dcrf::internal
