#include "dcrf/store/internal/sqlite_feed.hpp"

#include "dcrf/store/command.hpp"
#include "dcrf/store/internal/feed_bytes.hpp"
#include "dcrf/store/internal/signal_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <random>
#include <string>
#include <utility>

namespace dcrf::internal {

namespace {

constexpr std::string_view create_entries =
    "CREATE TABLE IF NOT EXISTS dcrf_feed (id INTEGER PRIMARY KEY NOT NULL, "
    "number INTEGER NOT NULL, time INTEGER NOT NULL, total INTEGER NOT NULL, changes BLOB NOT "
    "NULL)";

constexpr std::string_view create_layouts =
    "CREATE TABLE IF NOT EXISTS dcrf_feed_layout (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
    "\"table\" TEXT NOT NULL UNIQUE, columns TEXT NOT NULL, since INTEGER NOT NULL)";

// The row after the newest, which is always there. Nothing else is read, and it is where the row is
// added.
constexpr std::string_view insert_entry =
    "INSERT INTO dcrf_feed SELECT id + 1, :p1, max(time, :p2), total + :p3, CAST(:p4 AS BLOB) "
    "FROM dcrf_feed ORDER BY id DESC LIMIT 1";

// What a row costs besides its changes, roughly.
constexpr std::int64_t bytes_of_entry = 40;

// The changes of one row; what does not fit into it goes on in the next.
constexpr std::size_t most_bytes = 1024 * 1024;

// What is forgotten, or read, at once: so many rows take well below a millisecond.
constexpr std::int64_t rows_at_once = 256;

// More than what is kept may be there by this part of it, so that rows go many at a time.
constexpr std::int64_t slack_part = 64;

std::int64_t random_number() {
  std::random_device source;
  return static_cast<std::int64_t>((std::uint64_t{source()} << 32) | source());
}

std::string layout_of_table(const model_descriptor& model) {
  std::string result;
  for (const auto& field : model.fields) {
    result += fmt::format("{}{}:{}:{}{}", result.empty() ? "" : ",", field.column,
                          static_cast<int>(field.type), field.places, field.is_nullable ? "?" : "");
  }
  for (const auto& relation : model.relations) {
    result += fmt::format(",{}>{}", relation.name, relation.target().table);
  }
  return result;
}

template <class Number>
bool read_hex(std::string_view text, Number& to) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to, 16);
  return error == std::errc{} && end == text.data() + text.size();
}

} // namespace

sqlite_feed::sqlite_feed(connection& sql, const schema& models, feed_options options)
    : sql_(&sql), models_(&models), options_(std::move(options)) {}

// -- positions ------------------------------------------------------------------------------------

feed_position_ptr sqlite_feed::position_of(const entry& x) {
  return std::make_shared<const feed_position>(
      feed_position{static_cast<std::uint64_t>(x.id),
                    fmt::format("{:x}-{:x}", x.id, static_cast<std::uint64_t>(x.number))});
}

sqlite_feed::entry sqlite_feed::entry_at_end(bool newest) {
  entry result;
  sql_->each(newest ? "SELECT id, number, time, total FROM dcrf_feed ORDER BY id DESC LIMIT 1"
                    : "SELECT id, number, time, total FROM dcrf_feed ORDER BY id LIMIT 1",
             {}, [&](const statement& x) {
               result = {x.integer(0), x.integer(1), x.integer(2), x.integer(3)};
             });
  return result;
}

feed_position_ptr sqlite_feed::cut() { return position_of(entry_at_end(true)); }

feed::standing sqlite_feed::find(std::string_view position,
                                 std::span<const model_descriptor* const> models,
                                 feed_position& found) {
  auto dash = position.find('-');
  std::int64_t id = 0;
  std::uint64_t number = 0;
  if (dash == std::string_view::npos || !read_hex(position.substr(0, dash), id)
      || !read_hex(position.substr(dash + 1), number) || id < 1) {
    return standing::unknown;
  }
  std::optional<std::int64_t> kept;
  value key = id;
  sql_->each("SELECT number FROM dcrf_feed WHERE id = :p1", {&key, 1},
             [&](const statement& x) { kept = x.integer(0); });
  if (!kept) {
    return id < entry_at_end(false).id ? standing::expired : standing::unknown;
  }
  if (*kept != static_cast<std::int64_t>(number)) {
    return standing::unknown;
  }
  auto is_before_layout = [&](const model_descriptor* model) {
    auto noted = layouts_.find(model);
    return noted == layouts_.end() || id < noted->second.since;
  };
  if (std::ranges::any_of(models, is_before_layout)) {
    return standing::expired;
  }
  found = {static_cast<std::uint64_t>(id), std::string{position}};
  return standing::known;
}

// -- the start ------------------------------------------------------------------------------------

void sqlite_feed::interrupt(connection& sql) {
  if (sql.exists("SELECT 1 FROM sqlite_master WHERE name = 'dcrf_feed_layout'", {})) {
    sql.execute("DELETE FROM dcrf_feed_layout");
  }
}

void sqlite_feed::open() {
  sql_->execute(create_entries);
  sql_->execute(create_layouts);
  newest_ = entry_at_end(true);
  if (newest_.id == 0) {
    std::array<value, 2> parameters{random_number(), timestamp::now().microseconds()};
    sql_->execute("INSERT INTO dcrf_feed VALUES (0, :p1, :p2, 0, x'')", parameters);
  }
  std::string kept;
  std::vector<const model_descriptor*> changed;
  for (const auto* model : kept_models()) {
    kept += fmt::format("{}{}", kept.empty() ? "" : ", ", quoted_text(model->table));
    if (!is_noted(*model)) {
      changed.push_back(model);
    }
  }
  // What was not kept had been committed before this row.
  if (!changed.empty()) {
    insert({});
  }
  for (const auto* model : changed) {
    note_layout(*model);
  }
  sql_->execute(fmt::format("DELETE FROM dcrf_feed_layout WHERE \"table\" NOT IN ({})", kept));
  read_layouts();
  oldest_ = entry_at_end(false);
  newest_ = entry_at_end(true);
  told_ = newest_;
}

std::vector<const model_descriptor*> sqlite_feed::kept_models() const {
  auto result = options_.models;
  if (!options_.signals.empty()) {
    result.push_back(&signal_model());
  }
  return result;
}

std::string sqlite_feed::layout_of(const model_descriptor& model) const {
  return model == signal_model() ? options_.signals : layout_of_table(model);
}

const model_descriptor* sqlite_feed::find_model(std::string_view table) const {
  return table == signal_model().table ? &signal_model() : models_->find(table);
}

bool sqlite_feed::is_noted(const model_descriptor& model) {
  std::array<value, 2> parameters{std::string{model.table}, layout_of(model)};
  return sql_->exists("SELECT 1 FROM dcrf_feed_layout WHERE \"table\" = :p1 AND columns = :p2",
                      parameters);
}

void sqlite_feed::note_layout(const model_descriptor& model) {
  std::array<value, 3> parameters{std::string{model.table}, layout_of(model), newest_.id};
  sql_->execute("DELETE FROM dcrf_feed_layout WHERE \"table\" = :p1",
                std::span{parameters}.first(1));
  sql_->execute("INSERT INTO dcrf_feed_layout (\"table\", columns, since) VALUES (:p1, :p2, :p3)",
                parameters);
}

void sqlite_feed::read_layouts() {
  layouts_.clear();
  sql_->each("SELECT \"table\", id, since FROM dcrf_feed_layout", {}, [this](const statement& x) {
    if (const auto* model = find_model(x.text(0))) {
      layouts_[model] = {static_cast<std::uint64_t>(x.integer(1)), x.integer(2)};
    }
  });
}

bool sqlite_feed::keeps(const model_descriptor& model) const noexcept {
  return layouts_.contains(&model);
}

// -- writing --------------------------------------------------------------------------------------

feed_position_ptr sqlite_feed::append(commands changes) {
  std::string bytes;
  bool is_kept = false;
  for (const auto& command : changes) {
    for (const auto& x : command) {
      auto noted = layouts_.find(x.model);
      if (noted == layouts_.end()) {
        continue;
      }
      is_kept = true;
      write_change(bytes, x, noted->second.id);
      if (bytes.size() >= most_bytes) {
        insert(std::exchange(bytes, {}));
      }
    }
  }
  if (!is_kept) {
    return nullptr;
  }
  // The last row is the position, also if all of it had gone into those before.
  insert(bytes);
  if (is_too_much(slack_part)) {
    forget_some(false);
  }
  return position_of(newest_);
}

void sqlite_feed::insert(const std::string& bytes) {
  auto size = static_cast<std::int64_t>(bytes.size()) + bytes_of_entry;
  auto time = timestamp::now().microseconds();
  std::array<value, 4> parameters{random_number(), time, size, bytes};
  auto running = sql_->prepare(insert_entry);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    running->bind(i, parameters[i]);
  }
  running->execute();
  if (running->changed_rows() != 1) {
    throw store_failure(store_errc::failed, "the table dcrf_feed has lost its newest row");
  }
  newest_ = {running->inserted_key(), std::get<std::int64_t>(parameters[0]),
             std::max(newest_.time, time), newest_.total + size};
}

// -- forgetting -----------------------------------------------------------------------------------

bool sqlite_feed::is_too_much(std::int64_t slack) const noexcept {
  auto with_slack = [slack](auto limit) {
    auto x = static_cast<std::int64_t>(limit);
    return x + (slack > 0 ? x / slack : 0);
  };
  const auto& kept = options_.retention;
  auto time = std::chrono::duration_cast<std::chrono::microseconds>(kept.time).count();
  auto now = timestamp::now().microseconds();
  return newest_.id > oldest_.id
         && (newest_.id - oldest_.id >= with_slack(kept.entries)
             || newest_.total - oldest_.total > with_slack(kept.bytes)
             || now - oldest_.time > with_slack(time));
}

// Deletes some of the oldest rows, but never the newest. They lie together, so that few pages
// change.
bool sqlite_feed::forget_some(bool all) {
  newest_ = entry_at_end(true);
  std::vector<entry> next;
  value count = rows_at_once + 1;
  sql_->each("SELECT id, number, time, total FROM dcrf_feed ORDER BY id LIMIT :p1", {&count, 1},
             [&](const statement& x) {
               next.push_back({x.integer(0), x.integer(1), x.integer(2), x.integer(3)});
             });
  auto last = next.begin();
  for (oldest_ = *last; last != std::prev(next.end()) && (all || is_too_much(0)); ++last) {
    oldest_ = *std::next(last);
  }
  if (last == next.begin()) {
    return false;
  }
  value below = oldest_.id;
  sql_->execute("DELETE FROM dcrf_feed WHERE id < :p1", {&below, 1});
  return last == std::prev(next.end()) && oldest_.id < newest_.id;
}

bool sqlite_feed::prune(bool all) {
  if (!all && !is_too_much(0)) {
    return false;
  }
  sql_->begin(true);
  try {
    auto has_more = forget_some(all);
    sql_->commit();
    return has_more;
  } catch (...) {
    sql_->rollback();
    throw;
  }
}

bool sqlite_feed::is_time_to_tell() noexcept {
  constexpr std::int64_t part = 8;
  const auto& kept = options_.retention;
  auto time = std::chrono::duration_cast<std::chrono::microseconds>(kept.time).count();
  auto is_due = newest_.id > told_.id
                && (newest_.id - told_.id >= static_cast<std::int64_t>(kept.entries) / part
                    || newest_.total - told_.total >= static_cast<std::int64_t>(kept.bytes) / part
                    || timestamp::now().microseconds() - told_.time >= time / part);
  if (is_due) {
    told_ = newest_;
  }
  return is_due;
}

feed::extent sqlite_feed::size() {
  auto first = entry_at_end(false);
  auto last = entry_at_end(true);
  return {.entries = static_cast<std::uint64_t>(last.id - first.id + 1),
          .bytes = static_cast<std::uint64_t>(last.total - first.total + bytes_of_entry),
          .oldest = position_of(first),
          .newest = position_of(last)};
}

// -- reading --------------------------------------------------------------------------------------

std::optional<feed::page> sqlite_feed::read(const feed_position& since,
                                            const feed_position& until) {
  auto model_of = [this](std::uint64_t id) -> const model_descriptor* {
    for (const auto& [model, noted] : layouts_) {
      if (noted.id == id) {
        return model;
      }
    }
    return nullptr;
  };
  page result;
  std::array<value, 3> parameters{static_cast<std::int64_t>(since.order),
                                  static_cast<std::int64_t>(until.order), rows_at_once};
  auto expected = since.order;
  std::size_t bytes = 0;
  auto running = sql_->prepare("SELECT id, changes FROM dcrf_feed WHERE id > :p1 AND id <= :p2 "
                               "ORDER BY id LIMIT :p3");
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    running->bind(i, parameters[i]);
  }
  for (auto more = running->execute(); more && bytes < most_bytes; more = running->next()) {
    auto id = static_cast<std::uint64_t>(running->integer(0));
    if (id != ++expected) {
      return std::nullopt;
    }
    auto changes = running->text(1);
    bytes += changes.size();
    std::ranges::move(read_changes(changes, *models_, model_of),
                      std::back_inserter(result.changes));
  }
  if (expected == since.order && expected < until.order) {
    return std::nullopt;
  }
  result.reached.order = expected;
  result.has_more = expected < until.order;
  return result;
}

} // namespace dcrf::internal
