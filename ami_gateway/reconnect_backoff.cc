#include "ami_gateway/reconnect_backoff.h"

#include <algorithm>

namespace outdial::ami {

ReconnectBackoff::ReconnectBackoff(absl::Duration min, absl::Duration max, uint64_t seed)
    : min_(min), max_(max), step_(min), random_(seed) {}

absl::Duration ReconnectBackoff::Next(bool refused) {
  const absl::Duration step = refused ? max_ : step_;
  step_ = std::min(step * 2, max_);
  const absl::Duration half = step / 2;
  const uint64_t span_us = static_cast<uint64_t>(absl::ToInt64Microseconds(half)) + 1;
  return half + absl::Microseconds(static_cast<int64_t>(random_.Below(span_us)));
}

}  // namespace outdial::ami
