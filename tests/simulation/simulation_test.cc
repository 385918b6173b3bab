// Seeded simulations of the whole. `--seed=N` runs that seed alone and tells more, `--seeds=COUNT`
// runs so many, from 1 or from `--seed`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "tests/simulation/scenario.h"
#include "tests/simulation/simulated_world.h"

namespace outdial::simulation {
namespace {

constexpr uint64_t kDefaultSeeds = 40;

struct Flags {
  std::optional<uint64_t> seed;
  std::optional<uint64_t> seeds;
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

WorldReport RunSeed(uint64_t seed, const SimulatedWorld::Log& log = {}) {
  return SimulatedWorld(DrawScenario(seed), log).Run();
}

void ExpectGood(uint64_t seed, const WorldReport& report) {
  EXPECT_EQ(report.violation_count, 0U)
      << "seed " << seed << "; repeat it with: " << flags().program << " --seed=" << seed << "\n"
      << absl::StrJoin(report.violations, "\n") << "\n"
      << report.Summary();
}

TEST(SimulationTest, EverySeedKeepsThePromises) {
  const uint64_t first = flags().seed.value_or(1);
  const uint64_t count = flags().seeds.value_or(flags().seed.has_value() ? 1 : kDefaultSeeds);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    const WorldReport report = count == 1 ? RunSeed(seed, PrintLine) : RunSeed(seed);
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), report.Summary().c_str());
    std::fflush(stdout);
    ExpectGood(seed, report);
    EXPECT_GT(report.calls, 0U) << "seed " << seed << " dials nobody and checks nothing";
  }
}

TEST(SimulationTest, SameSeedGivesTheSameStoreByteForByte) {
  // With and without faults.
  for (const uint64_t seed : {1, 3}) {
    const WorldReport first = RunSeed(seed);
    const WorldReport second = RunSeed(seed);
    EXPECT_TRUE(first.store == second.store) << "seed " << seed;
    EXPECT_EQ(first.Summary(), second.Summary());
    EXPECT_FALSE(first.store.empty());
  }
}

TEST(SimulationTest, InputsInOneRoundGiveTheSameAsInOneRoundEach) {
  for (const uint64_t seed : {3, 4, 13}) {
    Scenario scenario = DrawScenario(seed);
    scenario.faults = {};
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
    uint64_t value = 0;
    std::optional<uint64_t>* flag = nullptr;
    if (absl::ConsumePrefix(&argument, "--seed=")) flag = &flags.seed;
    if (absl::ConsumePrefix(&argument, "--seeds=")) flag = &flags.seeds;
    if (flag == nullptr || !absl::SimpleAtoi(argument, &value)) {
      std::fprintf(stderr, "usage: %s [--seed=N] [--seeds=COUNT] [--gtest_...]\n", argv[0]);
      return 2;
    }
    *flag = value;
  }
  return RUN_ALL_TESTS();
}
