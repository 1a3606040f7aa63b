#include "dcrf/model/timestamp.hpp"

#include <array>
#include <cstddef>

namespace dcrf {

namespace {

using namespace std::chrono;

// -- reading --------------------------------------------------------------------------------------

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads a text from left to right.
struct cursor {
  std::string_view rest;

  bool skip(char c) {
    if (!rest.starts_with(c)) {
      return false;
    }
    rest.remove_prefix(1);
    return true;
  }

  std::optional<int> number(std::size_t min_digits, std::size_t max_digits) {
    int result = 0;
    std::size_t count = 0;
    while (count < max_digits && count < rest.size() && is_digit(rest[count])) {
      result = result * 10 + (rest[count++] - '0');
    }
    if (count < min_digits) {
      return std::nullopt;
    }
    rest.remove_prefix(count);
    return result;
  }
};

std::optional<sys_days> read_days(cursor& in) {
  auto y = in.number(4, 4);
  if (!y || !in.skip('-')) {
    return std::nullopt;
  }
  auto m = in.number(1, 2);
  if (!m || !in.skip('-')) {
    return std::nullopt;
  }
  auto d = in.number(1, 2);
  if (!d || *y == 0) {
    return std::nullopt;
  }
  year_month_day result{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
  if (!result.ok()) {
    return std::nullopt;
  }
  return sys_days{result};
}

// Up to 12 digits, of which six count.
std::optional<microseconds> read_fraction(cursor& in) {
  auto digits = in.rest.size();
  auto result = in.number(1, 6);
  if (!result) {
    return std::nullopt;
  }
  for (digits -= in.rest.size(); digits < 6; ++digits) {
    *result *= 10;
  }
  in.number(0, 6);
  return microseconds{*result};
}

std::optional<microseconds> read_time(cursor& in) {
  auto h = in.number(1, 2);
  if (!h || *h > 23 || !in.skip(':')) {
    return std::nullopt;
  }
  auto m = in.number(1, 2);
  if (!m || *m > 59) {
    return std::nullopt;
  }
  microseconds result = hours{*h} + minutes{*m};
  if (in.skip(':')) {
    auto s = in.number(1, 2);
    if (!s || *s > 59) {
      return std::nullopt;
    }
    result += seconds{*s};
    if (in.skip('.') || in.skip(',')) {
      auto fraction = read_fraction(in);
      if (!fraction) {
        return std::nullopt;
      }
      result += *fraction;
    }
  }
  return result;
}

// The minutes by which local time is ahead of UTC.
std::optional<minutes> read_zone(cursor& in) {
  if (in.rest.empty() || in.skip('Z')) {
    return minutes{0};
  }
  bool is_west = in.skip('-');
  if (!is_west && !in.skip('+')) {
    return std::nullopt;
  }
  auto h = in.number(2, 2);
  if (!h) {
    return std::nullopt;
  }
  minutes result = hours{*h};
  if (!in.rest.empty()) {
    in.skip(':');
    auto m = in.number(2, 2);
    if (!m) {
      return std::nullopt;
    }
    result += minutes{*m};
  }
  if (result >= hours{24}) {
    return std::nullopt;
  }
  return is_west ? -result : result;
}

constexpr sys_days first_day = year{1} / January / 1;
constexpr sys_days end_of_days = year{10000} / January / 1;

// -- writing --------------------------------------------------------------------------------------

void put_digits(char* out, unsigned x, int count) {
  while (count-- > 0) {
    out[count] = static_cast<char>('0' + x % 10);
    x /= 10;
  }
}

constexpr std::size_t date_length = 10;

// `YYYY-MM-DD`
void put_date(char* out, sys_days days) {
  year_month_day ymd{days};
  put_digits(out, static_cast<unsigned>(static_cast<int>(ymd.year())), 4);
  out[4] = '-';
  put_digits(out + 5, static_cast<unsigned>(ymd.month()), 2);
  out[7] = '-';
  put_digits(out + 8, static_cast<unsigned>(ymd.day()), 2);
}

} // namespace

// -- date -----------------------------------------------------------------------------------------

std::optional<date> date::parse(std::string_view text) {
  cursor in{text};
  auto days = read_days(in);
  if (!days || !in.rest.empty()) {
    return std::nullopt;
  }
  return date{*days};
}

std::string date::to_string() const {
  std::string result;
  append_to(result);
  return result;
}

void date::append_to(std::string& out) const {
  std::array<char, date_length> buffer;
  put_date(buffer.data(), days);
  out.append(buffer.data(), buffer.size());
}

// -- timestamp ------------------------------------------------------------------------------------

timestamp timestamp::now() { return {floor<std::chrono::microseconds>(system_clock::now())}; }

namespace {

using moment = sys_time<std::chrono::microseconds>;

// Also of the days before the first year and after the last, where only the offset leads to.
std::optional<moment> read_moment(std::string_view text) {
  cursor in{text};
  auto days = read_days(in);
  if (!days || !(in.skip('T') || in.skip(' '))) {
    return std::nullopt;
  }
  auto time = read_time(in);
  if (!time) {
    return std::nullopt;
  }
  while (in.skip(' ')) {
  }
  auto zone = read_zone(in);
  if (!zone || !in.rest.empty()) {
    return std::nullopt;
  }
  return *days + *time - *zone;
}

bool is_in_range(const moment& x) { return x >= first_day && x < end_of_days; }

} // namespace

std::optional<timestamp> timestamp::parse(std::string_view text) {
  auto read = read_moment(text);
  return read && is_in_range(*read) ? std::optional{timestamp{*read}} : std::nullopt;
}

bool timestamp::overflows(std::string_view text) {
  auto read = read_moment(text);
  return read && !is_in_range(*read);
}

std::string timestamp::to_string() const {
  std::string result;
  append_to(result);
  return result;
}

void timestamp::append_to(std::string& out) const {
  auto days = floor<std::chrono::days>(time);
  auto fraction = static_cast<unsigned>((time - floor<seconds>(time)).count());
  auto second = static_cast<unsigned>(floor<seconds>(time - days).count());

  std::array<char, date_length + 17> buffer;
  auto* to = buffer.data();
  put_date(to, days);
  to[10] = 'T';
  put_digits(to + 11, second / 3600, 2);
  to[13] = ':';
  put_digits(to + 14, second / 60 % 60, 2);
  to[16] = ':';
  put_digits(to + 17, second % 60, 2);
  to += 19;
  if (fraction != 0) {
    *to = '.';
    put_digits(to + 1, fraction, 6);
    to += 7;
  }
  *to++ = 'Z';
  out.append(buffer.data(), to);
}

} // namespace dcrf
