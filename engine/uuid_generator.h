// Makes the uuids of all records.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "engine/random.h"
#include "engine/uuid.h"

namespace outdial::engine {

// The same seed and the same calls give the same uuids. Belongs to one thread.
class UuidGenerator {
 public:
  explicit UuidGenerator(uint64_t seed);

  // A UUIDv7 greater than every one that this generator made before, also when the wall clock
  // stands still or goes back: then its time part runs ahead of the clock by as little as needed.
  // `list` is 0 for a record that belongs to no list.
  Uuid Next(absl::Time wall, ListNumber list);

 private:
  Random random_;
  uint64_t last_ms_ = 0;
  uint32_t counter_ = 0;
};

}  // namespace outdial::engine
