#pragma once

#include <soci/soci.h>

namespace dcrf::internal::sqlite {

/// Defines the functions that queries use and SQLite does not have: `dcrf_fold(text)`, the text
/// without the difference of case by Unicode's rules, and `dcrf_endswith(text, part)`. To be called
/// once for a connection.
void define_functions(soci::session& session);

} // namespace dcrf::internal::sqlite
