#include "dcrf/store/internal/process_lock.hpp"

#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

namespace process_lock_tests {

using namespace dcrf;
using namespace dcrf::store_test;

TEST_CASE("a file is locked once, by whatever name", "[store][sqlite]") {
  temporary_folder folder;
  std::ofstream{folder.file("x.db")}.flush();
  std::filesystem::create_symlink("x.db", folder.file("link.db"));
  database_options options{.url = folder.url("x.db")};
  {
    process_lock first{options};
    auto by = Catch::Contains("in use by the process " + std::to_string(::getpid()));
    CHECK_THROWS_WITH(process_lock{options}, by);
    CHECK_THROWS_WITH((process_lock{{.url = folder.url("link.db")}}), by);
    process_lock other{{.url = folder.url("y.db")}};
  }
  CHECK_FALSE(std::filesystem::exists(folder.file("x.db-lock")));
  process_lock again{options};
}

TEST_CASE("what is no file is not locked", "[store][sqlite]") {
  process_lock first{{.url = "sqlite://:memory:"}};
  process_lock second{{.url = "sqlite://:memory:"}};
  process_lock third{{.url = "postgresql://127.0.0.1/x"}};
}

TEST_CASE("a process that was killed locks nobody out", "[store][sqlite]") {
  temporary_folder folder;
  database_options options{.url = folder.url("x.db")};
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    process_lock held{options};
    if (::write(ends[1], "x", 1) == 1) {
      ::pause();
    }
    ::_exit(1);
  }
  char byte = 0;
  REQUIRE(::read(ends[0], &byte, 1) == 1);
  CHECK_THROWS_WITH(process_lock{options}, Catch::Contains("process " + std::to_string(child)));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  process_lock held{options};
  ::close(ends[0]);
  ::close(ends[1]);
}

} // namespace process_lock_tests
