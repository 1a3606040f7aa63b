// Commands on a database on disk, as the store thread executes them.

#include "dcrf/store/internal/command_queue.hpp"

#include <filesystem>

#include "message_consumer.hpp"
#include "require.hpp"

namespace {

using benchmarks::message;

constexpr std::int64_t first_rows = 1000;

/// A database with some rows in a folder of its own, which goes with the object.
class filled_database {
public:
  filled_database()
      : folder_{std::filesystem::temp_directory_path() / "dcrf-micro-XXXXXX"},
        database_{{.url = "sqlite://" + make_folder()}, dcrf::schema::of<message>()},
        queue_{database_, [](const auto&) {}} {
    database_.migrate();
    dcrf::bulk_create_command fill{.model = &dcrf::model_of<message>()};
    for (std::int64_t i = 0; i < first_rows; ++i) {
      fill.rows.push_back(dcrf::to_record(a_message()));
    }
    execute({std::move(fill)});
  }
  filled_database(const filled_database&) = delete;
  filled_database& operator=(const filled_database&) = delete;
  ~filled_database() { std::filesystem::remove_all(folder_); }

  static message a_message() { return {.room_id = 1, .text = std::string(100, 'y'), .user_id = 3}; }

  void push(dcrf::command x) {
    queue_.push(std::move(x), [this](dcrf::store_result result) { last_ = std::move(result); });
  }
  void run() { queue_.run(); }

  const dcrf::store_result& execute(dcrf::command x) {
    push(std::move(x));
    run();
    return last_;
  }
  [[nodiscard]] const dcrf::store_result& last() const { return last_; }

  std::int64_t count() {
    dcrf::count_command all{.rows = dcrf::query<message>{}.get()};
    return execute({std::move(all)}).count;
  }

private:
  std::string make_folder() {
    auto name = folder_.string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error("no folder for the database");
    }
    folder_ = name;
    return (folder_ / "messages.db").string();
  }

  std::filesystem::path folder_;
  dcrf::database database_;
  dcrf::store_result last_;
  dcrf::command_queue queue_;
};

void retrieve_by_key(benchmark::State& state) {
  filled_database database;
  std::int64_t key = 0;
  for (auto _ : state) {
    key = key % first_rows + 1;
    dcrf::retrieve_command wanted{
        .where = {.model = &dcrf::model_of<message>(), .key = dcrf::value{key}}};
    benchmark::DoNotOptimize(database.execute({std::move(wanted)}).rows.data());
  }
  const auto& rows = database.last().rows;
  micro::require(state, rows.size() == 1 && rows[0].values[0] == dcrf::value{key},
                 "the row was not found");
}
BENCHMARK(retrieve_by_key);

void list_20(benchmark::State& state) {
  filled_database database;
  for (auto _ : state) {
    dcrf::list_command wanted{.rows = dcrf::query<message>{}.slice(0, 20).get()};
    benchmark::DoNotOptimize(database.execute({std::move(wanted)}).rows.data());
  }
  micro::require(state, database.last().rows.size() == 20, "the rows were not found");
}
BENCHMARK(list_20);

// As many inserts as are committed together; the time is that of one of them.
void insert_in_groups(benchmark::State& state) {
  filled_database database;
  const auto group = state.range(0);
  for (auto _ : state) {
    for (std::int64_t i = 0; i < group; ++i) {
      dcrf::create_command row{.model = &dcrf::model_of<message>(),
                               .values = dcrf::to_record(filled_database::a_message())};
      database.push({std::move(row)});
    }
    database.run();
  }
  const auto inserted = std::int64_t(state.iterations()) * group;
  state.counters["per_insert"] = benchmark::Counter(
      double(inserted), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  micro::require(state, database.count() == first_rows + inserted, "rows are missing");
}
BENCHMARK(insert_in_groups)->Arg(1)->Arg(10)->Arg(100);

} // namespace
