#include "dcrf/session/mailbox.hpp"

#include <cstddef>
#include <utility>

namespace dcrf {

namespace {

std::size_t size_of(const received_frame& x) { return holding_cost::queued + x.payload.size(); }

// A message is shared by all who get it; but it may be that nobody else holds it any more.
std::size_t size_of(const group_message& x) {
  auto result = holding_cost::queued + holding_cost::event + x.target.key.size()
                + x.body.str().size() + x.head.size() + x.values.size() * sizeof(value);
  for (const auto& field : x.values) {
    if (const auto* text = std::get_if<std::string>(&field)) {
      result += text->size();
    } else if (const auto* tree = std::get_if<json_text>(&field)) {
      result += tree->str().size();
    }
  }
  return result;
}

} // namespace

void mailbox::push(message x) {
  if (const auto* received = std::get_if<received_frame>(&x)) {
    budget_->add_request(size_of(*received));
  } else {
    budget_->add_event(size_of(*std::get<group_message_ptr>(x)));
  }
  messages_.push_back(std::move(x));
}

mailbox::message mailbox::pop() {
  forget(messages_.front());
  auto result = std::move(messages_.front());
  messages_.pop_front();
  return result;
}

void mailbox::drop_events() {
  std::erase_if(messages_, [this](const message& x) {
    if (std::holds_alternative<received_frame>(x)) {
      return false;
    }
    forget(x);
    return true;
  });
}

void mailbox::clear() {
  for (const auto& x : messages_) {
    forget(x);
  }
  messages_.clear();
}

void mailbox::forget(const message& x) {
  if (const auto* received = std::get_if<received_frame>(&x)) {
    budget_->remove_request(size_of(*received));
  } else {
    budget_->remove_event(size_of(*std::get<group_message_ptr>(x)));
  }
}

} // namespace dcrf
