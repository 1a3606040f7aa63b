#include <cstdio>

#include "client/command_line.hpp"
#include "client/errors.hpp"
#include "client/program.hpp"

int main(int argc, char** argv) {
  try {
    auto line = client::parse_command_line({argv + 1, argv + argc});
    if (line.help) {
      std::fputs(client::help_text().data(), stdout);
      return 0;
    }
    if (line.version) {
      std::puts("dcrf " DCRF_VERSION);
      return 0;
    }
    return client::run(line);
  } catch (const client::usage_error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
}
