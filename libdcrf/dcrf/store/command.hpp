#pragma once

#include "dcrf/model/field_errors.hpp"
#include "dcrf/store/expression.hpp"
#include "dcrf/store/feed_position.hpp"
#include "dcrf/store/once.hpp"
#include "dcrf/store/row.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace dcrf {

/// Which one row: the one whose `field` is `key`, if it meets the condition. A key of the wrong
/// type finds nothing.
struct lookup {
  const model_descriptor* model = nullptr;
  value key{};
  /// The field looked up by, which must be unique.
  std::size_t field = 0;
  condition where{};

  friend bool operator==(const lookup&, const lookup&) = default;
};

/// Rows to set at the far side of a many-to-many relation of a row being written.
struct related_keys {
  const relation_descriptor* relation = nullptr;
  /// Whether the row written is on the target side.
  bool reverse = false;
  std::vector<value> keys{};
};

// -- what a repository is asked -------------------------------------------------------------------
//
// Commands are data, so that they can be sent to another thread or node. A write that finds errors
// (its own and those it was sent with) changes nothing and answers with all of them.

/// All rows of a selection; with their number before limit and offset if `with_count`.
struct list_command {
  selection rows;
  fetch_plan plan{};
  bool with_count = false;
  /// Whether nobody else may change the rows before the end of the transaction.
  bool for_update = false;
};

struct retrieve_command {
  lookup where;
  fetch_plan plan{};
  /// As in list_command.
  bool for_update = false;
};

/// Counts the rows of a selection, limit and offset aside.
struct count_command {
  selection rows;
  /// Whether to stop at the first row: the answer is then 0 or 1.
  bool exists_only = false;
};

/// What the rows of a selection come to, limit, offset and order aside: one row of values, in the
/// order of `wanted`. With `by`, a row for each value of that column, which comes first, in its
/// order.
struct aggregate_command {
  selection rows;
  std::vector<aggregate> wanted{};
  std::optional<column_path> by{};
};

/// A new row. A counted or random primary key and automatic times are filled in; `values` holds
/// something for every field.
struct create_command {
  const model_descriptor* model = nullptr;
  record values{};
  std::vector<related_keys> related{};
  /// Errors found before, by field.
  field_errors errors{};
  /// The fields that the input had, if not all: where there are errors, only these are looked at
  /// for more.
  std::optional<std::vector<std::size_t>> given{};
  fetch_plan plan{};
};

/// Changes fields of one row; looks it up first, so that a missing row comes before any error. A
/// change of the row's version says which one the update is meant for: another one is a conflict.
struct update_command {
  lookup where;
  std::vector<std::pair<std::size_t, value>> changes{};
  /// Fields that become what is computed from the row as it was before.
  std::vector<std::pair<std::size_t, expression>> computed{};
  std::vector<related_keys> related{};
  field_errors errors{};
  fetch_plan plan{};
};

/// The row that is looked up, or a new one if there is none. The lookup is by what only one row can
/// have: of several that come at once, one creates the row, and the others find it.
struct ensure_command {
  create_command creation{};
  lookup where{};
  /// What becomes of a row that is there; without it, the row stays as it is. Its own lookup is the
  /// same.
  std::optional<update_command> update{};
};

/// Deletes one row, and what refers to it as the models say.
struct delete_command {
  lookup where;
};

/// Changes which rows a many-to-many relation relates to the row `key`.
struct relate_command {
  enum class how : std::uint8_t { add, remove, set, clear };

  const relation_descriptor* relation = nullptr;
  /// Whether `key` is a row of the target side.
  bool reverse = false;
  value key{};
  how mode = how::add;
  std::vector<value> keys{};
  /// What an addition writes besides the two keys, where the links are rows of a model; without it,
  /// what the model's struct is initialized with.
  std::optional<record> link{};
};

/// Whether events tell of the rows that a bulk command writes: of each as if it was written by
/// itself, or, where they are many, of a gap in what is told.
enum class bulk_events : bool { off, on };

/// Many rows at once, without filling in more than keys and times.
struct bulk_create_command {
  const model_descriptor* model = nullptr;
  std::vector<record> rows{};
  bulk_events events = bulk_events::off;
};

/// Sets fields in all rows of a selection (limit and offset aside).
struct bulk_update_command {
  selection rows;
  std::vector<std::pair<std::size_t, value>> changes{};
  /// As in update_command, for each row.
  std::vector<std::pair<std::size_t, expression>> computed{};
  bulk_events events = bulk_events::off;
};

/// Deletes all rows of a selection (limit and offset aside); what refers to them goes as the
/// database's own constraints say, and with events as the models say.
struct bulk_delete_command {
  selection rows;
  /// Whether counted keys start at 1 again, which only test fixtures should want.
  bool restart_keys = false;
  bulk_events events = bulk_events::off;
};

/// Sends a durable signal: it is committed with the rest of its transaction, and announced then.
struct signal_command {
  std::string name{};
  /// Of the signal's members, in their order.
  std::vector<value> values{};
};

/// Opens a transaction; the result has its id, which later commands carry. Within an open
/// transaction it sets a savepoint: the next commit or rollback ends or undoes what was done since.
struct begin_command {
  /// Not within another: opens none if such a one was done before; the result has what was kept.
  std::optional<once_claim> once{};
};
struct commit_command {
  /// What a transaction that is done once is answered with.
  std::string reply{};
};
struct rollback_command {};

struct command {
  std::variant<list_command, retrieve_command, count_command, aggregate_command, create_command,
               update_command, ensure_command, delete_command, relate_command, bulk_create_command,
               bulk_update_command, bulk_delete_command, begin_command, commit_command,
               rollback_command, signal_command>
      body;
  /// The open transaction that the command belongs to; 0 for one of its own.
  std::uint64_t transaction = 0;
  /// Whether the answer to a read says what of the past it has seen.
  bool wants_cut = false;
};

/// Whether a command may change the database.
[[nodiscard]] bool is_write(const command& x) noexcept;

/// Whether a command reads rows that nobody else may change before the end of its transaction; it
/// must have one.
[[nodiscard]] bool locks_rows(const command& x) noexcept;

/// Whether a command writes many rows, and no event tells of that.
[[nodiscard]] bool is_silent(const command& x) noexcept;

// -- what it answers ------------------------------------------------------------------------------

enum class store_errc : std::uint8_t {
  /// No such row.
  not_found,
  /// `store_error::errors` says what is wrong with the input, by field.
  invalid,
  /// Rows that refer to the one to delete forbid it.
  restricted,
  /// The row has another version than the one that the update was meant for.
  conflict,
  /// As much is kept of what is done once as may be.
  exhausted,
  /// The transaction named is not open (it timed out, say), or one is needed.
  no_transaction,
  /// The database can't be reached or used now; the same command may work later.
  unavailable,
  /// Anything else; the text is for the log.
  failed,
};

struct store_error {
  store_errc code = store_errc::failed;
  std::string text{};
  field_errors errors{};
};

/// The answer to a command: an error, or what its kind calls for.
struct store_result {
  std::optional<store_error> error{};

  /// Whether the row that was looked up is not there.
  [[nodiscard]] bool is_missing() const noexcept {
    return error && error->code == store_errc::not_found;
  }

  /// @throws store_failure if it is an error
  void check() const;

  /// list: all rows. retrieve, create, update, ensure: the row. delete: the row as it was.
  /// aggregate: the values.
  std::vector<row> rows{};
  /// count; list with `with_count`; bulk commands: the number of rows. ensure: 1 for a new one.
  std::int64_t count = 0;
  /// begin: the id of the transaction; 0 if it was done before.
  std::uint64_t transaction = 0;
  /// begin: what was kept of the transaction, if it was done before.
  once_result_ptr done_before{};
  /// Reads that want it: what had committed before this position was seen, and nothing else. Null
  /// if no feed is kept.
  feed_position_ptr cut{};
  /// Writes, and commit: whether some event will tell of it.
  bool has_changed = false;
};

/// A store_error as an exception, within one action or one turn of the store.
class store_failure : public std::runtime_error {
public:
  explicit store_failure(store_error error)
      : std::runtime_error(error.text), error_(std::move(error)) {}
  store_failure(store_errc code, const std::string& text)
      : std::runtime_error(text), error_{.code = code, .text = text} {}

  [[nodiscard]] const store_error& error() const noexcept { return error_; }

private:
  store_error error_;
};

} // namespace dcrf
