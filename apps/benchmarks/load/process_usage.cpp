#include "process_usage.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "options.hpp"

namespace load {

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string folder_of(int process) { return "/proc/" + std::to_string(process); }

struct process_times {
  int parent = 0;
  unsigned long user = 0;
  unsigned long system = 0;
};

std::optional<process_times> times_of(int process) {
  auto text = content_of(folder_of(process) + "/stat");
  auto name_end = text.rfind(')');
  process_times result;
  char state = 0;
  if (name_end == std::string::npos
      || std::sscanf(text.c_str() + name_end + 2,
                     "%c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &state, &result.parent,
                     &result.user, &result.system)
             != 4) {
    return std::nullopt;
  }
  return result;
}

// The processes of the options and, if asked for, what descends from them.
std::vector<int> measured_processes() {
  auto result = settings.processes;
  if (!settings.with_children || result.empty()) {
    return result;
  }
  std::map<int, std::vector<int>> children;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    int process = std::atoi(entry.path().filename().c_str());
    if (auto times = process > 0 ? times_of(process) : std::nullopt) {
      children[times->parent].push_back(process);
    }
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    for (int child : children[result[i]]) {
      if (std::find(result.begin(), result.end(), child) == result.end()) {
        result.push_back(child);
      }
    }
  }
  return result;
}

double cpu_of(int process, double otherwise) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(process, &clock) == 0 && clock_gettime(clock, &time) == 0) {
    return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
  }
  return otherwise;
}

std::int64_t resident_kb_of(int process) {
  auto text = content_of(folder_of(process) + "/status");
  auto at = text.find("VmRSS:");
  return at == std::string::npos ? 0 : std::atoll(text.c_str() + at + 6);
}

std::int64_t descriptors_of(int process) {
  std::error_code ignored;
  return std::distance(std::filesystem::directory_iterator(folder_of(process) + "/fd", ignored),
                       std::filesystem::directory_iterator{});
}

} // namespace

process_usage usage(bool with_descriptors) {
  static const auto ticks = double(sysconf(_SC_CLK_TCK));
  process_usage result;
  for (int process : measured_processes()) {
    auto times = times_of(process);
    if (!times) {
      continue;
    }
    result.user += double(times->user) / ticks;
    result.system += double(times->system) / ticks;
    result.cpu += cpu_of(process, double(times->user + times->system) / ticks);
    result.resident_kb += resident_kb_of(process);
    if (with_descriptors) {
      result.descriptors += descriptors_of(process);
    }
  }
  return result;
}

double own_cpu() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return double(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
         + 1e-6 * double(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

} // namespace load
