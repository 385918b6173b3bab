// The server's clocks: real time, or real time hurried for a simulation.
#pragma once

#include "absl/time/time.h"
#include "engine/ports.h"

namespace outdial::server {

// Thread-safe. Both clocks run `factor` times as fast as real time, from the moment of making; the
// wall clock begins at the true time of that moment, or at `not_before` where that is later.
class ScaledClock final : public engine::Clock {
 public:
  // `factor`: above 0.
  explicit ScaledClock(double factor, absl::Time not_before = absl::InfinitePast());

  engine::Now Read() override;
  absl::Duration RealDuration(absl::Duration duration) override;

 private:
  const double factor_;
  const absl::Duration start_mono_;
  const absl::Time start_wall_;
};

// Thread-safe. The system's clocks: the wall clock jumps as the system's does.
class SystemClock final : public engine::Clock {
 public:
  engine::Now Read() override;
  absl::Duration RealDuration(absl::Duration duration) override { return duration; }
};

// Of the system, from an arbitrary start; never goes back.
absl::Duration ReadMonotonic();

}  // namespace outdial::server
