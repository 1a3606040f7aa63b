#include "dcrf/actors/cluster/internal/group_exchange.hpp"

#include "dcrf/actors/cluster/internal/codec.hpp"
#include "dcrf/actors/messages.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace dcrf::cluster {

namespace {

byte_writer interest_in(const group_name& x, std::uint64_t number) {
  auto out = envelope_of(topic::interest);
  out.number(number);
  write(out, x);
  return out;
}

} // namespace

// -- members here ---------------------------------------------------------------------------------

void group_exchange::hold(const group_name& x, std::function<void()> ready) {
  interests_.hold(x, std::move(ready), links_->numbers(),
                  [this](const group_name& name, std::uint64_t number) {
                    links_->send_to_all(interest_in(name, number));
                  });
}

void group_exchange::release(const group_name& x) {
  if (interests_.release(x)) {
    auto out = envelope_of(topic::interest_lost);
    write(out, x);
    links_->send_to_all(std::move(out));
  }
}

// -- links ----------------------------------------------------------------------------------------

void group_exchange::linked(const link& with) {
  if (interests_.size() > 0 && versions_->are_told(*self_, with.who)) {
    // Who has joined before could not hear of what was committed there.
    lost_.insert(with.who.name);
  }
  interests_.add_node(with.number, [&](const group_name& x, std::uint64_t number) {
    links_->send(with, interest_in(x, number));
  });
  links_->send(with, envelope_of(topic::interests_sent));
}

void group_exchange::lost(const link& with) {
  for (const auto& x : with.interests) {
    directory_->withdraw_node(x, with.number);
  }
  lost_.insert(with.who.name);
  interests_.remove_node(with.number);
}

// -- what others say ------------------------------------------------------------------------------

void group_exchange::note_interest(link& from, byte_reader& in) {
  std::uint64_t number = 0;
  bool is_known = true;
  in.number(number);
  auto target = read_group_name(in, is_known);
  if (!is_known) {
    spdlog::warn("cluster: node {} watches what this program does not have", from.who.name);
  } else if (is_of_rows(target) && versions::are_found(*self_, from.who)) {
    // It finds them by itself.
  } else if (from.interests.insert(target).second) {
    directory_->enter_node(target, from.number);
  }
  // After the entry: a change that commits from now on finds it.
  auto out = envelope_of(topic::interest_noted);
  out.number(number);
  out.number(versions_->here());
  links_->send(from, std::move(out));
}

void group_exchange::forget_interest(link& from, byte_reader& in) {
  bool is_known = true;
  auto target = read_group_name(in, is_known);
  if (is_known && from.interests.erase(target) > 0) {
    directory_->withdraw_node(target, from.number);
  }
}

void group_exchange::confirm(const link& from, byte_reader& in) {
  std::uint64_t number = 0;
  std::uint64_t version = 0;
  in.number(number);
  in.number(version);
  if (is_comparable(from)) {
    versions_->committed(version);
  }
  interests_.confirm(from.number, number);
}

void group_exchange::all_noted(const link& from) {
  links_->send(from, envelope_of(topic::interests_noted));
}

void group_exchange::all_known(link& from) {
  from.is_settled = true;
  if (lost_.erase(from.who.name) > 0) {
    spdlog::info("cluster: messages of node {} may have been lost", from.who.name);
    directory_->publish_loss({from.who.name, versions_->are_told(*self_, from.who)});
  }
}

void group_exchange::take_event(const link& from, byte_reader& in) {
  auto message = read_group_message(in);
  if (!message || (is_of_rows(message->target) && !versions_->are_told(*self_, from.who))) {
    return;
  }
  if (!is_comparable(from)) {
    // It can't be compared with what was read here.
    message->version = 0;
  } else {
    message->version = versions_->told(message->version);
  }
  directory_->publish_here(std::move(message));
}

bool group_exchange::is_comparable(const link& x) const {
  return versions_->are_comparable(*self_, x.who);
}

} // namespace dcrf::cluster
