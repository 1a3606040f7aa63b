#include "dcrf/store/internal/test_sql.hpp"

#include <libpq-fe.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace dcrf::store_test {

namespace {

class raw_connection {
public:
  explicit raw_connection(const std::filesystem::path& file) {
    if (sqlite_api::sqlite3_open(file.c_str(), &handle_) != SQLITE_OK) {
      throw std::runtime_error("can't open " + file.string());
    }
    sqlite_api::sqlite3_busy_timeout(handle_, 5000);
  }
  raw_connection(const raw_connection&) = delete;
  raw_connection& operator=(const raw_connection&) = delete;
  ~raw_connection() { sqlite_api::sqlite3_close(handle_); }

  std::string run(const std::string& sql) {
    std::string result;
    auto keep = [](void* to, int count, char** values, char**) {
      *static_cast<std::string*>(to) = count > 0 && values[0] != nullptr ? values[0] : "";
      return 0;
    };
    if (sqlite_api::sqlite3_exec(handle_, sql.c_str(), keep, &result, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sqlite_api::sqlite3_errmsg(handle_));
    }
    return result;
  }

private:
  sqlite_api::sqlite3* handle_ = nullptr;
};

} // namespace

void execute_sql(const std::filesystem::path& file, const std::string& sql) {
  raw_connection{file}.run(sql);
}

std::string query_sql(const std::filesystem::path& file, const std::string& sql) {
  return raw_connection{file}.run(sql);
}

// -- PostgreSQL -----------------------------------------------------------------------------------

namespace {

std::string postgresql_url() {
  const auto* url = std::getenv("DCRF_TEST_DATABASE");
  if (url == nullptr) {
    throw std::runtime_error("DCRF_TEST_DATABASE names no database");
  }
  return url;
}

// Programs that run at the same time don't meet.
std::string schema_name() { return "test_" + std::to_string(::getpid()); }

std::string run_postgresql(const std::string& sql) {
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection{PQconnectdb(postgresql_url().c_str()),
                                                          &PQfinish};
  auto text = "SET client_min_messages = warning; SET search_path = " + schema_name() + "; " + sql;
  std::unique_ptr<PGresult, decltype(&PQclear)> result{PQexec(connection.get(), text.c_str()),
                                                       &PQclear};
  auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    throw std::runtime_error(PQerrorMessage(connection.get()));
  }
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

} // namespace

std::string empty_postgresql() {
  run_postgresql("DROP SCHEMA IF EXISTS " + schema_name() + " CASCADE; CREATE SCHEMA "
                 + schema_name());
  return postgresql_url() + "?options=-csearch_path%3D" + schema_name();
}

void execute_postgresql(const std::string& sql) { run_postgresql(sql); }

std::string query_postgresql(const std::string& sql) { return run_postgresql(sql); }

// -- SQLite ---------------------------------------------------------------------------------------

void spoil(const std::filesystem::path& file, const std::string& table, const std::string& column,
           const std::string& literal) {
  // A copy without types and constraints takes the place of the table.
  raw_connection raw{file};
  raw.run("CREATE TABLE spoilt AS SELECT * FROM " + table + ";DROP TABLE " + table
          + ";CREATE TABLE " + table + " AS SELECT * FROM spoilt WHERE 0");
  auto columns = raw.run("SELECT group_concat(name) FROM pragma_table_info('spoilt')");
  raw.run("DROP TABLE " + table + ";CREATE TABLE " + table + "(" + columns + ");INSERT INTO "
          + table + " SELECT * FROM spoilt;DROP TABLE spoilt;UPDATE " + table + " SET " + column
          + " = " + literal);
}

} // namespace dcrf::store_test
