#pragma once

#include "dcrf/consumer/model_actions.hpp"
#include "dcrf/groups/observer_registry.hpp"
#include "dcrf/model/text_literal.hpp"
#include "dcrf/store/query.hpp"

#include <concepts>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dcrf {

// -- mixins: each offers one of the model's actions -----------------------------------------------

struct list_model {
  using actions = dcrf::actions<action<&model_actions::list>>;
};
/// Lists page after page without being asked again, each as a reply of its own; `list_cancel` stops
/// that. Other requests are answered meanwhile. The consumer has a limit_offset_pagination.
struct streamed_list_model {
  using actions = dcrf::actions<detached_action<"list", &model_actions::stream_list>,
                                action<"list_cancel", &model_actions::cancel_lists>>;
};
struct retrieve_model {
  using actions = dcrf::actions<action<&model_actions::retrieve>>;
};
struct create_model {
  using actions = dcrf::actions<write_action<"create", &model_actions::create_row>>;
};
struct update_model {
  using actions = dcrf::actions<write_action<"update", &model_actions::update_row>>;
};
struct patch_model {
  using actions = dcrf::actions<write_action<"patch", &model_actions::patch_row>>;
};
struct delete_model {
  using actions = dcrf::actions<write_action<"delete", &model_actions::delete_row>>;
};

/// Clients may retrieve a row and subscribe to its changes.
struct observe_instance {
  using actions =
      dcrf::actions<action<&model_actions::retrieve>, action<&model_actions::subscribe_instance>,
                    action<&model_actions::unsubscribe_instance>>;
};

/// Clients may subscribe to a list: they are told of it, and of what changes in it, by
/// `subscribe_list`. Permissions that are asked about each row aren't asked here, as in `list`: a
/// consumer that has one says `static constexpr bool lists_rows_unasked = true` if that is meant.
struct observe_list {
  using actions = dcrf::actions<action<&model_actions::subscribe_list>,
                                action<&model_actions::unsubscribe_list>>;
};
/// Clients may be told how many rows a list has, and each new number: an own action, `count_list`,
/// since it costs a read for each change.
struct observe_count {
  using actions =
      dcrf::actions<action<&model_actions::count_list>, action<&model_actions::unsubscribe_list>>;
};

/// All six actions on rows.
struct crud {
  using actions =
      boost::mp11::mp_append<list_model::actions, retrieve_model::actions, create_model::actions,
                             update_model::actions, patch_model::actions, delete_model::actions>;
};

/// Looks rows up by a unique field and an argument other than the primary key and `pk`, as
/// `using lookup = dcrf::lookup_field<&user::username, "name">` in a consumer.
template <auto Member, text_literal Argument>
struct lookup_field {
  static constexpr auto pointer = Member;
  static lookup_rule rule() { return {detail::field_index<Member>(), Argument.view()}; }
};

namespace detail {

/// How a consumer or a view set declares that its rows are looked up.
template <class Self, class T>
lookup_rule lookup_of() {
  if constexpr (requires { with_names<Self, list_names>::lookup; }) {
    return {model_of<T>().primary_key, "pk"};
  } else {
    constexpr bool is_right = requires { Self::lookup::rule(); };
    static_assert(is_right, "dcrf: `lookup` is private or no rule: write `using lookup = "
                            "dcrf::lookup_field<&model::member, \"argument\">` in the public part "
                            "of the class");
    if constexpr (is_right) {
      constexpr auto member = Self::lookup::pointer;
      static_assert(std::same_as<class_of<member>, T>,
                    "dcrf: lookup_field<> wants a member of the class's own model");
      static_assert(storable<type_of<member>>, "dcrf: lookup_field<> wants a column, which is "
                                               "unique");
      if constexpr (std::same_as<class_of<member>, T> && storable<type_of<member>>) {
        return Self::lookup::rule();
      }
    }
    return {};
  }
}

template <class T>
concept mixin = requires { requires is_action_list<typename T::actions>; };

/// The actions that mixins offer.
template <class... Mixins>
struct mixed {
  using type = actions<>;
};
template <mixin... Mixins>
struct mixed<Mixins...> {
  using type = boost::mp11::mp_append<actions<>, typename Mixins::actions...>;
};
template <class... Mixins>
using mixed_actions = typename mixed<Mixins...>::type;

template <class... Actions>
consteval bool are_without_conflict(boost::mp11::mp_list<Actions...>) {
  return have_own_names<Actions...>();
}

/// Refuses mixins that offer different actions under one name, or what the consumer can't do.
template <class Self, class... Mixins>
consteval bool has_right_mixins() {
  constexpr bool are_mixins = (mixin<Mixins> && ...);
  static_assert(are_mixins, "dcrf: after the serializer come mixins: dcrf::crud, dcrf::list_model, "
                            "dcrf::retrieve_model, dcrf::observe_instance and the like");
  using offered = boost::mp11::mp_unique<
      boost::mp11::mp_rename<mixed_actions<Mixins...>, boost::mp11::mp_list>>;
  constexpr bool are_different = are_without_conflict(offered{});
  static_assert(are_different,
                "dcrf: two mixins of this consumer offer different actions of one name");
  return are_mixins && are_different;
}

/// Refuses a list that is sent page after page, without pages.
template <class Self, class... Mixins>
consteval bool has_pages_to_stream() {
  if constexpr ((std::same_as<Mixins, streamed_list_model> || ...)) {
    constexpr bool has_pages =
        requires { requires Self::pagination::descriptor.style == pagination_style::limit_offset; };
    static_assert(has_pages, "dcrf: streamed_list_model sends page after page: declare `using "
                             "pagination = dcrf::limit_offset_pagination<dcrf::default_limit<N>>`");
    return has_pages;
  } else {
    return true;
  }
}

/// Refuses lists of rows that object permissions are meant to hide, and their number.
template <class Self, class... Mixins>
consteval bool may_list_rows() {
  constexpr bool lists_rows =
      ((std::same_as<Mixins, observe_list> || std::same_as<Mixins, observe_count>) || ...);
  if constexpr (lists_rows && declared_permissions<Self>::type::asks_about_rows) {
    constexpr bool is_meant = requires { requires Self::lists_rows_unasked; };
    static_assert(is_meant,
                  "dcrf: this consumer has a permission that is asked about each row, which "
                  "observe_list and observe_count do not ask: narrow the queryset, or say `static "
                  "constexpr bool lists_rows_unasked = true` in the public part of the class");
    return is_meant;
  } else {
    return true;
  }
}

// Whether the hooks that a consumer has are those of a base of it. One that the consumer overrides
// is a member of another class, or can't be named here.
template <class Final, class Base, class Hook>
concept has_hooks_after_saves_of = requires {
  requires std::same_as<decltype(&Final::after_create), Hook Base::*>;
  requires std::same_as<decltype(&Final::after_update), Hook Base::*>;
};

template <class Final, class Base, class Hook>
concept has_write_hooks_of = has_hooks_after_saves_of<Final, Base, Hook> && requires {
  requires std::same_as<decltype(&Final::after_delete), Hook Base::*>;
  requires std::same_as<decltype(&Final::perform_delete), Hook Base::*>;
};

template <class Final, class Base, class Hook>
concept has_input_hooks_of = requires {
  requires std::same_as<decltype(&Final::perform_create), Hook Base::*>;
  requires std::same_as<decltype(&Final::perform_update), Hook Base::*>;
};

} // namespace detail

/// A consumer over the rows of model `T`, with the actions of `Mixins` and those of
/// `Self::actions`.
///
///     class room_consumer
///       : public dcrf::model_consumer<room_consumer, room, room_serializer, dcrf::crud> {};
///
/// What `Self` may have:
///  - `using permissions`, `using throttles` and `using actions`, as any consumer;
///  - `using lookup = lookup_field<…>`;
///  - `using pagination = limit_offset_pagination<…>` or another one;
///  - `using filterset_fields`, `using search_fields` and `using ordering_fields`, which let
///  requests
///    choose what `list` shows;
///  - `static constexpr bool watches_relations = true`, which makes changes of many-to-many
///    relations updates of the instances observed.
template <class Self, class T, class Serializer, class... Mixins>
class model_consumer : public model_actions {
public:
  using declared_class = Self;
  using instance_type = T;
  using mixin_actions = detail::mixed_actions<Mixins...>;

  /// Refuses what this base can't do for `Final`, which is the consumer itself or derived from it.
  template <class Final>
  static consteval bool is_right_base() {
    static_assert(model_type<T>, "dcrf: this struct is no model: specialise dcrf::model<T> for it, "
                                 "with a `table` and a `primary_key`");
    if constexpr (!model_type<T>) {
      return false;
    } else if constexpr (!detail::is_over<Serializer, T>()
                         || !detail::has_right_mixins<Self, Mixins...>()) {
      return false;
    } else {
      return detail::has_pages_to_stream<Self, Mixins...>()
             && detail::may_list_rows<Final, Mixins...>();
    }
  }

  [[nodiscard]] static const consumer_descriptor& describe() {
    if constexpr (is_right_base<Self>()) {
      return detail::describe_consumer<Self, mixin_actions>();
    } else {
      return detail::no_consumer();
    }
  }
  [[nodiscard]] const consumer_descriptor& descriptor() const override { return describe(); }

  /// The field that rows are looked up by, and the argument that names its value.
  [[nodiscard]] static lookup_rule looked_up_by() { return detail::lookup_of<Self, T>(); }

  /// Whether a consumer derived from this one leaves the hooks around a write as they are.
  template <class Final>
  static constexpr bool leaves_write_hooks =
      detail::has_write_hooks_of<Final, model_actions, task<>(const instance&, request&)>
      && detail::has_input_hooks_of<Final, model_consumer, task<>(validated<T>&, request&)>;

  /// Whether it leaves those that run when a row was saved.
  template <class Final>
  static constexpr bool leaves_hooks_after_saves =
      detail::has_hooks_after_saves_of<Final, model_actions, task<>(const instance&, request&)>;

  /// Whether a consumer derived from this one awaits its queryset.
  template <class Final>
  static constexpr bool loads_rows() {
    if constexpr (std::is_final_v<Final>) {
      return true;
    } else {
      return detail::hook_check<Final>::template loads_queryset<T, model_consumer>();
    }
  }

  /// Runs before a row is created, and may set fields of it; an exception keeps it from being made.
  virtual task<> perform_create(validated<T>&, request&) { return {}; }

  /// Runs before a row is updated or patched, and may set fields of it. The input's `instance()`
  /// is the row as it still is.
  virtual task<> perform_update(validated<T>&, request&) { return {}; }

protected:
  /// The rows that the actions work on, and the order in which `list` shows them; by default all.
  [[nodiscard]] virtual query<T> queryset(const request&) const { return {}; }

  /// The same, where that is to be looked up in the database first: it is asked instead of
  /// `queryset`, once for a request, and about events once in a second at most.
  [[nodiscard]] virtual task<query<T>> load_queryset(const request& req) const {
    co_return queryset(req);
  }

  [[nodiscard]] const serializer_descriptor& serializer(const request&) const override {
    return serializer_of<Serializer>();
  }

private:
  [[nodiscard]] const model_descriptor& model() const final { return model_of<T>(); }

  [[nodiscard]] lookup_rule lookup_by() const final { return looked_up_by(); }

  [[nodiscard]] selection selected(const request& req) const final {
    return descriptor().awaits_rows ? awaited_rows(req) : queryset(req).get();
  }

  task<std::shared_ptr<const selection>> choose_rows(const request& req) final {
    auto rows = co_await load_queryset(req);
    co_return std::make_shared<const selection>(rows.get());
  }

  [[nodiscard]] const list_filters& filtered_by() const final { return detail::filters_of<Self>(); }

  [[nodiscard]] const pagination_descriptor& paginated_by() const final {
    return detail::pagination_of<Self>();
  }

  task<> creating(validated_input& input, request& req) final {
    validated<T> data{input};
    co_await perform_create(data, req);
  }

  task<> updating(validated_input& input, request& req) final {
    validated<T> data{input};
    co_await perform_update(data, req);
  }

  [[nodiscard]] const observer_descriptor& instance_observer() const final {
    registered_observer_.use();
    return observer_of_instances();
  }

  static const observer_descriptor& observer_of_instances() {
    static const auto result = [] {
      observer_descriptor descriptor;
      descriptor.name = detail::qualified_type_name<Self>();
      descriptor.subject = &model_of<T>();
      descriptor.plan = &no_plan;
      // Whether a client may learn of a deletion is asked about the row that is gone.
      descriptor.carries_values = describe().has_object_permission != nullptr;
      if constexpr (requires { Self::watches_relations; }) {
        descriptor.watches_relations = Self::watches_relations;
      }
      descriptor.groups = [](const void* source) {
        return std::vector{to_string(model_of<T>().key_of(*static_cast<const record*>(source)))};
      };
      descriptor.body = [](const void*, change_kind) { return json_text{}; };
      descriptor.handle = &model_actions::instance_changed;
      descriptor.make_up = &model_actions::instance_missed;
      descriptor.reading = &model_actions::instance_reading;
      descriptor.shown = &model_actions::instance_shown;
      return descriptor;
    }();
    return result;
  }

  static const fetch_plan& no_plan() {
    static const fetch_plan result;
    return result;
  }

  static inline const detail::observer_registration registered_observer_{&observer_of_instances};
};

} // namespace dcrf
