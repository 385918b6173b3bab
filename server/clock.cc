#include "server/clock.h"

#include <algorithm>
#include <chrono>

#include "absl/time/clock.h"

namespace outdial::server {

absl::Duration ReadMonotonic() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

ScaledClock::ScaledClock(double factor, absl::Time not_before)
    : factor_(factor),
      start_mono_(ReadMonotonic()),
      start_wall_(std::max(absl::Now(), not_before)) {}

engine::Now ScaledClock::Read() {
  const absl::Duration passed = (ReadMonotonic() - start_mono_) * factor_;
  return {passed, start_wall_ + passed};
}

absl::Duration ScaledClock::RealDuration(absl::Duration duration) { return duration / factor_; }

engine::Now SystemClock::Read() { return {ReadMonotonic(), absl::Now()}; }

}  // namespace outdial::server
