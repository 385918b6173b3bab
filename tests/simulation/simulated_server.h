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
#include "storage/memory_store.h"
#include "storage/record_store.h"
#include "tests/simulation/violations.h"
#include "tests/simulation/virtual_clock.h"

namespace outdial::simulation {

// Every key and value of a store, readable enough to compare.
std::string DumpStore(const storage::MemoryStore& disk);

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
  std::function<void(const engine::CampaignWait&)> wait;
  std::function<void(const engine::LogLine&)> log;
};

// One thread. `clock` and `violations` outlive it.
class SimulatedServer : public engine::NodeTransport {
 public:
  SimulatedServer(engine::EngineConfig config, uint64_t seed, VirtualClock* clock,
                  Violations* violations, ServerOutlets outlets);

  // For the run loop.
  void Send(const engine::NodeCommand& command) override;

  // Starts on what the disk holds.
  void Start();
  bool up() const { return loop_ != nullptr; }
  // Dies here and now: all that is in memory is gone, and what was not synced.
  void Kill();
  // The next round that has something to tell dies once so many commands and replies have left.
  void KillAfter(uint64_t releases) { releases_left_ = releases; }
  // The next commit fails, which ends the process.
  void FailNextCommit(storage::MemoryStore::Fate fate);
  void SetDiskFull(bool full);

  // Each input gets a round of its own from now on.
  void SplitRounds() { one_input_per_round_ = true; }

  // Ignored while it is down.
  void Post(engine::Input input);

  storage::RecordStore& store() { return *store_; }
  const storage::MemoryStore& disk() const { return *disk_; }

  engine::MonotonicTime NextDue() const;
  // Runs the rounds that are due. False: it died.
  bool Advance();

  uint64_t rounds() const { return rounds_; }
  uint64_t starts() const { return starts_; }

 private:
  void TakeReply(engine::Reply reply);
  // Whether the process still lives to do one more thing.
  bool MayRelease();
  // Runs what waits, in one round or in one round each.
  void RunBatch();
  void Deliver(engine::Input input);
  void RunRound();

  engine::EngineConfig config_;
  ami::SimRandom random_;
  VirtualClock* clock_;
  Violations* violations_;
  ServerOutlets outlets_;
  UtcOnly zones_;

  std::unique_ptr<storage::MemoryStore> cold_disk_;  // while the process is down
  storage::MemoryStore* disk_ = nullptr;
  std::unique_ptr<storage::RecordStore> store_;
  std::vector<engine::Input> waiting_;  // for the inbox
  bool one_input_per_round_ = false;
  std::unique_ptr<server::Inbox> inbox_;
  std::unique_ptr<server::RunLoop> loop_;
  engine::MonotonicTime next_round_at_;
  std::optional<uint64_t> releases_left_;
  bool died_ = false;
  bool failure_expected_ = false;
  uint64_t rounds_ = 0;
  uint64_t starts_ = 0;
};

}  // namespace outdial::simulation
