// A whole Outdial, its Asterisk nodes, its clients and their people, in one thread under one
// virtual clock.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/now.h"
#include "tests/simulation/bounds.h"
#include "tests/simulation/call_watch.h"
#include "tests/simulation/calm_watch.h"
#include "tests/simulation/campaign_script.h"
#include "tests/simulation/event_fold.h"
#include "tests/simulation/fault_driver.h"
#include "tests/simulation/fault_tally.h"
#include "tests/simulation/scenario.h"
#include "tests/simulation/send_watch.h"
#include "tests/simulation/simulated_client.h"
#include "tests/simulation/simulated_node.h"
#include "tests/simulation/simulated_server.h"
#include "tests/simulation/violations.h"
#include "tests/simulation/virtual_clock.h"

namespace outdial::simulation {

// What came of a run.
struct WorldReport {
  std::vector<std::string> violations;  // the first of them
  size_t violation_count = 0;
  size_t calls = 0;
  uint64_t events = 0;
  uint64_t rounds = 0;
  uint64_t starts = 0;  // of the server
  FaultTally faults;
  absl::Duration lasted;
  std::string store;  // all of it, at the end

  std::string Summary() const;
};

// The clock jumps to whatever is due next, so that hours take seconds. The same scenario gives the
// same report, byte for byte. One thread.
class SimulatedWorld {
 public:
  using Log = std::function<void(const engine::LogLine&)>;

  // `log` gets the lines that the server would log; may be empty.
  explicit SimulatedWorld(Scenario scenario, Log log = {});

  // To the end of all campaigns.
  WorldReport Run();

 private:
  void MakeNodes();
  void MakeServer(Log log);
  bool GoesOn() const;
  WorldReport Report() const;
  engine::MonotonicTime NextDue() const;
  void AdvanceAll();
  void AdvancePhases();
  void Look();
  void Sample();

  void StartServer();
  void KillServer();
  void OnCommand(const engine::NodeCommand& command);
  void OnOriginate(const std::string& node, const engine::Originate& originate);
  void CheckForced();
  void CheckProgress();
  void CheckEnd();
  // The node called `name`.
  const SimulatedNode& NodeOf(const std::string& name) const;
  bool MayWriteOff(const std::string& node) const;
  // As CalmWatch wants it.
  engine::MonotonicTime CalmSince() const;
  void ReportStuck();

  const Scenario scenario_;
  VirtualClock clock_;
  Violations violations_;
  Bounds bounds_;
  ami::SimRandom random_;
  CallWatch watch_;
  EventFold fold_;
  CalmWatch calm_;
  SendWatch sends_;
  std::vector<std::unique_ptr<SimulatedNode>> nodes_;
  std::unique_ptr<SimulatedServer> server_;
  std::unique_ptr<SimulatedClient> client_;
  std::unique_ptr<CampaignScript> script_;
  std::unique_ptr<FaultDriver> faults_;
  FaultTally tally_;
  std::map<std::string, engine::CampaignWait> waits_;
  // Campaigns whose calls must be gone by then.
  std::map<std::string, engine::MonotonicTime> forced_;

  engine::MonotonicTime readable_since_ = absl::InfiniteDuration();
  std::vector<engine::MonotonicTime> kills_;  // when the server died
  uint64_t told_event_ = 0;                   // the last that anybody was told of
  bool broken_ = false;                       // the server does not start any more
  engine::MonotonicTime restart_at_ = absl::InfiniteDuration();
  engine::MonotonicTime sample_at_;
  engine::MonotonicTime look_at_;  // of calm_
  engine::MonotonicTime busy_until_;
  engine::MonotonicTime give_up_at_;
};

}  // namespace outdial::simulation
