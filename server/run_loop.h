// The run loop: drains the inbox, steps the engine, commits the round in one synced batch, and
// only then releases what the round asked for. While the store writes one round, the next one is
// open and takes what comes. Without gRPC, Asio or a thread of its own, so that the simulation runs
// the very same loop under a virtual clock.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "engine/dial_engine.h"
#include "engine/now.h"
#include "engine/ports.h"

namespace outdial::server {

// Inputs on their way to the loop. Thread-safe. Bounded: client actions are refused when
// kMaxWaitingActions wait; node events are never refused, since each dialing makes few of them.
//
// Slices of imports have a lane of their own: a slice costs as much as hundreds of other inputs, so
// that the loop takes them in rounds of their own, and decides how often.
class Inbox {
 public:
  static constexpr size_t kMaxWaitingActions = 10000;

  // What a Take gives when both inputs and slices wait.
  enum class Turn { kInputs, kSlices };

  // False: full, try again later.
  bool PostAction(engine::ClientAction action) ABSL_LOCKS_EXCLUDED(mutex_);
  void Post(engine::Input input) ABSL_LOCKS_EXCLUDED(mutex_);
  // All of them at once, in their order.
  void Post(std::vector<engine::NodeEvent> events) ABSL_LOCKS_EXCLUDED(mutex_);
  // Wakes a waiting Take without an input.
  void Wake() ABSL_LOCKS_EXCLUDED(mutex_);
  // Up to `limit` inputs, or up to `max_slices` slices, in the order of arrival; waits up to `wait`
  // (real time) for the first that it may take.
  std::vector<engine::Input> Take(size_t limit, absl::Duration wait, Turn turn = Turn::kInputs,
                                  size_t max_slices = 1) ABSL_LOCKS_EXCLUDED(mutex_);
  // Inputs that wait, slices included.
  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  static std::vector<engine::Input> TakeFront(size_t limit, std::deque<engine::Input>* from);

  mutable absl::Mutex mutex_;
  std::deque<engine::Input> inputs_ ABSL_GUARDED_BY(mutex_);
  std::deque<engine::Input> slices_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_actions_ ABSL_GUARDED_BY(mutex_) = 0;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
};

// Who gets what a round released. Called by the loop's thread after the commit; must not block.
// One that is empty is left out.
struct RoundSinks {
  std::function<void(engine::Reply)> reply;
  std::function<void(const engine::LogLine&)> log;
  std::function<void(const engine::CampaignWait&)> wait;
  std::function<void(const v1::Node&)> node;
  std::function<void(uint64_t last_event_sequence)> events;
};

// Belongs to one thread.
//
// Imports get the time that nothing else wants, and at least a fifth of it: after a round of slices
// other inputs have their turn for four times as long, for as long as there are any. While a round
// of theirs is written there are: what it asks for brings the next ones. While there are, a round
// holds one slice, so that a dial waits a few milliseconds at most. For the same reason a step of
// the upkeep waits for a round without slices, and the slices wait for it.
//
// What a round asked for leaves when it is durable, and rounds become durable in their order: that
// the next one is made meanwhile changes nothing of what others see.
//
// A round that can't be committed for want of room on the disk suspends the loop: its clients,
// those of the round that was open beside it and all that come later are told UNAVAILABLE, the
// engine, which is ahead of the disk, is thrown away, and the store is reopened every
// kResumeInterval until it can be written. Then a new engine is loaded, which asks each node for
// its state again. What the nodes said of dialings meanwhile is kept and taken first, so that a
// call that ended in between has its outcome.
class RunLoop {
 public:
  // After so many inputs it is seen whether a round can be written: when many wait, the first of
  // them are on their way to the disk while the others are stepped.
  static constexpr size_t kMaxInputsAtOnce = 64;
  // A round that can't be written yet, because another one is, takes no more than this.
  static constexpr size_t kMaxInputsPerRound = 512;
  // In a round of slices when nothing else has come for kQuietTime. Another one of them may be on
  // its way to the disk.
  static constexpr size_t kMaxSlicesPerRound = 2;
  static constexpr absl::Duration kQuietTime = absl::Seconds(1);
  // How long others have their turn after a round of slices, in its own length.
  static constexpr int kOthersPerSlice = 4;
  static constexpr absl::Duration kResumeInterval = absl::Seconds(1);
  static constexpr absl::Duration kWaitLogInterval = absl::Minutes(1);
  static constexpr absl::Duration kUpkeepInterval = absl::Seconds(1);
  // While upkeep lags behind: its steps are small, and all else has the time in between.
  static constexpr absl::Duration kBusyUpkeepInterval = absl::Milliseconds(10);
  // Facts about dialings that are kept while suspended: a dialing makes about ten. Of what is said
  // beyond, the nodes' lists tell only what still is.
  static constexpr size_t kMaxKeptFacts = 100000;

  using EngineFactory = std::function<std::unique_ptr<engine::DialEngine>()>;
  // A small step of the work on the store that is due now and then, done within a round. True:
  // there is more to do. Not OK: as Step.
  using Upkeep = std::function<absl::StatusOr<bool>(const engine::Now&)>;

  // All ports must outlive the loop. `make_engine` is called at the start and after each failed
  // commit.
  RunLoop(engine::Clock* clock, engine::NodeTransport* transport, engine::RoundCommitter* store,
          Inbox* inbox, EngineFactory make_engine, RoundSinks sinks);

  // `upkeep` is done every kUpkeepInterval of the clock, or as often as rounds come, and every
  // kBusyUpkeepInterval while there is more to do; never sooner than that after its last step was
  // committed. Before Start.
  void set_upkeep(Upkeep upkeep) { upkeep_ = std::move(upkeep); }

  // Loads the engine. Not OK: the store is damaged; do not run.
  absl::Status Start();

  // Waits up to `max_wait` (real time) for inputs, for the engine's next wakeup or for the end of a
  // commit, steps, and begins to commit, unless a round is being committed; what is durable is
  // released. All inputs that are taken at once happen at one time. Not OK: the process must end,
  // since nobody knows what is on disk.
  absl::Status RunRound(absl::Duration max_wait);
  // Commits and releases what was stepped, and waits for that. Not OK: as RunRound.
  absl::Status Flush();

  // Whether a round is on its way to the disk: RunRound must follow.
  bool committing() const { return committing_; }
  // True while the store can't be written and no round is run.
  bool suspended() const { return suspended_; }

 private:
  absl::Status Load();
  absl::Status RunSuspendedRound(absl::Duration max_wait);
  // When there is something to do without any input.
  engine::MonotonicTime NextWork() const;
  bool UpkeepIsDue(engine::MonotonicTime now) const;
  absl::Status DoUpkeep(const engine::Now& now);
  // A round from its first step until it is released.
  struct Pending {
    bool stepped = false;  // else there is nothing to commit
    size_t steps = 0;
    // Of the first of its inputs.
    engine::MonotonicTime begin;
    bool has_slices = false;
    bool has_upkeep = false;
    bool has_others = false;
    std::vector<engine::Input> inputs;
    engine::Output output;
  };

  // Whether slices may go into the open round, be it that nothing else waits.
  bool SlicesMayGo(engine::MonotonicTime now) const;
  bool OpenRoundIsFull() const { return open_.steps >= kMaxInputsPerRound; }
  // What was kept, before what waits in the inbox.
  std::vector<engine::Input> TakeInputs(absl::Duration wait);
  std::vector<engine::Input> TakeKept();
  // Notes what the taken inputs mean for those that come later.
  void NoteTaken(const std::vector<engine::Input>& inputs, engine::MonotonicTime now);
  // Of a round with slices that was released: others have their turn now.
  void ShareTime(engine::MonotonicTime begin);
  // Keeps what of `inputs`, which came `now`, is about dialings.
  std::deque<engine::Input> FactsOfDialings(std::vector<engine::Input> inputs,
                                            const engine::Now& now);
  // Steps `inputs`, and what is due, in the open round.
  absl::Status StepAll(std::vector<engine::Input> inputs, const engine::Now& now);
  absl::Status Step(const engine::Input& input, const engine::Now& now);
  // A step failed: what is on its way to the disk is released, the open round thrown away.
  void GiveUp();
  void BeginCommit();
  // Waits for the commit, then releases the round, or suspends.
  absl::Status FinishCommit();
  // Finishes the commit when nothing is left to wait for.
  absl::Status FinishIfDone();
  void Suspend(std::vector<engine::Input> inputs, const absl::Status& why);
  // Of inputs that come while suspended: refuses actions, keeps facts.
  void SetAside(std::vector<engine::Input> inputs, const engine::Now& now);
  absl::Status TryResume();
  // Why the store can't be written yet, now and then.
  void LogWait(const absl::Status& why);
  void Release(engine::Output output);
  void Refuse(const std::vector<engine::Input>& inputs);
  void Log(engine::LogLine::Level level, const std::string& name, const std::string& key,
           const std::string& value);
  // Real time until `when`, at least zero and at most `max_wait`.
  absl::Duration WaitUntil(engine::MonotonicTime when, absl::Duration max_wait);

  engine::Clock* clock_;
  engine::NodeTransport* transport_;
  engine::RoundCommitter* store_;
  Inbox* inbox_;
  EngineFactory make_engine_;
  RoundSinks sinks_;
  Upkeep upkeep_;
  std::unique_ptr<engine::DialEngine> engine_;
  engine::MonotonicTime next_upkeep_ = -absl::InfiniteDuration();
  bool upkeep_is_busy_ = false;
  // From here on it is the turn of slices.
  engine::MonotonicTime next_slice_ = -absl::InfiniteDuration();
  engine::MonotonicTime last_other_input_ = -absl::InfiniteDuration();
  engine::MonotonicTime next_resume_;
  engine::MonotonicTime next_wait_log_ = -absl::InfiniteDuration();
  uint64_t last_event_sequence_ = 0;
  Pending open_;
  Pending closed_;  // while committing
  bool committing_ = false;
  std::deque<engine::Input> kept_;  // oldest first
  // StopDialing was taken: an engine that is loaded later must be told again.
  bool stop_dialing_ = false;
  bool suspended_ = false;
};

}  // namespace outdial::server
