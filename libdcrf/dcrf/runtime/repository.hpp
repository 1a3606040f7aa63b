#pragma once

#include "dcrf/model/path.hpp"
#include "dcrf/runtime/context.hpp"
#include "dcrf/store/query.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace dcrf {

namespace detail {

// For functions that are only there to be refused when they are called.
template <class T>
constexpr bool never = false;

template <class Convert>
class [[nodiscard("dcrf: write co_await before it")]] converted_call;

/// A store_call whose answer is made into what the repository promises.
template <class Convert>
class converted_call : public store_call {
public:
  converted_call(context& where, command x, Convert convert)
      : store_call(where, std::move(x)), convert_(std::move(convert)) {}

  auto await_resume() { return convert_(store_call::await_resume()); }

private:
  Convert convert_;
};

command list_of(selection rows);
command count_of(selection rows);
command one_of(const model_descriptor& model, const key& x);
command creation_of(const model_descriptor& model, record values);
/// All fields but the primary key are set.
command update_of(const model_descriptor& model, record values);
command removal_of(const model_descriptor& model, const key& x);
command bulk_creation_of(const model_descriptor& model, std::vector<record> rows);
command bulk_update_of(selection rows, std::size_t field, value x);
command bulk_removal_of(selection rows);
command relating_of(const relation_descriptor& relation, bool reverse, const key& x,
                    relate_command::how mode, std::vector<value> keys,
                    std::optional<record> link = {});
selection page_of(selection rows, std::int64_t limit);

} // namespace detail

/// The rows of a model, as actions read and write them. Each function asks the repository actor of
/// the model; what it returns is to be awaited:
///
///     auto created = co_await repository<message>().create(draft);
///
/// Failures of the store are thrown as store_failure.
template <model_type T>
class repository {
public:
  explicit repository(context& where) : context_(&where) {}

  /// The row with a primary key.
  /// @throws store_failure (not_found) if there is none, which answers the request with 404
  auto get(const key& x) const {
    return call(detail::one_of(model_of<T>(), x),
                [](store_result result) { return from_record<T>(result.rows.front().values); });
  }

  /// The row with a primary key, or nothing.
  auto find(const key& x) const {
    selection rows;
    rows.model = &model_of<T>();
    rows.where.kind = condition::node::compare;
    rows.where.path = {model_of<T>().primary_key};
    rows.where.operands = {x.get()};
    return first_of(std::move(rows));
  }

  /// All rows of a query.
  auto list(query<T> rows) const {
    return call(detail::list_of(std::move(rows).get()), [](store_result result) {
      std::vector<T> found;
      found.reserve(result.rows.size());
      for (const auto& row : result.rows) {
        found.push_back(from_record<T>(row.values));
      }
      return found;
    });
  }

  /// The first row of a query, or nothing.
  auto first(query<T> rows) const { return first_of(std::move(rows).get()); }

  /// The number of rows of a query, its slice aside.
  auto count(query<T> rows) const {
    return call(detail::count_of(std::move(rows).get()),
                [](store_result result) { return result.count; });
  }

  auto exists(query<T> rows) const {
    return call(detail::list_of(detail::page_of(std::move(rows).get(), 1)),
                [](store_result result) { return !result.rows.empty(); });
  }

  /// Stores a new row, and returns it with its key and automatic times.
  /// @throws store_failure (invalid) if a unique value is taken or a reference finds nothing
  auto create(const T& row) const {
    return call(detail::creation_of(model_of<T>(), to_record(row)),
                [](store_result result) { return from_record<T>(result.rows.front().values); });
  }

  /// Stores all fields of a row that exists, and returns it.
  /// @throws store_failure (not_found, invalid)
  auto update(const T& row) const {
    return call(detail::update_of(model_of<T>(), to_record(row)),
                [](store_result result) { return from_record<T>(result.rows.front().values); });
  }

  /// Deletes the row with a primary key, and what refers to it as the models say.
  /// @throws store_failure (not_found, restricted)
  auto remove(const key& x) const {
    return call(detail::removal_of(model_of<T>(), x), [](const store_result&) {});
  }

  // -- many rows at once, without events, as in Django --------------------------------------------

  /// Stores new rows.
  /// @throws store_failure (invalid); no row is stored then
  auto bulk_create(const std::vector<T>& rows) const {
    std::vector<record> values;
    values.reserve(rows.size());
    for (const auto& row : rows) {
      values.push_back(to_record(row));
    }
    return call(detail::bulk_creation_of(model_of<T>(), std::move(values)),
                [](const store_result& result) { return result.count; });
  }

  /// Sets one field in all rows of a query, its slice aside; returns their number.
  template <auto Member>
  auto bulk_update(query<T> rows, const type_of<Member>& x) const {
    static_assert(std::same_as<class_of<Member>, T>,
                  "dcrf: bulk_update<&model::member> wants a member of the repository's model");
    static_assert(storable<type_of<Member>>,
                  "dcrf: bulk_update<&model::member> sets a column, which this member is not");
    return call(detail::bulk_update_of(std::move(rows).get(), detail::field_index<Member>(),
                                       value_traits<type_of<Member>>::to_value(x)),
                [](const store_result& result) { return result.count; });
  }

  /// Deletes all rows of a query, its slice aside; returns their number.
  auto bulk_remove(query<T> rows) const {
    return call(detail::bulk_removal_of(std::move(rows).get()),
                [](const store_result& result) { return result.count; });
  }

  // gcc 12 destroys an aggregate that is made with braces within a co_await expression twice.
  auto create(T&& row) const {
    static_assert(detail::never<T>, "dcrf: give the row a name first: `message draft{...}; "
                                    "co_await repository.create(draft);`");
    return create(static_cast<const T&>(row));
  }
  auto update(T&& row) const {
    static_assert(detail::never<T>, "dcrf: give the row a name first: `message changed{...}; "
                                    "co_await repository.update(changed);`");
    return update(static_cast<const T&>(row));
  }

  template <class Row>
    requires(!std::same_as<std::remove_cvref_t<Row>, T>)
  auto create(Row&&) const {
    static_assert(std::same_as<Row, T>, "dcrf: a repository creates rows of its own model only");
    return std::suspend_never{};
  }
  template <class Row>
    requires(!std::same_as<std::remove_cvref_t<Row>, T>)
  auto update(Row&&) const {
    static_assert(std::same_as<Row, T>, "dcrf: a repository updates rows of its own model only");
    return std::suspend_never{};
  }

private:
  template <class Convert>
  auto call(command x, Convert convert) const {
    return detail::converted_call<Convert>{*context_, std::move(x), std::move(convert)};
  }

  auto first_of(selection rows) const {
    return call(detail::list_of(detail::page_of(std::move(rows), 1)),
                [](store_result result) -> std::optional<T> {
                  if (result.rows.empty()) {
                    return std::nullopt;
                  }
                  return from_record<T>(result.rows.front().values);
                });
  }

  context* context_;
};

/// The rows at the far side of the many-to-many relation `Member`, for one row of its own side.
template <auto Member>
class related_rows {
public:
  static_assert(detail::is_relation_member<Member>,
                "dcrf: related<&model::member>(key) wants a many_to_many member");
  using target_type = detail::far_side_of<Member>;

  related_rows(context& where, key x) : context_(&where), key_(std::move(x)) {}

  /// Adds a row; one that is there already stays there once.
  auto add(const key& x) const {
    static_assert(detail::links_by_keys_alone<Member>,
                  "dcrf: the links of this relation are rows of a model with columns that must be "
                  "given: `add(key, link)` takes such a row");
    return relate(relate_command::how::add, {x.get()});
  }

  /// Adds a row, where the links are rows of a model: with the columns of `link`, whose two
  /// references are set; as Django's `through_defaults`.
  /// @throws store_failure (invalid) if `link` can't be stored
  template <class Link>
  auto add(const key& x, Link&& link) const {
    using model_type = detail::link_model_of<Member>;
    static_assert(
        std::same_as<std::remove_cvref_t<Link>, model_type>,
        "dcrf: add(key, link) is for a relation that is declared with through<>, and takes "
        "a row of its model");
    static_assert(std::is_lvalue_reference_v<Link>,
                  "dcrf: give the row a name first: `membership link{...}; co_await "
                  "related<...>(pk).add(key, link);`");
    if constexpr (std::same_as<std::remove_cvref_t<Link>, model_type>) {
      return relate(relate_command::how::add, {x.get()}, to_record(link));
    } else {
      return std::suspend_never{};
    }
  }

  /// Relates exactly these rows: adds what is missing, and removes all others.
  auto set(const std::vector<key>& keys) const {
    static_assert(detail::links_by_keys_alone<Member>,
                  "dcrf: the links of this relation are rows of a model with columns that must be "
                  "given: use `add(key, link)` and `remove(key)`");
    std::vector<value> values;
    for (const auto& x : keys) {
      values.push_back(x.get());
    }
    return relate(relate_command::how::set, std::move(values));
  }

  auto remove(const key& x) const { return relate(relate_command::how::remove, {x.get()}); }
  auto clear() const { return relate(relate_command::how::clear, {}); }

  /// The rows, by primary key.
  auto list() const {
    return repository<target_type>{*context_}.list(
        query<target_type>{}.filter(related_from<Member>(key_)));
  }

  auto contains(const key& x) const {
    condition_on<class_of<Member>> is_it{};
    is_it.value.kind = condition::node::compare;
    is_it.value.path = {model_of<class_of<Member>>().primary_key};
    is_it.value.operands = {key_.get()};
    return repository<class_of<Member>>{*context_}.exists(
        query<class_of<Member>>{}.filter(is_it && related_to<Member>(x)));
  }

private:
  auto relate(relate_command::how mode, std::vector<value> keys,
              std::optional<record> link = {}) const {
    const auto* relation = model_of<class_of<Member>>().find_relation(name_of<Member>());
    auto nothing = [](const store_result&) {};
    return detail::converted_call<decltype(nothing)>{
        *context_,
        detail::relating_of(*relation, false, key_, mode, std::move(keys), std::move(link)),
        nothing};
  }

  context* context_;
  key key_;
};

} // namespace dcrf
