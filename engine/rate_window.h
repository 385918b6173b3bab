// A cap in calls per second.
#pragma once

#include <cstddef>
#include <deque>

#include "absl/time/time.h"
#include "engine/now.h"

namespace outdial::engine {

// Remembers the last second's calls, so that no second, wherever it begins, holds more than the
// rate; a token bucket of the same depth would let nearly twice as many through. A burst up to
// the rate goes at once. A rate below one is one call in 1 / rate seconds; a fraction above one is
// kept over a shorter window: 2.5 is 2 calls in any 0.8 s. Belongs to one thread.
class RateWindow {
 public:
  // `calls_per_second` is above 0.
  explicit RateWindow(double calls_per_second);

  void SetRate(double calls_per_second);

  // The earliest moment at which one more call may start; in the past: now.
  MonotonicTime NextStart() const;
  // Notes a call that starts at `now`.
  void Start(MonotonicTime now);

 private:
  size_t max_calls_;  // in any `window_`
  absl::Duration window_;
  std::deque<MonotonicTime> starts_;  // the last max_calls_, oldest first
};

}  // namespace outdial::engine
