#include "dcrf/actors/store/internal/pipelined_reads.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace dcrf {

namespace {

using std::chrono::milliseconds;

// How many reads are under way on one connection before the next one is used: put together they
// cost less, but the database executes them one after the other.
constexpr std::size_t full = 32;
constexpr std::size_t most = 256;

// A read that takes longer holds up nobody else. Also how often that is looked at.
constexpr milliseconds slow{10};

constexpr milliseconds before_next_attempt{500};

} // namespace

// A connection of the thread.
struct pipelined_reads::lane {
  lane(boost::asio::io_context& context, std::size_t x) : descriptor(context), number(x) {}
  ~lane() {
    // The socket is the client library's.
    if (descriptor.is_open()) {
      descriptor.release();
    }
  }

  [[nodiscard]] bool is_free(std::size_t limit) const {
    if (!reader || reader->is_lost() || reader->load() >= limit) {
      return false;
    }
    auto since = reader->waiting_since();
    return !since || pipelined_reader::clock::now() - *since < slow;
  }

  std::shared_ptr<pipelined_reader> reader;
  boost::asio::posix::stream_descriptor descriptor;
  std::size_t number;
  bool is_opening = false;
  bool awaits_space = false;
  pipelined_reader::clock::time_point next_attempt{};
};

pipelined_reads::pipelined_reads(io_thread& thread, read_pool& pool, database_options options,
                                 schema models, std::size_t connections)
    : thread_(thread), pool_(pool), options_(std::move(options)), models_(std::move(models)) {
  for (std::size_t i = 0; i < connections; ++i) {
    lanes_.push_back(std::make_unique<lane>(thread.context(), i));
  }
}

pipelined_reads::~pipelined_reads() = default;

// -- connections ----------------------------------------------------------------------------------

// To connect blocks, so a thread of the pool does.
void pipelined_reads::open(std::size_t number) {
  lanes_[number]->is_opening = true;
  pool_.post([self = shared_from_this(), number] {
    std::shared_ptr<pipelined_reader> opened;
    try {
      opened = std::make_shared<pipelined_reader>(self->options_, self->models_);
    } catch (const store_failure&) {
      // Whoever reads meanwhile is told by the pool.
    }
    self->thread_.post(
        [self, number, opened]() mutable { self->adopt(number, std::move(opened)); });
  });
}

void pipelined_reads::adopt(std::size_t number, std::shared_ptr<pipelined_reader> reader) {
  if (is_closed_) {
    return;
  }
  auto& x = *lanes_[number];
  x.is_opening = false;
  if (!reader) {
    x.next_attempt = pipelined_reader::clock::now() + before_next_attempt;
    return;
  }
  reader->on_handed_back([this](pipelined_reader::read read) {
    submit_to_pool(std::move(read.body), std::move(read.done));
  });
  x.reader = std::move(reader);
  x.descriptor.assign(x.reader->socket());
  await_answers(x);
}

void pipelined_reads::lose(lane& x) {
  if (x.descriptor.is_open()) {
    x.descriptor.release();
  }
  // The reader may be the one that calls.
  thread_.post([lost = std::move(x.reader)] {});
  x.awaits_space = false;
}

void pipelined_reads::close() {
  is_closed_ = true;
  watch_.cancel();
  lanes_.clear();
}

// -- reads ----------------------------------------------------------------------------------------

void pipelined_reads::submit(command x, completion done) {
  auto* to = pipelined_reader::can_execute(x) ? choose() : nullptr;
  if (to == nullptr) {
    submit_to_pool(std::move(x), std::move(done));
    return;
  }
  to->reader->submit({std::move(x), std::move(done)});
  flush_at_end_of_turn();
}

// The first one that is not full, so that reads come together; nobody waits behind a slow one.
pipelined_reads::lane* pipelined_reads::choose() {
  for (auto limit : {full, most}) {
    for (auto& x : lanes_) {
      if (x->is_free(limit)) {
        return x.get();
      }
    }
    auto closed = std::ranges::find_if(lanes_, [](const auto& x) {
      return !x->reader && !x->is_opening && pipelined_reader::clock::now() >= x->next_attempt;
    });
    if (closed != lanes_.end()) {
      open((*closed)->number);
    }
  }
  return nullptr;
}

void pipelined_reads::submit_to_pool(command x, completion done) {
  if (is_closed_) {
    return;
  }
  pool_.submit(std::move(x),
               [self = shared_from_this(), done = std::move(done)](store_result result) mutable {
                 self->thread_.post([done = std::move(done), result = std::move(result)]() mutable {
                   done(std::move(result));
                 });
               });
}

void pipelined_reads::flush_at_end_of_turn() {
  if (!std::exchange(is_flush_due_, true)) {
    thread_.when_turn_ends(shared_from_this());
  }
}

void pipelined_reads::turn_ended() {
  is_flush_due_ = false;
  for (auto& x : lanes_) {
    if (x->reader && !x->reader->flush()) {
      await_space(*x);
    }
    look_after(*x);
  }
  watch();
}

// -- sockets --------------------------------------------------------------------------------------

void pipelined_reads::await_answers(lane& x) {
  x.descriptor.async_wait(
      boost::asio::posix::descriptor_base::wait_read,
      [self = shared_from_this(), &x, reader = x.reader](const boost::system::error_code& error) {
        if (error || self->is_closed_ || x.reader != reader) {
          return;
        }
        x.reader->receive();
        self->flush_at_end_of_turn();
        if (!x.reader->is_lost()) {
          self->await_answers(x);
        }
      });
}

void pipelined_reads::await_space(lane& x) {
  if (std::exchange(x.awaits_space, true)) {
    return;
  }
  x.descriptor.async_wait(
      boost::asio::posix::descriptor_base::wait_write,
      [self = shared_from_this(), &x, reader = x.reader](const boost::system::error_code& error) {
        if (error || self->is_closed_ || x.reader != reader) {
          return;
        }
        x.awaits_space = false;
        self->flush_at_end_of_turn();
      });
}

void pipelined_reads::look_after(lane& x) {
  if (x.reader && x.reader->is_lost()) {
    lose(x);
  }
}

// Looks now and then for reads that take long, while any is under way.
void pipelined_reads::watch() {
  auto is_busy = [](const auto& x) { return x->reader && x->reader->waiting_since(); };
  if (watch_.is_pending() || is_closed_ || std::ranges::none_of(lanes_, is_busy)) {
    return;
  }
  watch_ = thread_.after(slow, [self = shared_from_this()] {
    auto now = pipelined_reader::clock::now();
    for (auto& x : self->lanes_) {
      auto since = x->reader ? x->reader->waiting_since() : std::nullopt;
      if (since && now - *since >= x->reader->patience()) {
        x->reader->give_up();
        self->look_after(*x);
      } else if (since && now - *since >= slow) {
        x->reader->hand_back_waiting();
      }
    }
    self->watch();
  });
}

} // namespace dcrf
