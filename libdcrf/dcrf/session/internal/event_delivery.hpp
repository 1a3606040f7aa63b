#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/session/internal/subscriptions.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>

namespace dcrf {

/// Brings the messages of groups to one consumer and its client. An event that can't be delivered
/// is tried again while the database is away, and then told as missed: it is never lost without
/// notice.
class event_delivery {
public:
  /// @param context, within, subject, joined outlive the delivery
  event_delivery(session_context& context, const runtime& within, consumer& subject,
                 const subscriptions& joined)
      : context_(&context), runtime_(&within), consumer_(&subject), subscriptions_(&joined) {}

  /// Sends the message on to the client, if there is nothing else to be done with it, and the
  /// request ids are few.
  /// @returns whether there was not; else it is to be delivered
  [[nodiscard]] bool send_on(const group_message_ptr& message);

  /// Delivers any message.
  task<> deliver(group_message_ptr message);

  /// The consumer has sent something.
  void has_sent() noexcept { ++sent_; }

private:
  task<> send_to_all(group_message_ptr message);
  std::uint64_t send_some(const subscriptions::by_group& to, const group_message_ptr& message,
                          std::uint64_t from);
  task<> handle(group_message_ptr message);
  task<> call(const group_message& message);
  task<> tell_missed(group_message_ptr message);

  session_context* context_;
  const runtime* runtime_;
  consumer* consumer_;
  const subscriptions* subscriptions_;
  std::uint64_t sent_ = 0;
};

} // namespace dcrf
