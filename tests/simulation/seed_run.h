// One seed, as the tests and the soak run it.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/simulation/planted_fault.h"
#include "tests/simulation/simulated_world.h"

namespace outdial::simulation {

struct SeedRun {
  uint64_t seed = 0;
  bool on_rocksdb = false;
  const PlantedFaultKind* planted = nullptr;  // null: nothing is wrong on purpose
};

// Thread-safe: worlds share nothing.
WorldReport RunSeed(const SeedRun& run, const SimulatedWorld::Log& log = {});

// What runs it again and tells more; `program` is simulation_test or a path to it.
std::string RepeatCommand(absl::string_view program, const SeedRun& run);

// What went wrong in it, and how to see it again, in some lines.
std::string Complaint(absl::string_view program, const SeedRun& run, const WorldReport& report);

// Takes `--store=memory`, `--store=rocksdb` or `--plant=NAME`. False: it is none of them.
bool TakeFlag(absl::string_view argument, SeedRun* run);

}  // namespace outdial::simulation
