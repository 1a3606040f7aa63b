#pragma once

#include "dcrf/groups/group.hpp"
#include "dcrf/model/declared.hpp"
#include "dcrf/model/instance.hpp"
#include "dcrf/protocol/request.hpp"
#include "dcrf/runtime/task.hpp"
#include "dcrf/store/query.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcrf {

struct serializer_descriptor;
template <class T>
class validated;
class view_request;

} // namespace dcrf

namespace dcrf::detail {

// Names of DRF, DCRF and Channels that mean nothing here.
struct hook_names {
  static constexpr int get_queryset = 0, query_set = 0;
  static constexpr int get_serializer_class = 0, serializer_class = 0;
  static constexpr int perform_destroy = 0, perform_remove = 0, perform_patch = 0,
                       after_destroy = 0, after_patch = 0;
  static constexpr int perform_delete = 0, after_delete = 0;
  static constexpr int websocket_connect = 0, websocket_disconnect = 0, websocket_receive = 0,
                       receive_json = 0;
  static constexpr int preform_create = 0, preform_update = 0, preform_delete = 0,
                       before_create = 0, before_update = 0, before_delete = 0, perform_save = 0,
                       after_save = 0, on_create = 0, on_update = 0, on_delete = 0;
  static constexpr int load_queryset = 0, list_rows_unasked = 0, lists_rows_unasked = 0;
  static constexpr int watch_relations = 0, watches_relation = 0, watches_relations = 0;
};

/// Refuses functions that hide a hook of the library instead of overriding it: such a function is
/// never called. What is private can't be seen, and may well be an override.
template <class Self>
struct hook_check : Self {
  static consteval bool of_consumer() {
    using names = with_names<Self, hook_names>;
    static_assert(
        !requires { requires !is_member_of_type<task<>()>(&hook_check::connected); },
        "dcrf: `connected` hides the hook: write `dcrf::task<> connected() override`");
    static_assert(
        !requires {
          requires !is_member_of_type<task<>(std::uint16_t)>(&hook_check::disconnected);
        }, "dcrf: `disconnected` hides the hook, which takes the close code: write `dcrf::task<> "
           "disconnected(std::uint16_t code) override`");
    static_assert(
        !requires {
          requires !is_member_of_type<task<>(const group_message&)>(&hook_check::received);
        },
        "dcrf: `received` hides the hook: write `dcrf::task<> received(const dcrf::group_message&) "
        "override`");
    static_assert(
        !requires {
          requires !is_member_of_type<task<>(const group_message&,
                                             const std::vector<std::string>&)>(&hook_check::missed);
        }, "dcrf: `missed` hides the hook: write `dcrf::task<> missed(const dcrf::group_message&, "
           "const std::vector<std::string>&) override`");
    static_assert(
        !requires {
          requires !is_member_of_type<std::optional<json_text>(const request&) const>(
              &hook_check::action_name);
        }, "dcrf: `action_name` hides the hook: write `std::optional<dcrf::json_text> "
           "action_name(const dcrf::request&) const override`");
    static_assert(
        !requires { requires !is_member_of_type<task<>(std::string)>(&hook_check::received_text); },
        "dcrf: `received_text` hides the hook: write `dcrf::task<> received_text(std::string) "
        "override`");
    static_assert(
        !requires {
          requires !is_member_of_type<task<>(std::string)>(&hook_check::received_bytes);
        }, "dcrf: `received_bytes` hides the hook: write `dcrf::task<> received_bytes(std::string) "
           "override`");
    static_assert(
        !requires {
          requires !is_member_of_type<task<bool>(const request&)>(&hook_check::may_stay_subscribed);
        }, "dcrf: `may_stay_subscribed` hides the hook: write `dcrf::task<bool> "
           "may_stay_subscribed(const dcrf::request&) override`");
    static_assert(
        !requires {
          requires is_member_of_type<task<>(std::uint16_t)>(&hook_check::disconnect);
        }
            && !requires {
                 requires is_member_of_type<task<>(const group_message&)>(&hook_check::receive);
               }
            && requires {
                 names::websocket_connect;
                 names::websocket_disconnect;
                 names::websocket_receive;
                 names::receive_json;
               }, "dcrf: this is no hook: the hooks of a connection are `connected`, `disconnected` and "
           "`received`");
    return true;
  }

  /// The same for what takes a request: `Request` is that of consumers or that of views.
  template <class T, class Request>
  static consteval bool of_rows() {
    using names = with_names<Self, hook_names>;
    using input_hook = task<>(validated<T>&, Request&);
    static_assert(
        !requires {
          requires !is_member_of_type<query<T>(const Request&) const>(&hook_check::queryset);
        }, "dcrf: `queryset` hides the hook: write `dcrf::query<T> queryset(const dcrf::request&) "
           "const "
           "override`, with a const dcrf::view_request& in a view set");
    static_assert(
        !requires {
          requires !is_member_of_type<const serializer_descriptor&(const Request&) const>(
              &hook_check::serializer);
        },
        "dcrf: `serializer` hides the hook: write `const dcrf::serializer_descriptor& "
        "serializer(const dcrf::request&) const override`, with a const dcrf::view_request& in a "
        "view set");
    static_assert(
        !requires { requires !is_member_of_type<input_hook>(&hook_check::perform_create); },
        "dcrf: `perform_create` hides the hook: write `dcrf::task<> "
        "perform_create(dcrf::validated<T>&, dcrf::request&) override`, with a "
        "dcrf::view_request& in a view set");
    static_assert(
        !requires { requires !is_member_of_type<input_hook>(&hook_check::perform_update); },
        "dcrf: `perform_update` hides the hook: write `dcrf::task<> "
        "perform_update(dcrf::validated<T>&, dcrf::request&) override`, with a "
        "dcrf::view_request& in a view set");
    static_assert(
        requires {
          names::get_queryset;
          names::query_set;
        }, "dcrf: this is no hook: which rows there are says `queryset`, as `dcrf::query<T> "
           "queryset(const dcrf::request&) const override`");
    static_assert(
        requires {
          names::get_serializer_class;
          names::serializer_class;
        },
        "dcrf: this means nothing here: the serializer is an argument of the base class, and one "
        "for a request returns `const dcrf::serializer_descriptor& serializer(const "
        "dcrf::request&) const override`");
    return true;
  }

  /// Refuses names of hooks that are nearly right.
  static consteval bool of_names() {
    using names = with_names<Self, hook_names>;
    static_assert(
        requires {
          names::preform_create;
          names::preform_update;
          names::preform_delete;
          names::before_create;
          names::before_update;
          names::before_delete;
          names::perform_save;
          names::after_save;
          names::on_create;
          names::on_update;
          names::on_delete;
        }, "dcrf: this is no hook: before a write run `perform_create`, `perform_update` and "
           "`perform_delete` (`perform_destroy` in a view set), after it `after_create`, "
           "`after_update` and `after_delete` (`after_destroy`)");
    return true;
  }

  /// Whether the hook of a consumer that loads its queryset is another one than that of `Base`. One
  /// that can't be seen is.
  template <class T, class Base>
  static consteval bool loads_queryset() {
    return !requires {
      requires std::same_as<decltype(&hook_check::load_queryset),
                            task<query<T>> (Base::*)(const request&) const>;
    };
  }

  static consteval bool of_view_set() {
    using names = with_names<Self, hook_names>;
    static_assert(of_names());
    static_assert(
        requires { names::load_queryset; }, "dcrf: `load_queryset` means nothing in a view set: "
                                            "the rows are those of `queryset`, which "
                                            "does not await");
    using row_hook = task<>(const instance&, view_request&);
    static_assert(
        !requires { requires !is_member_of_type<row_hook>(&hook_check::perform_destroy); },
        "dcrf: `perform_destroy` hides the hook: write `dcrf::task<> perform_destroy(const "
        "dcrf::instance&, dcrf::view_request&) override`");
    static_assert(
        !requires { requires !is_member_of_type<row_hook>(&hook_check::after_create); },
        "dcrf: `after_create` hides the hook: write `dcrf::task<> after_create(const "
        "dcrf::instance&, dcrf::view_request&) override`");
    static_assert(
        !requires { requires !is_member_of_type<row_hook>(&hook_check::after_update); },
        "dcrf: `after_update` hides the hook: write `dcrf::task<> after_update(const "
        "dcrf::instance&, dcrf::view_request&) override`");
    static_assert(
        !requires { requires !is_member_of_type<row_hook>(&hook_check::after_destroy); },
        "dcrf: `after_destroy` hides the hook: write `dcrf::task<> after_destroy(const "
        "dcrf::instance&, dcrf::view_request&) override`");
    static_assert(
        requires {
          names::perform_delete;
          names::perform_patch;
          names::after_delete;
          names::after_patch;
        }, "dcrf: this is no hook: those of a view set are `perform_create`, `perform_update`, "
           "`perform_destroy`, `after_create`, `after_update` and `after_destroy`");
    return true;
  }

  static consteval bool of_model_consumer() {
    using names = with_names<Self, hook_names>;
    static_assert(of_names());
    static_assert(
        !requires {
          requires !is_member_of_type<task<query<typename Self::instance_type>>(const request&)
                                          const>(&hook_check::load_queryset);
        }, "dcrf: `load_queryset` hides the hook: write `dcrf::task<dcrf::query<T>> "
           "load_queryset(const dcrf::request&) const override`");
    static_assert(
        requires { names::list_rows_unasked; },
        "dcrf: this name is nearly right: write `static constexpr bool lists_rows_unasked = true`");
    static_assert(
        requires { names::lists_rows_unasked; }
            || requires { requires std::same_as<decltype(Self::lists_rows_unasked), const bool>; },
        "dcrf: `lists_rows_unasked` is private or no constant: write `static constexpr bool "
        "lists_rows_unasked = true` in the public part of the class");
    using row_hook = task<>(const instance&, request&);
    static_assert(
        !requires { requires !is_member_of_type<row_hook>(&hook_check::perform_delete); },
        "dcrf: `perform_delete` hides the hook: write `dcrf::task<> perform_delete(const "
        "dcrf::instance&, dcrf::request&) override`");
    static_assert(
        !requires { requires !is_member_of_type<row_hook>(&hook_check::after_create); },
        "dcrf: `after_create` hides the hook: write `dcrf::task<> after_create(const "
        "dcrf::instance&, dcrf::request&) override`");
    static_assert(
        !requires { requires !is_member_of_type<row_hook>(&hook_check::after_update); },
        "dcrf: `after_update` hides the hook: write `dcrf::task<> after_update(const "
        "dcrf::instance&, dcrf::request&) override`");
    static_assert(
        !requires { requires !is_member_of_type<row_hook>(&hook_check::after_delete); },
        "dcrf: `after_delete` hides the hook: write `dcrf::task<> after_delete(const "
        "dcrf::instance&, dcrf::request&) override`");
    static_assert(
        !requires { requires !is_member_of_type<task<>(request&)>(&hook_check::perform_list); },
        "dcrf: `perform_list` hides the hook: write `dcrf::task<> "
        "perform_list(dcrf::request&) override`");
    static_assert(
        requires {
          names::perform_destroy;
          names::perform_remove;
          names::perform_patch;
          names::after_destroy;
          names::after_patch;
        }, "dcrf: this is no hook: those of a model_consumer are `perform_list`, `perform_create`, "
           "`perform_update`, `perform_delete`, `after_create`, `after_update` and `after_delete`");
    static_assert(
        requires {
          names::watch_relations;
          names::watches_relation;
        },
        "dcrf: this name is nearly right: write `static constexpr bool watches_relations = true`");
    static_assert(
        requires { names::watches_relations; }
            || requires { requires std::same_as<decltype(Self::watches_relations), const bool>; },
        "dcrf: `watches_relations` is private or no constant: write `static constexpr bool "
        "watches_relations = true` in the public part of the class");
    return true;
  }
};

} // namespace dcrf::detail
