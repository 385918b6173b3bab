// Whether the system clock can be right, before anything is written with it.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace outdial::server {

// How far the clock may be behind the newest event of the store: a clock is set back by less than
// this when it is corrected.
inline constexpr absl::Duration kMaxClockSetBack = absl::Minutes(10);

// FAILED_PRECONDITION: `now` is before this program was written, as 1970 after a start without a
// clock; or, unless `accept_older`, more than kMaxClockSetBack before the store's `last_written`.
// Retry delays, schedules and the order of events would all be wrong. The message says what to do.
absl::Status CheckClock(absl::Time now, absl::Time last_written, bool accept_older);

}  // namespace outdial::server
