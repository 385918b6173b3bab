// What the checkers found wrong in a simulated world.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/simulation/virtual_clock.h"

namespace outdial::simulation {

// One thread. `clock` outlives it.
class Violations {
 public:
  // After so many the rest is counted only.
  static constexpr size_t kMaxKept = 20;

  explicit Violations(const VirtualClock* clock) : clock_(clock) {}

  template <class... Parts>
  void Add(const Parts&... parts) {
    ++count_;
    if (kept_.size() >= kMaxKept) return;
    const absl::Duration at = clock_->now().mono;
    kept_.push_back(absl::StrCat("at ", absl::FormatDuration(at), ": ", parts...));
  }

  size_t count() const { return count_; }
  const std::vector<std::string>& kept() const { return kept_; }

 private:
  const VirtualClock* clock_;
  size_t count_ = 0;
  std::vector<std::string> kept_;
};

}  // namespace outdial::simulation
