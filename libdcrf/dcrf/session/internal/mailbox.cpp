#include "dcrf/session/internal/mailbox.hpp"

#include <cstddef>
#include <utility>

namespace dcrf {

namespace {

// A message is shared by all who get it; but it may be that nobody else holds it any more.
std::size_t size_of(const mailbox::message& x) {
  if (const auto* received = std::get_if<received_frame>(&x)) {
    return holding_cost::queued + received->payload.size();
  }
  if (const auto* event = std::get_if<group_message_ptr>(&x)) {
    return holding_cost::queued + size_of(**event);
  }
  return holding_cost::queued;
}

} // namespace

void mailbox::push(message x) {
  if (std::holds_alternative<received_frame>(x)) {
    budget_->add_request(size_of(x));
  } else {
    budget_->add_event(size_of(x));
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

void mailbox::drop_messages(const std::function<bool(const group_message&)>& condition) {
  std::erase_if(messages_, [&](const message& x) {
    const auto* event = std::get_if<group_message_ptr>(&x);
    if (event == nullptr || !condition(**event)) {
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
  if (std::holds_alternative<received_frame>(x)) {
    budget_->remove_request(size_of(x));
  } else {
    budget_->remove_event(size_of(x));
  }
}

} // namespace dcrf
