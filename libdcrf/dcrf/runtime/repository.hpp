#pragma once

#include "dcrf/model/path.hpp"
#include "dcrf/runtime/context.hpp"
#include "dcrf/store/aggregate.hpp"
#include "dcrf/store/assignment.hpp"
#include "dcrf/store/query.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
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
/// These fields are set; the version that the row has is the one that the update is meant for.
update_command update_of_fields(const model_descriptor& model, record values,
                                std::span<const std::size_t> fields);
update_command empty_update_of(const model_descriptor& model, const key& x);
bulk_update_command empty_update_of(selection rows);
command command_of(update_command x);
command command_of(bulk_update_command x);

/// An update of the row with a primary key.
template <class T, class... Changes>
update_command update_by(const key& x, Changes... changes) {
  auto result = empty_update_of(model_of<T>(), x);
  (std::move(changes).add_to(result), ...);
  return result;
}

/// The fields that an update of a row names.
template <class T, auto... Members>
std::vector<std::size_t> fields_to_update() {
  static_assert((std::same_as<class_of<Members>, T> && ...),
                "dcrf: update<&model::member, ...>(row) wants members of the row's own struct");
  static_assert(
      (!is_relation_member<Members> && ...),
      "dcrf: this member is a many-to-many relation, which `related<&model::member>(key)` "
      "changes");
  return {field_index<Members>()...};
}
command locked(command x);
ensure_command ensuring(const model_descriptor& model, record values,
                        std::span<const std::size_t> by);
/// What becomes of the row that is there: all of its fields but its key, those that it was looked
/// up by, and what is set by itself.
void write_existing(ensure_command& x, std::span<const std::size_t> by);
command command_of(ensure_command x);
command command_of(aggregate_command x);
command removal_of(const model_descriptor& model, const key& x);
command bulk_creation_of(const model_descriptor& model, std::vector<record> rows,
                         bulk_events events);
command bulk_removal_of(selection rows, bulk_events events);
command relating_of(const relation_descriptor& relation, bool reverse, const key& x,
                    relate_command::how mode, std::vector<value> keys,
                    std::optional<record> link = {});
selection page_of(selection rows, std::int64_t limit);

/// Whether at most one row has the same values in these members.
template <class T, auto... Members>
consteval bool is_unique() {
  if constexpr (sizeof...(Members) == 1) {
    constexpr auto& field = model_tables<T>::fields[(field_position<Members>(), ...)];
    return field.is_unique || field.is_primary_key;
  } else {
    std::array<std::size_t, sizeof...(Members)> given{field_position<Members>()...};
    std::ranges::sort(given);
    return std::ranges::any_of(model_tables<T>::unique_together, [&](auto set) {
      return set.size() == given.size() && std::ranges::all_of(set, [&](std::size_t field) {
               return std::ranges::find(given, field) != given.end();
             });
    });
  }
}

/// The fields that a row is looked up by, which have to be such as only one row can have.
template <class T, auto... Members>
std::vector<std::size_t> unique_fields_of() {
  static_assert((std::same_as<class_of<Members>, T> && ...),
                "dcrf: get_or_create<&model::member>(row) wants members of the row's own struct");
  static_assert(
      is_unique<T, Members...>(),
      "dcrf: two rows may have the same values in these members, so that several requests "
      "at once would make several rows: declare the member `dcrf::unique`, or the members "
      "`dcrf::unique_together`");
  return {field_index<Members>()...};
}

template <class T, class... Aggregates>
aggregate_command aggregation_of(selection rows) {
  return {.rows = std::move(rows), .wanted = {aggregate_over<T, Aggregates>::get()...}};
}

/// The values of a row of aggregates, from the one at `first` on.
template <class T, class... Aggregates, std::size_t... I>
std::tuple<typename aggregate_over<T, Aggregates>::type...>
aggregates_of(const record& values, std::size_t first, std::index_sequence<I...>) {
  return {value_as<typename aggregate_over<T, Aggregates>::type>(values[first + I])...};
}

} // namespace detail

/// A row that was there, or was created.
template <class T>
struct ensured {
  T row;
  bool is_created = false;
};

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

  /// The same within a transaction, until whose end nobody else changes the row: Django's
  /// `select_for_update`.
  /// @throws as get; store_failure (no_transaction) if there is none, (unavailable) if another
  /// holds
  ///         the row for too long
  auto get_for_update(const key& x) const {
    return call(detail::locked(detail::one_of(model_of<T>(), x)),
                [](store_result result) { return from_record<T>(result.rows.front().values); });
  }

  /// All rows of a query, within a transaction until whose end nobody else changes them.
  /// @throws as get_for_update
  auto list_for_update(query<T> rows) const {
    return rows_of(detail::locked(detail::list_of(std::move(rows).get())));
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
  auto list(query<T> rows) const { return rows_of(detail::list_of(std::move(rows).get())); }

  /// The first row of a query, or nothing.
  auto first(query<T> rows) const { return first_of(std::move(rows).get()); }

  /// The number of rows of a query, its slice aside.
  auto count(query<T> rows) const {
    return call(detail::count_of(std::move(rows).get()),
                [](store_result result) { return result.count; });
  }

  // -- what rows come to --------------------------------------------------------------------------

  /// What the rows of a query come to, its slice aside, as a std::tuple:
  ///
  ///     auto [number, total] = co_await orders.aggregate(query<order>{}, count_of<>,
  ///                                                      sum_of<&order::amount>);
  template <class... Aggregates>
    requires(sizeof...(Aggregates) > 0)
  auto aggregate(query<T> rows, Aggregates...) const {
    return call(detail::command_of(detail::aggregation_of<T, Aggregates...>(std::move(rows).get())),
                [](const store_result& result) {
                  return detail::aggregates_of<T, Aggregates...>(
                      result.rows.front().values, 0, std::index_sequence_for<Aggregates...>{});
                });
  }

  /// The same for each value of a column, in the order of that: a std::vector of a pair each, of
  /// the value, which is an optional where it may be null, and the tuple.
  ///
  ///     for (auto& [customer, sums] : co_await orders.aggregate_by<&order::customer>(
  ///              query<order>{}, count_of<>, sum_of<&order::amount>)) ...
  template <auto... Members, class... Aggregates>
    requires(sizeof...(Members) > 0 && sizeof...(Aggregates) > 0)
  auto aggregate_by(query<T> rows, Aggregates...) const {
    using column = column_of<Members...>;
    static_assert(std::same_as<typename column::model_type, T>,
                  "dcrf: aggregate_by<&model::member> wants a column of the repository's model");
    using by =
        std::conditional_t<detail::may_be_null<Members...>,
                           std::optional<typename column::value_type>, typename column::value_type>;
    using values = std::tuple<typename detail::aggregate_over<T, Aggregates>::type...>;
    auto asked = detail::aggregation_of<T, Aggregates...>(std::move(rows).get());
    asked.by = column::path();
    return call(detail::command_of(std::move(asked)), [](const store_result& result) {
      std::vector<std::pair<by, values>> found;
      found.reserve(result.rows.size());
      for (const auto& x : result.rows) {
        found.emplace_back(detail::value_as<by>(x.values.front()),
                           detail::aggregates_of<T, Aggregates...>(
                               x.values, 1, std::index_sequence_for<Aggregates...>{}));
      }
      return found;
    });
  }

  /// The sum of a column over the rows of a query, its slice aside; 0 of none.
  template <auto... Members>
  auto sum(query<T> rows) const {
    return aggregated<aggregate_of<dcrf::aggregate::function::sum, Members...>>(std::move(rows));
  }
  /// The average, as double; nothing of none.
  template <auto... Members>
  auto avg(query<T> rows) const {
    return aggregated<aggregate_of<dcrf::aggregate::function::avg, Members...>>(std::move(rows));
  }
  /// The least value; nothing of none.
  template <auto... Members>
  auto min(query<T> rows) const {
    return aggregated<aggregate_of<dcrf::aggregate::function::min, Members...>>(std::move(rows));
  }
  /// The greatest value; nothing of none.
  template <auto... Members>
  auto max(query<T> rows) const {
    return aggregated<aggregate_of<dcrf::aggregate::function::max, Members...>>(std::move(rows));
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

  /// The row that has what `draft` has in these members, or `draft` as a new row if there is none:
  ///
  ///     auto [row, is_created] = co_await tags.get_or_create<&tag::name>(draft);
  ///
  /// No two rows may have the same there, so that of many requests at once one creates it. Where a
  /// member is null, a row is created each time.
  /// @returns an `ensured<T>`
  /// @throws store_failure (invalid) if a new row can't be stored
  template <auto... Members>
    requires(sizeof...(Members) > 0)
  auto get_or_create(const T& draft) const {
    auto by = detail::unique_fields_of<T, Members...>();
    return ensure(detail::ensuring(model_of<T>(), to_record(draft), by));
  }

  /// The same, where a row that is there is changed as `update(key, changes...)` does:
  ///
  ///     hit first{.page = page, .count = 1};
  ///     co_await hits.update_or_create<&hit::page>(first, increment<&hit::count>());
  ///
  /// Without changes all its fields become what `draft` has, but its key, version and automatic
  /// times.
  /// @throws store_failure (invalid)
  template <auto... Members, class... Changes>
    requires(sizeof...(Members) > 0)
  auto update_or_create(const T& draft, Changes... changes) const {
    auto by = detail::unique_fields_of<T, Members...>();
    auto wanted = detail::ensuring(model_of<T>(), to_record(draft), by);
    if constexpr (sizeof...(Changes) == 0) {
      detail::write_existing(wanted, by);
    } else if constexpr (detail::are_assignments<T, Changes...>()) {
      wanted.update.emplace(update_command{.where = wanted.where});
      (std::move(changes).add_to(*wanted.update), ...);
    }
    return ensure(std::move(wanted));
  }

  /// Stores all fields of a row that exists, and returns it. Without a version, this undoes what
  /// others have changed since it was read.
  /// @throws store_failure (not_found, invalid; conflict if the model has a version, and the row
  /// has
  ///         another one by now)
  auto update(const T& row) const {
    return call(detail::update_of(model_of<T>(), to_record(row)),
                [](store_result result) { return from_record<T>(result.rows.front().values); });
  }

  /// Stores some fields of a row that exists, and returns it as it is now: Django's
  /// `save(update_fields=…)`. What others have changed in its other columns stays.
  /// @throws store_failure (not_found, invalid; conflict if the model has a version, and the row
  /// has
  ///         another one by now)
  template <auto... Members>
    requires(sizeof...(Members) > 0)
  auto update(const T& row) const {
    return call(detail::command_of(detail::update_of_fields(
                    model_of<T>(), to_record(row), detail::fields_to_update<T, Members...>())),
                [](store_result result) { return from_record<T>(result.rows.front().values); });
  }

  /// Changes columns of the row with a primary key, and returns it as it is now:
  ///
  ///     co_await accounts.update(pk, dcrf::set<&account::owner>("ann"),
  ///                              dcrf::increment<&account::balance>(-5));
  ///
  /// @throws store_failure (not_found; invalid, also if a number that is computed leaves the bounds
  ///         of its field; conflict if it has another version than at_version<> says)
  template <class... Changes>
    requires(sizeof...(Changes) > 0)
  auto update(const key& x, Changes... changes) const {
    if constexpr (detail::are_assignments<T, Changes...>()) {
      return call(detail::command_of(detail::update_by<T>(x, std::move(changes)...)),
                  [](store_result result) { return from_record<T>(result.rows.front().values); });
    } else {
      return std::suspend_never{};
    }
  }

  /// Deletes the row with a primary key, and what refers to it as the models say.
  /// @throws store_failure (not_found, restricted)
  auto remove(const key& x) const {
    return call(detail::removal_of(model_of<T>(), x), [](const store_result&) {});
  }

  // -- many rows at once --------------------------------------------------------------------------
  //
  // Without events, as in Django, or with those that single writes would make: of up to 10,000
  // rows, beyond which their subscribers are told that they have missed some.

  /// Stores new rows.
  /// @throws store_failure (invalid); no row is stored then
  auto bulk_create(const std::vector<T>& rows, bulk_events events = bulk_events::off) const {
    std::vector<record> values;
    values.reserve(rows.size());
    for (const auto& row : rows) {
      values.push_back(to_record(row));
    }
    return call(detail::bulk_creation_of(model_of<T>(), std::move(values), events),
                [](const store_result& result) { return result.count; });
  }

  /// Sets one field in all rows of a query, its slice aside; returns their number.
  template <auto Member>
  auto bulk_update(query<T> rows, const type_of<Member>& x,
                   bulk_events events = bulk_events::off) const {
    static_assert(std::same_as<class_of<Member>, T>,
                  "dcrf: bulk_update<&model::member> wants a member of the repository's model");
    static_assert(storable<type_of<Member>>,
                  "dcrf: bulk_update<&model::member> sets a column, which this member is not");
    if constexpr (std::same_as<class_of<Member>, T> && storable<type_of<Member>>) {
      return bulk_update(std::move(rows), events, set<Member>(x));
    } else {
      return std::suspend_never{};
    }
  }

  /// Changes columns in all rows of a query, its slice aside; returns their number. Django's
  /// `QuerySet.update`, with numbers that are computed for each row.
  /// @throws store_failure (invalid); nothing is changed then
  template <class... Changes>
    requires(sizeof...(Changes) > 0)
  auto bulk_update(query<T> rows, Changes... changes) const {
    return bulk_update(std::move(rows), bulk_events::off, std::move(changes)...);
  }

  /// The same, with events that tell of each row if they are on.
  template <class... Changes>
    requires(sizeof...(Changes) > 0)
  auto bulk_update(query<T> rows, bulk_events events, Changes... changes) const {
    if constexpr (detail::are_assignments<T, Changes...>()) {
      auto update = detail::empty_update_of(std::move(rows).get());
      update.events = events;
      (std::move(changes).add_to(update), ...);
      return call(detail::command_of(std::move(update)),
                  [](const store_result& result) { return result.count; });
    } else {
      return std::suspend_never{};
    }
  }

  /// Deletes all rows of a query, its slice aside; returns their number.
  auto bulk_remove(query<T> rows, bulk_events events = bulk_events::off) const {
    return call(detail::bulk_removal_of(std::move(rows).get(), events),
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

  template <auto... Members>
    requires(sizeof...(Members) > 0)
  auto get_or_create(T&& draft) const {
    static_assert(detail::never<T>, "dcrf: give the row a name first: `tag draft{...}; co_await "
                                    "repository.get_or_create<&tag::name>(draft);`");
    return get_or_create<Members...>(static_cast<const T&>(draft));
  }
  template <auto... Members, class... Changes>
    requires(sizeof...(Members) > 0)
  auto update_or_create(T&& draft, Changes... changes) const {
    static_assert(detail::never<T>, "dcrf: give the row a name first: `tag draft{...}; co_await "
                                    "repository.update_or_create<&tag::name>(draft);`");
    return update_or_create<Members...>(static_cast<const T&>(draft), std::move(changes)...);
  }
  template <auto... Members>
    requires(sizeof...(Members) > 0)
  auto update(T&& row) const {
    static_assert(detail::never<T>, "dcrf: give the row a name first: `message changed{...}; "
                                    "co_await repository.update<&message::text>(changed);`");
    return update<Members...>(static_cast<const T&>(row));
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

  auto rows_of(command x) const {
    return call(std::move(x), [](store_result result) {
      std::vector<T> found;
      found.reserve(result.rows.size());
      for (const auto& row : result.rows) {
        found.push_back(from_record<T>(row.values));
      }
      return found;
    });
  }

  auto ensure(ensure_command x) const {
    return call(detail::command_of(std::move(x)), [](const store_result& result) {
      return ensured<T>{from_record<T>(result.rows.front().values), result.count == 1};
    });
  }

  template <class Aggregate>
  auto aggregated(query<T> rows) const {
    using type = typename detail::aggregate_over<T, Aggregate>::type;
    return call(detail::command_of(detail::aggregation_of<T, Aggregate>(std::move(rows).get())),
                [](const store_result& result) {
                  return detail::value_as<type>(result.rows.front().values.front());
                });
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
    values.reserve(keys.size());
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
