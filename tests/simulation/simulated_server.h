// The server of a simulated world: the real run loop, engine and record store, and its deaths.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "ami_gateway/sim_random.h"
#include "engine/dial_engine.h"
#include "engine/engine_config.h"
#include "engine/ports.h"
#include "server/run_loop.h"
#include "storage/record_store.h"
#include "tests/simulation/crash_point.h"
#include "tests/simulation/planted_fault.h"
#include "tests/simulation/simulated_disk.h"
#include "tests/simulation/violations.h"
#include "tests/simulation/virtual_clock.h"

namespace outdial::simulation {

// UTC alone.
class UtcOnly final : public engine::ZoneLookup {
 public:
  std::optional<absl::TimeZone> Find(absl::string_view iana_name) override {
    if (iana_name == "UTC") return absl::UTCTimeZone();
    return std::nullopt;
  }
};

// What leaves the process, in this order within a round.
struct ServerOutlets {
  std::function<void(const engine::NodeCommand&)> command;
  std::function<void(engine::Reply)> reply;
  std::function<void(uint64_t last)> events;
  std::function<void(const engine::CampaignWait&)> wait;
  std::function<void(const engine::LogLine&)> log;
};

// One thread. `clock` and `violations` outlive it.
class SimulatedServer : public engine::NodeTransport, public SlowDisk {
 public:
  // `planted`: null for none.
  SimulatedServer(engine::EngineConfig config, storage::RecordStoreOptions store_options,
                  uint64_t seed, std::unique_ptr<SimulatedDisk> disk,
                  const PlantedFaultKind* planted, VirtualClock* clock, Violations* violations,
                  ServerOutlets outlets);

  // For the run loop.
  void Send(const engine::NodeCommand& command) override;

  // For the committer.
  void BeginCommit() override;
  bool IsDone() const override { return clock_->now().mono >= commit_done_at_; }

  // Starts on what the disk holds, to die where `crash` says; absent: nowhere. False: the store
  // can't be opened, which is told.
  bool Start(std::optional<PlannedCrash> crash);
  bool up() const { return loop_ != nullptr; }
  // It is up, and its store is open: a full disk closes it for a while.
  bool readable() const { return up() && !loop_->suspended(); }
  // Dies here and now: all that is in memory is gone, and what was not synced.
  void Kill();
  // Where it shall die; Advance tells that it did. CrashPoint::kBetweenRounds: at once.
  void CrashAt(const PlannedCrash& crash);
  void CancelCrash() { crash_.Cancel(); }
  void CrashAtForcedStop(bool crashes) { crash_.DieAtForcedStop(crashes); }
  void SetDiskFull(bool full) { disk_->SetFull(full); }

  // Each input gets a round of its own from now on.
  void SplitRounds() { one_input_per_round_ = true; }
  // Some commits take their time from now on.
  void SlowDownCommits() { has_slow_commits_ = true; }

  // Ignored while it is down.
  void Post(engine::Input input);

  storage::RecordStore& store() { return *store_; }
  const SimulatedDisk& disk() const { return *disk_; }

  engine::MonotonicTime NextDue() const;
  // Runs the rounds that are due. False: it died.
  bool Advance();

  uint64_t rounds() const { return rounds_; }
  uint64_t starts() const { return starts_; }
  const FaultTally& crashes() const { return crash_.tally(); }

 private:
  absl::Status OpenStore();
  void MakeLoop();
  void TakeReply(engine::Reply reply);
  void Release(const engine::NodeCommand& command);
  // Runs what waits, in one round or in one round each.
  void RunBatch();
  void Deliver(engine::Input input);
  void RunRound();

  engine::EngineConfig config_;
  const storage::RecordStoreOptions store_options_;
  ami::SimRandom random_;
  VirtualClock* clock_;
  Violations* violations_;
  ServerOutlets outlets_;
  UtcOnly zones_;

  const PlantedFaultKind* planted_kind_;

  std::unique_ptr<SimulatedDisk> disk_;
  CrashSwitch crash_;
  std::unique_ptr<PlantedFault> planted_;
  std::unique_ptr<storage::RecordStore> store_;
  std::unique_ptr<engine::RoundCommitter> planted_store_;
  std::unique_ptr<CrashingCommitter> committer_;
  std::vector<engine::Input> waiting_;  // for the inbox
  bool one_input_per_round_ = false;
  bool has_slow_commits_ = false;
  std::unique_ptr<server::Inbox> inbox_;
  std::unique_ptr<server::RunLoop> loop_;
  engine::MonotonicTime next_round_at_;
  engine::MonotonicTime commit_done_at_ = -absl::InfiniteDuration();
  uint64_t rounds_ = 0;
  uint64_t starts_ = 0;
};

}  // namespace outdial::simulation
