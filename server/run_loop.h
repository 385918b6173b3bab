// The run loop: drains the inbox, steps the engine, commits the round in one synced batch, and
// only then releases what the round asked for. Without gRPC, Asio or a thread of its own, so that
// the simulation runs the very same loop under a virtual clock.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "engine/dial_engine.h"
#include "engine/now.h"
#include "engine/ports.h"

namespace outdial::server {

// Inputs on their way to the loop. Thread-safe. Bounded: client actions are refused when
// kMaxWaitingActions wait; node events are never refused, since each dialing makes few of them.
class Inbox {
 public:
  static constexpr size_t kMaxWaitingActions = 10000;

  // False: full, try again later.
  bool PostAction(engine::ClientAction action) ABSL_LOCKS_EXCLUDED(mutex_);
  void Post(engine::Input input) ABSL_LOCKS_EXCLUDED(mutex_);
  // Wakes a waiting Take without an input.
  void Wake() ABSL_LOCKS_EXCLUDED(mutex_);
  // Up to `limit` inputs in the order of arrival; waits up to `wait` (real time) for the first.
  std::vector<engine::Input> Take(size_t limit, absl::Duration wait) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Mutex mutex_;
  std::deque<engine::Input> inputs_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_actions_ ABSL_GUARDED_BY(mutex_) = 0;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
};

// Who gets what a round released. Called by the loop's thread after the commit; must not block.
struct RoundSinks {
  std::function<void(engine::Reply)> reply;
  std::function<void(const engine::LogLine&)> log;
  std::function<void(const engine::CampaignWait&)> wait;
  std::function<void(const v1::Node&)> node;
  std::function<void(uint64_t last_event_sequence)> events;
};

// Belongs to one thread.
class RunLoop {
 public:
  static constexpr size_t kMaxInputsPerRound = 512;

  using EngineFactory = std::function<std::unique_ptr<engine::DialEngine>()>;

  // All ports must outlive the loop. `make_engine` is called at the start and after each failed
  // commit.
  RunLoop(engine::Clock* clock, engine::NodeTransport* transport, engine::RoundCommitter* store, Inbox* inbox,
          EngineFactory make_engine, RoundSinks sinks);

  // Loads the engine. Not OK: the store is damaged; do not run.
  absl::Status Start();

  // One round: waits up to `max_wait` (real time) for inputs or for the engine's next wakeup,
  // steps, commits, releases. Not OK: the process must end, since nobody knows what is on disk.
  absl::Status RunRound(absl::Duration max_wait);

  // True while the store can't be written and no round is run.
  bool suspended() const { return suspended_; }

 private:
  absl::Status Load();
  absl::Status Suspend(const std::vector<engine::Input>& inputs, const absl::Status& why);
  absl::Status TryResume();
  void Release(engine::Output output);
  void Refuse(const std::vector<engine::Input>& inputs, const absl::Status& why);

  engine::Clock* clock_;
  engine::NodeTransport* transport_;
  engine::RoundCommitter* store_;
  Inbox* inbox_;
  EngineFactory make_engine_;
  RoundSinks sinks_;
  std::unique_ptr<engine::DialEngine> engine_;
  bool suspended_ = false;
};

}  // namespace outdial::server
