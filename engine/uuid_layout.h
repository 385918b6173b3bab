// Where the parts of our UUIDv7 stand. Stored uuids have this form: it never changes.
//
//   bytes 0-5    milliseconds since 1970
//   bytes 6-7    version 7 (4 bits), counter within the millisecond (12 bits)
//   byte  8      variant (2 bits), random (6 bits)
//   bytes 9-12   list number
//   bytes 13-15  random
#pragma once

#include <cstddef>

namespace outdial::engine {

inline constexpr size_t kTimeBytes = 6;
inline constexpr size_t kListNumberOffset = 9;

}  // namespace outdial::engine
