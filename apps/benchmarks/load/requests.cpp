#include "requests.hpp"

#include <algorithm>
#include <bit>

#include "errors.hpp"
#include "network.hpp"
#include "options.hpp"
#include "random_numbers.hpp"
#include "reply_head.hpp"

namespace load {

namespace {

// As long as the open requests lie closer together than the ring is long, each has a place.
connection::sent_request& place_of(connection& client, std::uint64_t number) {
  if (client.ring.empty()) {
    auto most = client.role == client_role::publisher
                    ? settings.window
                    : std::max(settings.depth, settings.subscriptions);
    client.ring.resize(std::bit_ceil(std::max<std::size_t>(2, 2 * std::size_t(most))));
  }
  return client.ring[number & (client.ring.size() - 1)];
}

bool has_expected_content(std::string_view message, std::int64_t key) {
  if (message.find(settings.expect) == std::string_view::npos) {
    return false;
  }
  return settings.check_key.empty() || find_integer(message, settings.check_key) == key;
}

} // namespace

void send_request(connection& client, const message_template& request, std::uint64_t time,
                  std::uint64_t sequence, std::uint64_t group) {
  auto keys = std::uint64_t(settings.highest_key - settings.lowest_key + 1);
  template_values values{.id = client.first_id() + client.requests,
                         .sequence = sequence,
                         .connection = client.index,
                         .group = group,
                         .time = time,
                         .key = settings.lowest_key + std::int64_t(chance.next() % keys)};
  place_of(client, client.requests) = {time, values.key, true};
  ++client.requests;
  static std::string message;
  message.clear();
  request.append_to(message, values);
  clients().send(client, message);
}

std::optional<std::uint64_t> match_reply(connection& client, std::string_view message,
                                         std::int64_t status, bool check_content) {
  auto head = read_head(message);
  if (!head.id || *head.id < client.first_id() || *head.id >= client.first_id() + client.requests) {
    show("unknown id", message);
    ++errors.unknown_id;
    return std::nullopt;
  }
  auto number = *head.id - client.first_id();
  auto& request = place_of(client, number);
  if (number < client.oldest_open || !request.is_open) {
    ++errors.duplicates;
    return std::nullopt;
  }
  errors.out_of_order += number != client.oldest_open ? 1 : 0;
  request.is_open = false;
  while (client.oldest_open < client.requests && !place_of(client, client.oldest_open).is_open) {
    ++client.oldest_open;
  }
  if (status >= 0 && head.status != status) {
    show("status", message);
    ++errors.bad_status;
  }
  if (check_content && !has_expected_content(message, request.key)) {
    show("content", message);
    ++errors.bad_content;
  }
  return request.time;
}

} // namespace load
