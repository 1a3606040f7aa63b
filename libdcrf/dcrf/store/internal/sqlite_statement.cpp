#include "dcrf/store/internal/sqlite_statement.hpp"

#include "dcrf/store/internal/sqlite.hpp"

#include <type_traits>
#include <variant>

namespace dcrf::internal {

void sqlite_statement::bind(std::size_t index, const value& x) {
  if (index >= slots_.size()) {
    slots_.resize(index + 1);
    prepared_.reset();
  }
  auto& to = slots_[index];
  to.indicator = is_null(x) ? soci::i_null : soci::i_ok;
  std::visit(
      [&]<class T>(const T& from) {
        if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::int64_t>) {
          set_type(to, storage::integer);
          to.integer = from;
        } else if constexpr (std::is_same_v<T, double>) {
          set_type(to, storage::real);
          to.real = from;
        } else if constexpr (std::is_same_v<T, decimal>) {
          set_type(to, storage::integer);
          to.integer = from.unscaled;
        } else if constexpr (std::is_same_v<T, timestamp>) {
          set_type(to, storage::integer);
          to.integer = from.microseconds();
        } else if constexpr (std::is_same_v<T, std::string>) {
          set_type(to, storage::text);
          to.text = from;
        } else if constexpr (std::is_same_v<T, json_text>) {
          set_type(to, storage::text);
          to.text = from.str();
        } else if constexpr (!std::is_same_v<T, std::monostate>) {
          set_type(to, storage::text);
          to.text = from.to_string();
        }
      },
      x);
}

// A slot is bound with its type, so a statement whose parameter changes its type is bound anew. A
// null takes the type that the slot has.
void sqlite_statement::set_type(slot& x, storage type) {
  if (x.type != type) {
    x.type = type;
    prepared_.reset();
  }
}

void sqlite_statement::prepare() {
  prepared_.emplace(session_);
  prepared_->alloc();
  try {
    prepared_->prepare(sql());
  } catch (...) {
    // The next execution shall try again: tables may have been created meanwhile.
    prepared_.reset();
    throw;
  }
  for (auto& x : slots_) {
    switch (x.type) {
    case storage::integer:
      prepared_->exchange(soci::use(x.integer, x.indicator));
      break;
    case storage::real:
      prepared_->exchange(soci::use(x.real, x.indicator));
      break;
    default:
      prepared_->exchange(soci::use(x.text, x.indicator));
      break;
    }
  }
  prepared_->define_and_bind();
}

bool sqlite_statement::execute() {
  try {
    if (!prepared_) {
      prepare();
    }
    changes_before_ = sqlite::all_changes(session_);
    return prepared_->execute(true);
  } catch (const soci::soci_error& e) {
    throw sqlite::error_of(session_, e);
  }
}

bool sqlite_statement::next() {
  try {
    return sqlite::next_row(*prepared_);
  } catch (const soci::soci_error& e) {
    throw sqlite::error_of(session_, e);
  }
}

void sqlite_statement::reset() noexcept {
  if (prepared_) {
    sqlite::reset(*prepared_);
  }
}

std::int64_t sqlite_statement::changed_rows() { return sqlite::changed_rows(session_); }

std::int64_t sqlite_statement::inserted_key() { return sqlite::last_insert_id(session_); }

bool sqlite_statement::changed_others() {
  return sqlite::all_changes(session_) - changes_before_ != changed_rows();
}

std::size_t sqlite_statement::columns() const { return sqlite::columns(*prepared_); }

storage sqlite_statement::type(std::size_t column) const {
  return sqlite::type(*prepared_, column);
}
std::int64_t sqlite_statement::integer(std::size_t column) const {
  return sqlite::integer(*prepared_, column);
}
double sqlite_statement::real(std::size_t column) const { return sqlite::real(*prepared_, column); }
std::string_view sqlite_statement::text(std::size_t column) const {
  return sqlite::text(*prepared_, column);
}

} // namespace dcrf::internal
