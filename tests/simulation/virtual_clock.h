// The time of a simulated world.
#pragma once

#include <algorithm>

#include "absl/time/time.h"
#include "engine/now.h"
#include "engine/ports.h"

namespace outdial::simulation {

// Stands still until it is told to go on. One thread.
//
// What `now` tells is the truth, which the nodes and the people live by. The server's own wall
// clock may be set to something else.
//
// Nobody waits by it: the run loop asks how long it may wait in real time, is told "not at all",
// and the moment that it asked about is noted. So the world knows when the loop wants to run next.
class VirtualClock final : public engine::Clock {
 public:
  explicit VirtualClock(absl::Time wall) : now_{absl::Seconds(1000), wall} {}

  engine::Now Read() override { return server_now(); }
  absl::Duration RealDuration(absl::Duration duration) override {
    asked_until_ = now_.mono + duration;
    return absl::ZeroDuration();
  }

  const engine::Now& now() const { return now_; }
  engine::Now server_now() const { return {now_.mono, now_.wall + offset_}; }
  // Time since the start, with all that the server's wall clock was set forward: no two of its
  // readings are further apart.
  absl::Duration longest() const { return now_.mono + set_forward_; }
  // The latest that the server's wall clock ever was.
  absl::Time latest_server_wall() const { return std::max(latest_, server_now().wall); }
  // When the loop wants to run, as of its last question. May be in the past: at once.
  engine::MonotonicTime asked_until() const { return asked_until_; }

  // To `mono`, unless that has passed.
  void AdvanceTo(engine::MonotonicTime mono) {
    if (mono <= now_.mono) return;
    now_.wall += mono - now_.mono;
    now_.mono = mono;
  }

  // Sets the server's wall clock; negative: back.
  void SetForward(absl::Duration by) {
    latest_ = latest_server_wall();
    offset_ += by;
    set_forward_ += std::max(by, absl::ZeroDuration());
  }

 private:
  engine::Now now_;
  absl::Duration offset_;
  absl::Duration set_forward_;
  absl::Time latest_ = absl::InfinitePast();
  engine::MonotonicTime asked_until_ = -absl::InfiniteDuration();
};

}  // namespace outdial::simulation
