// The clocks of this machine, for what runs in real time whatever the engine's clock does.
#pragma once

#include <chrono>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "engine/now.h"

namespace outdial::ami {

// Thread-safe.
inline engine::MonotonicTime MonotonicNow() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}
inline engine::Now SystemNow() { return {MonotonicNow(), absl::Now()}; }

// A moment of MonotonicNow for a timer of Asio; absl::InfiniteDuration() is never.
inline std::chrono::steady_clock::time_point ToSteadyTime(engine::MonotonicTime time) {
  return std::chrono::steady_clock::time_point(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(
          absl::ToChronoNanoseconds(time)));
}

}  // namespace outdial::ami
