// What the benches of dialling share: the real engine, run loop and RocksDB store under a clock
// that the bench moves itself; only the node is the bench's own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "engine/check.h"
#include "engine/dial_engine.h"
#include "engine/ports.h"
#include "server/run_loop.h"
#include "storage/kv.h"
#include "storage/record_store.h"

namespace outdial::bench {

// Time that the bench moves on, so that delays cost nothing to wait for. One thread.
class BenchClock : public engine::Clock {
 public:
  engine::Now Read() override { return {elapsed_, absl::FromUnixSeconds(1767225600) + elapsed_}; }
  absl::Duration RealDuration(absl::Duration duration) override { return duration; }
  void Advance(absl::Duration by) { elapsed_ += by; }

 private:
  absl::Duration elapsed_;
};

// The loop on the store in a directory. One node. Belongs to one thread; what fails ends the
// process.
class BenchWorld {
 public:
  static constexpr char kNode[] = "a";
  // What stands between the record store and the one that it is kept in.
  using Wrap = std::function<std::unique_ptr<storage::KeyValueStore>(
      std::unique_ptr<storage::KeyValueStore>)>;

  // Of every cap: `max_calls` at once, as many a second as can be. `node`, which gets the commands,
  // outlives the world.
  BenchWorld(std::string directory, int max_calls, engine::NodeTransport* node);
  ~BenchWorld();

  // Opens the store, or what Close left of it.
  void OpenStore(const Wrap& wrap = nullptr);
  // Starts the loop, which loads an engine.
  void StartLoop();
  // Both, and has the node ready.
  void Start(const Wrap& wrap = nullptr);
  // Ends both without a word to the disk, as a killed process does.
  void Close();

  // Posts what the node tells.
  void Tell(engine::NodeFact fact);
  // One round of what is there and due; waits while that is being committed, and for nothing else.
  void Round();
  // Does what a client wants; Response: of this action.
  template <class Response>
  Response Do(engine::Action action) {
    OUTDIAL_CHECK(inbox_.PostAction({1, std::move(action)}), "the inbox has room");
    Round();
    OUTDIAL_CHECK(loop_->Flush().ok(), "the round is written");
    return std::get<Response>(last_result_);
  }

  BenchClock& clock() { return clock_; }
  const server::Inbox& inbox() const { return inbox_; }
  storage::RecordStore& store() { return *store_; }

 private:
  class AnyZone : public engine::ZoneLookup {
   public:
    std::optional<absl::TimeZone> Find(absl::string_view) override { return absl::UTCTimeZone(); }
  };

  const std::string directory_;
  const engine::EngineConfig config_;
  engine::NodeTransport* const node_;
  server::Inbox inbox_;
  BenchClock clock_;
  AnyZone zones_;
  std::unique_ptr<storage::RecordStore> store_;
  std::unique_ptr<server::RunLoop> loop_;
  engine::ActionResult last_result_;
};

// What the gateway tells of a node that is ready and has no queues.
engine::NodeConnected NodeReady();

}  // namespace outdial::bench
