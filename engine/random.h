// The engine's only source of random numbers.
#pragma once

#include <array>
#include <cstdint>

namespace outdial::engine {

// xoshiro256** of Blackman and Vigna, seeded by splitmix64: the same seed gives the same numbers
// on every machine and with every library, which absl::BitGen and the distributions of the
// standard library don't promise. Not for secrets. Belongs to one thread.
class Random {
 public:
  explicit Random(uint64_t seed);

  // Uniform over all 64 bits.
  uint64_t Next();

  // Uniform over 0 to bound - 1; `bound` is at least 1.
  uint64_t Below(uint64_t bound);

 private:
  std::array<uint64_t, 4> state_;
};

}  // namespace outdial::engine
