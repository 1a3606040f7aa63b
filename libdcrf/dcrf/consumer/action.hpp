#pragma once

#include "dcrf/consumer/action_call.hpp"
#include "dcrf/consumer/action_method.hpp"
#include "dcrf/model/text_literal.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace dcrf {

class model_actions;

namespace detail {

/// What an action is declared with: a method, or a text.
template <class T>
struct action_word {
  T value;
  constexpr action_word(T x) : value(x) {} // NOLINT: a method is what it stands for
};
template <std::size_t N>
struct action_word<text_literal<N>> {
  text_literal<N> value;
  constexpr action_word(const char (&text)[N]) : value(text) {} // NOLINT
};
template <std::size_t N>
action_word(const char (&)[N]) -> action_word<text_literal<N>>;

template <class T>
constexpr bool is_text_literal = false;
template <std::size_t N>
constexpr bool is_text_literal<text_literal<N>> = true;
template <auto Word>
concept text_word = is_text_literal<std::remove_cv_t<decltype(Word)>>;

/// Whether no two names are the same.
template <std::size_t Count>
constexpr bool have_own_names(const std::array<std::string_view, Count>& names) {
  for (std::size_t i = 0; i < Count; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (names[i] == names[j]) {
        return false;
      }
    }
  }
  return true;
}

template <class... Actions>
consteval bool have_own_names() {
  return have_own_names(
      std::array<std::string_view, sizeof...(Actions)>{Actions::descriptor.name...});
}

template <class Parameter>
constexpr bool has_argument(std::string_view name) {
  bool result = false;
  if constexpr (described<Parameter>) {
    boost::mp11::mp_for_each<public_members<Parameter>>(
        [&](auto member) { result = result || std::string_view{member.name} == name; });
  }
  return result;
}

template <class... Parameters>
constexpr bool have_argument([[maybe_unused]] std::string_view name,
                             boost::mp11::mp_list<Parameters...>) {
  return (has_argument<Parameters>(name) || ...);
}

template <class... Parameters>
consteval bool take_all_arguments(boost::mp11::mp_list<Parameters...>) {
  return (std::same_as<std::remove_cvref_t<Parameters>, json> || ...);
}

/// The words of an action, told apart: those that are left begin with its method.
template <auto Method, auto... Names>
struct action_words {
  static constexpr bool is_right = !text_word<Method> && (text_word<Names> && ...);
  static constexpr auto method = Method;

  static constexpr std::string_view name() {
    if constexpr (is_right) {
      return method_name<Method>();
    } else {
      return {};
    }
  }

  /// Whether the action has an argument of that name of its own.
  static constexpr bool takes(std::string_view argument) {
    if constexpr (is_right) {
      using parameters = typename action_traits<std::remove_cv_t<decltype(Method)>>::parameters;
      return ((Names.view() == argument) || ...)
             || (sizeof...(Names) == 0 && have_argument(argument, parameters{}));
    } else {
      return false;
    }
  }

  /// Whether what is no argument of the action may mean something to it all the same: a filter, or
  /// what it finds in the tree of all members.
  static constexpr bool takes_any() {
    if constexpr (is_right) {
      using traits = action_traits<std::remove_cv_t<decltype(Method)>>;
      return std::same_as<typename traits::self_type, model_actions>
             || (sizeof...(Names) == 0 && take_all_arguments(typename traits::parameters{}));
    } else {
      return false;
    }
  }

  static constexpr bool check() {
    static_assert(is_right,
                  "dcrf: an action is declared with its method, and before that a name "
                  "of its own, after it the names of its arguments: dcrf::action<\"name\", "
                  "&some_consumer::method, \"first\", \"second\">");
    if constexpr (is_right) {
      constexpr bool are_different =
          have_own_names(std::array<std::string_view, sizeof...(Names)>{Names.view()...});
      static_assert(are_different, "dcrf: two arguments of this action have one name");
      return are_different && action_check<Method, Names...>::of_method();
    } else {
      return false;
    }
  }

  static constexpr auto call() -> action_call (*)(consumer&, request&) {
    if constexpr (check()) {
      return &call_action<Method, Names...>;
    } else {
      return nullptr;
    }
  }
};

template <auto Name, auto Method, auto... Names>
  requires text_word<Name>
struct action_words<Name, Method, Names...> : action_words<Method, Names...> {
  static constexpr std::string_view name() { return Name.view(); }
};

/// How an action runs.
struct action_kind {
  bool is_detached = false;
  bool is_atomic = false;
  bool ends_with_command = false;
};

template <action_kind Kind, auto... Words>
struct action_entry {
  using words = action_words<Words...>;
  using owner = typename action_traits<std::remove_cv_t<decltype(words::method)>>::self_type;
  static constexpr bool is_write = Kind.is_atomic || Kind.ends_with_command;

  static constexpr action_descriptor descriptor{words::name(),
                                                words::call(),
                                                Kind.is_detached,
                                                Kind.is_atomic,
                                                Kind.ends_with_command,
                                                words::takes("live"),
                                                words::takes("once")
                                                    || (!is_write && words::takes_any())};

  /// Refuses what can't be called, and what awaits nothing as a transaction.
  static constexpr bool is_right() {
    if constexpr (!words::check()) {
      return false;
    } else {
      using traits = action_traits<std::remove_cv_t<decltype(words::method)>>;
      constexpr bool awaits = !Kind.is_atomic || is_task<typename traits::result_type>;
      static_assert(awaits, "dcrf: an atomic_action<> is one that awaits what it writes, and so "
                            "returns a dcrf::task; for others there is action<>");
      constexpr bool is_own = !Kind.ends_with_command || std::same_as<owner, model_actions>;
      static_assert(is_own, "dcrf: write_action<> is for the library's own actions; an action of "
                            "your own is action<>, or atomic_action<> if all that it writes is to "
                            "be one transaction");
      return awaits && is_own;
    }
  }
};

/// What is declared as an action, right or not.
template <class T>
concept is_action_word = requires { typename T::words; } || requires {
  requires std::same_as<decltype(T::descriptor), const action_descriptor>;
};

} // namespace detail

/// Makes a method of a consumer an action, which clients call by the method's name:
///
///     dcrf::action<&room_consumer::join_room, "pk">
///
/// After the method come the names of its arguments, in the order of its parameters: a request has
/// a member of each name. What is missing or has another type is answered with 400, and the method
/// isn't called; a parameter that is a std::optional may be missing or null. Instead of arguments
/// with names, the method may take one described struct, whose members they are, or a `dcrf::json`
/// with all of them. Then it may take a `dcrf::request&`.
///
/// The method returns a `dcrf::response`, a std::optional of it, or nothing, which answers nothing;
/// or a `dcrf::task` of one of these. A task takes its arguments by value.
///
/// An action whose name is not that of its method has its name first:
///
///     dcrf::action<"chat.join", &room_consumer::join_room, "pk">
template <detail::action_word... Words>
struct action : detail::action_entry<detail::action_kind{}, Words.value...> {};

/// An action that runs beside the others: later requests of the connection do not wait for it. It
/// ends with the connection.
template <detail::action_word... Words>
struct detached_action
    : detail::action_entry<detail::action_kind{.is_detached = true}, Words.value...> {};

/// An action that is one transaction: if it fails, nothing that it wrote remains.
template <detail::action_word... Words>
struct atomic_action
    : detail::action_entry<detail::action_kind{.is_atomic = true}, Words.value...> {};

/// An action of the library that ends with a write.
template <detail::action_word... Words>
struct write_action
    : detail::action_entry<detail::action_kind{.ends_with_command = true}, Words.value...> {};

/// The actions of a consumer, besides those of its mixins.
template <class... Actions>
struct actions {
  static constexpr std::size_t size = sizeof...(Actions);
};

} // namespace dcrf
