// The lock by which one process at a time uses a database; RocksDB's own.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rocksdb {
class Env;
class FileLock;
}  // namespace rocksdb

namespace outdial::storage {

// Held from its making to its end.
class DatabaseLock {
 public:
  // Of the store in `directory`. `env` null: the real file system. FAILED_PRECONDITION: another
  // process has it.
  static absl::StatusOr<std::unique_ptr<DatabaseLock>> Take(const std::string& directory,
                                                            rocksdb::Env* env = nullptr);
  ~DatabaseLock();
  DatabaseLock(const DatabaseLock&) = delete;
  DatabaseLock& operator=(const DatabaseLock&) = delete;

 private:
  DatabaseLock(rocksdb::Env* env, rocksdb::FileLock* lock) : env_(env), lock_(lock) {}
  rocksdb::Env* const env_;
  rocksdb::FileLock* const lock_;
};

}  // namespace outdial::storage
