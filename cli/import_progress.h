// What is shown of an import while it runs.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace outdial::cli {

// Rate and expected end are those since the first call to Show: rows that an earlier import had
// done already are passed over much faster. Belongs to one thread.
class ImportProgress {
 public:
  // `total_bytes` 0: not known.
  explicit ImportProgress(uint64_t total_bytes) : total_bytes_(total_bytes) {}

  // Both counts are of the whole file: `[====>    ]  52%  520000 rows  41000 rows/s  12s left`.
  std::string Text(uint64_t file_bytes, uint64_t rows, absl::Time now);

 private:
  const uint64_t total_bytes_;
  absl::Time begin_ = absl::InfiniteFuture();
  uint64_t first_bytes_ = 0;
  uint64_t first_rows_ = 0;
};

}  // namespace outdial::cli
