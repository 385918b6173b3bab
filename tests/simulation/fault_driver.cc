#include "tests/simulation/fault_driver.h"

#include <iterator>
#include <utility>

namespace outdial::simulation {

namespace {

constexpr absl::Duration kMeanPause = absl::Seconds(20);
// Where nobody is called little can go wrong: most faults wait for somebody who is.
constexpr absl::Duration kLookAgain = absl::Seconds(2);
// What comes after some faults shows in quiet only.
constexpr absl::Duration kQuiet = absl::Seconds(20);

ami::SimClose DrawClose(ami::SimRandom& random) {
  constexpr ami::SimClose kAll[] = {ami::SimClose::kFin, ami::SimClose::kRst,
                                    ami::SimClose::kMidMessage};
  return kAll[random.Below(3)];
}

}  // namespace

FaultDriver::FaultDriver(const Scenario* scenario, VirtualClock* clock,
                         std::vector<SimulatedNode*> nodes, SimulatedServer* server,
                         FaultTally* tally, Hooks hooks)
    : scenario_(scenario),
      clock_(clock),
      nodes_(std::move(nodes)),
      server_(server),
      tally_(tally),
      hooks_(std::move(hooks)),
      random_(ami::SimRandom::For(scenario->seed, "faults", 0)) {
  const FaultKinds& kinds = scenario_->faults;
  if (kinds.any() || kinds.clock) Wait();
}

void FaultDriver::Wait() { next_at_ = clock_->now().mono + random_.Around(kMeanPause); }

void FaultDriver::Advance() {
  if (strike_at_ <= clock_->now().mono) Strike();
  if (next_at_ > clock_->now().mono) return;
  if (hooks_.calls_on(Busiest().name()) == 0 && random_.Chance(0.9)) {
    next_at_ = clock_->now().mono + kLookAgain;
    return;
  }
  Wait();
  Heal();
  const FaultKinds& kinds = scenario_->faults;
  switch (random_.Below(8)) {
    case 0:
    case 1:
    case 2:
      if (kinds.connections) HitConnection();
      return;
    case 3:
      if (kinds.events) HitEvents();
      return;
    case 4:
      if (kinds.clock) HitClock();
      return;
    default:
      if (kinds.server) HitServer();
      return;
  }
}

void FaultDriver::End() {
  Heal();
  for (SimulatedNode* node : nodes_) node->CancelCut();
  next_at_ = absl::InfiniteDuration();
}

void FaultDriver::Heal() {
  server_->SetDiskFull(false);
  server_->CancelCrash();
  server_->CrashAtForcedStop(false);
  strike_at_ = absl::InfiniteDuration();
  for (SimulatedNode* node : nodes_) {
    node->SetFaults({});
  }
}

// ---- Nodes

SimulatedNode& FaultDriver::Busiest() const {
  return **std::max_element(nodes_.begin(), nodes_.end(), [this](const auto* a, const auto* b) {
    return hooks_.calls_on(a->name()) < hooks_.calls_on(b->name());
  });
}

void FaultDriver::HitConnection() {
  SimulatedNode& node = *nodes_[random_.Below(nodes_.size())];
  switch (random_.Below(16)) {
    case 0:
      ++(*tally_)["node_restart"];
      return node.Restart({.graceful = random_.Chance(0.5),
                           .down_for = absl::Milliseconds(100 + random_.Below(20000))});
    case 1:
      ++(*tally_)["node_stall"];
      return node.Stall(absl::Milliseconds(100 + random_.Below(25000)));
    case 2:
    case 3:
    case 4:
      return Overload(Busiest());
    case 5:
    case 6:
    case 7:
      return CutOff(Busiest());
    case 8: {
      ++(*tally_)["node_drops_connections"];
      ami::SimFaults faults;
      faults.drop_connection = random_.Unit() * 0.01;
      return node.SetFaults(faults);
    }
    case 9:
    case 10:
    case 11:
      // Long enough for people to answer and talk, too short for the node to be left.
      ++(*tally_)["wire_held"];
      return node.HoldWire(absl::Milliseconds(2000 + random_.Below(7500)));
    default:
      return CutConnection(node);
  }
}

void FaultDriver::Overload(SimulatedNode& node) {
  ++(*tally_)["node_overload"];
  ami::SimFaults faults;
  // The longest that a dialing of any plan must be waited for.
  faults.max_start_delay = absl::Seconds(55);
  faults.starts_per_second = 0.1 + random_.Unit() * (random_.Chance(0.5) ? 0.4 : 3);
  node.SetFaults(faults);
  overloaded_ = &node;
  strike_at_ = clock_->now().mono + absl::Seconds(4) + random_.Around(absl::Seconds(5));
}

void FaultDriver::CutOff(SimulatedNode& node) {
  ++(*tally_)["node_cut_off"];
  if (random_.Chance(0.3)) return node.CutOff(random_.Unit() * absl::Seconds(30));
  // For so long that its calls may be given up, or until the server, which could not hang them up,
  // has died.
  const bool server_dies = scenario_->faults.server && random_.Chance(0.4);
  const absl::Duration duration =
      absl::Seconds(server_dies ? 20 + random_.Below(30) : 80 + random_.Below(20));
  node.CutOff(duration);
  hooks_.stop_by_force();
  // It may take half a minute until the gateway tries again.
  next_at_ = clock_->now().mono + duration + absl::Seconds(30) + kQuiet;
  if (!server_dies) return;
  overloaded_ = nullptr;
  strike_at_ = clock_->now().mono + absl::Seconds(2 + random_.Below(10));
}

// What a node took and did not start yet is what a lost connection puts at risk.
void FaultDriver::Strike() {
  strike_at_ = absl::InfiniteDuration();
  SimulatedNode* overloaded = std::exchange(overloaded_, nullptr);
  if (overloaded == nullptr || (scenario_->faults.server && random_.Chance(0.3))) {
    return server_->CrashAt({.point = CrashPoint::kBetweenRounds});
  }
  if (random_.Chance(0.5)) return overloaded->Drop(DrawClose(random_));
  ++(*tally_)["node_restart"];
  next_at_ = clock_->now().mono + kQuiet;
  overloaded->SetFaults({});
  overloaded->Restart({.graceful = false, .down_for = absl::Milliseconds(500)});
}

void FaultDriver::CutConnection(SimulatedNode& node) {
  using CutPoint = SimulatedNode::CutPoint;
  const ami::SimClose how = DrawClose(random_);
  switch (random_.Below(5)) {
    case 0:
      return node.CutAt(CutPoint::kMessage, random_.Below(60), how);
    case 1:
      return node.CutAt(CutPoint::kOriginateQueued, random_.Below(3), how);
    case 2:
      return node.CutAt(CutPoint::kOriginateSent, random_.Below(3), how);
    case 3:
      node.CutAt(CutPoint::kHangupQueued, 0, how);
      next_at_ = clock_->now().mono + kQuiet;
      return hooks_.stop_by_force();
    default:
      return node.CutAt(CutPoint::kOriginateRead, random_.Below(3), how);
  }
}

void FaultDriver::HitEvents() {
  ami::SimFaults faults;
  const double share = random_.Unit() * 0.1;
  switch (random_.Below(4)) {
    case 0:
      ++(*tally_)["events_lost"];
      faults.lose_event = share;
      break;
    case 1:
      ++(*tally_)["events_delayed"];
      faults.delay_event = share;
      break;
    case 2:
      ++(*tally_)["events_repeated"];
      faults.duplicate_event = share;
      break;
    default:
      ++(*tally_)["events_swapped"];
      faults.reorder_event = share;
      break;
  }
  nodes_[random_.Below(nodes_.size())]->SetFaults(faults);
}

// ---- The server

void FaultDriver::HitServer() {
  if (!server_->up()) return;
  constexpr CrashPoint kPoints[] = {CrashPoint::kBetweenRounds, CrashPoint::kBeforeCommit,
                                    CrashPoint::kInCommit,      CrashPoint::kAfterCommit,
                                    CrashPoint::kAfterSend,     CrashPoint::kBeforeReply};
  constexpr uint64_t kPointCount = std::size(kPoints);
  const uint64_t drawn = random_.Below(kPointCount + 2);
  if (drawn > kPointCount) {
    // It dies with what it was just told to do.
    server_->CrashAtForcedStop(true);
    next_at_ = clock_->now().mono + 2 * kQuiet;
    return hooks_.stop_by_force();
  }
  if (drawn == kPointCount) {
    ++(*tally_)["disk_full"];
    return server_->SetDiskFull(true);
  }
  const CrashPoint point = kPoints[drawn];
  // A reply belongs to no dialing.
  const bool at_dialing = point != CrashPoint::kBeforeReply && random_.Chance(0.7);
  server_->CrashAt({.point = point, .at_dialing = at_dialing, .spared = random_.Below(3)});
}

std::optional<PlannedCrash> FaultDriver::CrashOfNextLife() {
  if (next_at_ == absl::InfiniteDuration()) return std::nullopt;
  // A clock is often set while the machine starts.
  if (scenario_->faults.clock && random_.Chance(0.3)) HitClock();
  if (!random_.Chance(0.4)) return std::nullopt;
  switch (random_.Below(3)) {
    case 0:
      return PlannedCrash{.point = CrashPoint::kInLoad};
    case 1:
      return PlannedCrash{.point = CrashPoint::kAfterCommit};
    default:
      return PlannedCrash{.point = CrashPoint::kInRecovery, .spared = random_.Below(60)};
  }
}

void FaultDriver::HitClock() {
  const bool forward = random_.Chance(0.5);
  ++(*tally_)[forward ? "clock_forward" : "clock_back"];
  // Seconds as often as hours.
  const absl::Duration most = random_.Chance(0.5) ? absl::Minutes(1) : absl::Hours(2);
  const absl::Duration by = random_.Unit() * most;
  clock_->SetForward(forward ? by : -by);
}

}  // namespace outdial::simulation
