#include "storage/database_lock.h"

#include "absl/strings/str_cat.h"
#include "rocksdb/env.h"
#include "storage/store_directory.h"

namespace outdial::storage {

absl::StatusOr<std::unique_ptr<DatabaseLock>> DatabaseLock::Take(const std::string& directory,
                                                                 rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  rocksdb::FileLock* lock = nullptr;
  const rocksdb::Status status = env->LockFile(DatabasePath(directory) + "/LOCK", &lock);
  if (!status.ok()) {
    // RocksDB has no code of its own for a lock that somebody else holds. The user's rights were
    // checked before.
    return absl::FailedPreconditionError(
        absl::StrCat(directory,
                     " is in use by another process: stop it, or choose another data "
                     "directory (",
                     status.ToString(), ")"));
  }
  return std::unique_ptr<DatabaseLock>(new DatabaseLock(env, lock));
}

DatabaseLock::~DatabaseLock() { env_->UnlockFile(lock_).PermitUncheckedError(); }

}  // namespace outdial::storage
