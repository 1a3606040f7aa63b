// A minimal Boost.Beast server: what the network layer costs when the server does almost nothing.
//
//   dcrf-bench-peer PORT [--json] [--coalesce] [--rooms] [--rows N] [--fault KIND:EVERY]
//
// Plain mode sends every text frame back unchanged.  A frame that contains "subscribe" also
// registers the connection; one that contains "create" also goes to every registered connection
// (the same bytes, one shared buffer, one async_write per frame and connection).
// --json parses the frame (nlohmann), answers retrieve/list/create/echo from rows held in memory in
// the shape {"action","errors","response_status","request_id","data"}, and broadcasts creates in
// that same shape, which is the work a model server cannot avoid.
// --coalesce frames the replies itself (a server's frames are not masked) and writes everything a
// connection has pending with one socket write at the end of the event-loop turn.
// --rooms sends a create only to those who subscribed to its room.
// --fault drop|dup|swap|status:EVERY spoils every n-th frame: it proves that a checker can fail.
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace ws = beast::websocket;
using json = nlohmann::json;
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using Bytes = std::shared_ptr<const std::string>;

static bool json_mode = false, coalesce = false, by_room = false;
static std::string fault;
static unsigned long fault_every = 0, fault_count = 0;
static long next_id = 1;
struct Row {
  long id, room, user;
  std::string text;
};
static std::vector<Row> rows;

struct Session;
static std::unordered_set<Session*> listeners;
static std::vector<std::shared_ptr<Session>> dirty;
static bool flush_posted = false;
static unsigned long handled = 0, handled_then = 0;
static int rounds = 0, quiet_rounds = 0;
static asio::io_context* loop;
static void flush_dirty();

struct Session : std::enable_shared_from_this<Session> {
  ws::stream<Socket> s;
  beast::flat_buffer in;
  std::deque<Bytes> out;
  std::string pending, writing; // --coalesce
  bool is_dirty = false;
  Bytes held; // --fault swap
  json sub_id;
  long room = 0;
  explicit Session(Socket k) : s(std::move(k)) {}
  ~Session() { listeners.erase(this); }

  void start() {
    ws::permessage_deflate off;
    off.server_enable = false;
    s.set_option(off);
    s.next_layer().set_option(asio::ip::tcp::no_delay(true));
    s.text(true);
    s.async_accept([me = shared_from_this()](beast::error_code ec) {
      if (!ec)
        me->read();
    });
  }
  void read() {
    s.async_read(in, [me = shared_from_this()](beast::error_code ec, size_t) {
      if (ec) {
        listeners.erase(me.get());
        return;
      }
      std::string_view v((const char*)me->in.data().data(), me->in.size());
      handled++;
      if (json_mode)
        me->on_json(v);
      else
        me->on_plain(v);
      me->in.consume(me->in.size());
      me->read();
    });
  }
  void send(Bytes b) {
    if (fault_every && ++fault_count % fault_every == 0) {
      if (fault == "drop")
        return;
      if (fault == "dup")
        push(b);
      if (fault == "swap" && !held) {
        held = b;
        return;
      }
      if (fault == "status") {
        std::string t = *b;
        auto p = t.find("\"response_status\":2");
        if (p != t.npos)
          t[p + 18] = '5';
        b = std::make_shared<std::string>(t);
      }
    }
    push(std::move(b));
    if (held)
      push(std::exchange(held, nullptr));
  }
  void push(Bytes b) {
    if (coalesce) {
      size_t n = b->size();
      pending += char(0x81);
      if (n < 126)
        pending += char(n);
      else if (n < 65536) {
        pending += char(126);
        pending += char(n >> 8);
        pending += char(n & 255);
      } else {
        pending += char(127);
        for (int i = 7; i >= 0; i--)
          pending += char((n >> (8 * i)) & 255);
      }
      pending += *b;
      if (!is_dirty) {
        is_dirty = true;
        dirty.push_back(shared_from_this());
        if (!flush_posted) {
          flush_posted = true;
          rounds = quiet_rounds = 0;
          handled_then = handled;
          asio::post(*loop, flush_dirty);
        }
      }
      return;
    }
    out.push_back(std::move(b));
    if (out.size() == 1)
      write();
  }
  void write() {
    s.async_write(asio::buffer(*out.front()),
                  [me = shared_from_this()](beast::error_code ec, size_t) {
                    if (ec)
                      return;
                    me->out.pop_front();
                    if (!me->out.empty())
                      me->write();
                  });
  }
  void flush() {
    is_dirty = false;
    if (!writing.empty() || pending.empty())
      return;
    // most of the time the kernel takes it at once; only the rest needs waiting for
    beast::error_code ec;
    s.next_layer().non_blocking(true, ec);
    size_t n = s.next_layer().write_some(asio::buffer(pending), ec);
    if (ec && ec != asio::error::would_block)
      return;
    if (n == pending.size()) {
      pending.clear();
      return;
    }
    pending.erase(0, n);
    writing.swap(pending);
    asio::async_write(s.next_layer(), asio::buffer(writing),
                      [me = shared_from_this()](beast::error_code e, size_t) {
                        if (e)
                          return;
                        me->writing.clear();
                        me->flush();
                      });
  }
  void on_plain(std::string_view v) {
    auto b = std::make_shared<const std::string>(v);
    if (v.find("\"subscribe\"") != v.npos)
      listeners.insert(this);
    if (v.find("\"create\"") != v.npos)
      for (Session* x : listeners)
        x->send(b);
    send(std::move(b));
  }
  static json row(const Row& r) {
    return {{"id", r.id}, {"room_id", r.room}, {"text", r.text}, {"user_id", r.user}};
  }
  void reply(const std::string& action, const json& id, int status, json data) {
    json o{{"action", action},
           {"errors", json::array()},
           {"response_status", status},
           {"request_id", id},
           {"data", std::move(data)}};
    send(std::make_shared<const std::string>(o.dump()));
  }
  void on_json(std::string_view v) {
    json m = json::parse(v, nullptr, false);
    if (!m.is_object())
      return;
    std::string a = m.value("action", "");
    json id = m.value("request_id", json());
    if (a == "retrieve") {
      size_t pk = m.value("pk", 0ul);
      if (pk < 1 || pk > rows.size())
        reply(a, id, 404, nullptr);
      else
        reply(a, id, 200, row(rows[pk - 1]));
    } else if (a == "list") {
      size_t limit = std::min<size_t>(m.value("limit", 20ul), rows.size());
      json d = json::array();
      for (size_t i = 0; i < limit; i++)
        d.push_back(row(rows[i]));
      reply(a, id, 200, std::move(d));
    } else if (a == "create") {
      auto& d = m["data"];
      Row r{next_id++, d.value("room", 0l), d.value("user", 0l), d.value("text", "")};
      json body = row(r);
      for (Session* x : listeners)
        if (!by_room || x->room == r.room)
          x->reply("create", x->sub_id, 200, body);
      reply(a, id, 201, std::move(body));
    } else if (a == "subscribe") {
      sub_id = id;
      room = m.value("room", 0l);
      listeners.insert(this);
      reply(a, id, 201, json::object());
    } else
      reply(a, id, 200, m);
  }
};

static void flush_dirty() {
  // while frames that have already arrived are still being taken, let the replies collect
  quiet_rounds = handled == handled_then ? quiet_rounds + 1 : 0;
  if (quiet_rounds < 2 && ++rounds < 64) {
    handled_then = handled;
    asio::post(*loop, flush_dirty);
    return;
  }
  flush_posted = false;
  std::vector<std::shared_ptr<Session>> d;
  d.swap(dirty);
  for (auto& x : d)
    x->flush();
  d.clear();
  if (dirty.empty())
    dirty.swap(d);
}

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: dcrf-bench-peer PORT [--json] [--coalesce] [--rooms] [--rows N] "
                         "[--fault KIND:EVERY]\n");
    return 2;
  }
  size_t n = 1000;
  for (int i = 2; i < argc; i++) {
    if (!std::strcmp(argv[i], "--json"))
      json_mode = true;
    else if (!std::strcmp(argv[i], "--coalesce"))
      coalesce = true;
    else if (!std::strcmp(argv[i], "--rooms"))
      by_room = true;
    else if (!std::strcmp(argv[i], "--rows") && i + 1 < argc)
      n = std::strtoul(argv[++i], nullptr, 10);
    else if (!std::strcmp(argv[i], "--fault") && i + 1 < argc) {
      std::string f = argv[++i];
      auto c = f.find(':');
      fault = f.substr(0, c);
      fault_every = c == f.npos ? 100 : std::strtoul(f.c_str() + c + 1, nullptr, 10);
    }
  }
  for (size_t i = 1; i <= n; i++)
    rows.push_back(
        {long(i), 1, 1, "message number " + std::to_string(i) + " " + std::string(80, 'y')});
  next_id = long(n) + 1;
  asio::io_context io(1);
  loop = &io;
  asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type> acc(io);
  asio::ip::tcp::endpoint ep(asio::ip::make_address("127.0.0.1"),
                             (unsigned short)std::atoi(argv[1]));
  acc.open(ep.protocol());
  acc.set_option(asio::socket_base::reuse_address(true));
  acc.bind(ep);
  acc.listen(4096);
  std::function<void()> next = [&] {
    acc.async_accept([&](beast::error_code ec, Socket k) {
      if (!ec)
        std::make_shared<Session>(std::move(k))->start();
      next();
    });
  };
  next();
  io.run();
}
