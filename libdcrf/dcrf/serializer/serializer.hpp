#pragma once

#include "dcrf/serializer/describe_serializer.hpp"
#include "dcrf/serializer/read_input.hpp"
#include "dcrf/serializer/validated.hpp"
#include "dcrf/serializer/validation_error.hpp"
#include "dcrf/serializer/write.hpp"

#include <concepts>
#include <string>
#include <utility>

namespace dcrf {

/// What a client sees of a model's rows and may write to them: derive from it, and list the fields.
///
///     struct user_serializer : dcrf::model_serializer<user> {
///       using fields = dcrf::shown<dcrf::field<&user::id>, dcrf::field<&user::username>,
///                                  dcrf::field<&user::password, dcrf::write_only>>;
///     };
///
/// What a serializer may have besides:
///  - `static constexpr int depth = 1`: foreign keys and many-to-many members are shown as objects
///    with all their columns, to that depth.
///  - `static void validate(const dcrf::validated<T>&, const dcrf::serializer_context&)`: checks
///  the
///    input as a whole; throws validation_error. Called if each field alone is right.
///  - `static void prepare(dcrf::validated<T>&, const dcrf::serializer_context&)`: changes what is
///    about to be written, such as a password into its hash.
template <class T>
struct model_serializer {
  using model_type = T;
  static constexpr int depth = 0;
};

/// A struct that is a serializer.
template <class S>
concept serializer_type = requires {
  typename S::model_type;
  typename S::fields;
} && std::derived_from<S, model_serializer<typename S::model_type>>;

namespace detail {

/// Refuses a serializer of another model.
template <class Serializer, class T>
consteval bool is_over() {
  static_assert(serializer_type<Serializer>,
                "dcrf: what follows the model is its serializer, which derives from "
                "dcrf::model_serializer<T> and has a public list `fields`");
  if constexpr (serializer_type<Serializer>) {
    constexpr bool is_its_own = std::same_as<typename Serializer::model_type, T>;
    static_assert(is_its_own, "dcrf: this serializer is one of another model, and would show wrong "
                              "columns");
    return is_its_own;
  } else {
    return false;
  }
}

template <class Serializer, class T>
constexpr bool shows = false;
template <serializer_type Serializer, class T>
constexpr bool shows<Serializer, T> = std::same_as<typename Serializer::model_type, T>;

// What is given where an error was said already.
inline const serializer_descriptor& no_serializer() {
  static const serializer_descriptor result;
  return result;
}

} // namespace detail

/// The description of a serializer.
template <class S>
const serializer_descriptor& serializer_of() noexcept {
  static_assert(serializer_type<S>, "dcrf: a serializer derives from dcrf::model_serializer<T> and "
                                    "has a list `fields` in its public part");
  if constexpr (serializer_type<S>) {
    if constexpr (detail::is_right_serializer<S>()) {
      return detail::serializer_tables<S>::table;
    } else {
      return detail::no_serializer();
    }
  } else {
    return detail::no_serializer();
  }
}

/// A row as a serializer shows it.
template <serializer_type S>
[[nodiscard]] json_text to_json(const typename S::model_type& x,
                                const serializer_context& context = {}) {
  static_assert(!detail::serializer_tables<S>::needs_related_rows,
                "dcrf: this serializer shows related rows, which must be loaded: write "
                "`co_await serialize<Serializer>(row)` in a consumer");
  std::string result;
  json_writer writer{result};
  write_json(writer, serializer_of<S>(), row{.values = to_record(x)}, context);
  return json_text::trusted(std::move(result));
}
template <serializer_type S, class Row>
  requires(!std::convertible_to<const Row&, const typename S::model_type&>)
[[nodiscard]] json_text to_json(const Row&, const serializer_context& = {}) {
  static_assert(std::same_as<Row, typename S::model_type>,
                "dcrf: to_json<Serializer> shows a row of the serializer's own model");
  return {};
}

} // namespace dcrf
