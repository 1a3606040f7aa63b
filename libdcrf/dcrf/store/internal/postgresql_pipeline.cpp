#include "dcrf/store/internal/postgresql_pipeline.hpp"

#include "dcrf/store/internal/postgresql_text.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace dcrf::internal::postgresql {

namespace {

// More different statements than a program with some dozens of models has.
constexpr std::size_t most_prepared = 512;

std::string name_of(std::uint32_t prepared) { return fmt::format("d{}", prepared); }

// The text as PostgreSQL wants it: `$1` for `:p1`. What is in quotes stays as it is.
std::string numbered(std::string_view sql) {
  std::string result;
  result.reserve(sql.size());
  char quote = 0;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    auto c = sql[i];
    if (quote != 0) {
      quote = c == quote ? '\0' : quote;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == ':' && sql.substr(i).starts_with(":p")) {
      result += '$';
      ++i;
      continue;
    }
    result += c;
  }
  return result;
}

std::string in_one_line(std::string text) {
  while (text.ends_with('\n')) {
    text.pop_back();
  }
  std::ranges::replace(text, '\n', ' ');
  return text;
}

} // namespace

parameter parameter_of(const value& x) {
  if (is_null(x)) {
    return std::nullopt;
  }
  auto text = text_of(x);
  // The client library would take what is before the NUL for all of it.
  if (text.find('\0') != std::string::npos) {
    throw sql_error(sql_errc::other, "a text with a NUL in it can't be kept in PostgreSQL");
  }
  return text;
}

pipeline::pipeline(std::string connect_string)
    : connect_string_(std::move(connect_string)), interruption_(::eventfd(0, EFD_CLOEXEC)) {
  if (interruption_ < 0) {
    throw std::system_error(errno, std::system_category(), "eventfd");
  }
}

pipeline::~pipeline() { ::close(interruption_); }

void pipeline::open() {
  close();
  if (is_interrupted_) {
    throw sql_error(sql_errc::unavailable, "the database is not waited for any more");
  }
  was_ended_ = false;
  connection_.reset(PQconnectdb(connect_string_.c_str()));
  if (is_lost()) {
    throw_lost();
  }
  // What it says to the program's standard error is told by results, too.
  PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
  if (PQsetnonblocking(connection_.get(), 1) != 0 || PQenterPipelineMode(connection_.get()) != 1) {
    throw_lost();
  }
}

void pipeline::close() noexcept {
  connection_.reset();
  prepared_.clear();
  steps_.clear();
  has_ended_step_ = true;
  open_batches_ = 0;
  failed_.reset();
  deferred_.clear();
}

bool pipeline::is_lost() const noexcept {
  return !connection_ || PQstatus(connection_.get()) != CONNECTION_OK;
}

bool pipeline::in_transaction() const noexcept {
  auto status = PQtransactionStatus(connection_.get());
  return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN;
}

std::string_view pipeline::setting(const char* name) const noexcept {
  const auto* text = PQparameterStatus(connection_.get(), name);
  return text == nullptr ? "" : text;
}

void pipeline::interrupt() noexcept {
  is_interrupted_ = true;
  const std::uint64_t one = 1;
  // It can only fail if it was signalled 2^64 times.
  [[maybe_unused]] auto written = ::write(interruption_, &one, sizeof one);
}

void pipeline::throw_lost() {
  std::string text = connection_ ? in_one_line(PQerrorMessage(connection_.get())) : "";
  close();
  was_ended_ = true;
  throw sql_error(sql_errc::unavailable,
                  text.empty() ? "the connection to the database is lost" : text);
}

// -- sending --------------------------------------------------------------------------------------

void pipeline::note(int was_sent, step x) {
  if (was_sent == 0) {
    throw_lost();
  }
  steps_.push_back(x);
}

std::uint32_t pipeline::prepare(std::string_view sql) {
  auto known = prepared_.find(sql);
  if (known != prepared_.end()) {
    return known->second;
  }
  if (prepared_.size() >= most_prepared) {
    note(PQsendQueryParams(connection_.get(), "DEALLOCATE ALL", 0, nullptr, nullptr, nullptr,
                           nullptr, 0),
         {.is_silent = true});
    prepared_.clear();
  }
  auto number = ++last_prepared_;
  note(PQsendPrepare(connection_.get(), name_of(number).c_str(), numbered(sql).c_str(), 0, nullptr),
       {.is_silent = true, .prepares = number});
  prepared_.emplace(sql, number);
  return number;
}

void pipeline::execute(std::uint32_t prepared, std::span<const parameter> parameters,
                       bool is_silent) {
  constexpr std::size_t usual = 16;
  std::array<const char*, usual> few;
  std::vector<const char*> many(parameters.size() > usual ? parameters.size() : 0);
  auto* texts = many.empty() ? few.data() : many.data();
  std::ranges::transform(parameters, texts,
                         [](const parameter& x) { return x ? x->c_str() : nullptr; });
  note(PQsendQueryPrepared(connection_.get(), name_of(prepared).c_str(),
                           static_cast<int>(parameters.size()), texts, nullptr, nullptr, 0),
       {.is_silent = is_silent});
}

void pipeline::send(std::string_view sql, std::span<const parameter> parameters) {
  execute(prepare(sql), parameters, false);
}

void pipeline::send_silently(std::string_view sql) { execute(prepare(sql), {}, true); }

void pipeline::end_batch() {
  if (PQpipelineSync(connection_.get()) != 1) {
    throw_lost();
  }
  ++open_batches_;
}

bool pipeline::flush() noexcept { return PQflush(connection_.get()) != 1; }

// -- receiving ------------------------------------------------------------------------------------

void pipeline::look() noexcept {
  if (!is_lost()) {
    PQconsumeInput(connection_.get());
  }
}

// A lost connection is told by its status.
void pipeline::receive() noexcept { PQconsumeInput(connection_.get()); }

std::optional<result> pipeline::take() {
  while (!is_idle() && PQisBusy(connection_.get()) == 0) {
    auto* received = PQgetResult(connection_.get());
    if (received == nullptr) {
      if (std::exchange(has_ended_step_, true)) {
        break;
      }
      continue;
    }
    result x{received};
    if (x.status() == PGRES_PIPELINE_SYNC) {
      --open_batches_;
      failed_.reset();
      if (is_idle()) {
        // Without this the library takes itself for busy.
        PQgetResult(connection_.get());
      }
      continue;
    }
    if (steps_.empty()) {
      continue;
    }
    auto done = steps_.front();
    steps_.pop_front();
    has_ended_step_ = false;
    if (done.prepares != 0 && x.is_error()) {
      std::erase_if(prepared_, [&](const auto& known) { return known.second == done.prepares; });
    }
    if (!done.is_silent) {
      return failed_ && x.is_skipped() ? std::exchange(failed_, std::nullopt)
                                       : std::optional{std::move(x)};
    }
    if (x.is_error() && !x.is_skipped()) {
      failed_ = std::move(x);
    }
  }
  return std::nullopt;
}

void pipeline::await(std::chrono::steady_clock::time_point deadline) {
  using std::chrono::milliseconds;
  auto is_written = flush();
  auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  if (left <= 0) {
    close();
    throw sql_error(sql_errc::unavailable, "the database does not answer");
  }
  auto events = static_cast<short>(POLLIN | (is_written ? 0 : POLLOUT));
  std::array<pollfd, 2> waiting{{{socket(), events, 0}, {interruption_, POLLIN, 0}}};
  auto found = ::poll(waiting.data(), waiting.size(),
                      static_cast<int>(std::min<milliseconds::rep>(left, 60'000)));
  if (found > 0 && waiting[1].revents != 0) {
    close();
    throw sql_error(sql_errc::unavailable, "the database is not waited for any more");
  }
  if (found > 0) {
    receive();
  }
}

result pipeline::run(std::string_view sql, std::span<const parameter> parameters) {
  if (is_lost()) {
    throw_lost();
  }
  for (const auto& each : take_deferred()) {
    send_silently(each);
  }
  send(sql, parameters);
  end_batch();
  auto now = std::chrono::steady_clock::now();
  auto deadline = patience_ ? now + *patience_ : std::chrono::steady_clock::time_point::max();
  result last;
  while (true) {
    while (auto x = take()) {
      last = std::move(*x);
    }
    if (is_idle()) {
      break;
    }
    if (is_lost()) {
      throw_lost();
    }
    await(deadline);
  }
  if (last.is_error()) {
    if (is_lost()) {
      throw_lost();
    }
    if (last.is_outdated()) {
      forget_all();
    }
    throw last.error();
  }
  return last;
}

} // namespace dcrf::internal::postgresql
