// How long to wait before the next attempt to connect.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "engine/random.h"

namespace outdial::ami {

// Doubles from `min` to `max` with each attempt that fails. Half of each wait is drawn at random,
// so that the connections of many nodes, or of many Outdials, don't come back all at once.
// Belongs to one thread.
class ReconnectBackoff {
 public:
  // Both above 0, `min` at most `max`. The same seed draws the same waits.
  ReconnectBackoff(absl::Duration min, absl::Duration max, uint64_t seed);

  // The wait after an attempt that failed: real time, from half of a step to a whole one. A login
  // that was refused is retried at `max` only: nothing gets better until an operator acts, and
  // Asterisk logs each one.
  absl::Duration Next(bool refused);

  // The connection became usable: the next loss begins at `min` again.
  void Reset() { step_ = min_; }

 private:
  const absl::Duration min_;
  const absl::Duration max_;
  absl::Duration step_;
  engine::Random random_;
};

}  // namespace outdial::ami
