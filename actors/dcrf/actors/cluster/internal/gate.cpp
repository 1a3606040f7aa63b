#include "dcrf/actors/cluster/internal/gate.hpp"

#include "dcrf/actors/cluster/internal/relay.hpp"
#include "dcrf/actors/internal/log_limit.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <caf/sec.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <future>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dcrf::cluster {

namespace net = boost::asio;
namespace ssl = net::ssl;

namespace {

using tcp = net::ip::tcp;
using error_code = boost::system::error_code;

// The first line of both sides. It is no secret: it tells nodes from whatever else comes to a port.
constexpr std::string_view first_line = "dcrf link 1\n";

// For the first line, and the handshake of TLS before it.
constexpr std::chrono::seconds patience{5};
constexpr std::size_t most_unknown = 64;
// Out of descriptors: nothing tells when that has changed.
constexpr std::chrono::milliseconds pause_when_full{100};

std::string to_string(const tcp::endpoint& x) {
  return fmt::format("{}:{}", x.address().to_string(), x.port());
}

caf::error failed(const error_code& why) {
  return caf::make_error(caf::sec::cannot_connect_to_node, why.message());
}

// -- a connection that nobody knows yet -----------------------------------------------------------

class unknown_peer : public std::enable_shared_from_this<unknown_peer> {
public:
  using done_function = std::function<void(error_code)>;

  unknown_peer(tcp::socket socket, std::shared_ptr<ssl::context> tls)
      : tls_(std::move(tls)), socket_(std::move(socket)), deadline_(socket_.get_executor()) {
    if (tls_) {
      stream_.emplace(std::move(socket_), *tls_);
    }
  }

  [[nodiscard]] tcp::socket& socket() { return stream_ ? stream_->next_layer() : socket_; }
  [[nodiscard]] bool has_tls() const { return stream_.has_value(); }
  /// Whether it has sent anything: whoever has not only looks whether somebody listens.
  [[nodiscard]] bool has_spoken() const { return has_spoken_; }

  /// Finds out whether it is a node; `done` is called once.
  void greet(ssl::stream_base::handshake_type side, done_function done) {
    done_ = std::move(done);
    deadline_.expires_after(patience);
    deadline_.async_wait([self = shared_from_this()](error_code ec) {
      if (!ec) {
        self->finish(net::error::timed_out);
      }
    });
    if (!stream_) {
      say();
      return;
    }
    stream_->async_handshake(side, [self = shared_from_this()](error_code ec) {
      self->has_spoken_ = self->has_spoken_ || ec != ssl::error::stream_truncated;
      if (ec) {
        self->finish(ec);
      } else {
        self->say();
      }
    });
  }

  void finish(error_code ec) {
    if (auto done = std::exchange(done_, nullptr)) {
      deadline_.cancel();
      if (ec) {
        error_code ignored;
        socket().close(ignored);
      }
      done(ec);
    }
  }

  /// What CAF is to have; -1 if there are no more descriptors. @pre it is a node
  int hand_over() {
    if (!stream_) {
      return socket_.release();
    }
    return relay::start(std::move(*stream_), tls_);
  }

private:
  template <class Function>
  void with_stream(Function use) {
    if (stream_) {
      use(*stream_);
    } else {
      use(socket_);
    }
  }

  void say() {
    with_stream([this](auto& stream) {
      net::async_write(stream, net::buffer(first_line.data(), first_line.size()),
                       [self = shared_from_this()](error_code ec, std::size_t) {
                         if (ec) {
                           self->finish(ec);
                         } else {
                           self->hear();
                         }
                       });
    });
  }

  void hear() {
    with_stream([this](auto& stream) {
      net::async_read(stream, net::buffer(heard_),
                      [self = shared_from_this()](error_code ec, std::size_t size) {
                        self->has_spoken_ = self->has_spoken_ || size > 0;
                        if (!ec && std::string_view{self->heard_.data(), size} != first_line) {
                          ec = make_error_code(boost::system::errc::protocol_error);
                        }
                        self->finish(ec);
                      });
    });
  }

  std::shared_ptr<ssl::context> tls_;
  tcp::socket socket_;
  std::optional<tls_stream> stream_;
  net::steady_timer deadline_;
  std::array<char, first_line.size()> heard_{};
  done_function done_;
  bool has_spoken_ = false;
};

// -- certificates ---------------------------------------------------------------------------------

// The files of a node's certificate, as they were when they could be read last.
class certificates {
public:
  explicit certificates(const cluster_options& options) : options_(options) {}

  /// Null without TLS.
  std::shared_ptr<ssl::context> current() {
    std::lock_guard lock{mutex_};
    if (options_.has_tls() && times() != read_) {
      if (auto problem = read(); !problem.empty()) {
        spdlog::warn("cluster: {}; the certificate that was read before is used", problem);
      }
    }
    return context_;
  }

  std::string load() {
    std::lock_guard lock{mutex_};
    return options_.has_tls() ? read() : std::string{};
  }

private:
  using file_times = std::array<std::filesystem::file_time_type, 3>;

  [[nodiscard]] file_times times() const {
    auto time_of = [](const std::string& file) {
      std::error_code missing;
      return std::filesystem::last_write_time(file, missing);
    };
    return {time_of(options_.certificate), time_of(options_.key), time_of(options_.authority)};
  }

  // What can't be read is not tried again before it has changed.
  std::string read() {
    read_ = times();
    auto made = std::make_shared<ssl::context>(ssl::context::tls);
    error_code ec;
    auto check = [&ec](const std::string& file, auto use) {
      use();
      return ec ? fmt::format("{} can't be used: {}", file, ec.message()) : std::string{};
    };
    made->set_options(
        ssl::context::default_workarounds | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1, ec);
    made->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, ec);
    for (const auto& problem :
         {check(options_.certificate,
                [&] { made->use_certificate_chain_file(options_.certificate, ec); }),
          ec ? std::string{}
             : check(options_.key,
                     [&] { made->use_private_key_file(options_.key, ssl::context::pem, ec); }),
          ec ? std::string{} : check(options_.authority, [&] {
            made->load_verify_file(options_.authority, ec);
          })}) {
      if (!problem.empty()) {
        return problem;
      }
    }
    context_ = std::move(made);
    return {};
  }

  const cluster_options& options_;
  std::mutex mutex_;
  file_times read_{};
  std::shared_ptr<ssl::context> context_;
};

// -- gate -----------------------------------------------------------------------------------------

// A connection to another node that is being made.
struct attempt {
  explicit attempt(net::io_context& where) : resolver(where), socket(where), deadline(where) {}

  void cancel() {
    error_code ignored;
    resolver.cancel();
    socket.close(ignored);
    if (peer) {
      peer->finish(net::error::operation_aborted);
    }
  }

  void end(caf::expected<int> how) {
    deadline.cancel();
    peer = nullptr;
    result.set_value(std::move(how));
  }

  tcp::resolver resolver;
  tcp::socket socket;
  net::steady_timer deadline;
  std::shared_ptr<unknown_peer> peer;
  std::promise<caf::expected<int>> result;
};

} // namespace

// Handlers keep it, and go with the context at the latest.
struct gate::state : std::enable_shared_from_this<state> {
  state(net::io_context& where, const cluster_options& given)
      : context(where), keys(given), acceptor(where), pause(where) {}

  void accept();
  void accepted(error_code ec, tcp::socket socket);
  void decided(const std::shared_ptr<unknown_peer>& peer, const std::string& name, error_code ec);
  void connect(const std::shared_ptr<attempt>& trying, const host_and_port& to);
  void connected(const std::shared_ptr<attempt>& trying, error_code ec);
  void log_refusal(const std::string& name, error_code ec);
  void close();

  net::io_context& context;
  certificates keys;
  tcp::acceptor acceptor;
  net::steady_timer pause;
  taker let_in;
  // In the order of their coming.
  std::list<std::shared_ptr<unknown_peer>> unknown;
  std::list<std::weak_ptr<attempt>> attempts;
  log_limit refusals{20, std::chrono::seconds{1}};
  bool is_closed = false;
};

void gate::state::accept() {
  acceptor.async_accept([self = shared_from_this()](error_code ec, tcp::socket socket) {
    if (ec != net::error::operation_aborted) {
      self->accepted(ec, std::move(socket));
    }
  });
}

void gate::state::accepted(error_code ec, tcp::socket socket) {
  if (is_closed) {
    return;
  }
  if (ec) {
    pause.expires_after(pause_when_full);
    pause.async_wait([self = shared_from_this()](error_code stopped) {
      if (!stopped) {
        self->accept();
      }
    });
    return;
  }
  socket.set_option(tcp::no_delay{true}, ec);
  auto from = socket.remote_endpoint(ec);
  if (!ec) {
    if (unknown.size() >= most_unknown) {
      auto oldest = unknown.front();
      oldest->finish(net::error::timed_out);
    }
    auto peer = std::make_shared<unknown_peer>(std::move(socket), keys.current());
    unknown.push_back(peer);
    peer->greet(ssl::stream_base::server,
                [self = shared_from_this(), peer, name = to_string(from)](error_code failure) {
                  self->decided(peer, name, failure);
                });
  }
  accept();
}

void gate::state::decided(const std::shared_ptr<unknown_peer>& peer, const std::string& name,
                          error_code ec) {
  unknown.remove(peer);
  if (!ec) {
    if (auto descriptor = peer->hand_over(); descriptor >= 0) {
      let_in(descriptor);
    }
  } else if (peer->has_spoken() && !is_closed) {
    log_refusal(name, ec);
  }
}

void gate::state::log_refusal(const std::string& name, error_code ec) {
  if (auto left_out = refusals.pass()) {
    bool is_stranger = ec == boost::system::errc::protocol_error;
    spdlog::warn("cluster: a connection from {} is refused: {}", name,
                 is_stranger ? "it is no node" : ec.message());
    if (*left_out > 0) {
      spdlog::warn("cluster: {} more were refused", *left_out);
    }
  }
}

void gate::state::connect(const std::shared_ptr<attempt>& trying, const host_and_port& to) {
  if (is_closed) {
    trying->end(failed(net::error::operation_aborted));
    return;
  }
  attempts.remove_if([](const auto& x) { return x.expired(); });
  attempts.push_back(trying);
  trying->deadline.expires_after(patience);
  trying->deadline.async_wait([trying](error_code ec) {
    if (!ec) {
      trying->cancel();
    }
  });
  trying->resolver.async_resolve(
      to.host, std::to_string(to.port),
      [self = shared_from_this(), trying](error_code ec, const tcp::resolver::results_type& found) {
        if (ec) {
          self->connected(trying, ec);
          return;
        }
        net::async_connect(trying->socket, found,
                           [self, trying](error_code failure, const tcp::endpoint&) {
                             self->connected(trying, failure);
                           });
      });
}

void gate::state::connected(const std::shared_ptr<attempt>& trying, error_code ec) {
  if (!ec && is_closed) {
    ec = net::error::operation_aborted;
  }
  if (ec) {
    trying->end(failed(ec));
    return;
  }
  trying->socket.set_option(tcp::no_delay{true}, ec);
  trying->peer = std::make_shared<unknown_peer>(std::move(trying->socket), keys.current());
  trying->peer->greet(ssl::stream_base::client, [trying](error_code failure) {
    auto descriptor = failure ? -1 : trying->peer->hand_over();
    if (descriptor >= 0) {
      trying->end(descriptor);
    } else {
      trying->end(failed(failure ? failure : make_error_code(net::error::no_descriptors)));
    }
  });
}

void gate::state::close() {
  error_code ignored;
  is_closed = true;
  acceptor.close(ignored);
  pause.cancel();
  for (const auto& peer : std::list{unknown}) {
    peer->finish(net::error::operation_aborted);
  }
  for (const auto& x : attempts) {
    if (auto trying = x.lock()) {
      trying->cancel();
    }
  }
}

gate::gate(const cluster_options& options)
    : context_(std::make_unique<net::io_context>(1)),
      state_(std::make_shared<state>(*context_, options)) {}

gate::~gate() {
  // Who has not shown what it is holds its gate.
  close();
  if (thread_.joinable()) {
    context_->stop();
    thread_.join();
  }
  state_.reset();
}

std::string gate::load() { return state_->keys.load(); }

caf::expected<std::uint16_t> gate::listen(const host_and_port& at) {
  auto& x = *state_;
  error_code ec;
  tcp::resolver resolver{*context_};
  auto found = resolver.resolve(at.host, std::to_string(at.port), tcp::resolver::passive, ec);
  auto step = [&ec](auto use) {
    if (!ec) {
      use();
    }
  };
  step([&] { x.acceptor.open(found.begin()->endpoint().protocol(), ec); });
  step([&] { x.acceptor.set_option(net::socket_base::reuse_address{true}, ec); });
  step([&] { x.acceptor.bind(found.begin()->endpoint(), ec); });
  step([&] { x.acceptor.listen(net::socket_base::max_listen_connections, ec); });
  if (ec) {
    return caf::make_error(caf::sec::cannot_open_port, ec.message());
  }
  return x.acceptor.local_endpoint().port();
}

void gate::open(taker let_in) {
  state_->let_in = std::move(let_in);
  state_->accept();
  thread_ = std::thread{[this] {
    auto work = net::make_work_guard(*context_);
    context_->run();
  }};
}

int gate::listening() const { return state_->acceptor.native_handle(); }

caf::expected<int> gate::connect(const host_and_port& to) {
  auto trying = std::make_shared<attempt>(*context_);
  auto result = trying->result.get_future();
  net::post(*context_,
            [state = state_, trying = std::move(trying), to] { state->connect(trying, to); });
  return result.get();
}

void gate::close() {
  std::promise<void> closed;
  if (thread_.joinable()) {
    net::post(*context_, [this, &closed] {
      state_->close();
      closed.set_value();
    });
    closed.get_future().wait();
  }
}

} // namespace dcrf::cluster
