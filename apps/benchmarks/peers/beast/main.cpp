// A minimal Boost.Beast server: what the network layer costs when the server does almost nothing.
//
//   dcrf-bench-peer PORT [--json] [--coalesce] [--rooms] [--rows N] [--fault KIND:EVERY]
//
// Plain mode sends every text frame back unchanged. A frame that contains "subscribe" also
// registers the connection; one that contains "create" also goes to every registered connection
// (the same bytes, one shared buffer, one async_write per frame and connection).
//
// --json parses the frame (nlohmann), answers retrieve, list, create and echo from rows held in
// memory in the shape {"action","errors","response_status","request_id","data"}, and broadcasts
// creates in that same shape, which is the work that a model server cannot avoid.
//
// --coalesce frames the replies itself (a server's frames are not masked) and writes everything
// that a connection has pending with one socket write at the end of the turn of the event loop.
//
// --rooms broadcasts a create only to those who subscribed to its room.
//
// --fault drop|dup|swap|status|id:EVERY spoils every n-th frame: it proves that a checker can fail.

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using nlohmann::json;
using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using tcp_acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;
using shared_bytes = std::shared_ptr<const std::string>;

struct options {
  unsigned short port = 0;
  bool speaks_json = false;
  bool coalesces = false;
  bool has_rooms = false;
  std::size_t rows = 1000;
  std::string fault;
  unsigned long fault_every = 0;
};

struct row {
  long id, room, user;
  std::string text;

  [[nodiscard]] json shown() const {
    return {{"id", id}, {"room_id", room}, {"text", text}, {"user_id", user}};
  }
};

class session;

// What all sessions of the one thread share.
struct server {
  explicit server(options x) : settings(std::move(x)) {
    for (std::size_t i = 1; i <= settings.rows; ++i) {
      rows.push_back(
          {long(i), 1, 1, "message number " + std::to_string(i) + " " + std::string(80, 'y')});
    }
    next_id = long(settings.rows) + 1;
  }

  void flush_later(std::shared_ptr<session> which);
  void flush();

  options settings;
  asio::io_context loop{1};
  std::vector<row> rows;
  long next_id = 1;
  unsigned long sent = 0; // counted for faults only
  std::unordered_set<session*> listeners;

  std::vector<std::shared_ptr<session>> unflushed;
  bool flush_is_posted = false;
  unsigned long handled = 0;
  unsigned long handled_before = 0;
  int turns = 0;
  int quiet_turns = 0;
};

class session : public std::enable_shared_from_this<session> {
public:
  session(tcp_socket socket, server& within) : stream_(std::move(socket)), server_(within) {}
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  ~session() { server_.listeners.erase(this); }

  void start() {
    websocket::permessage_deflate off;
    off.server_enable = false;
    stream_.set_option(off);
    stream_.next_layer().set_option(asio::ip::tcp::no_delay(true));
    stream_.text(true);
    stream_.async_accept([self = shared_from_this()](beast::error_code error) {
      if (!error) {
        self->read();
      }
    });
  }

  // Writes what is pending, at the end of a turn.
  void flush() {
    is_unflushed_ = false;
    if (!writing_.empty() || pending_.empty()) {
      return;
    }
    // Most of the time the kernel takes it at once; only the rest needs waiting for.
    beast::error_code error;
    stream_.next_layer().non_blocking(true, error);
    auto size = stream_.next_layer().write_some(asio::buffer(pending_), error);
    if (error && error != asio::error::would_block) {
      return;
    }
    if (size == pending_.size()) {
      pending_.clear();
      return;
    }
    pending_.erase(0, size);
    writing_.swap(pending_);
    asio::async_write(stream_.next_layer(), asio::buffer(writing_),
                      [self = shared_from_this()](beast::error_code failed, std::size_t) {
                        if (!failed) {
                          self->writing_.clear();
                          self->flush();
                        }
                      });
  }

private:
  void read() {
    stream_.async_read(input_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (error) {
        self->server_.listeners.erase(self.get());
        return;
      }
      self->receive({static_cast<const char*>(self->input_.data().data()), self->input_.size()});
      self->input_.consume(self->input_.size());
      self->read();
    });
  }

  void receive(std::string_view frame) {
    ++server_.handled;
    if (server_.settings.speaks_json) {
      answer(frame);
    } else {
      send_back(frame);
    }
  }

  void send_back(std::string_view frame) {
    auto bytes = std::make_shared<const std::string>(frame);
    if (frame.find("\"subscribe\"") != frame.npos) {
      server_.listeners.insert(this);
    }
    if (frame.find("\"create\"") != frame.npos) {
      for (auto* each : server_.listeners) {
        each->send(bytes);
      }
    }
    send(std::move(bytes));
  }

  void answer(std::string_view frame) {
    auto message = json::parse(frame, nullptr, false);
    if (!message.is_object()) {
      return;
    }
    std::string action = message.value("action", "");
    json id = message.value("request_id", json());
    if (action == "retrieve") {
      retrieve(id, message.value("pk", std::size_t(0)));
    } else if (action == "list") {
      list(id, message.value("limit", std::size_t(20)));
    } else if (action == "create") {
      create(id, message["data"]);
    } else if (action == "subscribe") {
      subscription_ = id;
      room_ = message.value("room", 0L);
      server_.listeners.insert(this);
      reply(action, id, 201, json::object());
    } else {
      reply(action, id, 200, message);
    }
  }

  void retrieve(const json& id, std::size_t key) {
    const auto& rows = server_.rows;
    if (key < 1 || key > rows.size()) {
      reply("retrieve", id, 404, nullptr);
    } else {
      reply("retrieve", id, 200, rows[key - 1].shown());
    }
  }

  void list(const json& id, std::size_t limit) {
    json rows = json::array();
    for (std::size_t i = 0; i < std::min(limit, server_.rows.size()); ++i) {
      rows.push_back(server_.rows[i].shown());
    }
    reply("list", id, 200, std::move(rows));
  }

  void create(const json& id, const json& data) {
    row created{server_.next_id++, data.value("room", 0L), data.value("user", 0L),
                data.value("text", "")};
    json body = created.shown();
    for (auto* each : server_.listeners) {
      if (!server_.settings.has_rooms || each->room_ == created.room) {
        each->reply("create", each->subscription_, 200, body);
      }
    }
    reply("create", id, 201, std::move(body));
  }

  void reply(const std::string& action, const json& id, int status, json data) {
    json message{{"action", action},
                 {"errors", json::array()},
                 {"response_status", status},
                 {"request_id", id},
                 {"data", std::move(data)}};
    send(std::make_shared<const std::string>(message.dump()));
  }

  void send(shared_bytes frame) {
    const auto& settings = server_.settings;
    if (settings.fault_every > 0 && ++server_.sent % settings.fault_every == 0) {
      if (settings.fault == "drop") {
        return;
      }
      if (settings.fault == "dup") {
        queue(frame);
      } else if (settings.fault == "swap" && !held_) {
        held_ = frame;
        return;
      } else if (settings.fault == "status") {
        frame = with_digit(*frame, "\"response_status\":", '5');
      } else if (settings.fault == "id") {
        frame = with_digit(*frame, "\"request_id\":", '9');
      }
    }
    queue(std::move(frame));
    if (held_) {
      queue(std::exchange(held_, nullptr));
    }
  }

  // The frame with another first digit in a member.
  static shared_bytes with_digit(std::string frame, std::string_view member, char digit) {
    auto at = frame.rfind(member);
    if (at != frame.npos) {
      frame[at + member.size()] = digit;
    }
    return std::make_shared<const std::string>(std::move(frame));
  }

  void queue(shared_bytes frame) {
    if (server_.settings.coalesces) {
      append(*frame);
      return;
    }
    output_.push_back(std::move(frame));
    if (output_.size() == 1) {
      write();
    }
  }

  void write() {
    stream_.async_write(asio::buffer(*output_.front()),
                        [self = shared_from_this()](beast::error_code error, std::size_t) {
                          if (error) {
                            return;
                          }
                          self->output_.pop_front();
                          if (!self->output_.empty()) {
                            self->write();
                          }
                        });
  }

  void append(const std::string& payload) {
    auto append_size = [&](int bytes) {
      for (int i = bytes - 1; i >= 0; --i) {
        pending_ += char((payload.size() >> (8 * i)) & 255);
      }
    };
    pending_ += char(0x81); // a whole message of text
    if (payload.size() < 126) {
      pending_ += char(payload.size());
    } else if (payload.size() < 65'536) {
      pending_ += char(126);
      append_size(2);
    } else {
      pending_ += char(127);
      append_size(8);
    }
    pending_ += payload;
    if (!is_unflushed_) {
      is_unflushed_ = true;
      server_.flush_later(shared_from_this());
    }
  }

  websocket::stream<tcp_socket> stream_;
  server& server_;
  beast::flat_buffer input_;
  std::deque<shared_bytes> output_;
  // With --coalesce: what is to be written, and what is being written.
  std::string pending_;
  std::string writing_;
  bool is_unflushed_ = false;
  shared_bytes held_; // with --fault swap
  json subscription_;
  long room_ = 0;
};

void server::flush_later(std::shared_ptr<session> which) {
  unflushed.push_back(std::move(which));
  if (!flush_is_posted) {
    flush_is_posted = true;
    turns = quiet_turns = 0;
    handled_before = handled;
    asio::post(loop, [this] { flush(); });
  }
}

void server::flush() {
  // While frames that have already arrived are still being taken, the replies collect.
  quiet_turns = handled == handled_before ? quiet_turns + 1 : 0;
  if (quiet_turns < 2 && ++turns < 64) {
    handled_before = handled;
    asio::post(loop, [this] { flush(); });
    return;
  }
  flush_is_posted = false;
  std::vector<std::shared_ptr<session>> all;
  all.swap(unflushed);
  for (auto& each : all) {
    each->flush();
  }
  all.clear();
  if (unflushed.empty()) {
    unflushed.swap(all);
  }
}

void run(options settings) {
  server all{std::move(settings)};
  tcp_acceptor acceptor{all.loop};
  asio::ip::tcp::endpoint endpoint{asio::ip::make_address("127.0.0.1"), all.settings.port};
  acceptor.open(endpoint.protocol());
  acceptor.set_option(asio::socket_base::reuse_address(true));
  acceptor.bind(endpoint);
  acceptor.listen(4096);
  std::function<void()> accept_next = [&] {
    acceptor.async_accept([&](beast::error_code error, tcp_socket socket) {
      if (!error) {
        std::make_shared<session>(std::move(socket), all)->start();
      }
      accept_next();
    });
  };
  accept_next();
  all.loop.run();
}

[[noreturn]] void explain() {
  std::fputs("usage: dcrf-bench-peer PORT [--json] [--coalesce] [--rooms] [--rows N]"
             " [--fault KIND:EVERY]\n",
             stderr);
  std::exit(2);
}

std::size_t number(std::string_view word, std::size_t most) {
  std::size_t result = 0;
  const auto* end = word.data() + word.size();
  auto [read, error] = std::from_chars(word.data(), end, result);
  if (error != std::errc{} || read != end || result == 0 || result > most) {
    explain();
  }
  return result;
}

options parse(const std::vector<std::string>& words) {
  options result;
  if (words.empty()) {
    explain();
  }
  result.port = static_cast<unsigned short>(number(words[0], 65535));
  for (std::size_t i = 1; i < words.size(); ++i) {
    bool has_value = i + 1 < words.size();
    if (words[i] == "--json") {
      result.speaks_json = true;
    } else if (words[i] == "--coalesce") {
      result.coalesces = true;
    } else if (words[i] == "--rooms") {
      result.has_rooms = true;
    } else if (words[i] == "--rows" && has_value) {
      result.rows = number(words[++i], 100'000'000);
    } else if (words[i] == "--fault" && has_value) {
      const auto& fault = words[++i];
      auto colon = fault.find(':');
      result.fault = fault.substr(0, colon);
      result.fault_every =
          colon == fault.npos ? 100 : number(std::string_view{fault}.substr(colon + 1), 1'000'000);
    } else {
      explain();
    }
  }
  return result;
}

} // namespace

int main(int argc, char** argv) {
  auto found = parse({argv + 1, argv + argc});
  try {
    run(found);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "dcrf-bench-peer: %s\n", e.what());
    return 1;
  }
}
