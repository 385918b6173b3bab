// A cap in calls per second.
#pragma once

#include <cstddef>
#include <deque>

#include "absl/time/time.h"
#include "engine/now.h"

namespace outdial::engine {

// Remembers the last second's calls, so that no second, wherever it begins, holds more than the
// rate; a token bucket of the same depth would let nearly twice as many through. Few calls go at
// once, of high rates a tenth of a second's: Asterisk and a carrier take 500 calls in a second
// without delay, and not in its first moment. A rate below one is one call in 1 / rate seconds; a
// fraction above one is kept over a shorter window: 2.5 is 2 calls in any 0.8 s. The rate, above 0,
// may differ from call to call, since records and configuration change. Belongs to one thread.
//
// A call starts for Asterisk when it is sent, which is later than when it was decided on, by the
// time that a commit takes: from Start until Sent it counts without end.
class RateWindow {
 public:
  // As many calls may always start at once, when the rate allows them in a second.
  static constexpr size_t kMinBurst = 20;

  // How long a call counts against the rate.
  static absl::Duration Length(double calls_per_second);

  // The earliest moment at which one more call may start; in the past: at once; infinite: some time
  // after a call that was noted is sent.
  MonotonicTime NextStart(double calls_per_second) const;
  // Notes a call, which NextStart allowed.
  void Start(double calls_per_second);
  // The first noted call that was not sent yet was sent at `now`.
  void Sent(MonotonicTime now);
  // Whether it has nothing to remember any more, whatever the rate will be.
  bool IsIdle(MonotonicTime now) const;

 private:
  // Oldest first; at most as many as a window may hold. Those that are not sent yet, infinite, are
  // the last ones.
  std::deque<MonotonicTime> starts_;
  size_t unsent_ = 0;
  absl::Duration longest_;  // of the windows of the rates so far
};

}  // namespace outdial::engine
