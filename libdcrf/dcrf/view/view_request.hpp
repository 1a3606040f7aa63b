#pragma once

#include "dcrf/json/json_text.hpp"
#include "dcrf/protocol/arguments.hpp"
#include "dcrf/protocol/errors.hpp"
#include "dcrf/runtime/runtime.hpp"
#include "dcrf/view/form.hpp"
#include "dcrf/view/http.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcrf {

/// One request of a view, whether it came over HTTP or as an action of a consumer. It lives as long
/// as its handler runs, on the thread of its connection.
///
/// Over HTTP all values of the query and the parameters are texts; a consumer's clients may send
/// any JSON. Where a type other than a text is asked for, a text that reads as a value of it will
/// do.
class view_request {
public:
  using values = std::vector<std::pair<std::string, std::vector<json_text>>>;

  /// A request over HTTP.
  /// @param from outlives this
  view_request(const http_request& from, const dcrf::runtime& within);

  /// A request of a consumer's client, whose members `query`, `parameters` and `data` it takes.
  /// @throws validation_error if `query` or `parameters` is no object
  view_request(std::string_view method, const request& from, const dcrf::runtime& within);

  view_request(const view_request&) = delete;
  view_request& operator=(const view_request&) = delete;
  ~view_request() = default;

  /// In upper case.
  [[nodiscard]] const std::string& method() const noexcept { return method_; }

  /// The name of the view set's action that answers; empty for other views.
  [[nodiscard]] std::string_view action() const noexcept { return action_; }
  void action(std::string_view literal) noexcept { action_ = literal; }

  [[nodiscard]] const dcrf::scope& scope() const noexcept { return *scope_; }
  [[nodiscard]] const dcrf::user_info& user() const noexcept { return scope_->user; }
  [[nodiscard]] const dcrf::runtime& runtime() const noexcept { return *runtime_; }

  template <model_type T>
  [[nodiscard]] dcrf::repository<T> repository() const {
    return runtime_->repository<T>();
  }

  // -- query --------------------------------------------------------------------------------------

  /// Every name of the query with its values, in the order of their arrival.
  [[nodiscard]] const values& query() const noexcept { return query_; }

  /// A value of the query; the last one of a name counts.
  /// @throws validation_error naming it, if it is no `T`
  template <dcrf::detail::plain_argument T = std::string>
  [[nodiscard]] std::optional<T> query(std::string_view name) const {
    const auto* found = find(query_, name);
    if (found == nullptr || found->empty()) {
      return std::nullopt;
    }
    return required<T>(found->back(), name);
  }

  /// All values of a name in the query.
  /// @throws validation_error naming it, if one of them is no `T`
  template <dcrf::detail::plain_argument T = std::string>
  [[nodiscard]] std::vector<T> query_list(std::string_view name) const {
    std::vector<T> result;
    if (const auto* found = find(query_, name)) {
      for (const auto& x : *found) {
        result.push_back(required<T>(x, name));
      }
    }
    return result;
  }

  /// The query as the arguments of a request, as filters and pagination read them; the last value
  /// of a name counts.
  [[nodiscard]] request query_arguments() const;

  // -- parameters ---------------------------------------------------------------------------------

  /// The parameters as an object: those of the path, or what a consumer's client sent.
  [[nodiscard]] json_text parameters() const;

  /// A parameter, or nothing where there is none.
  [[nodiscard]] const json_text* find_parameter(std::string_view name) const noexcept;

  /// A parameter.
  /// @throws not_found if there is none, or it is no `T`
  template <dcrf::detail::plain_argument T = std::string>
  [[nodiscard]] T parameter(std::string_view name) const {
    const auto* found = find_parameter(name);
    auto result = found == nullptr ? std::nullopt : read<T>(*found);
    if (!result) {
      throw not_found();
    }
    return std::move(*result);
  }

  // -- the body -----------------------------------------------------------------------------------

  /// The body as it came; of a consumer's client its `data` as JSON.
  [[nodiscard]] const std::string& body() const noexcept { return *body_; }

  /// The form of the body, of a handler that takes one. From then on `data` is what its texts say,
  /// and what reads rows of `data` takes them.
  /// @throws unsupported_media_type if the body is none, parse_error if it is malformed
  [[nodiscard]] const dcrf::form& form();

  /// The data of the body, which must be JSON; `{}` if it is empty. The view is valid until
  /// something else is read of the request, or the handler awaits something.
  /// @throws parse_error if it is no JSON, unsupported_media_type if it says that it is none
  [[nodiscard]] json_view data_view() const;

  /// The data of the body as text.
  /// @throws as data_view
  [[nodiscard]] json_text data() const;

  /// The data of the body as a described struct.
  /// @throws validation_error naming every member that is missing or has the wrong type; as
  ///         data_view
  template <described T>
  [[nodiscard]] T data() const {
    T result{};
    dcrf::detail::argument_errors errors;
    dcrf::detail::read_members(result, data_view(), errors);
    errors.raise();
    return result;
  }

private:
  static const std::vector<json_text>* find(const values& in, std::string_view name) noexcept;

  [[nodiscard]] json_view parsed(std::string_view text) const;
  // The value that is written in a text.
  [[nodiscard]] std::optional<json_view> within_text(json_view x) const;
  [[noreturn]] static void raise(std::string_view name, std::string_view expected);

  template <class T>
  [[nodiscard]] std::optional<T> read(const json_text& x) const {
    auto view = parsed(x.str());
    auto result = argument_traits<T>::read(view);
    if (!result && !dcrf::detail::field_argument<T> && view.type() == json_type::text) {
      if (auto inner = within_text(view)) {
        result = argument_traits<T>::read(*inner);
      }
    }
    return result;
  }

  template <class T>
  [[nodiscard]] T required(const json_text& x, std::string_view name) const {
    if constexpr (dcrf::detail::field_argument<T>) {
      T result{};
      dcrf::detail::argument_errors errors;
      dcrf::detail::read_argument(result, parsed(x.str()), name, errors);
      errors.raise();
      return result;
    } else {
      auto result = read<T>(x);
      if (!result) {
        raise(name, argument_traits<T>::expected);
      }
      return std::move(*result);
    }
  }

  const dcrf::scope* scope_;
  const dcrf::runtime* runtime_;
  std::string method_;
  std::string_view action_;
  values query_;
  std::vector<std::pair<std::string, json_text>> parameters_;
  const std::string* body_;
  // The body of a request that did not come over HTTP, or what the texts of a form say.
  std::string own_body_;
  // Empty if the body is known to be JSON.
  std::optional<std::string> media_type_;
  std::optional<dcrf::form> form_;
};

} // namespace dcrf
