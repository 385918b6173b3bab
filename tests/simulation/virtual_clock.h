// The time of a simulated world.
#pragma once

#include "absl/time/time.h"
#include "engine/now.h"
#include "engine/ports.h"

namespace outdial::simulation {

// Stands still until it is told to jump. One thread.
//
// Nobody waits by it: the run loop asks how long it may wait in real time, is told "not at all",
// and the moment that it asked about is noted. So the world knows when the loop wants to run next.
class VirtualClock final : public engine::Clock {
 public:
  explicit VirtualClock(absl::Time wall) : now_{absl::Seconds(1000), wall} {}

  engine::Now Read() override { return now_; }
  absl::Duration RealDuration(absl::Duration duration) override {
    asked_until_ = now_.mono + duration;
    return absl::ZeroDuration();
  }

  const engine::Now& now() const { return now_; }
  // When the loop wants to run, as of its last question. May be in the past: at once.
  engine::MonotonicTime asked_until() const { return asked_until_; }

  // To `mono`, unless that has passed.
  void AdvanceTo(engine::MonotonicTime mono) {
    if (mono <= now_.mono) return;
    now_.wall += mono - now_.mono;
    now_.mono = mono;
  }

 private:
  engine::Now now_;
  engine::MonotonicTime asked_until_ = -absl::InfiniteDuration();
};

}  // namespace outdial::simulation
