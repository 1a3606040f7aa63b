#include "dcrf/actors/cluster/internal/node_actor.hpp"

#include "dcrf/actors/cluster/internal/codec.hpp"

#include <caf/io/middleman_actor.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
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

} // namespace

node_actor::node_actor(caf::actor_config& config, pinning_unit& unit, node_parts parts)
    : pinned_actor(config, unit),
      parts_(std::move(parts)),
      links_(parts_.peers),
      versions_(parts_.local, parts_.remote != nullptr ? &parts_.remote->repositories : nullptr,
                parts_.options.repositories),
      groups_(parts_.directory, links_, versions_, self_),
      presences_(parts_.directory.presences(), links_),
      commands_(*this, links_, self_, parts_.models, parts_.local,
                [this](std::function<void()> done) { catch_up(std::move(done)); }),
      remotes_(links_, versions_, self_),
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
  links_.sender(ctrl());
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
  groups_.clear();
  links_.clear();
}

void node_actor::leave() {
  links_.send_to_all(envelope_of(topic::leaving));
  dialer_.stop();
}

bool node_actor::is_settled() const {
  return links_.are_settled() && dialer_.has_tried_all() && has_repositories();
}

bool node_actor::has_repositories() const {
  return parts_.remote == nullptr || parts_.remote->repositories.is_linked();
}

// -- links ----------------------------------------------------------------------------------------

void node_actor::dial(const host_and_port& to, dialer::done_function done) {
  request(parts_.way.connector(), caf::infinite, caf::connect_atom::value, to.host, to.port)
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
  if (auto* found = links_.find(caf::actor_cast<caf::actor_addr>(who))) {
    if (found->is_linked) {
      found->dialled = to;
      dialer_.linked(to.to_string());
    }
    done(found->is_linked);
    return;
  }
  auto& added = add_link_to(caf::actor_cast<caf::actor>(who));
  added.dialled = to;
  added.done = std::move(done);
  greet(added, topic::hello);
}

link& node_actor::add_link_to(const caf::actor& handle) {
  auto& result = links_.add(handle);
  monitor(handle);
  result.greeting = parts_.thread.after(greeting_timeout, [this, address = handle->address()] {
    lose(address, "it did not say who it is");
    parts_.way.disconnect(address.node());
  });
  return result;
}

void node_actor::lose(const caf::actor_addr& who, const std::string& why) {
  if (auto lost = links_.take(who)) {
    demonitor(who);
    drop(*lost, why);
    parts_.changed();
  }
}

void node_actor::drop(const link& lost, const std::string& why) {
  if (!lost.is_linked) {
    spdlog::warn("cluster: no link to {}: {}",
                 lost.done ? lost.dialled.to_string() : std::string{"a node"}, why);
    if (lost.done) {
      lost.done(false);
    }
    return;
  }
  spdlog::warn("cluster: node {} is lost: {}", lost.who.name, why);
  parts_.peers.unlink(lost.number);
  commands_.lost(lost);
  remotes_.lost(lost);
  presences_.lost(lost);
  groups_.lost(lost);
  dial_again(lost);
}

void node_actor::dial_again(const link& lost) {
  if (auto address = parse_address(lost.who.address)) {
    dialer_.lost(*address);
  }
  if (lost.dialled.port != 0 && lost.dialled.to_string() != lost.who.address) {
    dialer_.lost(lost.dialled);
  }
}

// -- what others say ------------------------------------------------------------------------------

void node_actor::handle(const cluster_envelope& x) {
  if (!current_sender()) {
    return;
  }
  try {
    byte_reader in{x.bytes};
    std::uint8_t version = 0;
    std::uint8_t number = 0;
    in.byte(version);
    in.byte(number);
    auto kind = static_cast<topic>(number);
    auto* from = sender_of(kind);
    if (from == nullptr || !may_say(*from, kind, version)) {
      return;
    }
    if (from->is_linked) {
      parts_.peers.count_received(from->number, x.bytes.size(), kind == topic::event);
    }
    handle(kind, in, *from);
  } catch (const malformed_bytes& error) {
    spdlog::warn("cluster: a message was dropped: {}", error.what());
  }
}

// Null if a stranger says anything but hello.
link* node_actor::sender_of(topic kind) {
  if (auto* found = links_.find(current_sender()->address())) {
    return found;
  }
  if (kind != topic::hello) {
    spdlog::warn("cluster: a message of a stranger was dropped");
    return nullptr;
  }
  return &add_link_to(caf::actor_cast<caf::actor>(current_sender()));
}

bool node_actor::may_say(link& from, topic kind, std::uint8_t version) {
  if (version != protocol_version) {
    refuse(from,
           fmt::format("it speaks version {} of the protocol, not {}", version, protocol_version));
    return false;
  }
  bool is_greeting = kind == topic::hello || kind == topic::welcome || kind == topic::refusal;
  if (!from.is_linked && !is_greeting) {
    spdlog::warn("cluster: a message of a node that is not linked was dropped");
    return false;
  }
  return true;
}

void node_actor::handle(topic kind, byte_reader& in, link& from) {
  switch (kind) {
  case topic::hello:
  case topic::welcome:
  case topic::refusal:
  case topic::leaving:
    return handle_greeting(kind, in, from);
  case topic::members:
    return learn_members(in);
  case topic::interest:
    return groups_.note_interest(from, in);
  case topic::interest_noted:
    return groups_.confirm(from, in);
  case topic::interest_lost:
    return groups_.forget_interest(from, in);
  case topic::interests_sent:
    return groups_.all_noted(from);
  case topic::interests_noted:
    groups_.all_known(from);
    return parts_.changed();
  case topic::event:
    return groups_.take_event(from, in);
  case topic::command:
    return commands_.execute(from, in);
  case topic::abandon:
    return commands_.abandon(from, in);
  case topic::result:
    return remotes_.take_result(from, in);
  case topic::catch_up:
    return commands_.catch_up(from, in);
  case topic::caught_up:
    return remotes_.take_caught_up(from, in);
  case topic::session_question:
    return answer(from, in);
  case topic::session_answer:
    return remotes_.take_session_answer(from, in);
  case topic::arrival:
    return presences_.note_arrival(from, in);
  case topic::departure:
    return presences_.note_departure(from, in);
  }
  throw malformed_bytes("the topic is unknown");
}

void node_actor::handle_greeting(topic kind, byte_reader& in, link& from) {
  if (kind == topic::leaving) {
    lose(from.handle->address(), "it has left");
  } else if (kind == topic::refusal) {
    std::string why;
    in.text(why);
    lose(from.handle->address(), "it refuses this node: " + why);
  } else {
    greeted(from, in, kind == topic::hello);
  }
}

// -- who the others are ---------------------------------------------------------------------------

void node_actor::greet(const link& to, topic kind) {
  auto out = envelope_of(kind);
  cluster::write(out, self_);
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
    auto& again = add_link_to(handle);
    again.who = std::move(who);
    greet(again, topic::welcome);
    establish(again);
    return;
  }
  if (auto why = objection_to(who); !why.empty()) {
    refuse(from, why);
    return;
  }
  if (const auto* older = links_.find_linked(who.name)) {
    auto address = older->handle->address();
    lose(address, "it was started again");
    parts_.way.disconnect(address.node());
  }
  from.who = std::move(who);
  if (wants_welcome) {
    greet(from, topic::welcome);
  }
  establish(from);
}

// Why a node can't be let in; empty if it can.
std::string node_actor::objection_to(const identity& who) const {
  if (auto why = objection(self_, who); !why.empty()) {
    return why;
  }
  const auto* other = links_.find_linked(who.name);
  return other != nullptr && other->who.incarnation > who.incarnation
             ? fmt::format("another node has the name {}", who.name)
             : std::string{};
}

void node_actor::refuse(link& from, const std::string& why) {
  spdlog::warn("cluster: a node is refused: {}", why);
  auto out = envelope_of(topic::refusal);
  out.text(why);
  send(from.handle, sealed(std::move(out)));
  auto address = from.handle->address();
  auto refused = links_.take(address);
  demonitor(address);
  if (refused->done) {
    refused->done(false);
  }
  // Not by way of this actor, which may have ended then.
  parts_.thread
      .after(refusal_delay, [way = parts_.way, node = address.node()] { way.disconnect(node); })
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
  tell_members(with);
  versions_.linked(with.who);
  groups_.linked(with);
  presences_.linked(with);
  remotes_.linked(with);
  if (with.who.name == parts_.options.repositories && !has_repositories()) {
    spdlog::error("cluster: node {} has not the database of this node's models", with.who.name);
  }
  parts_.changed();
}

void node_actor::tell_members(const link& to) {
  auto others = links_.linked();
  auto out = envelope_of(topic::members);
  out.number(others.size());
  for (const auto* x : others) {
    out.text(x->who.name);
    out.text(x->who.address);
  }
  links_.send(to, std::move(out));
}

void node_actor::learn_members(byte_reader& in) {
  std::uint64_t size = 0;
  in.number(size);
  for (std::uint64_t i = 0; i < size; ++i) {
    identity who;
    in.text(who.name);
    in.text(who.address);
    auto address = parse_address(who.address);
    if (address && who.name != self_.name && links_.find_linked(who.name) == nullptr) {
      bool is_first = self_.name < who.name;
      dialer_.add(*address, is_first ? std::chrono::milliseconds{0} : second_dial_delay);
    }
  }
}

// Of the sessions here.
void node_actor::answer(const link& to, byte_reader& question) {
  std::uint64_t id = 0;
  question.number(id);
  auto out = envelope_of(topic::session_answer);
  out.number(id);
  cluster::write(out, answer_of(parts_.sessions, read_session_question(question)));
  links_.send(to, std::move(out));
}

void node_actor::catch_up(std::function<void()> done) {
  if (parts_.local == nullptr || !parts_.local->finds_changes()) {
    done();
    return;
  }
  // It may come when this actor has ended.
  parts_.local->catch_up([&thread = parts_.thread, self = address(), done = std::move(done)] {
    thread.post([self, done] {
      if (auto living = caf::actor_cast<caf::strong_actor_ptr>(self)) {
        done();
      }
    });
  });
}

} // namespace dcrf::cluster
