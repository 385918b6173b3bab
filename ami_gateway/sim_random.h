// The seeded generator of the simulated Asterisk.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace outdial::ami {

// SplitMix64: the same seed gives the same numbers with every compiler. A value; one thread.
class SimRandom {
 public:
  explicit SimRandom(uint64_t seed) : state_(seed) {}
  // A generator of its own for the `count`-th time that something happens to `name`.
  static SimRandom For(uint64_t seed, absl::string_view name, uint64_t count);

  uint64_t Next();
  // 0 inclusive to 1 exclusive.
  double Unit();
  bool Chance(double probability) { return probability > 0 && Unit() < probability; }
  // 0 to n - 1; n > 0.
  uint64_t Below(uint64_t n);
  // Zero to twice the mean, most often near the mean.
  absl::Duration Around(absl::Duration mean);

 private:
  uint64_t state_;
};

}  // namespace outdial::ami
