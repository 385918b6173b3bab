// A file system for RocksDB that forgets what was not synced when the power goes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "ami_gateway/sim_random.h"
#include "rocksdb/file_system.h"

namespace outdial::simulation {

// Real files in a directory, with an honest disk under them: what was synced stays. Of the rest a
// power cut leaves what the seed decides: bytes at the end of a file are kept, lost or torn; a file
// whose directory was not synced since it was made or renamed may be gone, or be the one before.
// Deleted files stay deleted. Nothing is synced for real, so that a simulation is not held up.
//
// Thread-safe: RocksDB writes from threads of its own.
class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFileSystem(uint64_t seed);
  const char* Name() const override { return "FaultyFileSystem"; }

  // While it is full, nothing can be appended.
  void SetFull(bool full) ABSL_LOCKS_EXCLUDED(mutex_);
  // The next sync of a log fails, and the power goes with it.
  void CutPowerAtNextLogSync() ABSL_LOCKS_EXCLUDED(mutex_);
  // From now on nothing can be changed.
  void CutPower() ABSL_LOCKS_EXCLUDED(mutex_);
  // The power is back, and what was not synced is lost. No file may be open.
  void RestorePower() ABSL_LOCKS_EXCLUDED(mutex_);

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;

 private:
  class File;
  class Directory;
  struct Size {
    uint64_t written = 0;
    uint64_t synced = 0;
  };
  // What a name stood for before it was made or renamed to; absent: nothing.
  using Before = std::optional<std::string>;

  // For File and Directory
  rocksdb::IOStatus BeforeAppend() ABSL_LOCKS_EXCLUDED(mutex_);
  void Appended(const std::string& name, uint64_t bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  void Truncated(const std::string& name, uint64_t size) ABSL_LOCKS_EXCLUDED(mutex_);
  rocksdb::IOStatus Sync(const std::string& name) ABSL_LOCKS_EXCLUDED(mutex_);
  rocksdb::IOStatus SyncDirectory(const std::string& name) ABSL_LOCKS_EXCLUDED(mutex_);

  rocksdb::IOStatus CheckPower() ABSL_LOCKS_EXCLUDED(mutex_);
  void NoteMade(const std::string& name, Before before, Size size) ABSL_LOCKS_EXCLUDED(mutex_);
  void LoseTail(const std::string& name, const Size& size) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  ami::SimRandom random_ ABSL_GUARDED_BY(mutex_);
  bool full_ ABSL_GUARDED_BY(mutex_) = false;
  bool power_ ABSL_GUARDED_BY(mutex_) = true;
  bool cut_at_log_sync_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, Size> sizes_ ABSL_GUARDED_BY(mutex_);       // files written in this life
  std::map<std::string, Before> unsynced_ ABSL_GUARDED_BY(mutex_);  // names
};

}  // namespace outdial::simulation
