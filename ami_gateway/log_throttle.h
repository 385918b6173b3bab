// One log line instead of thousands.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "engine/now.h"

namespace outdial::ami {

// For lines of one kind, of which a peer could cause any number. Belongs to one thread.
class LogThrottle {
 public:
  explicit LogThrottle(absl::Duration period) : period_(period) {}

  // nullopt: leave this line out. Otherwise how many were left out since the last one.
  std::optional<uint64_t> Pass(engine::MonotonicTime now) {
    if (now < next_) {
      ++left_out_;
      return std::nullopt;
    }
    next_ = now + period_;
    return std::exchange(left_out_, 0);
  }

 private:
  absl::Duration period_;
  engine::MonotonicTime next_ = -absl::InfiniteDuration();
  uint64_t left_out_ = 0;
};

}  // namespace outdial::ami
