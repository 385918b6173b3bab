#include "ami_gateway/sim_random.h"

namespace outdial::ami {

SimRandom SimRandom::For(uint64_t seed, absl::string_view name, uint64_t count) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : name) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  SimRandom mixer(seed ^ hash);
  return SimRandom(mixer.Next() + count * 0x9e3779b97f4a7c15);
}

uint64_t SimRandom::Next() {
  state_ += 0x9e3779b97f4a7c15;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

double SimRandom::Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

uint64_t SimRandom::Below(uint64_t n) {
  // Numbers below 2^64 mod n would make the small results likelier.
  const uint64_t refuse_below = (0 - n) % n;
  uint64_t value = Next();
  while (value < refuse_below) value = Next();
  return value % n;
}

absl::Duration SimRandom::Around(absl::Duration mean) {
  const double first = Unit();
  const double second = Unit();
  return mean * (first + second);
}

}  // namespace outdial::ami
