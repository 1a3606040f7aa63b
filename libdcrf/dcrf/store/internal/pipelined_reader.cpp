#include "dcrf/store/internal/pipelined_reader.hpp"

#include "dcrf/store/internal/postgresql_backend.hpp"
#include "dcrf/store/internal/single_query.hpp"

#include <cstdint>
#include <deque>
#include <utility>
#include <variant>
#include <vector>

namespace dcrf {

using internal::sql_errc;
using internal::sql_error;

namespace {

database_options read_only(database_options options) {
  options.read_only = true;
  return options;
}

// How many rows are read in one go: the thread has others to serve.
constexpr std::int64_t most_rows = 200;

// Finding a row by its key is quick; whatever else may take long, and others must not wait for it.
bool is_quick(const command& x) noexcept {
  return std::holds_alternative<retrieve_command>(x.body);
}

store_result unavailable(std::string text) {
  return {.error = store_error{store_errc::unavailable, std::move(text)}};
}

} // namespace

struct pipelined_reader::state {
  // A read that was sent.
  struct sent {
    // Empty if it was handed back meanwhile.
    std::optional<read> asked;
    std::uint64_t batch = 0;
    clock::time_point since;
  };

  state(database_options options, schema models)
      : at(std::move(options), std::move(models)),
        line(static_cast<internal::postgresql_backend&>(at.sql.kind()).line()) {}

  void send(read x);
  void end_batch();
  void answer(sent x, internal::postgresql::result found);
  [[nodiscard]] store_result result_of(const command& x, internal::postgresql::result& found);
  void hand_back(sent& x) {
    if (x.asked) {
      --load;
      handed_back(std::move(*std::exchange(x.asked, std::nullopt)));
    }
  }
  void hand_back_all() {
    // Whoever is handed a read may come back here.
    for (auto all = std::exchange(under_way, {}); auto& x : all) {
      hand_back(x);
    }
  }

  internal::store at;
  internal::postgresql::pipeline& line;
  handler handed_back = [](const read&) {};
  std::deque<sent> under_way;
  std::size_t load = 0;
  std::uint64_t batch = 1;
  bool is_batch_open = false;
  std::vector<internal::postgresql::parameter> parameters; // keeps its memory
};

void pipelined_reader::state::send(read x) {
  std::optional<internal::bound_sql> query;
  try {
    query = internal::query_of(at, x.body);
    if (!query) {
      x.done({.error = internal::not_found(*std::get<retrieve_command>(x.body.body).where.model)});
      return;
    }
    parameters.clear();
    for (const auto& each : query->parameters) {
      parameters.push_back(internal::postgresql::parameter_of(each));
    }
  } catch (const store_failure& e) {
    x.done({.error = e.error()});
    return;
  } catch (const sql_error& e) {
    x.done({.error = store_error{.text = e.what()}});
    return;
  }
  try {
    auto is_alone = !is_quick(x.body);
    if (is_alone) {
      end_batch();
    }
    line.send(query->sql, parameters);
    is_batch_open = true;
    ++load;
    under_way.push_back({std::move(x), batch, clock::now()});
    if (is_alone) {
      end_batch();
    }
  } catch (const sql_error&) {
    if (x.done) {
      handed_back(std::move(x));
    }
    hand_back_all();
  }
}

void pipelined_reader::state::end_batch() {
  if (std::exchange(is_batch_open, false)) {
    line.end_batch();
    ++batch;
  }
}

store_result pipelined_reader::state::result_of(const command& x,
                                                internal::postgresql::result& found) {
  store_result answer;
  for (auto more = found.has_row(); more; more = found.next()) {
    internal::add_row(at, x, found, answer);
  }
  const auto* retrieval = std::get_if<retrieve_command>(&x.body);
  if (retrieval != nullptr && answer.rows.empty()) {
    answer.error = internal::not_found(*retrieval->where.model);
  }
  return answer;
}

void pipelined_reader::state::answer(sent x, internal::postgresql::result found) {
  if (!x.asked) {
    return;
  }
  if (found.is_skipped()) {
    --load;
    send(std::move(*x.asked));
    return;
  }
  if (!found.is_error()) {
    --load;
    x.asked->done(result_of(x.asked->body, found));
    return;
  }
  auto error = found.error();
  auto is_final = error.code() == sql_errc::other || found.is_cancelled();
  if (found.is_outdated() || !is_final) {
    hand_back(x);
    return;
  }
  --load;
  auto code = found.is_cancelled() ? store_errc::unavailable : store_errc::failed;
  x.asked->done({.error = store_error{code, error.what()}});
}

bool pipelined_reader::is_possible_for(const database_options& options) noexcept {
  return internal::postgresql_backend::is_url(options.url);
}

bool pipelined_reader::can_execute(const command& x) noexcept {
  const auto* list = std::get_if<list_command>(&x.body);
  auto is_short = list == nullptr || list->rows.limit.value_or(most_rows + 1) <= most_rows;
  return is_short && internal::is_single_query(x);
}

pipelined_reader::pipelined_reader(database_options options, schema models)
    : state_(std::make_unique<state>(read_only(std::move(options)), std::move(models))) {}

pipelined_reader::~pipelined_reader() = default;

void pipelined_reader::on_handed_back(handler x) { state_->handed_back = std::move(x); }

void pipelined_reader::submit(read x) { state_->send(std::move(x)); }

bool pipelined_reader::flush() {
  try {
    state_->end_batch();
  } catch (const sql_error&) {
    state_->hand_back_all();
  }
  return is_lost() || state_->line.flush();
}

void pipelined_reader::receive() {
  auto& x = *state_;
  x.line.receive();
  while (!x.under_way.empty()) {
    auto found = x.line.take();
    if (!found) {
      break;
    }
    auto front = std::move(x.under_way.front());
    x.under_way.pop_front();
    if (found->is_outdated()) {
      x.line.forget_all();
    }
    x.answer(std::move(front), std::move(*found));
  }
  if (x.under_way.empty()) {
    // The end of the last batch.
    static_cast<void>(x.line.take());
  }
  if (is_lost()) {
    x.hand_back_all();
  }
}

bool pipelined_reader::is_lost() const noexcept { return state_->line.is_lost(); }

std::size_t pipelined_reader::load() const noexcept { return state_->load; }

std::optional<pipelined_reader::clock::time_point>
pipelined_reader::waiting_since() const noexcept {
  const auto& all = state_->under_way;
  return all.empty() ? std::nullopt : std::optional{all.front().since};
}

void pipelined_reader::hand_back_waiting() {
  auto& all = state_->under_way;
  if (all.empty()) {
    return;
  }
  auto is_alone = all.size() == 1 || all[1].batch != all[0].batch;
  // By index: whoever is handed a read may submit another.
  for (auto i = is_alone ? std::size_t{1} : 0, end = all.size(); i < end; ++i) {
    state_->hand_back(all[i]);
  }
}

void pipelined_reader::give_up() {
  auto& x = *state_;
  auto all = std::exchange(x.under_way, {});
  x.line.close();
  auto latest = clock::now() - patience();
  for (auto& each : all) {
    if (each.asked && each.since <= latest) {
      --x.load;
      each.asked->done(unavailable("the database does not answer"));
    } else {
      x.hand_back(each);
    }
  }
}

std::chrono::milliseconds pipelined_reader::patience() const noexcept {
  return state_->line.patience().value_or(std::chrono::milliseconds::max());
}

int pipelined_reader::socket() const noexcept { return state_->line.socket(); }

} // namespace dcrf
