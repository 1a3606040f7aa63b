#pragma once

#include "dcrf/model/model.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace dcrf {

/// The models of one database, and who refers to whom among them.
class schema {
public:
  /// A foreign key that refers to a model.
  struct referrer {
    const model_descriptor* model;
    std::size_t field;
  };

  schema() = default;

  template <class... Models>
  static schema of() {
    static_assert((model_type<Models> && ...),
                  "dcrf: a schema lists models, and one of these structs is none: specialise "
                  "dcrf::model<T> for it, with a `table` and a `primary_key`");
    if constexpr ((model_type<Models> && ...)) {
      return schema{{&model_of<Models>()...}};
    } else {
      return {};
    }
  }

  /// Models that are referred to must be listed too.
  /// @throws std::invalid_argument if one is missing, or two have the same table.
  explicit schema(std::vector<const model_descriptor*> models);

  /// Models that others refer to come first, as far as possible.
  [[nodiscard]] std::span<const model_descriptor* const> models() const noexcept { return models_; }

  [[nodiscard]] const model_descriptor* find(std::string_view table) const noexcept;

  [[nodiscard]] std::vector<referrer> referrers(const model_descriptor& model) const;

  /// The relations that have the model at their far side.
  [[nodiscard]] std::vector<const relation_descriptor*>
  relations_to(const model_descriptor& model) const;

  /// The relations whose links are the rows of the model.
  [[nodiscard]] std::vector<const relation_descriptor*>
  relations_through(const model_descriptor& model) const;

private:
  std::vector<const model_descriptor*> models_;
};

} // namespace dcrf
