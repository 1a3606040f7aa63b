#pragma once

#include "dcrf/json/json_writer.hpp"
#include "dcrf/listing/declarations.hpp"
#include "dcrf/protocol/request.hpp"
#include "dcrf/serializer/field.hpp"
#include "dcrf/store/row.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcrf {

/// How the pages of a list are asked for and shown.
enum class pagination_style : std::uint8_t {
  /// The whole list, without anything around it.
  none,
  limit_offset,
  page_number,
  cursor,
};

/// The pagination of a consumer, as its table has it.
struct pagination_descriptor {
  pagination_style style = pagination_style::none;
  /// Rows of a page, unless the request says otherwise; 0 for no limit.
  std::int64_t default_limit = 0;
  /// Rows of a page at most; 0 for no limit.
  std::int64_t max_limit = 0;
  /// What cursors go by, besides the primary key.
  std::span<const related_source::order> order{};
};

/// One page of a list: which rows to load, and how to show them.
class page {
public:
  /// The arguments of a request by which one for another page differs; without a text it has none
  /// of that name.
  using difference = std::vector<std::pair<std::string_view, std::optional<std::string>>>;

  /// The page that a request asks for. Unusable limits and offsets count as missing.
  /// @throws not_found if there is no such page, or its cursor is none
  page(const pagination_descriptor& pagination, const request& req, selection rows);

  /// What to load.
  [[nodiscard]] const selection& rows() const noexcept { return rows_; }
  /// Whether the number of all rows must be known before it is: then it is to be told to `count`.
  [[nodiscard]] bool is_last() const noexcept { return is_last_; }
  void count(std::int64_t rows);
  /// Whether `finish` wants to know the number of all rows.
  [[nodiscard]] bool with_count() const noexcept;
  /// The number of all rows, once it is known.
  [[nodiscard]] std::int64_t count() const noexcept { return count_; }

  /// Takes what was loaded.
  /// @param count the number of all rows, if wanted
  /// @returns the rows that the page shows, in their order
  /// @throws not_found if the page number is beyond the last one
  [[nodiscard]] std::span<const row> finish(std::vector<row>& found, std::int64_t count);

  /// Writes the page around its results.
  void write(json_writer& writer, const json_text& results) const;

  /// What a request for the page after this one has, or before it; nothing if there is none.
  [[nodiscard]] std::optional<difference> next() const;
  [[nodiscard]] std::optional<difference> previous() const;

  /// Whether a list that is streamed goes on after this page. If so, `advance` makes it the next.
  [[nodiscard]] bool has_next() const noexcept;
  void advance();

private:
  void limit_offset(const request& req);
  void page_number(const request& req);
  void cursor(const request& req);
  void start_after(json_view position);
  void write_cursor(json_writer& writer, std::string_view direction,
                    const std::optional<record>& position) const;
  [[nodiscard]] std::optional<difference> beyond(std::string_view direction,
                                                 const std::optional<record>& position) const;
  [[nodiscard]] difference with_offset(std::int64_t offset) const;

  const pagination_descriptor* pagination_;
  pagination_style style_;
  selection rows_;
  std::int64_t limit_ = 0;
  std::int64_t offset_ = 0;
  std::int64_t count_ = 0;
  bool is_last_ = false;
  // Of cursors: whether the page is read towards the beginning of the list, and the rows at its
  // ends, if there are more beyond them.
  bool is_backward_ = false;
  bool has_position_ = false;
  std::optional<record> first_{};
  std::optional<record> last_{};
};

// -- options --------------------------------------------------------------------------------------

/// Rows of a page, where the request does not say.
template <std::int64_t Rows>
struct default_limit {
  static constexpr void apply(pagination_descriptor& x) { x.default_limit = Rows; }
};

/// Rows of a page at most: what the request wants beyond is cut.
template <std::int64_t Rows>
struct max_limit {
  static constexpr void apply(pagination_descriptor& x) { x.max_limit = Rows; }
};

/// The same as default_limit, in the words of page_number_pagination and cursor_pagination.
template <std::int64_t Rows>
struct page_size : default_limit<Rows> {};

/// Lets requests choose the size of a page by `page_size`, up to so many rows.
template <std::int64_t Rows>
struct max_page_size : max_limit<Rows> {};

namespace detail {

inline constexpr std::int64_t unsaid = std::numeric_limits<std::int64_t>::min();

template <pagination_style Style, class... Options>
constexpr pagination_descriptor describe_pagination() {
  pagination_descriptor result;
  result.style = Style;
  result.default_limit = unsaid;
  result.max_limit = unsaid;
  static_assert((option_of<Options, pagination_descriptor> && ...),
                "dcrf: options of a pagination are default_limit<>, max_limit<>, page_size<> and "
                "max_page_size<>");
  if constexpr ((option_of<Options, pagination_descriptor> && ...)) {
    (Options::apply(result), ...);
  }
  return result;
}

/// Refuses pages without a row, or larger than they may be.
template <pagination_style Style, class... Options>
constexpr pagination_descriptor right_pagination() {
  constexpr auto said = describe_pagination<Style, Options...>();
  static_assert((said.default_limit == unsaid || said.default_limit > 0)
                    && (said.max_limit == unsaid || said.max_limit > 0),
                "dcrf: a page has at least one row");
  static_assert(said.default_limit == unsaid || said.max_limit == unsaid
                    || said.default_limit <= said.max_limit || said.max_limit <= 0,
                "dcrf: by default a page has no more rows than at most");
  static_assert(Style == pagination_style::limit_offset || said.default_limit != unsaid,
                "dcrf: page_number_pagination and cursor_pagination want a page_size<N>");
  auto result = said;
  result.default_limit = said.default_limit == unsaid ? 0 : said.default_limit;
  result.max_limit = said.max_limit == unsaid ? 0 : said.max_limit;
  return result;
}

template <class Order>
constexpr bool is_order = false;
template <bool IsDescending, auto... Members>
constexpr bool is_order<order_option<IsDescending, Members...>> = true;
template <auto... Members>
constexpr bool is_order<ordered_by<Members...>> = true;
template <auto... Members>
constexpr bool is_order<ordered_by_descending<Members...>> = true;

template <class Order>
constexpr bool orders_by_values = true;
template <template <auto...> class Order, auto... Members>
constexpr bool orders_by_values<Order<Members...>> =
    ((storable<type_of<Members>>
      && std::same_as<type_of<Members>, without_optional<type_of<Members>>>)
     && ...);

} // namespace detail

// -- styles ---------------------------------------------------------------------------------------

/// Pages by `limit` and `offset`: `{"count": 12, "results": […], "limit": 5, "offset": 0}`. Without
/// a default limit, who asks for none gets the plain list. As DRF's LimitOffsetPagination.
///
///     using pagination = dcrf::limit_offset_pagination<dcrf::default_limit<20>,
///                                                      dcrf::max_limit<100>>;
template <class... Options>
struct limit_offset_pagination {
  static constexpr pagination_descriptor descriptor =
      detail::right_pagination<pagination_style::limit_offset, Options...>();
};

/// Pages by `page`, which counts from 1 or is `"last"`: `{"count": 12, "next": 3, "previous": 1,
/// "results": […]}`, where the page before the first and after the last is null. As DRF's
/// PageNumberPagination, with page numbers where it has links.
///
///     using pagination = dcrf::page_number_pagination<dcrf::page_size<20>>;
template <class... Options>
struct page_number_pagination {
  static constexpr pagination_descriptor descriptor =
      detail::right_pagination<pagination_style::page_number, Options...>();
};

/// Pages that follow each other by `cursor`, whatever is added or removed meanwhile: `{"next":
/// CURSOR, "previous": CURSOR, "results": […]}`, null at the ends. As DRF's CursorPagination; a
/// cursor is JSON, to be sent back as it came.
///
/// `Order` is `ordered_by<…>` or `ordered_by_descending<…>` of members that are never null; rows
/// that compare equal go by their primary keys. The order of the consumer's queryset does not
/// count.
///
///     using pagination =
///         dcrf::cursor_pagination<dcrf::ordered_by_descending<&message::created_at>,
///                                 dcrf::page_size<20>>;
template <class Order, class... Options>
struct cursor_pagination {
  static constexpr pagination_descriptor descriptor = [] {
    auto result = detail::right_pagination<pagination_style::cursor, Options...>();
    static_assert(detail::is_order<Order>, "dcrf: cursor_pagination wants ordered_by<…> or "
                                           "ordered_by_descending<…> first");
    static_assert(detail::orders_by_values<Order>,
                  "dcrf: cursor_pagination goes by columns that are never null");
    if constexpr (detail::is_order<Order> && detail::orders_by_values<Order>) {
      result.order = Order::order;
    }
    return result;
  }();
};

namespace detail {

/// Whether the order of pages, if they have one, is that of rows of `T`.
template <class Pagination, class T>
constexpr bool orders_rows_of = true;
template <class T, template <auto...> class Order, auto... Members, class... Options>
constexpr bool orders_rows_of<cursor_pagination<Order<Members...>, Options...>, T> =
    (std::same_as<class_of<Members>, T> && ...);

/// The pagination that a consumer or a view set declares.
template <class Self>
const pagination_descriptor& pagination_of() {
  static_assert(has_right_list_names<Self>());
  static constexpr pagination_descriptor everything_at_once;
  if constexpr (requires { with_names<Self, list_names>::pagination; }) {
    return everything_at_once;
  } else {
    constexpr bool is_right = requires { Self::pagination::descriptor.default_limit; };
    static_assert(is_right, "dcrf: `pagination` is private or no style of pages: write `using "
                            "pagination = dcrf::limit_offset_pagination<...>`, "
                            "`page_number_pagination<...>` or `cursor_pagination<...>` in the "
                            "public part of the class");
    if constexpr (is_right) {
      static_assert(orders_rows_of<typename Self::pagination, typename Self::instance_type>,
                    "dcrf: cursor_pagination<> orders by members of the class's own model");
      return Self::pagination::descriptor;
    } else {
      return everything_at_once;
    }
  }
}

} // namespace detail

} // namespace dcrf
