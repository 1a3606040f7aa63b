#include "dcrf/actors/cluster/node_actor.hpp"

#include "dcrf/actors/actor_context.hpp"
#include "dcrf/actors/cluster/codec.hpp"

#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <utility>

namespace dcrf::cluster {

namespace {

// For the other side to say who it is.
constexpr std::chrono::seconds greeting_timeout{3};
// The answer to a node that is refused leaves before its connection is closed.
constexpr std::chrono::milliseconds refusal_delay{300};
// Of two nodes that learn of each other the one with the smaller name dials, the other one only if
// that failed.
constexpr std::chrono::milliseconds second_dial_delay{1500};

constexpr unsigned begins = 1;
constexpr unsigned ends = 2;

void write(byte_writer& out, const identity& x) {
  out.text(x.cluster);
  out.text(x.name);
  out.text(x.address);
  out.number(x.incarnation);
  out.number(x.fingerprint);
  out.text(x.store);
}

identity read_identity(byte_reader& in) {
  identity result;
  in.text(result.cluster);
  in.text(result.name);
  in.text(result.address);
  in.number(result.incarnation);
  in.number(result.fingerprint);
  in.text(result.store);
  return result;
}

unsigned kind_of(const command& x) {
  if (std::holds_alternative<begin_command>(x.body)) {
    return begins;
  }
  bool is_end = std::holds_alternative<commit_command>(x.body)
                || std::holds_alternative<rollback_command>(x.body);
  return is_end ? ends : 0;
}

byte_writer arrival_of(std::uint64_t number, const presence_table::entry& x) {
  auto out = envelope_of(topic::arrival);
  out.number(number);
  out.text(x.key);
  out.text(x.who);
  return out;
}

} // namespace

node_actor::node_actor(caf::actor_config& config, pinning_unit& unit, node_parts parts)
    : pinned_actor(config, unit),
      parts_(std::move(parts)),
      dialer_(
          parts_.thread,
          [this](const host_and_port& to, dialer::done_function done) {
            dial(to, std::move(done));
          },
          [this] { parts_.changed(); }) {}

caf::behavior node_actor::make_behavior() {
  set_down_handler([this](const caf::down_msg& x) { lose(x.source, "its connection has ended"); });
  set_default_handler(caf::drop);
  return {[this](const cluster_envelope& x) { handle(x); }};
}

void node_actor::open(identity self) {
  self_ = std::move(self);
  auto seeds = parse_addresses(parts_.options.join);
  for (const auto& seed : *seeds) {
    if (seed.to_string() != self_.address) {
      dialer_.add(seed, std::chrono::milliseconds{0});
    }
  }
  parts_.changed();
}

void node_actor::on_exit() {
  dialer_.stop();
  interests_.clear();
  links_.clear();
}

bool node_actor::is_settled() const {
  bool is_greeting =
      std::ranges::any_of(links_, [](const auto& x) { return !x.second->is_linked; });
  return !is_greeting && dialer_.has_tried_all()
         && (parts_.remote == nullptr || has_repositories());
}

bool node_actor::has_repositories() const {
  return parts_.remote == nullptr || parts_.remote->is_linked();
}

// -- dialling -------------------------------------------------------------------------------------

void node_actor::dial(const host_and_port& to, dialer::done_function done) {
  const auto& connector = parts_.options.has_tls() ? home_system().openssl_manager().actor_handle()
                                                   : home_system().middleman().actor_handle();
  request(connector, caf::infinite, caf::connect_atom::value, to.host, to.port)
      .then([this, to, done](const caf::node_id&, const caf::strong_actor_ptr& who,
                             const std::set<std::string>&) { reached(to, who, done); },
            [this, to, done](const caf::error& error) {
              spdlog::warn("cluster: no link to {}: {}", to.to_string(),
                           home_system().render(error));
              done(false);
            });
}

void node_actor::reached(const host_and_port& to, const caf::strong_actor_ptr& who,
                         dialer::done_function done) {
  if (!who) {
    done(false);
    return;
  }
  if (who->id() == id() && who->node() == home_system().node()) {
    // This node itself.
    dialer_.linked(to.to_string());
    done(true);
    return;
  }
  auto address = caf::actor_cast<caf::actor_addr>(who);
  if (auto found = links_.find(address); found != links_.end()) {
    if (found->second->is_linked) {
      found->second->dialled = to;
      dialer_.linked(to.to_string());
    }
    done(found->second->is_linked);
    return;
  }
  auto& added = add_link(caf::actor_cast<caf::actor>(who));
  added.dialled = to;
  added.done = std::move(done);
  greet(added, topic::hello);
}

node_actor::link& node_actor::add_link(const caf::actor& handle) {
  auto added = std::make_unique<link>();
  auto& result = *added;
  result.handle = handle;
  auto address = handle->address();
  monitor(handle);
  result.greeting = parts_.thread.after(greeting_timeout, [this, address] {
    lose(address, "it did not say who it is");
    disconnect(home_system(), address.node());
  });
  links_.emplace(address, std::move(added));
  return result;
}

// Closes the connection to a process, which CAF keeps as long as the process lives.
void node_actor::disconnect(caf::actor_system& system, const caf::node_id& node) {
  auto& middleman = system.middleman();
  middleman.backend().post([&middleman, node] {
    auto broker = middleman.named_broker<caf::io::basp_broker>(caf::atom("BASP"));
    auto* basp = caf::actor_cast<caf::io::basp_broker*>(broker);
    if (auto connection = basp->instance.tbl().lookup_direct(node)) {
      basp->connection_cleanup(*connection, caf::sec::disconnect_during_handshake);
      basp->close(*connection);
    }
  });
}

// -- what others say ------------------------------------------------------------------------------

void node_actor::handle(const cluster_envelope& x) {
  if (!current_sender()) {
    return;
  }
  auto address = current_sender()->address();
  try {
    byte_reader in{x.bytes};
    std::uint8_t version = 0;
    std::uint8_t number = 0;
    in.byte(version);
    in.byte(number);
    auto kind = static_cast<topic>(number);
    bool is_greeting = kind == topic::hello || kind == topic::welcome;
    auto found = links_.find(address);
    if (found == links_.end()) {
      if (kind != topic::hello) {
        spdlog::warn("cluster: a message of a stranger was dropped");
        return;
      }
      add_link(caf::actor_cast<caf::actor>(current_sender()));
      found = links_.find(address);
    }
    auto& from = *found->second;
    if (version != protocol_version) {
      refuse(from, fmt::format("it speaks version {} of the protocol, not {}", version,
                               protocol_version));
      return;
    }
    if (!from.is_linked && !is_greeting && kind != topic::refusal) {
      spdlog::warn("cluster: a message of a node that is not linked was dropped");
      return;
    }
    if (from.is_linked) {
      parts_.peers.count_received(from.number, x.bytes.size(), kind == topic::event);
    }
    handle(kind, in, from);
  } catch (const malformed_bytes& error) {
    spdlog::warn("cluster: a message was dropped: {}", error.what());
  }
}

void node_actor::handle(topic kind, byte_reader& in, link& from) {
  switch (kind) {
  case topic::hello:
    greeted(from, in, true);
    return;
  case topic::welcome:
    greeted(from, in, false);
    return;
  case topic::refusal: {
    std::string why;
    in.text(why);
    lose(from.handle->address(), "it refuses this node: " + why);
    return;
  }
  case topic::members:
    learn_members(in);
    return;
  case topic::interest:
    note_interest(from, in);
    return;
  case topic::interest_noted: {
    std::uint64_t number = 0;
    std::uint64_t version = 0;
    in.number(number);
    in.number(version);
    if (parts_.remote != nullptr && is_of_my_store(from)) {
      parts_.remote->committed(version);
    }
    interests_.confirm(from.number, number);
    return;
  }
  case topic::interest_lost:
    forget_interest(from, in);
    return;
  case topic::interests_sent:
    send_to(from, envelope_of(topic::interests_noted));
    return;
  case topic::interests_noted:
    tell_missed(from);
    return;
  case topic::event:
    take_event(from, in);
    return;
  case topic::command:
    execute(from, in);
    return;
  case topic::result:
    take_result(in);
    return;
  case topic::abandon: {
    std::uint64_t transaction = 0;
    in.number(transaction);
    if (from.transactions.erase(transaction) > 0) {
      roll_back(transaction);
    }
    return;
  }
  case topic::arrival:
  case topic::departure:
    note_presence(from, kind, in);
    return;
  case topic::leaving:
    lose(from.handle->address(), "it has left");
    return;
  }
  throw malformed_bytes("the topic is unknown");
}

// -- who the others are ---------------------------------------------------------------------------

void node_actor::greet(const link& to, topic kind) {
  auto out = envelope_of(kind);
  write(out, self_);
  send(to.handle, sealed(std::move(out)));
}

void node_actor::greeted(link& from, byte_reader& in, bool wants_welcome) {
  auto who = read_identity(in);
  if (from.is_linked && !wants_welcome) {
    return; // both have said hello
  }
  if (from.is_linked) {
    // It has lost the link, which was not noticed here yet.
    auto handle = from.handle;
    lose(handle->address(), "it links anew");
    auto& again = add_link(handle);
    again.who = std::move(who);
    greet(again, topic::welcome);
    establish(again);
    return;
  }
  if (auto why = objection_to(who); !why.empty()) {
    refuse(from, why);
    return;
  }
  if (auto* older = linked_by_name(who.name)) {
    auto address = older->handle->address();
    lose(address, "it was started again");
    disconnect(home_system(), address.node());
  }
  from.who = std::move(who);
  if (wants_welcome) {
    greet(from, topic::welcome);
  }
  establish(from);
}

// Why a node can't be let in; empty if it can.
std::string node_actor::objection_to(const identity& who) const {
  if (who.cluster != self_.cluster) {
    return fmt::format("it belongs to the cluster {}, not {}", who.cluster, self_.cluster);
  }
  if (who.name == self_.name) {
    return fmt::format("this node has the name {} itself", who.name);
  }
  for (const auto& [address, x] : links_) {
    if (x->is_linked && x->who.name == who.name && x->who.incarnation > who.incarnation) {
      return fmt::format("another node has the name {}", who.name);
    }
  }
  return {};
}

void node_actor::refuse(link& from, const std::string& why) {
  spdlog::warn("cluster: a node is refused: {}", why);
  auto out = envelope_of(topic::refusal);
  out.text(why);
  send(from.handle, sealed(std::move(out)));
  auto address = from.handle->address();
  auto refused = std::move(links_.extract(address).mapped());
  demonitor(address);
  if (refused->done) {
    refused->done(false);
  }
  // Not by way of this actor, which may have ended then.
  parts_.thread
      .after(refusal_delay,
             [&system = home_system(), node = address.node()] { disconnect(system, node); })
      .detach();
}

void node_actor::establish(link& with) {
  with.is_linked = true;
  with.greeting.cancel();
  with.number = parts_.peers.number_of(with.who.name);
  parts_.peers.link(with.number, with.who.address, with.handle);
  spdlog::info("cluster: node {} at {} is linked", with.who.name, with.who.address);
  dialer_.linked(with.who.address);
  if (auto done = std::exchange(with.done, nullptr)) {
    dialer_.linked(with.dialled.to_string());
    done(true);
  }
  auto members = envelope_of(topic::members);
  members.number(links_.size());
  for (const auto& [address, x] : links_) {
    members.text(x->who.name);
    members.text(x->who.address);
  }
  send_to(with, std::move(members));
  interests_.add_node(with.number, [&](const group_name& x, std::uint64_t number) {
    auto out = envelope_of(topic::interest);
    out.number(number);
    cluster::write(out, x);
    send_to(with, std::move(out));
  });
  send_to(with, envelope_of(topic::interests_sent));
  for (const auto& [number, x] : parts_.directory.presences().entries_here()) {
    send_to(with, arrival_of(number, x));
  }
  if (parts_.remote != nullptr && with.who.name == parts_.options.repositories) {
    if (with.who.store.empty() || with.who.fingerprint != self_.fingerprint) {
      spdlog::error("cluster: node {} has not the database of this node's models", with.who.name);
    } else {
      parts_.remote->linked();
    }
  }
  parts_.changed();
}

void node_actor::lose(const caf::actor_addr& who, const std::string& why) {
  auto found = links_.find(who);
  if (found == links_.end()) {
    return;
  }
  auto lost = std::move(found->second);
  links_.erase(found);
  demonitor(who);
  drop(std::move(lost), why);
}

void node_actor::drop(std::unique_ptr<link> lost, const std::string& why) {
  if (!lost->is_linked) {
    spdlog::warn("cluster: no link to {}: {}",
                 lost->done ? lost->dialled.to_string() : std::string{"a node"}, why);
    if (lost->done) {
      lost->done(false);
    }
    parts_.changed();
    return;
  }
  spdlog::warn("cluster: node {} is lost: {}", lost->who.name, why);
  parts_.peers.unlink(lost->number);
  for (const auto& x : lost->interests) {
    parts_.directory.withdraw_node(x, lost->number);
  }
  for (const auto& [transaction, depth] : lost->transactions) {
    roll_back(transaction);
  }
  if (parts_.remote != nullptr && lost->who.name == parts_.options.repositories) {
    parts_.remote->lost();
  }
  parts_.directory.presences().forget(lost->number);
  lost_.insert(lost->who.name);
  interests_.remove_node(lost->number);
  if (auto address = parse_address(lost->who.address)) {
    dialer_.lost(*address);
  }
  if (lost->dialled.port != 0 && lost->dialled.to_string() != lost->who.address) {
    dialer_.lost(lost->dialled);
  }
  parts_.changed();
}

void node_actor::learn_members(byte_reader& in) {
  std::uint64_t size = 0;
  in.number(size);
  for (std::uint64_t i = 0; i < size; ++i) {
    identity who;
    in.text(who.name);
    in.text(who.address);
    auto address = parse_address(who.address);
    if (address && who.name != self_.name && linked_by_name(who.name) == nullptr) {
      bool is_first = self_.name < who.name;
      dialer_.add(*address, is_first ? std::chrono::milliseconds{0} : second_dial_delay);
    }
  }
}

// -- groups ---------------------------------------------------------------------------------------

void node_actor::hold(const group_name& x, std::function<void()> ready) {
  interests_.hold(x, std::move(ready), linked_numbers(),
                  [this](const group_name& name, std::uint64_t number) {
                    auto out = envelope_of(topic::interest);
                    out.number(number);
                    cluster::write(out, name);
                    send_to_all(std::move(out));
                  });
}

void node_actor::release(const group_name& x) {
  if (interests_.release(x)) {
    auto out = envelope_of(topic::interest_lost);
    cluster::write(out, x);
    send_to_all(std::move(out));
  }
}

void node_actor::note_interest(link& from, byte_reader& in) {
  std::uint64_t number = 0;
  bool is_known = true;
  in.number(number);
  auto target = read_group_name(in, is_known);
  if (!is_known) {
    spdlog::warn("cluster: node {} watches what this program does not have", from.who.name);
  } else if (from.interests.insert(target).second) {
    parts_.directory.enter_node(target, from.number);
  }
  // After the entry: a change that commits from now on finds it.
  auto out = envelope_of(topic::interest_noted);
  out.number(number);
  out.number(version_here());
  send_to(from, std::move(out));
}

void node_actor::forget_interest(link& from, byte_reader& in) {
  bool is_known = true;
  auto target = read_group_name(in, is_known);
  if (is_known && from.interests.erase(target) > 0) {
    parts_.directory.withdraw_node(target, from.number);
  }
}

// The node knows all interests of this one again: what it does from now on arrives.
void node_actor::tell_missed(const link& with) {
  if (lost_.erase(with.who.name) > 0) {
    spdlog::info("cluster: messages of node {} may have been lost", with.who.name);
    parts_.directory.publish_loss({with.who.name, !with.who.store.empty()});
  }
}

void node_actor::take_event(link& from, byte_reader& in) {
  auto message = read_group_message(in);
  if (!message) {
    return;
  }
  if (!is_of_my_store(from)) {
    // It can't be compared with what was read here.
    message->version = 0;
  } else if (parts_.remote != nullptr) {
    parts_.remote->committed(message->version);
  }
  parts_.directory.publish_here(std::move(message));
}

bool node_actor::is_of_my_store(const link& x) const {
  return !x.who.store.empty()
         && (parts_.remote != nullptr ? x.who.name == parts_.options.repositories
                                      : x.who.store == self_.store);
}

std::uint64_t node_actor::version_here() const {
  return parts_.local != nullptr ? parts_.local->version() : 0;
}

// -- presence -------------------------------------------------------------------------------------

void node_actor::tell_presence(std::uint64_t number,
                               const std::optional<presence_table::entry>& came) {
  if (came) {
    send_to_all(arrival_of(number, *came));
    return;
  }
  auto out = envelope_of(topic::departure);
  out.number(number);
  send_to_all(std::move(out));
}

void node_actor::note_presence(const link& from, topic kind, byte_reader& in) {
  std::uint64_t number = 0;
  in.number(number);
  auto& present = parts_.directory.presences();
  if (kind == topic::departure) {
    present.went(from.number, number);
    return;
  }
  presence_table::entry x;
  in.text(x.key);
  in.text(x.who);
  present.came(from.number, number, std::move(x));
}

// -- commands of others ---------------------------------------------------------------------------

void node_actor::execute(link& from, byte_reader& in) {
  std::uint64_t id = 0;
  in.number(id);
  auto asker = from.handle->address();
  store_result refusal;
  command asked;
  try {
    if (parts_.local == nullptr || from.who.fingerprint != self_.fingerprint) {
      throw store_failure(store_errc::unavailable, "this node has not the database asked for");
    }
    asked = read_command(in, parts_.models);
    if (asked.transaction != 0 && !from.transactions.contains(asked.transaction)) {
      throw store_failure(store_errc::no_transaction, "the transaction is not of this node");
    }
  } catch (const malformed_bytes& error) {
    refusal.error = store_error{.code = store_errc::failed, .text = error.what()};
  } catch (const store_failure& failure) {
    refusal.error = failure.error();
  }
  if (refusal.error) {
    executed(asker, id, 0, 0, refusal);
    return;
  }
  auto kind = kind_of(asked);
  auto transaction = asked.transaction;
  const auto* model = dcrf::detail::model_of_command(asked);
  const auto& to =
      model != nullptr ? parts_.local->repository(*model) : parts_.local->repositories().front();
  request(to, caf::infinite, std::move(asked))
      .then([this, asker, id, kind,
             transaction](const store_result& x) { executed(asker, id, kind, transaction, x); },
            [this, asker, id](const caf::error&) {
              store_result stopped;
              stopped.error =
                  store_error{.code = store_errc::unavailable, .text = "the store has stopped"};
              executed(asker, id, 0, 0, stopped);
            });
}

void node_actor::executed(const caf::actor_addr& asker, std::uint64_t id, unsigned kind,
                          std::uint64_t transaction, const store_result& x) {
  auto found = links_.find(asker);
  bool is_there = found != links_.end() && found->second->is_linked;
  if (kind == begins && !x.error) {
    if (!is_there) {
      roll_back(x.transaction);
      return;
    }
    ++found->second->transactions[x.transaction];
  }
  if (!is_there) {
    return;
  }
  auto& open = found->second->transactions;
  if (auto ended = open.find(transaction);
      kind == ends && ended != open.end() && --ended->second == 0) {
    open.erase(ended);
  }
  auto out = envelope_of(topic::result);
  out.number(id);
  out.number(version_here());
  cluster::write(out, x);
  send_to(*found->second, std::move(out));
}

void node_actor::roll_back(std::uint64_t transaction) {
  if (parts_.local != nullptr && !parts_.local->repositories().empty()) {
    caf::anon_send(parts_.local->repositories().front(), abandon_transaction{transaction});
  }
}

// -- commands of this node ------------------------------------------------------------------------

void node_actor::ask(std::uint64_t id, const command& x) {
  if (auto* to = linked_by_name(parts_.options.repositories)) {
    auto out = envelope_of(topic::command);
    out.number(id);
    cluster::write(out, x);
    send_to(*to, std::move(out));
  }
}

void node_actor::abandon_there(std::uint64_t transaction) {
  if (auto* to = linked_by_name(parts_.options.repositories)) {
    auto out = envelope_of(topic::abandon);
    out.number(transaction);
    send_to(*to, std::move(out));
  }
}

void node_actor::take_result(byte_reader& in) {
  if (parts_.remote == nullptr) {
    return;
  }
  std::uint64_t id = 0;
  std::uint64_t version = 0;
  in.number(id);
  in.number(version);
  parts_.remote->committed(version);
  parts_.remote->answered(id, read_store_result(in));
}

// -- sending --------------------------------------------------------------------------------------

void node_actor::leave() {
  send_to_all(envelope_of(topic::leaving));
  dialer_.stop();
}

void node_actor::send_to(const link& to, byte_writer x) {
  std::size_t number = to.number;
  parts_.peers.send(ctrl(), sealed(std::move(x)), {&number, 1}, false);
}

void node_actor::send_to_all(byte_writer x) {
  parts_.peers.send(ctrl(), sealed(std::move(x)), linked_numbers(), false);
}

std::vector<std::size_t> node_actor::linked_numbers() const {
  std::vector<std::size_t> result;
  for (const auto& [address, x] : links_) {
    if (x->is_linked) {
      result.push_back(x->number);
    }
  }
  return result;
}

node_actor::link* node_actor::linked_by_name(const std::string& name) {
  auto found = std::ranges::find_if(
      links_, [&](const auto& x) { return x.second->is_linked && x.second->who.name == name; });
  return found == links_.end() ? nullptr : found->second.get();
}

} // namespace dcrf::cluster
