// Time as the engine sees it: two values, handed in with each input.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace outdial::engine {

// Time since an arbitrary start that never goes back. Drives every deadline inside one run of the
// process; means nothing in another run and is never stored.
using MonotonicTime = absl::Duration;

// One moment. The wall clock is for records and calendar windows only: it may jump, forward or
// back, without moving a deadline.
struct Now {
  MonotonicTime mono;
  absl::Time wall;
};

// UTC, RFC 3339 with nine digits of fraction and `Z`, for example
// `2016-10-22T14:34:45.339299560Z`: the form of every time in a record.
std::string FormatRecordTime(absl::Time time);

// Any RFC 3339 time with a zone. INVALID_ARGUMENT: it is not one.
absl::StatusOr<absl::Time> ParseRecordTime(absl::string_view text);

}  // namespace outdial::engine
