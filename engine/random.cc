#include "engine/random.h"

#include <bit>

#include "engine/check.h"

namespace outdial::engine {
namespace {

uint64_t SplitMix64(uint64_t* state) {
  *state += 0x9E3779B97F4A7C15;
  uint64_t z = *state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random(uint64_t seed) {
  for (uint64_t& word : state_) word = SplitMix64(&seed);
}

uint64_t Random::Next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

uint64_t Random::Below(uint64_t bound) {
  OUTDIAL_CHECK(bound > 0, "no number is below 0");
  // Numbers under `skip` are thrown away: what is left is a whole multiple of `bound`, so that
  // every remainder is equally likely.
  const uint64_t skip = (0 - bound) % bound;
  uint64_t number = Next();
  while (number < skip) number = Next();
  return number % bound;
}

}  // namespace outdial::engine
