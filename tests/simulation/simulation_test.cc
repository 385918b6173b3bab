// Seeded simulations of the whole. `--seed=N` runs that seed alone and tells more, `--seeds=COUNT`
// runs so many, from 1 or from `--seed`; `--store=rocksdb` on RocksDB, `--plant=NAME` with a fault.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "tests/simulation/scenario.h"
#include "tests/simulation/seed_run.h"
#include "tests/simulation/simulated_world.h"

namespace outdial::simulation {
namespace {

using ::testing::Contains;
using ::testing::Key;

constexpr uint64_t kDefaultSeeds = 70;
// Enough to come by every kind of fault.
constexpr uint64_t kSeedsForEveryFault = 70;

struct Flags {
  std::optional<uint64_t> seed;
  std::optional<uint64_t> seeds;
  SeedRun run;
  std::string program;
};
Flags& flags() {
  static Flags value;
  return value;
}

void PrintLine(const engine::LogLine& line) {
  std::printf("%s", line.name.c_str());
  for (const auto& [name, value] : line.fields) std::printf(" %s=%s", name.c_str(), value.c_str());
  std::printf("\n");
}

WorldReport RunWithFlags(uint64_t seed, const SimulatedWorld::Log& log = {}) {
  SeedRun run = flags().run;
  run.seed = seed;
  WorldReport report = RunSeed(run, log);
  EXPECT_EQ(report.violation_count, 0U) << Complaint(flags().program, run, report);
  return report;
}

TEST(SimulationTest, EverySeedKeepsThePromises) {
  const uint64_t first = flags().seed.value_or(1);
  const uint64_t count = flags().seeds.value_or(flags().seed.has_value() ? 1 : kDefaultSeeds);
  FaultTally faults;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    const WorldReport report = count == 1 ? RunWithFlags(seed, PrintLine) : RunWithFlags(seed);
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), report.Summary().c_str());
    std::fflush(stdout);
    EXPECT_GT(report.calls, 0U) << "seed " << seed << " dials nobody and checks nothing";
    for (const auto& [name, times] : report.faults) faults[name] += times;
  }
  for (const auto& [name, times] : faults) {
    std::printf("%s: %llu\n", name.c_str(), static_cast<unsigned long long>(times));
  }
  if (count < kSeedsForEveryFault) return;
  for (const char* name : {"clock_back",
                           "clock_forward",
                           "crash_after_commit",
                           "crash_after_send",
                           "crash_before_commit",
                           "crash_before_reply",
                           "crash_between_rounds",
                           "crash_in_commit",
                           "crash_in_load",
                           "crash_in_recovery",
                           "cut_at_message",
                           "cut_originate_queued",
                           "cut_originate_read",
                           "cut_originate_sent",
                           "disk_full",
                           "events_delayed",
                           "events_lost",
                           "events_repeated",
                           "events_swapped",
                           "events_trimmed",
                           "list_deleted",
                           "node_drops_connections",
                           "node_overload",
                           "node_restart",
                           "node_stall",
                           "results_trimmed",
                           "twin_merged",
                           "twin_refused",
                           "wire_held"}) {
    EXPECT_THAT(faults, Contains(Key(name))) << "never struck, so nothing is said about it";
  }
}

TEST(SimulationTest, SameSeedGivesTheSameStoreByteForByte) {
  // With and without faults.
  for (const uint64_t seed : {1, 3}) {
    const WorldReport first = RunWithFlags(seed);
    const WorldReport second = RunWithFlags(seed);
    EXPECT_TRUE(first.store == second.store) << "seed " << seed;
    EXPECT_EQ(first.Summary(), second.Summary());
    EXPECT_FALSE(first.store.empty());
  }
}

TEST(SimulationTest, InputsInOneRoundGiveTheSameAsInOneRoundEach) {
  for (const uint64_t seed : {3, 4, 13}) {
    Scenario scenario = DrawScenario(seed);
    scenario.faults = {};
    // When the loop has time for that differs.
    scenario.trims = false;
    scenario.has_slow_commits = false;
    scenario.one_input_per_round = true;
    Scenario together = scenario;
    together.one_input_per_round = false;
    const WorldReport one_by_one = SimulatedWorld(std::move(scenario)).Run();
    const WorldReport all_at_once = SimulatedWorld(std::move(together)).Run();
    EXPECT_TRUE(one_by_one.store == all_at_once.store) << "seed " << seed;
    EXPECT_GT(one_by_one.rounds, all_at_once.rounds);
  }
}

}  // namespace
}  // namespace outdial::simulation

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  auto& flags = outdial::simulation::flags();
  flags.program = argv[0];
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (outdial::simulation::TakeFlag(argument, &flags.run)) continue;
    uint64_t value = 0;
    std::optional<uint64_t>* flag = nullptr;
    if (absl::ConsumePrefix(&argument, "--seed=")) flag = &flags.seed;
    if (absl::ConsumePrefix(&argument, "--seeds=")) flag = &flags.seeds;
    if (flag == nullptr || !absl::SimpleAtoi(argument, &value)) {
      std::fprintf(stderr,
                   "usage: %s [--seed=N] [--seeds=COUNT] [--store=memory|rocksdb] [--plant=NAME] "
                   "[--gtest_...]\n",
                   argv[0]);
      return 2;
    }
    *flag = value;
  }
  return RUN_ALL_TESTS();
}
