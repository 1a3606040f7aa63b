#include "dcrf/session/mailbox.hpp"

#include <utility>

namespace dcrf {

namespace {

std::size_t bytes_of(const mailbox::message& x) {
  if (const auto* received = std::get_if<frame>(&x)) {
    return received->payload.size();
  }
  return std::get<group_message_ptr>(x)->body.str().size();
}

} // namespace

void mailbox::push(message x) {
  bytes_ += bytes_of(x);
  messages_.push_back(std::move(x));
}

mailbox::message mailbox::pop() {
  auto result = std::move(messages_.front());
  messages_.pop_front();
  bytes_ -= bytes_of(result);
  return result;
}

void mailbox::drop_events() {
  std::erase_if(messages_, [this](const message& x) {
    if (std::holds_alternative<frame>(x)) {
      return false;
    }
    bytes_ -= bytes_of(x);
    return true;
  });
}

void mailbox::clear() {
  messages_.clear();
  bytes_ = 0;
}

} // namespace dcrf
