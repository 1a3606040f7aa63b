#pragma once

#include "dcrf/model/field_errors.hpp"
#include "dcrf/model/instance.hpp"
#include "dcrf/model/model.hpp"
#include "dcrf/model/path.hpp"
#include "dcrf/serializer/field.hpp"
#include "dcrf/serializer/keys_of.hpp"
#include "dcrf/store/command.hpp"

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace dcrf {

/// A row that the input refers to by a link: it has to be looked up before it can be written.
struct linked_row {
  /// The field of the input.
  std::string_view field;
  lookup where{};
  /// The foreign key to set; or, in `validated_input::related`, the rows to add it to.
  std::size_t target = 0;
  bool is_related = false;
};

/// What a serializer read from the input of a request: values to write, or what is wrong.
struct validated_input {
  const model_descriptor* model = nullptr;
  /// The fields that were given, by their index in the model.
  std::vector<std::pair<std::size_t, value>> changes{};
  std::vector<related_keys> related{};
  std::vector<linked_row> links{};
  /// The row that is about to be changed; null for a new one.
  const dcrf::instance* instance = nullptr;
  /// By field.
  field_errors errors{};

  [[nodiscard]] bool has_errors() const noexcept { return !errors.empty(); }

  [[nodiscard]] const value* find(std::size_t field) const noexcept;
  void set(std::size_t field, value x);

  /// The keys given for a many-to-many relation, seen from its own side or from the far one; null
  /// if none were.
  [[nodiscard]] related_keys* find_related(const relation_descriptor& relation,
                                           bool reverse) noexcept;

  /// The fields of the model that were given.
  [[nodiscard]] std::vector<std::size_t> given() const;

  /// The values of a new row: what was given, and what the model's struct initializes the rest
  /// with; the version always.
  [[nodiscard]] record to_record() const&;
  [[nodiscard]] record to_record() &&;
};

namespace detail {

/// A member as the input of rows of `T` has it: a field, or a many-to-many relation of `T` or of
/// the model at its far side.
template <class T, auto Member>
struct input_member {
  static constexpr bool is_reverse = !std::same_as<class_of<Member>, T>;
  static_assert(!is_reverse,
                "dcrf: this member belongs to another struct than the serializer's model");
  using type = type_of<Member>;
};
template <class T, auto Member>
  requires is_relation_member<Member>
struct input_member<T, Member> {
  static constexpr bool is_reverse = !std::same_as<class_of<Member>, T>;
  using target = typename type_of<Member>::target_type;
  static_assert(!is_reverse || std::same_as<target, T>,
                "dcrf: this relation is between other structs than the serializer's model");
  using far = std::conditional_t<is_reverse, class_of<Member>, target>;
  using type = std::vector<key_of<far>>;

  static const relation_descriptor& relation() {
    return *model_of<class_of<Member>>().find_relation(name_of<Member>());
  }
};

} // namespace detail

/// The input of a request for rows of model `T`, for hooks that check or change it. Of a
/// many-to-many member it is the keys of the rows: `data.get<&task::labels>()` is a std::vector of
/// them. Such a member may be that of another model, which has `T` at its far side.
template <class T>
class validated {
public:
  template <auto Member>
  using type = typename detail::input_member<T, Member>::type;

  explicit validated(validated_input& data) : data_(&data) {}

  /// Whether the input has a value for the member.
  template <auto Member>
  [[nodiscard]] bool has() const {
    if constexpr (detail::is_relation_member<Member>) {
      return related<Member>() != nullptr;
    } else {
      return data_->find(index<Member>()) != nullptr;
    }
  }

  /// @throws std::out_of_range if the input has none.
  template <auto Member>
  [[nodiscard]] type<Member> get() const {
    if (!has<Member>()) {
      throw std::out_of_range("no value was given for " + std::string{name_of<Member>()});
    }
    if constexpr (detail::is_relation_member<Member>) {
      return detail::keys_of<typename type<Member>::value_type>(related<Member>()->keys);
    } else {
      return value_traits<type_of<Member>>::from_value(*data_->find(index<Member>()));
    }
  }

  template <auto Member>
  void set(const type<Member>& x) {
    static_assert(!detail::is_version_member<Member>,
                  "dcrf: the store counts a version, and the input says which one an update is "
                  "meant for");
    if constexpr (detail::is_relation_member<Member>) {
      static_assert(
          detail::links_by_keys_alone<Member>,
          "dcrf: the links of this relation are rows of a model with columns that must be "
          "given: create these rows");
      using member = detail::input_member<T, Member>;
      auto keys = detail::values_of_keys(x);
      if (auto* given = related<Member>()) {
        given->keys = std::move(keys);
      } else {
        data_->related.push_back({.relation = &member::relation(),
                                  .reverse = member::is_reverse,
                                  .keys = std::move(keys)});
      }
    } else {
      data_->set(index<Member>(), value_traits<type_of<Member>>::to_value(x));
    }
  }

  /// The row that is about to be changed, as it is; nothing for a new one.
  [[nodiscard]] std::optional<T> instance() const {
    return data_->instance == nullptr ? std::nullopt : std::optional{data_->instance->as<T>()};
  }

private:
  template <auto Member>
  static constexpr std::size_t index() {
    static_assert(std::same_as<class_of<Member>, T>,
                  "dcrf: this member belongs to another struct than the serializer's model");
    return detail::index_of<Member>();
  }

  template <auto Member>
  [[nodiscard]] related_keys* related() const {
    using member = detail::input_member<T, Member>;
    return data_->find_related(member::relation(), member::is_reverse);
  }

  validated_input* data_;
};

} // namespace dcrf
