#include "report.hpp"

#include <algorithm>
#include <cstdio>

#include "clock.hpp"
#include "errors.hpp"
#include "options.hpp"

namespace load {

void meter::begin() {
  used_before_ = usage();
  own_before_ = own_cpu();
  begun_ = now();
}

void meter::end() {
  if (!has_begun()) {
    begin();
  }
  ended_ = now();
  used_after_ = usage();
  own_after_ = own_cpu();
}

double meter::duration() const { return std::max(1e-9, double(ended_ - begun_) / 1e9); }

void meter::report(json_line& result, const std::string& name, const std::string& plural,
                   std::uint64_t operations) const {
  auto count = double(std::max<std::uint64_t>(1, operations));
  auto per_operation = [&](const char* what, double before, double after) {
    result.number(what + name, (after - before) * 1e6 / count);
  };
  result.integer(plural, std::int64_t(operations));
  result.number("wall_s", duration());
  result.number(plural + "_per_s", double(operations) / duration(), 1);
  if (!settings.processes.empty()) {
    per_operation("server_cpu_us_per_", used_before_.cpu, used_after_.cpu);
    per_operation("server_user_us_per_", used_before_.user, used_after_.user);
    per_operation("server_sys_us_per_", used_before_.system, used_after_.system);
    result.number("server_cpu_util", (used_after_.cpu - used_before_.cpu) / duration());
    result.number("server_rss_mb", double(used_after_.resident_kb) / 1024, 1);
  }
  per_operation("client_cpu_us_per_", own_before_, own_after_);
  result.number("client_cpu_util", (own_after_ - own_before_) / duration());
}

json_line begin_result() {
  json_line result;
  result.string("scenario", settings.scenario);
  result.string("label", settings.label);
  return result;
}

int end_result(json_line& result, std::uint64_t lost, bool is_late, bool is_wrong) {
  bool is_right = lost == 0 && !is_late && !is_wrong && errors.protocol_errors == 0
                  && errors.bad_status == 0 && errors.bad_content == 0 && errors.unknown_id == 0
                  && errors.duplicates == 0 && (settings.unordered || errors.out_of_order == 0)
                  && errors.unexpected_close == 0 && errors.connect_errors == 0;
  result.integer("lost", std::int64_t(lost));
  result.integer("duplicates", std::int64_t(errors.duplicates));
  result.integer("out_of_order", std::int64_t(errors.out_of_order));
  result.integer("bad_status", std::int64_t(errors.bad_status));
  result.integer("bad_content", std::int64_t(errors.bad_content));
  result.integer("unknown_id", std::int64_t(errors.unknown_id));
  result.integer("protocol_errors", std::int64_t(errors.protocol_errors));
  result.integer("unexpected_close", std::int64_t(errors.unexpected_close));
  result.integer("connect_errors", std::int64_t(errors.connect_errors));
  result.boolean("timed_out", is_late);
  result.boolean("ok", is_right);
  std::puts(result.text().c_str());
  return is_right ? 0 : 1;
}

} // namespace load
