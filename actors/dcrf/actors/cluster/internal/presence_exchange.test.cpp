#include "dcrf/actors/cluster/internal/presence_exchange.hpp"

#include "dcrf/actors/cluster/internal/exchange_testing.hpp"

namespace dcrf::cluster::presence_exchange_tests {

namespace {

struct presence_fixture {
  void arrive(std::uint64_t number, const std::string& who) {
    byte_writer out;
    out.number(number);
    out.text("lobby");
    out.text(who);
    auto bytes = bytes_of(std::move(out));
    byte_reader in{bytes};
    exchange.note_arrival(*nodes.b, in);
  }

  std::size_t present() { return table.list("lobby").size(); }

  caf::actor_system_config config;
  caf::actor_system system{config};
  linked_nodes nodes{system};
  presence_table table{[](const group_message_ptr&) {}};
  presence_exchange exchange{table, nodes.others};
};

} // namespace

TEST_CASE_METHOD(presence_fixture, "a node that links is told who is here", "[cluster][presence]") {
  auto number = table.enter("lobby", "\"ann\"").number;
  exchange.linked(*nodes.b);
  auto bytes = nodes.get(topic::arrival);
  byte_reader in{bytes};
  std::uint64_t told = 0;
  std::string key;
  std::string who;
  in.number(told);
  in.text(key);
  in.text(who);
  in.finish();
  CHECK(told == number);
  CHECK(key == "lobby");
  CHECK(who == "\"ann\"");
}

TEST_CASE_METHOD(presence_fixture, "others are told who goes", "[cluster][presence]") {
  exchange.tell(3, std::nullopt);
  auto bytes = nodes.get(topic::departure);
  byte_reader in{bytes};
  std::uint64_t number = 0;
  in.number(number);
  CHECK(number == 3);
}

TEST_CASE_METHOD(presence_fixture, "who is at another node goes one by one, or with the node",
                 "[cluster][presence]") {
  arrive(1, "\"bob\"");
  arrive(1, "\"bob\"");
  arrive(2, "\"eve\"");
  CHECK(present() == 2);
  byte_writer out;
  out.number(1);
  auto bytes = bytes_of(std::move(out));
  byte_reader in{bytes};
  exchange.note_departure(*nodes.b, in);
  CHECK(present() == 1);
  exchange.lost(*nodes.b);
  CHECK(present() == 0);
}

} // namespace dcrf::cluster::presence_exchange_tests
