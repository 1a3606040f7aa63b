#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/view/view.hpp"

#include <memory>
#include <string_view>

namespace dcrf {

/// A consumer whose actions are answered by a view, whatever the view: see view_as_consumer.
class view_consumer : public consumer {
public:
  /// Has the view answer a request: what it answers is the data of the reply, error or not.
  /// @param method outlives the task
  task<response> answer(std::string_view method, request& req);

private:
  [[nodiscard]] virtual std::unique_ptr<view> make() const = 0;
};

} // namespace dcrf
