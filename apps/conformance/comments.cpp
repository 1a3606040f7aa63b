#include "conformance/comments.hpp"

#include <nlohmann/json.hpp>
#include <unicase.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace conformance {

namespace {

// By Unicode's full mapping, where one letter may become two.
std::string in_upper_case(const std::string& text) {
  std::size_t size = 0;
  auto upper = std::unique_ptr<std::uint8_t, decltype(&std::free)>{
      ::u8_toupper(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), nullptr,
                   nullptr, nullptr, &size),
      &std::free};
  if (!upper) {
    throw std::system_error(errno, std::generic_category());
  }
  return {reinterpret_cast<const char*>(upper.get()), size};
}

// A text without its quotes, and any other JSON value as it is.
std::string_view unquoted(const std::string& x) {
  std::string_view result{x};
  return x.front() == '"' ? result.substr(1, x.size() - 2) : result;
}

// The groups of the shouts that a client asked for.
std::vector<std::string> groups_of(std::optional<std::int64_t> user_pk,
                                   std::optional<std::int64_t> comment_pk) {
  using shouts = comment_consumer::shouts;
  std::vector<std::string> result;
  if (user_pk) {
    result.push_back(shouts::by_user::key(*user_pk));
  }
  if (comment_pk) {
    result.push_back(shouts::by_key::key(*comment_pk));
  }
  return result;
}

// The name of a subscription: the id of the request, unless it shall have none.
std::optional<std::string> name_of(std::optional<bool> anonymous, const dcrf::request& req) {
  return anonymous.value_or(false) ? std::nullopt : req.optional_id();
}

} // namespace

// -- observers ------------------------------------------------------------------------------------

dcrf::task<> comment_consumer::primary_keys::handle(comment_consumer& self,
                                                    const dcrf::observed& event) {
  auto names = event.request_ids;
  std::ranges::sort(names, {}, &unquoted);
  auto ids = dcrf::json::array();
  for (const auto& name : names) {
    ids.push_back(dcrf::json::parse(name));
  }
  self.send(dcrf::json{{"event", dcrf::to_string(event.message.kind)},
                       {"body", event.message.body().to_json()},
                       {"request_ids", ids}});
  return {};
}

dcrf::json_text comment_consumer::shouts::body(const comment& row, dcrf::change_kind kind) {
  return dcrf::json{
      {"pk", row.id}, {"shout", in_upper_case(row.text)}, {"event", dcrf::to_string(kind)}};
}

dcrf::task<> comment_consumer::shouts::handle(comment_consumer& self, const dcrf::observed& event) {
  for (const auto& name : event.request_ids) {
    self.send(dcrf::json{{"either", event.message.body().to_json()},
                         {"request_id", dcrf::json::parse(name)}});
  }
  return {};
}

// -- subscriptions --------------------------------------------------------------------------------

dcrf::task<dcrf::response> comment_consumer::subscribe_all(dcrf::request& req) {
  co_await subscribe<every_comment>(req);
  co_return dcrf::response::created();
}

dcrf::response comment_consumer::unsubscribe_all(std::optional<dcrf::json_text> target,
                                                 dcrf::request& req) {
  auto name = target ? std::optional{target->str()} : req.optional_id();
  unsubscribe(dcrf::observer_of<every_comment>(), dcrf::group_key_of<every_comment>(), name);
  return dcrf::response::no_content();
}

dcrf::response comment_consumer::unsubscribe_everyone() {
  unsubscribe(dcrf::observer_of<every_comment>(), dcrf::group_key_of<every_comment>(),
              std::nullopt);
  return dcrf::response::no_content();
}

dcrf::task<dcrf::response> comment_consumer::subscribe_pks(std::optional<bool> anonymous,
                                                           dcrf::request& req) {
  co_await subscribe(dcrf::observer_of<primary_keys>(), dcrf::group_key_of<primary_keys>(),
                     name_of(anonymous, req));
  co_return dcrf::response::created();
}

dcrf::response comment_consumer::unsubscribe_pks(std::optional<bool> anonymous,
                                                 dcrf::request& req) {
  unsubscribe(dcrf::observer_of<primary_keys>(), dcrf::group_key_of<primary_keys>(),
              name_of(anonymous, req));
  return dcrf::response::no_content();
}

dcrf::task<dcrf::response> comment_consumer::subscribe_user(std::optional<std::int64_t> user_pk,
                                                            dcrf::request& req) {
  if (user_pk) {
    co_await subscribe<of_user>(req, *user_pk);
  }
  co_return dcrf::response::created(dcrf::json{{"groups", user_pk ? 1 : 0}});
}

dcrf::response comment_consumer::unsubscribe_user(std::optional<std::int64_t> user_pk,
                                                  dcrf::request& req) {
  if (user_pk) {
    unsubscribe<of_user>(req, *user_pk);
  }
  return dcrf::response::no_content();
}

dcrf::task<dcrf::response> comment_consumer::subscribe_mine(dcrf::request& req) {
  if (user().is_authenticated()) {
    co_await subscribe<of_user>(req, user().pk);
  }
  co_return dcrf::response::created();
}

dcrf::task<dcrf::response>
comment_consumer::subscribe_either(std::optional<std::int64_t> user_pk,
                                   std::optional<std::int64_t> comment_pk, dcrf::request& req) {
  for (const auto& group : groups_of(user_pk, comment_pk)) {
    co_await subscribe<shouts>(req, group);
  }
  co_return dcrf::response::created();
}

dcrf::response comment_consumer::unsubscribe_either(std::optional<std::int64_t> user_pk,
                                                    std::optional<std::int64_t> comment_pk,
                                                    dcrf::request& req) {
  for (const auto& group : groups_of(user_pk, comment_pk)) {
    unsubscribe<shouts>(req, group);
  }
  return dcrf::response::no_content();
}

dcrf::task<> live_comment_consumer::connected() { return subscribe_nameless<primary_keys>(); }

// -- the comments of one's own --------------------------------------------------------------------

void refuse_spam(const std::string& text) {
  if (text.find("spam") != text.npos) {
    throw dcrf::validation_error("No spam here.");
  }
}

bool is_mine(const comment& x, const dcrf::serializer_context& context) {
  return context.user != nullptr && context.user->pk == dcrf::key{x.user};
}

void own_comment_serializer::validate(const dcrf::validated<comment>& data,
                                      const dcrf::serializer_context&) {
  if (data.has<&comment::text>() && data.get<&comment::text>() == "forbidden") {
    throw dcrf::validation_error("This comment is not allowed.");
  }
}

dcrf::query<comment> own_comment_consumer::queryset(const dcrf::request& req) const {
  std::vector<std::int64_t> owners;
  if (user().is_authenticated()) {
    owners.push_back(user().pk);
  }
  auto own = dcrf::query<comment>{}.filter(dcrf::column<&comment::user>.in(owners));
  if (auto wanted = dcrf::read_arguments<search_arguments>(req).search) {
    own = std::move(own).filter(dcrf::column<&comment::text>.icontains(*wanted));
  }
  return own;
}

const dcrf::serializer_descriptor&
own_comment_consumer::serializer(const dcrf::request& req) const {
  return req.action() == "list" ? dcrf::serializer_of<brief_comment_serializer>()
                                : dcrf::serializer_of<own_comment_serializer>();
}

dcrf::task<> own_comment_consumer::perform_create(dcrf::validated<comment>& data, dcrf::request&) {
  if (!user().is_authenticated()) {
    throw dcrf::not_authenticated();
  }
  data.set<&comment::user>(user().pk);
  return {};
}

} // namespace conformance
