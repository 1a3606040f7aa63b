#pragma once

#include "dcrf/store/change.hpp"
#include "dcrf/store/command.hpp"
#include "dcrf/store/feed.hpp"
#include "dcrf/store/once.hpp"
#include "dcrf/store/schema.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

/// How the database syncs to the disk when a transaction commits: `synchronous` of SQLite,
/// `synchronous_commit` of PostgreSQL.
enum class synchronous : std::uint8_t {
  /// Every commit is on the disk before it is acknowledged: a power cut loses nothing.
  full,
  /// Commits may be lost by a power cut, not by a crash of the program.
  normal,
};

/// Whose changes to the rows of a PostgreSQL database are announced besides the own ones.
enum class outside_changes : std::uint8_t {
  off,
  /// Those of other programs. Nodes tell each other of theirs by themselves.
  programs,
  /// Those of other programs and of all other nodes: for nodes that share a database and nothing
  /// else.
  all,
};

struct database_options {
  /// `sqlite://FILE`, `sqlite://:memory:`, or `postgresql://USER:PASSWORD@HOST:PORT/NAME` with any
  /// of the parameters of PostgreSQL's client library (`?sslmode=require`).
  std::string url;
  dcrf::synchronous synchronous = dcrf::synchronous::full;
  /// How long a statement waits for a lock that another process or node holds.
  std::chrono::milliseconds busy_timeout{5000};
  /// How long a statement may take on PostgreSQL, unless its URL or the role says otherwise. A
  /// server that does not answer is given up a second later.
  std::chrono::milliseconds statement_timeout{10'000};
  bool read_only = false;
  /// How many steps of SQLite's machine a command may take before it fails with `unavailable`; 0
  /// for any number.
  std::int64_t step_limit = 0;
  /// Triggers are set up for it, on the tables of all models, when the database is migrated.
  outside_changes outside = outside_changes::off;
  /// What is kept of the past. Only SQLite keeps anything yet.
  feed_options feed{};
  /// What is kept of the transactions that are done once.
  once_retention once{};
  /// Is told, in a sentence, of rows that hold what their model can't: each time that one is read.
  /// Called by whoever uses the database, on any of their threads.
  std::function<void(const std::string&)> report{};
};

/// The URL of a database for messages: without its password.
[[nodiscard]] std::string without_password(std::string_view url);

/// A connection to a database that knows a set of models. It blocks, and belongs to one thread at a
/// time: in a server, to the store thread.
class database {
public:
  /// Connects; changes nothing yet.
  /// @throws store_failure if the URL is malformed or the database can't be opened.
  database(database_options options, schema models);
  database(database&&) noexcept;
  database& operator=(database&&) noexcept;
  ~database();

  /// Creates what is missing: tables, columns, indexes. Runs in one transaction and keeps a version
  /// of the schema in the table `dcrf_schema`.
  /// @returns what was done, one sentence for each step.
  /// @throws store_failure if the tables differ from the models in a way that can't be mended
  ///         without losing or guessing data; the text says what, and nothing was changed.
  std::vector<std::string> migrate();

  /// Looks for rows that hold what their model can't, or texts that are no choices (any more):
  /// among the first and the last 5,000 of each table, and for about a second.
  /// @returns one sentence for each column, with the number of such rows and the key of one
  /// @throws store_failure
  std::vector<std::string> find_unreadable();

  /// Which plans show the row of a change that is being made.
  using plans_of_change = std::function<std::vector<const fetch_plan*>(const change&)>;

  /// Loads what plans ask for with each row that changes, in the same transaction: see
  /// `change::shown`. A row that is deleted is shown with what it refers to, though that may go
  /// with it; it has no many-to-many relations any more, and nothing that goes before it refers to
  /// it.
  /// @param shown is called by whoever executes commands; what it throws is ignored, and leaves
  ///        nothing to be shown
  /// @param grouped the same, for what says which groups a row belongs to: of a row that is deleted
  ///        it is loaded while all that goes with it is there
  void load_with_changes(plans_of_change shown, plans_of_change grouped = {});

  /// Loads what a plan asks for with a row of a model, as it is now; the row's own values stay.
  /// @param gone what the row may refer to besides, if it is not null
  /// @throws store_failure
  void load(const model_descriptor& model, row& x, const fetch_plan& plan,
            const deleted_rows* gone = nullptr);

  /// The version of the last change that was committed; grows with each. From any thread.
  [[nodiscard]] std::uint64_t version() const noexcept;

  /// The newest position of the feed, which has all that `version` tells of; null if there is none.
  /// From any thread.
  [[nodiscard]] feed_position_ptr position() const;

  /// How often this connection has committed writes, also such as note no change. From any thread.
  [[nodiscard]] std::uint64_t commits() const noexcept;

  /// The feed of what is committed; null if there is none. It is ready after `migrate`; a
  /// connection that only reads may ask it for the position that it sees.
  [[nodiscard]] feed* changes() noexcept;

  /// Makes the feed ready on this connection, if there is one; for who had another one migrate.
  /// @throws store_failure
  void open_feed();

  /// Forgets some of what the feed keeps for too long, and of the transactions that are done once,
  /// each in a transaction of its own.
  /// @param all whether to forget all of the feed that can be forgotten
  /// @pre no transaction is open
  /// @returns whether there is more to forget
  /// @throws store_failure
  bool prune(bool all = false);

  /// How much the feed keeps; nothing if there is none.
  /// @throws store_failure
  [[nodiscard]] std::optional<feed::extent> kept();

  /// Ends what waits for the database, now and in future: it fails with `unavailable`. From any
  /// thread.
  void interrupt() noexcept;

  [[nodiscard]] const schema& models() const noexcept;
  [[nodiscard]] const database_options& options() const noexcept;

private:
  friend class change_feed;
  friend class unit_of_work;
  struct connection;
  std::unique_ptr<connection> connection_;
};

/// A transaction on a database. Commands are executed one after the other, each in a savepoint of
/// its own, so that one that fails leaves nothing behind and the others stand.
class unit_of_work {
public:
  enum class access : std::uint8_t {
    /// Gives way soon to another program's that holds a lock: that is a conflict then, after which
    /// the caller runs the commands again.
    read,
    /// Waits for locks within the busy timeout.
    write,
    /// A writing one that gives way as a reading one does.
    retried_write,
  };

  /// Begins a transaction. On SQLite a writing one takes the write lock at once, so that it can't
  /// deadlock; on PostgreSQL it locks rows as it comes to them.
  /// @throws store_failure with `unavailable` if the lock is not to be had within the busy timeout.
  explicit unit_of_work(database& db, access mode = access::write);
  unit_of_work(const unit_of_work&) = delete;
  unit_of_work& operator=(const unit_of_work&) = delete;
  /// Rolls back what was not committed.
  ~unit_of_work();

  /// Has other nodes take each of the commands that follow for a transaction of its own: what they
  /// do to one row is not summed.
  /// @pre nothing was executed yet
  /// @throws store_failure
  void separate_commands();

  /// Executes one command; failures are results.
  /// @pre the command is no begin, commit or rollback.
  store_result execute(const command& x);

  /// How many of the commands, counted from the first, may be executed together; 0 or at least 2.
  [[nodiscard]] std::size_t count_together(std::span<const command* const> x) const;

  /// What commands that were executed together came to, in their order. Each changed one row.
  struct outcomes {
    std::vector<store_result> results;
    std::vector<change> changes;
  };

  /// Executes as many commands as `count_together` says in one statement, as if one after the
  /// other.
  /// @returns nothing if that can't be done; each is to be executed by itself then.
  std::optional<outcomes> execute_together(std::span<const command* const> x);

  /// Executes commands as `execute_together` does, and commits, with a single word to the database.
  /// @pre nothing was executed yet
  /// @returns nothing if that can't be done, or one of them fails: nothing was written then, and
  ///          they are to be executed in the usual way
  /// @throws store_failure if it is not known whether they are committed
  std::optional<outcomes> execute_and_commit(std::span<const command* const> x);

  /// Whether a transaction of another program was in the way: the same commands may succeed in a
  /// new one.
  [[nodiscard]] bool has_conflict() const noexcept { return has_conflict_; }

  /// The position in the feed that the transaction sees; null if there is no feed.
  /// @throws store_failure
  [[nodiscard]] feed_position_ptr cut();

  /// What the command executed last did, as the sum for each row.
  [[nodiscard]] std::vector<change> take_changes();

  /// Has the transaction be done once.
  /// @pre nothing was executed yet
  /// @returns what was kept of it if it was done before; it must be rolled back then
  /// @throws store_failure (exhausted) if too much is kept already
  once_result_ptr claim(once_claim x);
  /// What the transaction, which is done once, is answered with.
  /// @throws store_failure
  void keep_reply(const std::string& reply);

  /// Sets a savepoint around the commands that follow. Savepoints nest.
  /// @throws store_failure
  void set_savepoint();
  /// What was done since the last savepoint stays, as far as the transaction does.
  /// @throws store_failure
  void release_savepoint();
  /// Undoes what was done since the last savepoint, and removes it.
  /// @throws store_failure
  void rollback_to_savepoint();

  /// @throws store_failure; nothing was committed then.
  void commit();
  /// Commits, and keeps the changes in the feed, if there is one.
  /// @param changes those of the transaction, by command
  /// @returns the position after them; null if nothing of them is kept
  /// @throws store_failure; nothing was committed then.
  feed_position_ptr commit(std::span<const std::vector<change>> changes);
  void rollback() noexcept;

private:
  [[nodiscard]] bool reads_alone() const noexcept;
  store_result execute_read(const command& x);
  store_result read_alone(const command& x);
  store_result execute_write(const command& x);
  void undo_last() noexcept;
  void begin_reading_again() noexcept;

  database::connection* connection_;
  access mode_;
  bool has_conflict_ = false;
  // What made the database give up the whole transaction.
  std::optional<store_error> broken_;
  std::vector<change> changes_;
  std::optional<once_claim> claim_;
};

} // namespace dcrf
