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
  if constexpr (requires { typename Self::actions; }) {
    return actions_of(typename Self::actions{});
  } else {
    return {};
  }
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
template <class Self, model_type T, class Serializer, class... Mixins>
class model_view_set : public view_set {
public:
  using instance_type = T;

  /// The paths below the one that the view set is served on, with their handlers.
  [[nodiscard]] static const view_set_routes& described_routes() {
    static const auto actions =
        detail::joined(detail::standard_view_actions(detail::names_of(
                           boost::mp11::mp_append<dcrf::actions<>, typename Mixins::actions...>{})),
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
  [[nodiscard]] task<T> get_object(view_request& req) {
    auto found = co_await find_object(req);
    co_return from_record<T>(found.values);
  }

  [[nodiscard]] std::string name() const override {
    return detail::view_name(detail::type_name<Self>());
  }

private:
  [[nodiscard]] static lookup_rule rule() {
    if constexpr (requires { typename Self::lookup; }) {
      return Self::lookup::rule();
    } else {
      return {model_of<T>().primary_key, "pk"};
    }
  }

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
    return detail::declared_permissions<Self>::type::has_permission(asking);
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
