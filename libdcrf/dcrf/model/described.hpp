#pragma once

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace dcrf {

/// A struct that BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_CLASS lists the public members of.
template <class T>
concept described = boost::describe::has_describe_members<T>::value;

template <class T>
concept described_enum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

namespace detail {

template <class T>
using public_members = boost::describe::describe_members<T, boost::describe::mod_public>;

template <auto Member>
struct member_of;

template <class Class, class Type, Type Class::* Member>
struct member_of<Member> {
  using class_type = Class;
  using type = Type;
};

template <auto Lhs, auto Rhs>
constexpr bool same_member() {
  if constexpr (std::is_same_v<std::remove_cv_t<decltype(Lhs)>, std::remove_cv_t<decltype(Rhs)>>) {
    return Lhs == Rhs;
  } else {
    return false;
  }
}

template <auto Member>
consteval const char* find_member_name() {
  const char* result = nullptr;
  boost::mp11::mp_for_each<public_members<typename member_of<Member>::class_type>>(
      [&](auto descriptor) {
        if (same_member<decltype(descriptor)::pointer, Member>()) {
          result = descriptor.name;
        }
      });
  return result;
}

/// The name of a type with its namespaces and classes.
template <class T>
consteval std::string_view qualified_type_name() {
  // `… [with T = room; std::string_view = …]` of gcc, `… [T = room]` of clang.
  std::string_view text = __PRETTY_FUNCTION__;
  auto start = text.find("T = ") + 4;
#ifdef __clang__
  auto end = text.rfind(']');
#else
  auto end = text.rfind(';');
#endif
  return text.substr(start, end - start);
}

/// The unqualified name of a type, without template arguments.
template <class T>
consteval std::string_view type_name() {
  auto name = qualified_type_name<T>();
  std::size_t start = 0;
  std::size_t end = name.size();
  int depth = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '<' || name[i] == '(') {
      end = depth++ == 0 ? i : end;
    } else if (name[i] == '>' || name[i] == ')') {
      --depth;
    } else if (name[i] == ':' && depth == 0) {
      start = i + 1;
      end = name.size();
    }
  }
  return name.substr(start, end - start);
}

} // namespace detail

/// The class a member pointer points into, and the member's type.
template <auto Member>
using class_of = typename detail::member_of<Member>::class_type;
template <auto Member>
using type_of = typename detail::member_of<Member>::type;

/// The name of a described member, from its pointer.
template <auto Member>
constexpr std::string_view name_of() {
  static_assert(
      described<class_of<Member>>,
      "dcrf: this struct is not described; add BOOST_DESCRIBE_STRUCT(name, (), (members))");
  static_assert(detail::find_member_name<Member>() != nullptr,
                "dcrf: this member is not listed in its struct's BOOST_DESCRIBE_STRUCT");
  if constexpr (detail::find_member_name<Member>() != nullptr) {
    return detail::find_member_name<Member>();
  } else {
    return {};
  }
}

} // namespace dcrf
