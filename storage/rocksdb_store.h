// KeyValueStore on RocksDB. Every option that is set is explained in storage/README.md.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "storage/kv.h"

namespace rocksdb {
class FileSystem;
}  // namespace rocksdb

namespace outdial::storage {

struct RocksDbOptions {
  // All blocks that are held in memory, indexes and filters included.
  size_t block_cache_bytes = size_t{256} << 20;
  // What a file system does instead of the real one; null: the real one.
  std::shared_ptr<rocksdb::FileSystem> file_system;
};

// Opens the store in `directory`, or makes one there when the directory is empty or missing.
// FAILED_PRECONDITION: it holds something else, or another process has it open. DATA_LOSS: it is
// damaged. RESOURCE_EXHAUSTED: the disk is full. Nothing that is there is harmed by an error.
absl::StatusOr<std::unique_ptr<KeyValueStore>> OpenRocksDbStore(const std::string& directory,
                                                                const RocksDbOptions& options);

}  // namespace outdial::storage
