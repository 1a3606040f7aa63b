#pragma once

#include "dcrf/model/declared.hpp"
#include "dcrf/serializer/field.hpp"
#include "dcrf/serializer/serializer_context.hpp"
#include "dcrf/serializer/validated.hpp"

#include <boost/mp11.hpp>

#include <concepts>
#include <type_traits>

// What a serializer declares besides its fields, and whether what it shows comes to an end.

namespace dcrf::detail {

// What is looked for, and words for it that are nearly right.
struct serializer_names {
  static constexpr int validate = 0, prepare = 0, listed = 0;

  static constexpr int field = 0, field_list = 0, shown = 0, exclude = 0, read_only_fields = 0,
                       write_only_fields = 0, extra_kwargs = 0, Meta = 0;
  static constexpr int validated = 0, validates = 0, validation = 0, validators = 0, clean = 0,
                       to_internal_value = 0, to_representation = 0, prepared = 0, prepares = 0;
  static constexpr int depths = 0, max_depth = 0, list_fields = 0;
};

template <class S>
concept leaves_out_validate = requires { with_names<S, serializer_names>::validate; };
template <class S>
concept leaves_out_prepare = requires { with_names<S, serializer_names>::prepare; };
template <class S>
concept leaves_out_listed = requires { with_names<S, serializer_names>::listed; };

/// The serializers that show rows within those of a field.
template <class Field>
struct nested_in {
  using type = void;
};
template <auto Member, class Serializer, class... Options>
struct nested_in<nested<Member, Serializer, Options...>> {
  using type = Serializer;
};
template <text_literal Name, auto Member, class Serializer, class... Options>
struct nested_in<referrers<Name, Member, Serializer, Options...>> {
  using type = Serializer;
};
template <text_literal Name, auto Member, class Serializer, class... Options>
struct nested_in<related<Name, Member, Serializer, Options...>> {
  using type = Serializer;
};

template <class Fields>
struct field_list {
  using type = boost::mp11::mp_list<>;
};
template <class... Fields>
struct field_list<shown<Fields...>> {
  using type = boost::mp11::mp_list<Fields...>;
};
template <class Fields>
using fields_as_list = typename field_list<Fields>::type;

/// Whether what a serializer shows comes to an end. `Outer` are those that show it.
template <class S, class... Outer>
constexpr bool comes_to_an_end = [] {
  if constexpr ((std::same_as<S, Outer> || ...)) {
    return false;
  } else if constexpr (requires { typename S::fields; }) {
    return []<class... Fields>(boost::mp11::mp_list<Fields...>) {
      return (comes_to_an_end<typename nested_in<Fields>::type, S, Outer...> && ...);
    }(fields_as_list<typename S::fields>{});
  } else {
    return true;
  }
}();

template <class S>
concept has_depth = requires {
  { *&S::depth } -> std::convertible_to<int>;
};

/// Refuses what a serializer declares and the library would not see.
template <class S>
consteval bool is_right_serializer() {
  using model_type = typename S::model_type;
  static_assert(!std::is_final_v<S>, "dcrf: a serializer is not final: leave that out, or the "
                                     "library can't see all that it declares");
  if constexpr (!std::is_final_v<S>) {
    using names = with_names<S, serializer_names>;
    static_assert(
        requires {
          names::field;
          names::field_list;
          names::shown;
          names::exclude;
          names::read_only_fields;
          names::write_only_fields;
          names::extra_kwargs;
          names::Meta;
        },
        "dcrf: this means nothing in a serializer: all that it shows and takes is listed in "
        "`fields`, as `using fields = dcrf::shown<dcrf::field<&model::member, dcrf::read_only>>`");
    static_assert(
        requires {
          names::validates;
          names::validated;
          names::validation;
          names::validators;
          names::clean;
          names::to_internal_value;
        }, "dcrf: this name is nearly right: input as a whole is checked by `static void "
           "validate(const dcrf::validated<T>&, const dcrf::serializer_context&)`");
    static_assert(
        requires {
          names::prepared;
          names::prepares;
        },
        "dcrf: this name is nearly right: what is about to be written is changed by `static void "
        "prepare(dcrf::validated<T>&, const dcrf::serializer_context&)`");
    static_assert(
        requires { names::to_representation; },
        "dcrf: this means nothing here: what a function makes of a row is shown by "
        "dcrf::computed<\"name\", &function>");
    static_assert(
        requires {
          names::depths;
          names::max_depth;
        }, "dcrf: this name is nearly right: write `static constexpr int depth = 1`");
    static_assert(has_depth<S>, "dcrf: `depth` is private or no constant: write `static constexpr "
                                "int depth = 1` in the public part of the serializer");
    static_assert(
        leaves_out_validate<S>
            || requires(const validated<model_type>& x,
                        const serializer_context& context) { S::validate(x, context); },
        "dcrf: `validate` is private or of another signature: write `static void validate(const "
        "dcrf::validated<T>&, const dcrf::serializer_context&)` in the public part");
    static_assert(
        leaves_out_prepare<S>
            || requires(validated<model_type>& x,
                        const serializer_context& context) { S::prepare(x, context); },
        "dcrf: `prepare` is private or of another signature: write `static void "
        "prepare(dcrf::validated<T>&, const dcrf::serializer_context&)` in the public part");
    static_assert(
        leaves_out_listed<S> || requires { typename S::listed; },
        "dcrf: `listed` is private or no type: write `using listed = dcrf::identity<...>` in the "
        "public part");
  }
  static_assert(comes_to_an_end<S>, "dcrf: this serializer shows itself within itself, without an "
                                    "end: nest another one that shows less, or dcrf::keys_only");
  return has_depth<S>;
}

} // namespace dcrf::detail
