#include "engine/rate_window.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "engine/check.h"

namespace outdial::engine {
namespace {

// At most `max_calls` in any `length`.
struct Window {
  size_t max_calls;
  absl::Duration length;
};

Window WindowOf(double calls_per_second) {
  OUTDIAL_CHECK(calls_per_second > 0 && std::isfinite(calls_per_second),
                "configuration and records were checked");
  const double max_calls = std::max(1.0, std::floor(calls_per_second));
  return {.max_calls = static_cast<size_t>(max_calls),
          .length = absl::Seconds(max_calls / calls_per_second)};
}

// Bursts follow each other faster than the rate, so that one that leaves late, by the time of a
// commit or two, costs nothing.
Window BurstOf(double calls_per_second) {
  const double max_calls =
      std::max(static_cast<double>(RateWindow::kMinBurst), std::ceil(calls_per_second / 10));
  return {.max_calls = static_cast<size_t>(max_calls),
          .length = absl::Seconds(0.75 * max_calls / calls_per_second)};
}

}  // namespace

absl::Duration RateWindow::Length(double calls_per_second) {
  return WindowOf(calls_per_second).length;
}

MonotonicTime RateWindow::NextStart(double calls_per_second) const {
  MonotonicTime next = -absl::InfiniteDuration();
  for (const Window& window : {WindowOf(calls_per_second), BurstOf(calls_per_second)}) {
    if (starts_.size() < window.max_calls) continue;
    next = std::max(next, starts_[starts_.size() - window.max_calls] + window.length);
  }
  return next;
}

void RateWindow::Start(double calls_per_second) {
  const Window window = WindowOf(calls_per_second);
  starts_.push_back(absl::InfiniteDuration());
  ++unsent_;
  while (starts_.size() > window.max_calls) starts_.pop_front();
  OUTDIAL_CHECK(unsent_ <= starts_.size(), "what leaves the window was sent");
  longest_ = std::max(longest_, window.length);
}

void RateWindow::Sent(MonotonicTime now) {
  OUTDIAL_CHECK(unsent_ > 0, "only what was noted is sent");
  starts_[starts_.size() - unsent_] = now;
  --unsent_;
}

bool RateWindow::IsIdle(MonotonicTime now) const {
  return starts_.empty() || starts_.back() + longest_ <= now;
}

}  // namespace outdial::engine
