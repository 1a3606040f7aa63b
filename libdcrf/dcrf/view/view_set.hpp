#pragma once

#include "dcrf/consumer/model_actions.hpp"
#include "dcrf/model/text_literal.hpp"
#include "dcrf/view/handler_view.hpp"
#include "dcrf/view/serialized_rows.hpp"

#include <array>
#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

/// An action of a view set: the handler of one method of one of its routes.
struct view_set_action {
  std::string_view name;
  std::string_view method;
  /// Whether it is for one row, which the path names.
  bool is_detail = false;
  /// The part of the path that is its own; empty for the actions that every view set may have.
  std::string_view path{};
  task<view_response> (*call)(view& self, view_request& req) = nullptr;
};

/// One path of a view set, below the path that it is served on.
struct view_set_route {
  /// "", "recent/", "<pk>/", "<pk>/rename/".
  std::string path;
  std::vector<view_handler> handlers;
};

/// The routes of a view set: those for all rows first, since the name of a row may be anything.
struct view_set_routes {
  /// @param parameter what names a row
  view_set_routes(std::span<const view_set_action> actions, std::string_view parameter);

  std::vector<view_set_route> routes;
  /// What names a row in a path.
  std::string_view parameter;
  /// How a view set behind a consumer answers, where there are no paths: requests that name a row,
  /// and others. PUT creates a row there, as `create` of a consumer asks for.
  std::vector<view_handler> for_row;
  std::vector<view_handler> for_rows;
};

/// The actions of view sets over a model, whatever the model: what model_view_set offers.
/// Everything here works on the descriptors of model and serializer.
class view_set : public handler_view {
public:
  /// Answers the requests of one route. Without it, the request decides by whether it names a row.
  /// @param x outlives the view set
  void serve(const view_set_route& x) noexcept { route_ = &x; }

  // -- actions ------------------------------------------------------------------------------------

  /// The rows of the queryset that the query of the request chooses, or a page of them: 200.
  task<view_response> list(view_request& req);
  /// A new row from the data: 201, or 400 with the errors of all fields.
  task<view_response> create(view_request& req);
  /// One row: 200, or 404.
  task<view_response> retrieve(view_request& req);
  /// Changes a row by data that must have every required field: 200.
  task<view_response> update(view_request& req);
  /// Changes the fields of a row that the data has: 200.
  task<view_response> partial_update(view_request& req);
  /// Deletes a row: 204.
  task<view_response> destroy(view_request& req);

  // -- hooks around a write -----------------------------------------------------------------------

  /// Runs before a row is deleted, which is still there; an exception keeps it.
  virtual task<> perform_destroy(const instance&, view_request&) { return {}; }

  /// Run when a row was written, before the answer, which shows the row as they leave it. An
  /// exception is what the client gets, though the row remains.
  virtual task<> after_create(const instance&, view_request&) { return {}; }
  virtual task<> after_update(const instance&, view_request&) { return {}; }
  virtual task<> after_destroy(const instance&, view_request&) { return {}; }

protected:
  // -- what a model_view_set says -----------------------------------------------------------------

  [[nodiscard]] virtual const view_set_routes& routes() const = 0;
  [[nodiscard]] virtual lookup_rule lookup_by() const = 0;
  [[nodiscard]] virtual selection selected(const view_request& req) const = 0;

  /// The serializer that shows and reads the rows of a request; by default that of the view set.
  [[nodiscard]] virtual const serializer_descriptor& serializer(const view_request& req) const = 0;

  // Let hooks change what is about to be written; they run only if there are no errors so far.
  virtual task<> creating(validated_input& input, view_request& req) = 0;
  virtual task<> updating(validated_input& input, view_request& req) = 0;
  /// Which hooks there are; those that run before a write always are.
  [[nodiscard]] virtual row_hooks hooks() const = 0;

  [[nodiscard]] virtual const pagination_descriptor& paginated_by() const = 0;
  [[nodiscard]] virtual const list_filters& filtered_by() const = 0;

  [[nodiscard]] std::string route_name() const final;

  /// The row that a request names, if the permissions agree to it.
  task<row> find_object(view_request& req);

private:
  class row_asking;

  [[nodiscard]] detail::row_access access(view_request& req) const;
  [[nodiscard]] std::span<const view_handler> handlers(const view_request& req) const final;
  task<view_response> save(view_request& req, bool is_partial);

  const view_set_route* route_ = nullptr;
};

namespace detail {

template <auto Method>
task<view_response> call_view_method(view& self, view_request& req) {
  using traits = action_traits<decltype(Method)>;
  static_assert(traits::is_method, "dcrf: an action of a view set is a method of it, which is "
                                   "neither static nor volatile");
  if constexpr (traits::is_method) {
    using self_type = typename traits::self_type;
    constexpr bool is_right = requires(self_type& x) { as_task((x.*Method)(req)); };
    static_assert(is_right, "dcrf: an action of a view set takes a dcrf::view_request& and returns "
                            "a dcrf::view_response or a dcrf::task of one");
    if constexpr (is_right) {
      return as_task((static_cast<self_type&>(self).*Method)(req));
    }
  }
}

constexpr bool is_method_name(std::string_view x) {
  for (std::string_view known : {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}) {
    if (x == known) {
      return true;
    }
  }
  return false;
}

template <bool IsDetail, text_literal Name, auto Method, text_literal... Methods>
struct view_action {
  static_assert((is_method_name(Methods.view()) && ...),
                "dcrf: the methods of a view set's action are GET, POST, PUT, PATCH, DELETE, HEAD "
                "and OPTIONS, in upper case");
  using owner = typename action_traits<decltype(Method)>::self_type;
  static constexpr auto rows = [] {
    constexpr auto size = sizeof...(Methods) == 0 ? 1 : sizeof...(Methods);
    std::array<std::string_view, size> methods{Methods.view()...};
    std::array<view_set_action, size> result{};
    for (std::size_t i = 0; i < size; ++i) {
      result[i] = {Name.view(), methods[i].empty() ? std::string_view{"GET"} : methods[i], IsDetail,
                   Name.view(), &call_view_method<Method>};
    }
    return result;
  }();
};

} // namespace detail

/// An action of a view set on its rows as a whole, as DRF's `@action(detail=False)`: it is served
/// on `Name/` below the path of the view set, to GET or to the methods given.
///
///     using actions = dcrf::view_actions<
///         dcrf::list_action<"recent", &item_view_set::recent>,
///         dcrf::detail_action<"rename", &item_view_set::rename, "POST">>;
///
/// The method takes a view_request& and returns a view_response or a task of one.
template <text_literal Name, auto Method, text_literal... Methods>
struct list_action : detail::view_action<false, Name, Method, Methods...> {};

/// An action of a view set on one row, as DRF's `@action(detail=True)`: it is served on
/// `<pk>/Name/` below the path of the view set.
template <text_literal Name, auto Method, text_literal... Methods>
struct detail_action : detail::view_action<true, Name, Method, Methods...> {};

/// The actions of a view set besides those of its mixins.
template <class... Actions>
struct view_actions {};

namespace detail {

template <class T>
concept view_action_entry =
    requires { requires std::same_as<const view_set_action&, decltype(T::rows[0])>; };

template <class T>
constexpr bool is_view_action_list = false;
template <class... Actions>
constexpr bool is_view_action_list<view_actions<Actions...>> = (view_action_entry<Actions> && ...);

/// Whether no two actions answer one method of one path.
template <class... Actions>
consteval bool have_own_routes() {
  constexpr std::size_t count = (Actions::rows.size() + ... + 0);
  std::array<view_set_action, count> all{};
  std::size_t end = 0;
  ([&] {
    for (const auto& row : Actions::rows) {
      for (std::size_t i = 0; i < end; ++i) {
        if (all[i].path == row.path && all[i].method == row.method
            && all[i].is_detail == row.is_detail) {
          return false;
        }
      }
      all[end++] = row;
    }
    return true;
  }()
   && ...);
  return end == count;
}

/// Refuses actions of other view sets, and several of one name and method.
template <class Self, class... Actions>
consteval bool are_view_actions_of(view_actions<Actions...>) {
  static_assert((belongs_to<Self, Actions, typename Actions::owner> && ...),
                "dcrf: `actions` lists a method of another class");
  static_assert(have_own_routes<Actions...>(),
                "dcrf: two actions of this view set have one name and one method");
  return true;
}

} // namespace detail

} // namespace dcrf
