// What a seed stands for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "ami_gateway/sim_config.h"
#include "ami_gateway/sim_random.h"
#include "engine/engine_config.h"
#include "outdial/v1/campaign.pb.h"
#include "outdial/v1/destination.pb.h"
#include "outdial/v1/dl.pb.h"
#include "outdial/v1/plan.pb.h"
#include "tests/simulation/planted_fault.h"

namespace outdial::simulation {

// What may go wrong in a world.
struct FaultKinds {
  bool connections = false;  // cut, stalled, node restarts
  bool events = false;       // lost, delayed, repeated, swapped: TCP does not do that
  bool server = false;       // crashes, failing commits, full disk
  bool clock = false;        // the server's wall clock is set
  bool clients = false;      // ask again what was answered
  // What may leave a call's end unseen.
  bool any() const { return connections || events || server; }
};

struct NodePlan {
  std::string name;
  ami::SimAsteriskConfig config;
};

// A campaign, by the places of its records in the lists of the scenario.
struct CampaignPlan {
  size_t plan = 0;
  size_t list = 0;
  size_t destination = 0;
  int next_campaign = -1;  // -1: none
  v1::Campaign record;     // caps
};

struct Scenario {
  uint64_t seed = 0;
  FaultKinds faults;
  // Each input in a round of its own, instead of all that wait in one.
  bool one_input_per_round = false;
  // Some commits take their time, and the loop makes the next round meanwhile.
  bool has_slow_commits = true;
  // RocksDB on a file system that forgets, instead of a store in memory.
  bool on_rocksdb = false;
  // Events and results are kept for minutes only, and some lists come and go.
  bool trims = false;
  // People are imported who are in the list already, refused or merged as asked.
  bool twins = false;
  // What is wrong with the server on purpose; the run ends when it was found. Null: nothing.
  const PlantedFaultKind* planted = nullptr;
  // How long clients and faults are at it; then all is left to come to its end.
  absl::Duration busy_time = absl::Minutes(12);
  std::vector<NodePlan> nodes;
  engine::EngineConfig config;
  std::vector<v1::Plan> plans;
  std::vector<v1::Destination> destinations;
  std::vector<std::vector<v1::Dl>> lists;
  std::vector<CampaignPlan> campaigns;
};

// The same seed gives the same scenario with every compiler.
Scenario DrawScenario(uint64_t seed);

// An entry with one to eight numbers, none of which any other entry has: `number` tells entries
// apart.
v1::Dl DrawEntry(ami::SimRandom& random, int number);

}  // namespace outdial::simulation
