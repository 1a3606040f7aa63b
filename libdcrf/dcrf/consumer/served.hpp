#pragma once

#include "dcrf/consumer/declarations.hpp"
#include "dcrf/groups/observer_descriptor.hpp"
#include "dcrf/model/described.hpp"
#include "dcrf/store/schema.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf::detail {

/// What a server knows of a consumer, a view set or a view that it serves, before anybody comes.
struct served_class {
  /// With its namespaces.
  std::string_view name;
  /// Null if it has none.
  const model_descriptor* model = nullptr;
  /// Whether it says whom it lets in.
  bool has_permissions = true;
};

template <class Subject>
served_class served_as() {
  served_class result{.name = qualified_type_name<Subject>()};
  if constexpr (requires { typename Subject::instance_type; }) {
    result.model = &model_of<typename Subject::instance_type>();
  }
  if constexpr (requires { Subject::says_whom_it_lets_in; }) {
    result.has_permissions = Subject::says_whom_it_lets_in;
  } else if constexpr (requires { typename Subject::declared_class; }) {
    result.has_permissions = has_permissions<Subject>;
  }
  return result;
}

/// The classes behind a path: a consumer, a view, or the consumers of all streams.
template <class Subject>
std::vector<served_class> served_classes() {
  if constexpr (requires { Subject::served(); }) {
    return Subject::served();
  } else {
    return {served_as<Subject>()};
  }
}

/// What is wrong with serving a class from a database of these models: its own model is none of
/// them, or that of an observer within it. Nothing if it can be served.
std::optional<std::string> fault_of(const served_class& x, const schema& models);

/// The same of an observer of the program.
std::optional<std::string> fault_of(const observer_descriptor& x, const schema& models);

} // namespace dcrf::detail
