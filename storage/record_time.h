// Record times, `2016-10-22T14:34:45.339299560Z`, as nanoseconds since 1970 and back, exactly. A
// record has up to eight of them and a dialing writes dozens: the general parser would cost more
// than the write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace outdial::storage {

// Absent: not of exactly this form, or outside of 1678 to 2261.
std::optional<int64_t> ParseRecordNanos(absl::string_view text);

std::string FormatRecordNanos(int64_t nanos);

// Microseconds since 1970, rounded up: the first moment of this resolution that is not earlier.
int64_t MicrosRoundedUp(absl::Time time);

}  // namespace outdial::storage
