#include "network.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "clock.hpp"
#include "errors.hpp"
#include "options.hpp"
#include "random_numbers.hpp"

namespace load {

namespace {

using namespace std::chrono_literals;

enum opcode : unsigned {
  continuation = 0,
  text = 1,
  binary = 2,
  close_frame = 8,
  ping = 9,
  pong = 10
};

constexpr std::size_t largest_frame = std::size_t(64) << 20;
constexpr std::size_t read_size = 65'536;
// The example of RFC 6455, section 1.3.
constexpr auto handshake_key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view handshake_answer = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

struct frame_head {
  unsigned opcode = 0;
  bool is_last = false;
  bool is_valid = false;
  std::size_t size = 0; // of the head itself
  std::size_t payload = 0;
};

std::size_t big_endian(std::string_view bytes) {
  std::size_t result = 0;
  for (char each : bytes) {
    result = result << 8 | static_cast<unsigned char>(each);
  }
  return result;
}

// Nothing if the head isn't complete.
std::optional<frame_head> head_of(std::string_view bytes) {
  if (bytes.size() < 2) {
    return std::nullopt;
  }
  auto first = static_cast<unsigned char>(bytes[0]);
  auto second = static_cast<unsigned char>(bytes[1]);
  std::size_t length = second & 127U;
  std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (bytes.size() < 2 + extended) {
    return std::nullopt;
  }
  frame_head result{.opcode = first & 15U,
                    .is_last = (first & 128U) != 0,
                    .size = 2 + extended,
                    .payload = extended == 0 ? length : big_endian(bytes.substr(2, extended))};
  bool is_masked = (second & 128U) != 0;
  bool has_extensions = (first & 0x70U) != 0;
  result.is_valid = !is_masked && !has_extensions && result.payload <= largest_frame;
  return result;
}

void append_masked(std::string& out, std::string_view payload, std::uint32_t mask) {
  char bytes[4];
  std::memcpy(bytes, &mask, 4);
  out.append(bytes, 4);
  auto at = out.size();
  out.append(payload);
  auto* data = out.data() + at;
  auto mask_twice = std::uint64_t(mask) << 32 | mask;
  std::size_t i = 0;
  for (; i + 8 <= payload.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data + i, 8);
    word ^= mask_twice;
    std::memcpy(data + i, &word, 8);
  }
  for (; i < payload.size(); ++i) {
    data[i] = char(data[i] ^ bytes[i % 4]);
  }
}

void set_option(int socket, int level, int name, int value) {
  setsockopt(socket, level, name, &value, sizeof value);
}

// Each address has ports of its own, so that there can be more clients than one has.
void bind_to_source(const connection& client) {
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr =
      htonl(INADDR_LOOPBACK + client.index % std::uint32_t(settings.source_addresses));
  set_option(client.socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  if (bind(client.socket, reinterpret_cast<sockaddr*>(&source), sizeof source) != 0) {
    give_up(std::string{"bind: "} + std::strerror(errno));
  }
}

} // namespace

network::network() : epoll_{epoll_create1(EPOLL_CLOEXEC)}, buffer_(std::size_t(1) << 20) {
  server_.sin_family = AF_INET;
  server_.sin_port = htons(std::uint16_t(settings.port));
  auto host = settings.host == "localhost" ? "127.0.0.1" : settings.host;
  if (inet_pton(AF_INET, host.c_str(), &server_.sin_addr) != 1) {
    give_up("the host must be an IPv4 address");
  }
}

void network::connect(connection& client) {
  auto refused = [&](const char* what) {
    show(what, std::strerror(errno));
    ++errors.connect_errors;
    if (client.socket >= 0) {
      ::close(client.socket);
      client.socket = -1;
    }
    client.state = connection_state::closed;
  };
  client.socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (client.socket < 0) {
    return refused("socket");
  }
  set_option(client.socket, IPPROTO_TCP, TCP_NODELAY, 1);
  if (client.is_blind) {
    set_option(client.socket, SOL_SOCKET, SO_RCVBUF, 4096);
  }
  if (settings.source_addresses > 1) {
    bind_to_source(client);
  }
  client.state = connection_state::connecting;
  client.mask = std::uint32_t(chance.next() >> 16) | 1;
  client.received.clear();
  client.unsent.clear();
  client.fragments.clear();
  client.sent = 0;
  client.is_queued = false;
  if (::connect(client.socket, reinterpret_cast<sockaddr*>(&server_), sizeof server_) != 0
      && errno != EINPROGRESS) {
    return refused("connect");
  }
  client.waits_for_space = true;
  watch(client, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

bool network::open_all(connections& clients, std::uint64_t deadline) {
  const auto before = open_;
  const auto all_open = before + clients.size();
  std::size_t begun = 0;
  while (open_ < all_open && now() < deadline && errors.connect_errors == 0) {
    while (begun < clients.size() && begun + before < open_ + std::size_t(settings.connecting)) {
      connect(*clients[begun++]);
    }
    step(20ms);
  }
  return open_ == all_open;
}

void network::watch(connection& client, int operation, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &client;
  epoll_ctl(epoll_, operation, client.socket, &event);
}

void network::wait_for_space(connection& client, bool waits) {
  if (client.waits_for_space != waits) {
    client.waits_for_space = waits;
    watch(client, EPOLL_CTL_MOD, EPOLLIN | (waits ? std::uint32_t(EPOLLOUT) : 0U));
  }
}

void network::go_blind(connection& client) { watch(client, EPOLL_CTL_MOD, EPOLLRDHUP); }

void network::close(connection& client) {
  if (client.socket < 0) {
    return;
  }
  open_ -= client.state == connection_state::open ? 1 : 0;
  epoll_ctl(epoll_, EPOLL_CTL_DEL, client.socket, nullptr);
  ::close(client.socket);
  client.socket = -1;
  client.state = connection_state::closed;
  client.unsent.clear();
  client.sent = 0;
  scenario_->on_closed(client);
}

void network::send(connection& client, std::string_view message) {
  queue_frame(client, settings.binary ? opcode::binary : opcode::text, message);
}

void network::send_close(connection& client, std::uint16_t code) {
  const char payload[] = {char(code >> 8), char(code & 255)};
  queue_frame(client, opcode::close_frame, {payload, 2});
}

void network::queue_frame(connection& client, unsigned opcode, std::string_view payload) {
  auto& out = client.unsent;
  out += char(0x80 | opcode);
  auto append_size = [&](int marker, int bytes) {
    out += char(0x80 | marker);
    for (int i = bytes - 1; i >= 0; --i) {
      out += char((payload.size() >> (8 * i)) & 255);
    }
  };
  if (payload.size() < 126) {
    append_size(int(payload.size()), 0);
  } else if (payload.size() < 65'536) {
    append_size(126, 2);
  } else {
    append_size(127, 8);
  }
  append_masked(out, payload, client.mask);
  if (!client.is_queued) {
    client.is_queued = true;
    queued_.push_back(&client);
  }
}

void network::flush(connection& client) {
  client.is_queued = false;
  if (client.socket < 0) {
    return;
  }
  while (client.sent < client.unsent.size()) {
    auto size = ::send(client.socket, client.unsent.data() + client.sent,
                       client.unsent.size() - client.sent, MSG_NOSIGNAL);
    if (size < 0) {
      if (errno == EAGAIN) {
        return wait_for_space(client, true);
      }
      ++errors.unexpected_close;
      return close(client);
    }
    client.sent += std::size_t(size);
  }
  client.unsent.clear();
  client.sent = 0;
  wait_for_space(client, false);
}

void network::flush_all() {
  for (std::size_t i = 0; i < queued_.size(); ++i) {
    flush(*queued_[i]);
  }
  queued_.clear();
}

void network::step(std::chrono::nanoseconds longest) {
  constexpr int most = 512;
  epoll_event events[most];
  timespec timeout{time_t(longest / 1s), long((longest % 1s).count())};
  int count = epoll_pwait2(epoll_, events, most, &timeout, nullptr);
  for (int i = 0; i < count; ++i) {
    auto& client = *static_cast<connection*>(events[i].data.ptr);
    if (client.socket >= 0) {
      handle(client, events[i].events);
    }
  }
  flush_all();
}

void network::handle(connection& client, std::uint32_t events) {
  if (client.state == connection_state::connecting) {
    return finish_connecting(client, events);
  }
  if (events & EPOLLOUT) {
    flush(client);
  }
  if (client.socket < 0) {
    return;
  }
  bool has_input = events & EPOLLIN;
  if ((events & EPOLLRDHUP)
      || (client.is_blind && !has_input && (events & (EPOLLHUP | EPOLLERR)))) {
    close(client);
  } else if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
    read(client);
  }
}

void network::finish_connecting(connection& client, std::uint32_t events) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(client.socket, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    ++errors.connect_errors;
    close(client);
  } else if (events & EPOLLOUT) {
    send_handshake(client);
  }
}

void network::send_handshake(connection& client) {
  auto& out = client.unsent;
  out += "GET " + settings.path + " HTTP/1.1\r\nHost: " + settings.host + ':'
         + std::to_string(settings.port)
         + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: "
         + handshake_key + "\r\n";
  if (!settings.subprotocol.empty()) {
    out += "Sec-WebSocket-Protocol: " + settings.subprotocol + "\r\n";
  }
  for (const auto& each : settings.headers) {
    out += each + "\r\n";
  }
  out += "\r\n";
  client.state = connection_state::handshake;
  flush(client);
}

void network::opened(connection& client) {
  client.state = connection_state::open;
  ++open_;
  scenario_->on_open(client);
}

void network::read(connection& client) {
  auto before = client.received.size();
  if (before + read_size > buffer_.size()) {
    buffer_.resize((before + read_size) * 2);
  }
  std::copy(client.received.begin(), client.received.end(), buffer_.begin());
  auto size = recv(client.socket, buffer_.data() + before, buffer_.size() - before, 0);
  if (size <= 0) {
    if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
      close(client);
    }
    return;
  }
  received_bytes_ += std::uint64_t(size);
  read_at_ = now();
  std::string_view bytes{buffer_.data(), before + std::size_t(size)};
  if (client.state == connection_state::handshake) {
    bytes.remove_prefix(take_handshake(client, bytes));
  }
  if (client.socket >= 0 && client.state != connection_state::handshake) {
    bytes.remove_prefix(take_frames(client, bytes));
  }
  client.received.assign(bytes);
}

std::size_t network::take_handshake(connection& client, std::string_view text) {
  auto end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    return 0;
  }
  auto head = text.substr(0, end);
  if (!head.starts_with("HTTP/1.1 101") || head.find(handshake_answer) == std::string_view::npos) {
    show("handshake refused", head);
    ++errors.connect_errors;
    close(client);
    return text.size();
  }
  if (settings.is_socket_io()) {
    client.state = connection_state::socket_io_wait;
  } else {
    opened(client);
  }
  return end + 4;
}

std::size_t network::take_frames(connection& client, std::string_view bytes) {
  const auto all = bytes.size();
  while (client.socket >= 0) {
    auto head = head_of(bytes);
    if (!head) {
      break;
    }
    if (!head->is_valid) {
      ++errors.protocol_errors;
      close(client);
      return all;
    }
    if (bytes.size() < head->size + head->payload) {
      break;
    }
    take_frame(client, head->opcode, head->is_last, bytes.substr(head->size, head->payload));
    bytes.remove_prefix(head->size + head->payload);
  }
  return all - bytes.size();
}

void network::take_frame(connection& client, unsigned opcode, bool is_last,
                         std::string_view payload) {
  if (opcode == opcode::ping) {
    queue_frame(client, opcode::pong, payload);
  } else if (opcode == opcode::close_frame) {
    // A close that the scenario asked for is not answered again.
    if (client.step != client_step::closing) {
      queue_frame(client, opcode::close_frame, payload.substr(0, 2));
      flush(client);
    }
  } else if (opcode == opcode::continuation) {
    client.fragments.append(payload);
    if (is_last) {
      take_message(client, std::exchange(client.fragments, {}));
    }
  } else if (opcode != opcode::pong) {
    if (is_last) {
      take_message(client, payload);
    } else {
      client.fragments.assign(payload);
    }
  }
}

void network::take_message(connection& client, std::string_view message) {
  if (settings.is_socket_io()) {
    if (message.empty()) {
      return;
    }
    if (message.front() == '2') { // a ping of engine.io
      return send(client, "3");
    }
    if (client.state == connection_state::socket_io_wait) {
      if (message.front() == '0') { // engine.io is open; connect to the namespace
        send(client, "40");
      } else if (message.starts_with("40")) {
        opened(client);
      } else {
        ++errors.protocol_errors;
      }
      return;
    }
  }
  scenario_->on_message(client, message, read_at_);
}

connections make_connections(std::size_t count, std::size_t first) {
  connections result;
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back(std::make_unique<connection>());
    result.back()->index = std::uint32_t(first + i);
  }
  return result;
}

network& clients() {
  static network the_one;
  return the_one;
}

} // namespace load
