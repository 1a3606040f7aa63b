#pragma once

#include "dcrf/actors/cluster/internal/command_check.hpp"
#include "dcrf/actors/cluster/internal/open_calls.hpp"
#include "dcrf/actors/store/internal/repository_source.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"
#include "dcrf/store/schema.hpp"

#include <caf/typed_response_promise.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace dcrf::cluster {

/// The repositories of another node, as the sessions of this one see them: actors that send
/// commands over the link, and answer when the other node does. Without the link, or when no answer
/// comes within 15 s, the answer is `store_errc::unavailable`.
///
/// But for what repository_source has, it is used on its thread only.
class remote_repositories final : public repository_source {
public:
  using answer_function = std::function<void(store_result)>;

  /// What goes to the other node; called only while it is linked.
  struct line {
    std::function<void(std::uint64_t id, const command&)> send;
    std::function<void(std::uint64_t transaction)> abandon;
    std::function<void(std::uint64_t number)> catch_up;
  };

  /// @param name of the node
  remote_repositories(io_thread& thread, const schema& models, std::string name, line to);
  ~remote_repositories() override;

  /// Ends the actors. From any thread but its own.
  void stop();

  // -- implementation of repository_source --------------------------------------------------------

  [[nodiscard]] const repository_actor& repository(const model_descriptor& model) const override;
  [[nodiscard]] const std::vector<repository_actor>& repositories() const noexcept override {
    return actors_;
  }
  [[nodiscard]] std::uint64_t version() const noexcept override { return version_.load(); }
  [[nodiscard]] bool finds_changes() const noexcept override { return true; }
  void catch_up(std::function<void()> done) override;

  // -- what the link tells ------------------------------------------------------------------------

  void linked();
  /// There is a link, but it leads to no database of this node's models.
  void linked_in_vain();
  [[nodiscard]] bool is_linked() const noexcept { return is_linked_; }
  /// Answers all that waits, and forgets the open transactions: the other node rolls them back.
  void lost();
  void answered(std::uint64_t id, store_result x);
  /// All is announced that had been committed when a question of that number was asked.
  void caught_up(std::uint64_t number);
  /// A version that the other node has committed.
  void committed(std::uint64_t version);

private:
  class front;

  struct pending {
    answer_function answer;
    // Of the command, as this node numbers transactions; 0 for none.
    std::uint64_t transaction = 0;
    bool is_begin = false;
    bool is_end = false;
    // What its answer has to be like.
    row_shape wanted{};
  };

  // A transaction at the other node: its number there, and how many are open within it.
  struct transaction {
    std::uint64_t there = 0;
    unsigned depth = 0;
  };

  void execute(command x, answer_function answer);
  void abandon(std::uint64_t id);
  void note_transaction(const pending& asked, store_result& x);
  void ask_to_catch_up();
  static void refuse(const answer_function& answer, std::string why);

  io_thread* thread_;
  const schema* models_;
  std::string name_;
  line line_;
  std::vector<repository_actor> actors_;
  std::atomic<std::uint64_t> version_{0};
  bool is_linked_ = false;
  // Why not, if it is not.
  std::string reason_;
  std::uint64_t last_transaction_ = 0;
  open_calls<pending> calls_;
  std::unordered_map<std::uint64_t, transaction> transactions_;
  // Who wait in catch_up: for the question that is asked now, and for the next one.
  std::vector<std::function<void()>> asking_;
  std::vector<std::function<void()>> followers_;
  std::uint64_t last_question_ = 0;
};

} // namespace dcrf::cluster
