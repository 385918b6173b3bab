#include "tests/simulation/fault_driver.h"

#include <utility>

namespace outdial::simulation {

namespace {

constexpr absl::Duration kMeanPause = absl::Seconds(45);

ami::SimClose DrawClose(ami::SimRandom& random) {
  constexpr ami::SimClose kAll[] = {ami::SimClose::kFin, ami::SimClose::kRst,
                                    ami::SimClose::kMidMessage};
  return kAll[random.Below(3)];
}

}  // namespace

FaultDriver::FaultDriver(const Scenario* scenario, const VirtualClock* clock,
                         std::vector<SimulatedNode*> nodes, SimulatedServer* server,
                         std::function<void()> kill)
    : scenario_(scenario),
      clock_(clock),
      nodes_(std::move(nodes)),
      server_(server),
      kill_(std::move(kill)),
      random_(ami::SimRandom::For(scenario->seed, "faults", 0)) {
  if (scenario_->faults.any()) Wait();
}

void FaultDriver::Wait() { next_at_ = clock_->now().mono + random_.Around(kMeanPause); }

void FaultDriver::Advance() {
  if (next_at_ > clock_->now().mono) return;
  Wait();
  Heal();
  const FaultKinds& kinds = scenario_->faults;
  switch (random_.Below(3)) {
    case 0:
      if (kinds.connections) HitConnection();
      return;
    case 1:
      if (kinds.events) HitEvents();
      return;
    default:
      if (kinds.server) HitServer();
      return;
  }
}

void FaultDriver::End() {
  Heal();
  next_at_ = absl::InfiniteDuration();
}

void FaultDriver::Heal() {
  server_->SetDiskFull(false);
  for (SimulatedNode* node : nodes_) node->SetFaults({});
}

void FaultDriver::HitConnection() {
  SimulatedNode& node = *nodes_[random_.Below(nodes_.size())];
  switch (random_.Below(6)) {
    case 0:
      return node.Restart({.graceful = random_.Chance(0.5),
                           .down_for = absl::Milliseconds(100 + random_.Below(20000))});
    case 1:
      return node.Stall(absl::Milliseconds(100 + random_.Below(25000)));
    case 2: {
      ami::SimFaults faults;
      faults.starts_per_second = 0.5 + random_.Unit() * 3;
      return node.SetFaults(faults);
    }
    case 3: {
      ami::SimFaults faults;
      faults.drop_connection = random_.Unit() * 0.01;
      return node.SetFaults(faults);
    }
    default:
      return node.Drop(DrawClose(random_));
  }
}

void FaultDriver::HitEvents() {
  ami::SimFaults faults;
  const double share = random_.Unit() * 0.1;
  switch (random_.Below(4)) {
    case 0:
      faults.lose_event = share;
      break;
    case 1:
      faults.delay_event = share;
      break;
    case 2:
      faults.duplicate_event = share;
      break;
    default:
      faults.reorder_event = share;
      break;
  }
  nodes_[random_.Below(nodes_.size())]->SetFaults(faults);
}

void FaultDriver::HitServer() {
  if (!server_->up()) return;
  switch (random_.Below(5)) {
    case 0:
      return kill_();
    case 1:
      return server_->FailNextCommit(random_.Chance(0.5) ? storage::MemoryStore::Fate::kLost
                                                         : storage::MemoryStore::Fate::kKept);
    case 2:
      return server_->SetDiskFull(true);
    default:
      return server_->KillAfter(random_.Below(3));
  }
}

}  // namespace outdial::simulation
