#include "dcrf/actors/cluster/internal/remote_nodes.hpp"

#include "dcrf/actors/cluster/internal/codec.hpp"

#include <utility>

namespace dcrf::cluster {

void remote_nodes::add(const std::string& name, remote_node& x) {
  nodes_.emplace(name, &x);
  if (const auto* with = links_->find_linked(name)) {
    linked(*with);
  }
}

void remote_nodes::linked(const link& with) const {
  auto* node = find(with.who.name);
  if (node == nullptr) {
    return;
  }
  node->sessions.linked();
  if (with.who.store.empty() || with.who.fingerprint != self_->fingerprint) {
    node->repositories.linked_in_vain();
  } else {
    node->repositories.linked();
  }
}

void remote_nodes::lost(const link& with) const {
  if (auto* node = find(with.who.name)) {
    node->lost();
  }
}

// -- questions ------------------------------------------------------------------------------------

void remote_nodes::ask(const std::string& name, std::uint64_t id, const command& x) const {
  auto out = envelope_of(topic::command);
  out.number(id);
  write(out, x);
  send(name, std::move(out));
}

void remote_nodes::abandon(const std::string& name, std::uint64_t transaction) const {
  auto out = envelope_of(topic::abandon);
  out.number(transaction);
  send(name, std::move(out));
}

void remote_nodes::ask_to_catch_up(const std::string& name, std::uint64_t number) const {
  auto out = envelope_of(topic::catch_up);
  out.number(number);
  send(name, std::move(out));
}

void remote_nodes::ask(const std::string& name, std::uint64_t id, const session_question& x) const {
  auto out = envelope_of(topic::session_question);
  out.number(id);
  write(out, x);
  send(name, std::move(out));
}

// -- what others say ------------------------------------------------------------------------------

void remote_nodes::take_result(const link& from, byte_reader& in) const {
  std::uint64_t id = 0;
  in.number(id);
  note_version(from, in);
  if (auto* node = find(from.who.name)) {
    node->repositories.answered(id, read_store_result(in));
  }
}

void remote_nodes::take_caught_up(const link& from, byte_reader& in) const {
  std::uint64_t number = 0;
  in.number(number);
  note_version(from, in);
  if (auto* node = find(from.who.name)) {
    node->repositories.caught_up(number);
  }
}

void remote_nodes::note_version(const link& from, byte_reader& in) const {
  std::uint64_t version = 0;
  in.number(version);
  if (versions_->are_comparable(*self_, from.who)) {
    versions_->committed(version);
  }
}

void remote_nodes::take_session_answer(const link& from, byte_reader& in) const {
  std::uint64_t id = 0;
  in.number(id);
  if (auto* node = find(from.who.name)) {
    node->sessions.answered(id, read_session_answer(in));
  }
}

remote_node* remote_nodes::find(const std::string& name) const {
  auto found = nodes_.find(name);
  return found == nodes_.end() ? nullptr : found->second;
}

void remote_nodes::send(const std::string& name, byte_writer x) const {
  if (const auto* to = links_->find_linked(name)) {
    links_->send(*to, std::move(x));
  }
}

} // namespace dcrf::cluster
