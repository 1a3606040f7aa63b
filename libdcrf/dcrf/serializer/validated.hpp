#pragma once

#include "dcrf/json/json_text.hpp"
#include "dcrf/model/instance.hpp"
#include "dcrf/model/model.hpp"
#include "dcrf/serializer/field.hpp"
#include "dcrf/store/command.hpp"

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
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
  /// By field: an object of lists; empty if there are none.
  json_text errors = json_text::trusted("{}");

  [[nodiscard]] bool has_errors() const noexcept { return errors.str() != "{}"; }

  [[nodiscard]] const value* find(std::size_t field) const noexcept;
  void set(std::size_t field, value x);

  /// Adds what is wrong with a field that nothing was found wrong with before.
  void add_error(std::string_view field, std::string_view text);

  /// The fields of the model that were given.
  [[nodiscard]] std::vector<std::size_t> given() const;

  /// The values of a new row: what was given, and what the model's struct initializes the rest
  /// with.
  [[nodiscard]] record to_record() const&;
  [[nodiscard]] record to_record() &&;
};

/// The input of a request for rows of model `T`, for hooks that check or change it.
template <class T>
class validated {
public:
  explicit validated(validated_input& data) : data_(&data) {}

  /// Whether the input has a value for the member.
  template <auto Member>
  [[nodiscard]] bool has() const {
    return data_->find(index<Member>()) != nullptr;
  }

  /// @throws std::out_of_range if the input has none.
  template <auto Member>
  [[nodiscard]] type_of<Member> get() const {
    const auto* found = data_->find(index<Member>());
    if (found == nullptr) {
      throw std::out_of_range("no value was given for " + std::string{name_of<Member>()});
    }
    return value_traits<type_of<Member>>::from_value(*found);
  }

  template <auto Member>
  void set(const type_of<Member>& x) {
    data_->set(index<Member>(), value_traits<type_of<Member>>::to_value(x));
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

  validated_input* data_;
};

} // namespace dcrf
