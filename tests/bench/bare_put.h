// The yardstick of imports: RocksDB alone, given the very batches that an import wrote.
#pragma once

#include <cstdint>
#include <string>

namespace outdial::bench {

struct BarePut {
  // Of making and writing the batches; reading them from the file is not counted.
  double seconds = 0;
  // Tables on disk, once everything is compacted.
  uint64_t bytes = 0;
};

// Writes all batches of `batch_file`, each synced, into a new database in `directory`, which must
// not be there. With the options of the store.
BarePut RunBarePut(const std::string& batch_file, const std::string& directory);

}  // namespace outdial::bench
