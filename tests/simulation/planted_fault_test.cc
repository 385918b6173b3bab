// The simulation finds what is put into a server on purpose: a checker that finds nothing has said
// something only when it is known to find what is there. That the same seeds find nothing without
// a planted fault is what simulation_test says.
#include "tests/simulation/planted_fault.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/strings/str_replace.h"
#include "tests/simulation/seed_run.h"

namespace outdial::simulation {
namespace {

// Each of them is found within so many seeds, most within the first three.
constexpr uint64_t kSeeds = 100;
// The faults of a disk are found on RocksDB too.
constexpr uint64_t kRocksDbSeeds = 20;

// The first seed that finds it; 0: none does.
uint64_t FirstToFind(SeedRun run, uint64_t seeds) {
  for (run.seed = 1; run.seed <= seeds; ++run.seed) {
    const WorldReport report = RunSeed(run);
    if (report.violation_count == 0) continue;
    std::printf("%s: found by seed %llu %s\n", run.planted->name,
                static_cast<unsigned long long>(run.seed), report.violations.front().c_str());
    return run.seed;
  }
  return 0;
}

class PlantedFaultTest : public testing::TestWithParam<PlantedFaultKind> {};

TEST_P(PlantedFaultTest, IsFound) {
  EXPECT_NE(FirstToFind({.planted = &GetParam()}, kSeeds), 0U)
      << GetParam().what << ", and no seed up to " << kSeeds << " finds it";
}

std::string TestName(const testing::TestParamInfo<PlantedFaultKind>& kind) {
  return absl::StrReplaceAll(kind.param.name, {{"-", "_"}});
}
INSTANTIATE_TEST_SUITE_P(All, PlantedFaultTest, testing::ValuesIn(PlantedFaults()), TestName);

TEST(PlantedFaultOnRocksDbTest, MissingSyncIsFound) {
  EXPECT_NE(
      FirstToFind({.on_rocksdb = true, .planted = FindPlantedFault("no-sync")}, kRocksDbSeeds), 0U);
}

}  // namespace
}  // namespace outdial::simulation
