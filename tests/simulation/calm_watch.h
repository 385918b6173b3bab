// What must be so in a simulated world once nothing has disturbed it for a while.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "engine/now.h"
#include "tests/simulation/bounds.h"
#include "tests/simulation/call_watch.h"
#include "tests/simulation/event_fold.h"
#include "tests/simulation/violations.h"
#include "tests/simulation/virtual_clock.h"

namespace outdial::simulation {

// Faults put things off, they don't excuse them: a forced stop, a call that is too long, a late
// channel, a dialing without a call are dealt with soon after the last fault. One thread; the
// pointers outlive it.
class CalmWatch {
 public:
  CalmWatch(const VirtualClock* clock, const Bounds* bounds, const CallWatch* calls,
            const EventFold* fold, Violations* violations)
      : clock_(clock), bounds_(bounds), calls_(calls), fold_(fold), violations_(violations) {}

  // Tells when a node went down last, if the server must have noticed; else the infinite past.
  void set_down_at(std::function<engine::MonotonicTime(const std::string&)> call) {
    down_at_ = std::move(call);
  }

  void OnOriginate(const std::string& dialing);
  // Now and then. `calm_since`: the server is up and can write, it sees all its nodes, and they do
  // what they are told, since then; infinite: it is not so. The fold is up to date.
  void Look(engine::MonotonicTime calm_since);

 private:
  void NoteForced();
  void NoteSilent();
  void CheckCalls(engine::MonotonicTime calm_since);
  void CheckSilent(engine::MonotonicTime calm_since);
  void CheckRestarted();

  const VirtualClock* clock_;
  const Bounds* bounds_;
  const CallWatch* calls_;
  const EventFold* fold_;
  Violations* violations_;
  std::function<engine::MonotonicTime(const std::string&)> down_at_;
  // When it was seen first that a campaign is stopped by force, and that a dialing has no call.
  std::map<std::string, engine::MonotonicTime> forced_;
  std::map<std::string, engine::MonotonicTime> silent_;
  std::map<std::string, engine::MonotonicTime> ordered_;  // when its Originate left
};

}  // namespace outdial::simulation
