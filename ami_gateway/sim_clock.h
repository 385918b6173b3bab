// A clock that may run faster than real time.
#pragma once

#include "absl/time/time.h"
#include "engine/ports.h"

namespace outdial::ami {

// `factor` seconds per real second, beginning at the real wall time of its making. For a
// simulated Asterisk on its own; one inside of a server shares the server's clock. Thread-safe.
class SimClock : public engine::Clock {
 public:
  explicit SimClock(double factor);  // > 0

  engine::Now Read() override;
  absl::Duration RealDuration(absl::Duration duration) override { return duration / factor_; }

 private:
  const double factor_;
  const absl::Time wall_start_;
  const absl::Duration steady_start_;
};

}  // namespace outdial::ami
