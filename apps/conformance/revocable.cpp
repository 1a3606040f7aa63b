#include "conformance/revocable.hpp"

namespace conformance {

namespace {

constexpr std::int64_t comments_for_an_entry = 1000;

} // namespace

dcrf::task<std::int64_t> entries_of(const dcrf::user_info& who, const dcrf::runtime& within) {
  if (!who.is_authenticated()) {
    co_return 0;
  }
  auto own = dcrf::query<entry>{}.filter(dcrf::column<&entry::name> == who.username);
  auto count = co_await within.repository<entry>().count(own);
  co_return static_cast<std::int64_t>(count);
}

dcrf::task<bool> has_entry_permission::can_connect(const dcrf::scope& connection,
                                                   const dcrf::runtime& within) const {
  auto count = co_await entries_of(connection.user, within);
  co_return count > 0;
}

// [asked]
dcrf::task<bool> has_entry_permission::has_permission(const dcrf::request& req,
                                                      const dcrf::runtime& within) const {
  auto count = co_await entries_of(req.user(), within);
  co_return count > 0;
}

dcrf::task<dcrf::query<comment>> revocable_consumer::load_queryset(const dcrf::request& req) const {
  auto count = co_await entries_of(req.user(), runtime());
  co_return dcrf::query<comment>{}.filter(dcrf::column<&comment::id>
                                          < count * comments_for_an_entry);
}
// [asked]

dcrf::task<dcrf::response> revocable_consumer::subscribe_all(dcrf::request& req) {
  co_await subscribe<every_comment>(req);
  co_return dcrf::response::created();
}

dcrf::response revocable_consumer::unsubscribe_all(dcrf::request& req) {
  unsubscribe<every_comment>(req);
  return dcrf::response::no_content();
}

} // namespace conformance
