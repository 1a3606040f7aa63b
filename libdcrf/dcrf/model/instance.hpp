#pragma once

#include "dcrf/model/model.hpp"

#include <stdexcept>

namespace dcrf {

/// A row of a model, as permissions and hooks see it that are made for any model. It is valid while
/// they run.
class instance {
public:
  instance(const model_descriptor& model, const record& values)
      : model_(&model), values_(&values) {}

  [[nodiscard]] const model_descriptor& model() const noexcept { return *model_; }
  [[nodiscard]] const record& values() const noexcept { return *values_; }
  [[nodiscard]] const value& pk() const { return model_->key_of(*values_); }

  /// The row as an object of its struct.
  /// @throws std::logic_error if it is a row of another model
  template <model_type T>
  [[nodiscard]] T as() const {
    if (model_ != &model_of<T>()) {
      throw std::logic_error("a row was taken for one of another model");
    }
    return from_record<T>(*values_);
  }

private:
  const model_descriptor* model_;
  const record* values_;
};

} // namespace dcrf
