// A cap in calls per second.
#pragma once

#include <deque>

#include "absl/time/time.h"
#include "engine/now.h"

namespace outdial::engine {

// Remembers the last second's calls, so that no second, wherever it begins, holds more than the
// rate; a token bucket of the same depth would let nearly twice as many through. A burst up to
// the rate goes at once. A rate below one is one call in 1 / rate seconds; a fraction above one is
// kept over a shorter window: 2.5 is 2 calls in any 0.8 s. The rate, above 0, may differ from call
// to call, since records and configuration change. Belongs to one thread.
class RateWindow {
 public:
  // How long a call counts against the rate.
  static absl::Duration Length(double calls_per_second);

  // The earliest moment at which one more call may start; in the past: at once.
  MonotonicTime NextStart(double calls_per_second) const;
  // Notes a call that starts at `now`.
  void Start(MonotonicTime now, double calls_per_second);
  // Whether it has nothing to remember any more, whatever the rate will be.
  bool IsIdle(MonotonicTime now) const;

 private:
  std::deque<MonotonicTime> starts_;  // oldest first; at most as many as a window may hold
  // When the last window of the rates so far ends.
  MonotonicTime busy_until_ = -absl::InfiniteDuration();
};

}  // namespace outdial::engine
