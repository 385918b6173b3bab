#include "server/check_clock.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace outdial::server {
namespace {

constexpr absl::CivilSecond kEarliest(2025, 1, 1);

std::string Text(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace

absl::Status CheckClock(absl::Time now, absl::Time last_written, bool accept_older) {
  if (now < absl::FromCivil(kEarliest, absl::UTCTimeZone())) {
    return absl::FailedPreconditionError(
        absl::StrCat("the system clock says ", Text(now),
                     ", which can't be: set it, for example with timedatectl, and start again"));
  }
  if (accept_older || now >= last_written - kMaxClockSetBack) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the system clock says ", Text(now), ", and the store was last written at ",
                   Text(last_written),
                   ": set the clock and start again; if that time is the wrong one, start "
                   "once with --accept-clock"));
}

}  // namespace outdial::server
