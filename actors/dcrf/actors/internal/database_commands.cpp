#include "dcrf/actors/internal/database_commands.hpp"

#include "dcrf/actors/internal/store_options.hpp"
#include "dcrf/store/internal/fixtures.hpp"
#include "dcrf/store/internal/process_lock.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>

namespace dcrf::internal {

namespace {

constexpr std::string_view file_scheme = "sqlite://";

bool is_missing_file(const std::string& url) {
  return url.starts_with(file_scheme) && url != "sqlite://:memory:"
         && !std::filesystem::exists(url.substr(file_scheme.size()));
}

int fail(const std::string& text) {
  std::fprintf(stderr, "error: %s\n", text.c_str());
  return 1;
}

int guarded(const actor_system_config& config, const declarations& declared,
            const std::function<int()>& body) {
  if (auto reason = declared.fault({})) {
    return fail(*reason);
  }
  try {
    return body();
  } catch (const std::exception& failure) {
    return fail(text_of(config, failure));
  }
}

std::string reason_of(int code) { return std::system_category().message(code); }

int dump(const actor_system_config& config, const declarations& declared) {
  auto options = database_of(config, declared.models);
  if (is_missing_file(options.url)) {
    return fail(fmt::format("there is no file {}", options.url.substr(file_scheme.size())));
  }
  if (config.dump_file == "-") {
    dump_rows(options, declared.models, std::cout);
    std::cout.flush();
    return std::cout ? 0 : fail("standard output can't be written to");
  }
  std::ofstream out{config.dump_file, std::ios::binary};
  if (!out) {
    return fail(fmt::format("{} can't be written to: {}", config.dump_file, reason_of(errno)));
  }
  auto rows = dump_rows(options, declared.models, out);
  out.close();
  if (!out) {
    return fail(fmt::format("{} can't be written to: {}", config.dump_file, reason_of(errno)));
  }
  std::printf("Wrote %zu rows.\n", rows);
  return 0;
}

int load(const actor_system_config& config, const declarations& declared) {
  std::string text;
  if (config.load_file == "-") {
    text.assign(std::istreambuf_iterator<char>{std::cin}, {});
  } else {
    std::ifstream in{config.load_file, std::ios::binary};
    text.assign(std::istreambuf_iterator<char>{in}, {});
    if (!in.is_open() || in.bad() || std::filesystem::is_directory(config.load_file)) {
      return fail(fmt::format("{} can't be read", config.load_file));
    }
  }
  auto options = database_of(config, declared.models);
  std::optional<process_lock> lock;
  if (!config.share_database) {
    lock.emplace(options);
  }
  auto mode = config.migrate == "off" ? migration_mode::off : migration_mode::run;
  migrate(options, declared.models, declared.migrations, mode);
  auto rows = load_rows(options, declared.models, text);
  std::printf("Read %zu rows.\n", rows);
  return 0;
}

} // namespace

std::string text_of(const actor_system_config& config, const std::exception& failure) {
  auto shown = without_password(config.database);
  std::string text = failure.what();
  // What can't be opened is named already.
  return text.find(shown) != std::string::npos
             ? text
             : fmt::format("the database \"{}\": {}", shown, text);
}

int print_plan(const actor_system_config& config, const declarations& declared) {
  return guarded(config, declared, [&] {
    auto options = database_of(config, declared.models);
    // A file that is not there shall not be made.
    if (is_missing_file(options.url)) {
      options.url = "sqlite://:memory:";
    }
    auto steps = migrate(options, declared.models, declared.migrations, migration_mode::plan);
    for (const auto& step : steps) {
      std::puts(step.c_str());
    }
    if (steps.empty()) {
      std::puts("Nothing has to be done.");
    }
    return 0;
  });
}

int move_rows(const actor_system_config& config, const declarations& declared) {
  return guarded(config, declared, [&] {
    return config.dump_file.empty() ? load(config, declared) : dump(config, declared);
  });
}

} // namespace dcrf::internal
