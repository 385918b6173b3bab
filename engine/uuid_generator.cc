#include "engine/uuid_generator.h"

#include <algorithm>
#include <cstddef>

#include "engine/uuid_layout.h"

namespace outdial::engine {
namespace {

constexpr int64_t kMaxMs = (int64_t{1} << 48) - 1;
constexpr uint32_t kMaxCounter = 0xFFF;
// A millisecond's counter begins at random in the lower half, so that two runs whose clocks read
// the same hardly ever meet, and at least 2048 uuids still fit.
constexpr uint64_t kCounterStarts = 0x800;

}  // namespace

UuidGenerator::UuidGenerator(uint64_t seed) : random_(seed) {}

Uuid UuidGenerator::Next(absl::Time wall, ListNumber list) {
  const auto wall_ms =
      static_cast<uint64_t>(std::clamp<int64_t>(absl::ToUnixMillis(wall), 0, kMaxMs));
  if (wall_ms > last_ms_ || counter_ == kMaxCounter) {
    last_ms_ = std::max(wall_ms, last_ms_ + 1);
    counter_ = static_cast<uint32_t>(random_.Below(kCounterStarts));
  } else {
    ++counter_;
  }

  Uuid uuid;
  const uint64_t random = random_.Next();
  for (size_t i = 0; i < 6; ++i) uuid.bytes[i] = static_cast<uint8_t>(last_ms_ >> (40 - 8 * i));
  uuid.bytes[6] = static_cast<uint8_t>(0x70 | counter_ >> 8);
  uuid.bytes[7] = static_cast<uint8_t>(counter_);
  uuid.bytes[8] = static_cast<uint8_t>(0x80 | (random & 0x3F));
  for (size_t i = 0; i < 4; ++i) {
    uuid.bytes[kListNumberOffset + i] = static_cast<uint8_t>(list >> (24 - 8 * i));
  }
  for (size_t i = 13; i < 16; ++i) uuid.bytes[i] = static_cast<uint8_t>(random >> (8 * (i - 12)));
  return uuid;
}

}  // namespace outdial::engine
