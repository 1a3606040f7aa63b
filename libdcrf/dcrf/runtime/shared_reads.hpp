#pragma once

#include "dcrf/runtime/context.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dcrf {

struct serializer_descriptor;
class shared_read_call;

/// A row that several sessions want at once: it is read once for all of them.
struct shared_row {
  lookup where;
  const serializer_descriptor* serializer = nullptr;
  /// What the store has answered, if it has.
  std::optional<store_result> found{};
  /// The row as an event, up to its request id, if it looks the same to everybody: made by the
  /// first one who sends it.
  std::shared_ptr<const std::string> head{};
  bool is_asked_for = false;
  /// Who waits for the answer to somebody else's question.
  std::vector<shared_read_call*> waiting{};
};

/// The rows that the members of a group read while a message is given to them, one after the other
/// and with nothing in between. Used on one thread only.
class shared_reads {
public:
  /// The giving out of one message.
  class period {
  public:
    explicit period(shared_reads& reads) : reads_(&reads) { reads_->is_open_ = true; }
    period(const period&) = delete;
    period& operator=(const period&) = delete;
    ~period() {
      reads_->is_open_ = false;
      reads_->rows_.clear();
    }

  private:
    shared_reads* reads_;
  };

  /// The row that another member has asked for, or one that nobody has.
  std::shared_ptr<shared_row> row(lookup where, const serializer_descriptor& serializer);

private:
  bool is_open_ = false;
  std::vector<std::shared_ptr<shared_row>> rows_;
};

/// Awaits a row; asks the store for it, unless another session has.
class shared_read_call final : public context_call {
public:
  shared_read_call(context& where, std::shared_ptr<shared_row> row)
      : context_call(where), row_(std::move(row)) {}
  ~shared_read_call() override;

  [[nodiscard]] bool await_ready() const noexcept { return row_->found.has_value(); }

  /// The row; null if it is not there.
  /// @throws store_failure for any other error
  const row* await_resume();

private:
  void ask(ticket answer) override;
  void ask_store();
  void answered();

  std::shared_ptr<shared_row> row_;
  ticket ticket_ = 0;
  bool is_asking_ = false;
};

} // namespace dcrf
