// KeyValueStore on RocksDB. Every option that is set is explained in storage/README.md.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/kv.h"

namespace rocksdb {
class FileSystem;
}  // namespace rocksdb

namespace outdial::storage {

struct RocksDbOptions {
  // All blocks that are held in memory, indexes and filters included.
  size_t block_cache_bytes = size_t{256} << 20;
  // What a file system does instead of the real one; null: the real one.
  std::shared_ptr<rocksdb::FileSystem> file_system = nullptr;
  // It is a copy made by Checkpoint, in which a log that is missing was empty.
  bool is_copy = false;
  // Asked before anything is touched, with the time of the newest event; InfinitePast: there is
  // none. Not OK: the store is left alone, and that is the result of opening it. Null: opens any.
  using Admit = std::function<absl::Status(absl::Time last_written)>;
  Admit admit = nullptr;
};

// Opens the store in `directory`, or makes one there when the directory is empty or missing.
// FAILED_PRECONDITION: it holds something else or a store of another version, this user may not use
// it, or another process has it open; not a byte of it was touched. DATA_LOSS: it is damaged; the
// message names the files. RESOURCE_EXHAUSTED: the disk is full. Nothing that is there is harmed by
// an error.
absl::StatusOr<std::unique_ptr<KeyValueStore>> OpenRocksDbStore(const std::string& directory,
                                                                const RocksDbOptions& options);

}  // namespace outdial::storage
