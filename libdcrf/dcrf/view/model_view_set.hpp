#pragma once

#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/view/view_set.hpp"

#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

namespace dcrf {

/// A mixin of view sets that only read, as DRF's ReadOnlyModelViewSet.
struct read_only_model {
  using actions = boost::mp11::mp_append<list_model::actions, retrieve_model::actions>;
};

namespace detail {

template <class... Actions>
std::vector<view_set_action> actions_of(view_actions<Actions...>) {
  std::vector<view_set_action> result;
  (result.insert(result.end(), Actions::rows.begin(), Actions::rows.end()), ...);
  return result;
}

template <class Self>
std::vector<view_set_action> own_view_actions() {
  if constexpr (requires { with_names<Self, consumer_names>::actions; }) {
    return {};
  } else {
    constexpr bool is_right = requires { is_view_action_list<typename Self::actions>; };
    static_assert(is_right, "dcrf: `actions` is private or no type: write `using actions = "
                            "dcrf::view_actions<...>` in the public part of the class");
    if constexpr (is_right) {
      constexpr bool is_list = is_view_action_list<typename Self::actions>;
      static_assert(is_list, "dcrf: the actions of a view set are dcrf::view_actions<...> of "
                             "list_action<> and detail_action<>");
      if constexpr (is_list) {
        static_assert(are_view_actions_of<Self>(typename Self::actions{}));
        return actions_of(typename Self::actions{});
      }
    }
  }
}

/// Refuses what a view set would not see or can't serve.
template <class Self, class... Mixins>
consteval bool is_right_view_set() {
  static_assert(has_right_names<Self>());
  static_assert(has_right_mixins<Self, Mixins...>());
  static_assert(((!std::same_as<Mixins, observe_instance> && !std::same_as<Mixins, observe_list>
                  && !std::same_as<Mixins, observe_count>)
                 && ...),
                "dcrf: a view set answers over HTTP, where nobody subscribes: observe_instance, "
                "observe_list and observe_count are for a model_consumer");
  static_assert((!std::same_as<Mixins, streamed_list_model> && ...),
                "dcrf: a view set answers with one page: streamed_list_model is for a "
                "model_consumer");
  if constexpr (!std::is_final_v<Self>) {
    static_assert(hook_check<Self>::template of_rows<typename Self::instance_type, view_request>());
    static_assert(hook_check<Self>::of_view_set());
    static_assert(
        requires { with_names<Self, consumer_names>::throttles; },
        "dcrf: a view set has no throttles: they are for consumers");
  }
  return true;
}

// The names of the consumers' actions that mixins offer.
template <class... Actions>
std::vector<std::string_view> names_of(actions<Actions...>) {
  return {Actions::descriptor.name...};
}

/// The actions of a view set that stand for those that mixins offer to consumers.
/// @param offered all if empty
std::vector<view_set_action> standard_view_actions(const std::vector<std::string_view>& offered);

std::vector<view_set_action> joined(std::vector<view_set_action> standard,
                                    const std::vector<view_set_action>& own);

} // namespace detail

/// A view set over the rows of model `T`, as DRF's ModelViewSet: `list` and `create` on the path
/// that it is served on; `retrieve`, `update`, `partial_update` and `destroy` on `<pk>/` below; its
/// own actions below these.
///
///     class item_view_set : public dcrf::model_view_set<item_view_set, item, item_serializer> {};
///     server.view_set<item_view_set>("/api/items/");
///
/// It has all six actions, or those of `Mixins`: `read_only_model`, `crud`, `list_model`,
/// `retrieve_model`, `create_model`, `update_model` (PUT), `patch_model` (PATCH), `delete_model`.
/// `Self` may have `using permissions`, `using actions = view_actions<…>` and
/// `using lookup = lookup_field<…>`; the argument of a lookup names the part of the path. The query
/// of a request chooses what `list` shows by what `Self` has of `pagination`, `filterset_fields`,
/// `search_fields` and `ordering_fields`, as for a model_consumer.
template <class Self, class T, class Serializer, class... Mixins>
class model_view_set : public view_set {
  static_assert(model_type<T>,
                "dcrf: this struct is no model: specialise dcrf::model<T> for it, with "
                "a `table` and a `primary_key`");

public:
  using declared_class = Self;
  using instance_type = T;

  /// The paths below the one that the view set is served on, with their handlers.
  [[nodiscard]] static const view_set_routes& described_routes() {
    [[maybe_unused]] constexpr bool is_right = detail::is_over<Serializer, T>();
    static_assert(detail::is_right_view_set<Self, Mixins...>());
    static const auto actions = detail::joined(
        detail::standard_view_actions(detail::names_of(detail::mixed_actions<Mixins...>{})),
        detail::own_view_actions<Self>());
    static const view_set_routes result{actions, rule().argument};
    return result;
  }

protected:
  /// The rows that the actions work on, and the order in which `list` shows them; by default all.
  [[nodiscard]] virtual query<T> queryset(const view_request&) const { return {}; }

  [[nodiscard]] const serializer_descriptor& serializer(const view_request&) const override {
    return serializer_of<Serializer>();
  }

  /// Runs before a row is created, and may set fields of it; an exception keeps it from being made.
  virtual task<> perform_create(validated<T>&, view_request&) { return {}; }

  /// Runs before a row is updated, in whole or in part, and may set fields of it. The input's
  /// `instance()` is the row as it still is.
  virtual task<> perform_update(validated<T>&, view_request&) { return {}; }

  /// The row that the path names, for actions on one row, if the permissions agree to it.
  /// @throws not_found, store_failure (not_found) if the queryset has none; permission_denied,
  ///         not_authenticated
  task<T> get_object(view_request& req) {
    auto found = co_await find_object(req);
    co_return from_record<T>(found.values);
  }

  [[nodiscard]] std::string name() const override {
    return detail::view_name(detail::type_name<Self>());
  }

private:
  [[nodiscard]] static lookup_rule rule() { return detail::lookup_of<Self, T>(); }

  [[nodiscard]] const view_set_routes& routes() const final { return described_routes(); }

  [[nodiscard]] lookup_rule lookup_by() const final { return rule(); }

  [[nodiscard]] selection selected(const view_request& req) const final {
    return queryset(req).get();
  }

  [[nodiscard]] const list_filters& filtered_by() const final { return detail::filters_of<Self>(); }

  [[nodiscard]] const pagination_descriptor& paginated_by() const final {
    return detail::pagination_of<Self>();
  }

  [[nodiscard]] bool has_permission(const request& asking) const final {
    using permissions = typename detail::declared_permissions<Self>::type;
    static_assert(!permissions::awaits,
                  "dcrf: permissions that await are for consumers; a handler of a view may ask by "
                  "itself, and throw dcrf::permission_denied");
    return permissions::has_permission(asking);
  }

  [[nodiscard]] bool has_object_permission(const request& asking, const instance& row) const final {
    return detail::declared_permissions<Self>::type::has_object_permission(asking, row);
  }

  // Of a type that is derived from `Self`, nothing is known.
  [[nodiscard]] row_hooks hooks() const final {
    constexpr bool leaves_after_saves =
        detail::has_hooks_after_saves_of<Self, view_set, task<>(const instance&, view_request&)>;
    return {.checks_rows = detail::declared_permissions<Self>::type::asks_about_rows,
            .before_writes = true,
            .after_writes = !leaves_after_saves || typeid(*this) != typeid(Self),
            .after_deletes = true};
  }

  task<> creating(validated_input& input, view_request& req) final {
    validated<T> data{input};
    co_await perform_create(data, req);
  }

  task<> updating(validated_input& input, view_request& req) final {
    validated<T> data{input};
    co_await perform_update(data, req);
  }
};

} // namespace dcrf
