// Runs fresh seeds of the simulation, on several threads, until it is stopped, until the time is
// over, or until so many are done. Ends with 1 when a seed broke a promise.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/simulation/seed_run.h"

namespace outdial::simulation {
namespace {

// Without --store, one seed of so many runs on RocksDB: it takes several times as long.
constexpr uint64_t kRocksDbEvery = 25;
constexpr absl::Duration kProgressInterval = absl::Seconds(10);

volatile std::sig_atomic_t stop_asked = 0;

struct SoakOptions {
  uint64_t from = 0;
  uint64_t seeds = UINT64_MAX;
  uint64_t seconds = 0;  // 0: no end
  uint64_t jobs = 1;
  bool both_stores = true;
  SeedRun run;
  std::string test_program;  // what repeats a seed
};

class Soak {
 public:
  explicit Soak(SoakOptions options)
      : options_(std::move(options)), begun_(absl::Now()), next_(options_.from) {}

  // The status of the process.
  int Run() {
    std::printf("seeds from %llu, %llu at a time\n", Printable(options_.from),
                Printable(options_.jobs));
    std::vector<std::thread> workers;
    for (uint64_t i = 0; i < options_.jobs; ++i) workers.emplace_back([this] { Work(); });
    for (std::thread& worker : workers) worker.join();
    absl::MutexLock lock(&mutex_);
    for (const auto& [name, times] : faults_) {
      std::printf("%s: %llu\n", name.c_str(), Printable(times));
    }
    PrintProgress();
    return failed_ == 0 ? 0 : 1;
  }

 private:
  static unsigned long long Printable(uint64_t number) { return number; }

  bool Over() const {
    if (stop_asked != 0) return true;
    return options_.seconds > 0 && absl::Now() - begun_ >= absl::Seconds(options_.seconds);
  }

  void Work() {
    while (!Over()) {
      SeedRun run = options_.run;
      run.seed = next_++;
      if (run.seed - options_.from >= options_.seeds) return;
      if (options_.both_stores) run.on_rocksdb = run.seed % kRocksDbEvery == 0;
      Take(run, RunSeed(run));
    }
  }

  void Take(const SeedRun& run, const WorldReport& report) {
    absl::MutexLock lock(&mutex_);
    ++done_;
    calls_ += report.calls;
    for (const auto& [name, times] : report.faults) faults_[name] += times;
    if (report.violation_count > 0) {
      ++failed_;
      std::printf("%s", Complaint(options_.test_program, run, report).c_str());
    }
    if (absl::Now() - told_ >= kProgressInterval) PrintProgress();
  }

  void PrintProgress() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    told_ = absl::Now();
    const double minutes = absl::ToDoubleMinutes(told_ - begun_);
    std::printf("%llu seeds, %.0f a minute, %llu calls, %llu seeds failed\n", Printable(done_),
                static_cast<double>(done_) / minutes, Printable(calls_), Printable(failed_));
    std::fflush(stdout);
  }

  const SoakOptions options_;
  const absl::Time begun_;
  std::atomic<uint64_t> next_;
  absl::Mutex mutex_;
  absl::Time told_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  uint64_t done_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t failed_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
  FaultTally faults_ ABSL_GUARDED_BY(mutex_);
};

// Absent: a flag is wrong.
std::optional<SoakOptions> ParseFlags(int argc, char** argv) {
  SoakOptions options;
  // Seeds that no earlier run began with.
  options.from = static_cast<uint64_t>(absl::ToUnixMillis(absl::Now()));
  const std::string program = argv[0];
  options.test_program =
      absl::StrCat(program.substr(0, program.find_last_of('/') + 1), "simulation_test");
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (TakeFlag(argument, &options.run)) {
      if (absl::ConsumePrefix(&argument, "--store=")) options.both_stores = false;
      continue;
    }
    uint64_t* number = nullptr;
    if (absl::ConsumePrefix(&argument, "--from=")) number = &options.from;
    if (absl::ConsumePrefix(&argument, "--seeds=")) number = &options.seeds;
    if (absl::ConsumePrefix(&argument, "--seconds=")) number = &options.seconds;
    if (absl::ConsumePrefix(&argument, "--jobs=")) number = &options.jobs;
    if (number == nullptr || !absl::SimpleAtoi(argument, number)) return std::nullopt;
  }
  options.jobs = std::clamp<uint64_t>(options.jobs, 1, 256);
  return options;
}

}  // namespace
}  // namespace outdial::simulation

int main(int argc, char** argv) {
  const auto options = outdial::simulation::ParseFlags(argc, argv);
  if (!options.has_value()) {
    std::fprintf(stderr,
                 "usage: %s [--from=SEED] [--seeds=COUNT] [--seconds=SECONDS] [--jobs=THREADS] "
                 "[--store=memory|rocksdb] [--plant=NAME]\n",
                 argv[0]);
    return 2;
  }
  const auto stop = +[](int) { outdial::simulation::stop_asked = 1; };
  std::signal(SIGINT, stop);
  std::signal(SIGTERM, stop);
  return outdial::simulation::Soak(*options).Run();
}
