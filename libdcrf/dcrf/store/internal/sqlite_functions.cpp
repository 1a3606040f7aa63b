#include "dcrf/store/internal/sqlite_functions.hpp"

#include "dcrf/store/command.hpp"
#include "dcrf/store/internal/text_case.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <exception>
#include <string>
#include <string_view>

namespace dcrf::internal::sqlite {

namespace {

using sqlite_api::sqlite3_context;
using sqlite_api::sqlite3_destructor_type;
using sqlite_api::sqlite3_value;

sqlite_api::sqlite3* connection_of(soci::session& session) noexcept {
  return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

bool is_null(sqlite3_value* x) noexcept { return sqlite_api::sqlite3_value_type(x) == SQLITE_NULL; }

std::string_view text(sqlite3_value* x) noexcept {
  const auto* bytes = sqlite_api::sqlite3_value_text(x);
  auto size = static_cast<std::size_t>(sqlite_api::sqlite3_value_bytes(x));
  return {reinterpret_cast<const char*>(bytes), bytes == nullptr ? 0 : size};
}

void fold(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (is_null(arguments[0])) {
    sqlite_api::sqlite3_result_null(context);
    return;
  }
  try {
    auto result = folded(text(arguments[0]));
    sqlite_api::sqlite3_result_text(context, result.data(), static_cast<int>(result.size()),
                                    SQLITE_TRANSIENT);
  } catch (const std::exception&) {
    sqlite_api::sqlite3_result_error_nomem(context);
  }
}

void ends_with(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (is_null(arguments[0]) || is_null(arguments[1])) {
    sqlite_api::sqlite3_result_null(context);
    return;
  }
  auto ends = text(arguments[0]).ends_with(text(arguments[1]));
  sqlite_api::sqlite3_result_int(context, ends ? 1 : 0);
}

} // namespace

void define_functions(soci::session& session) {
  auto define = [&](const char* name, int arguments,
                    void (*function)(sqlite3_context*, int, sqlite3_value**)) {
    auto code = sqlite_api::sqlite3_create_function_v2(
        connection_of(session), name, arguments,
        SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr, function, nullptr, nullptr,
        nullptr);
    if (code != SQLITE_OK) {
      throw store_failure(store_errc::failed, "a function of SQLite can't be defined");
    }
  };
  define("dcrf_fold", 1, &fold);
  define("dcrf_endswith", 2, &ends_with);
}

} // namespace dcrf::internal::sqlite
