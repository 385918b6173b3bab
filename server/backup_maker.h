// Makes backups of the running store, on a thread of its own: it may take minutes where the files
// can't be shared.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "outdial/v1/admin_service.pb.h"
#include "storage/backup.h"

namespace outdial::server {

// Thread-safe.
class BackupMaker {
 public:
  // As RecordStore::MakeBackup.
  using Make = std::function<absl::StatusOr<storage::Backup>(const std::string& directory)>;
  // Called once, from the backup's thread.
  using Done = std::function<void(absl::StatusOr<v1::Backup>)>;

  // Backups go into `directory`, each under its name.
  BackupMaker(std::string directory, Make make)
      : directory_(std::move(directory)), make_(std::move(make)) {}
  // Waits for the backup that is being made.
  ~BackupMaker();

  // Begins a backup. Not OK: `done` is not called. INVALID_ARGUMENT: not a name of a backup.
  // ABORTED: another one is being made. Then as RecordStore::MakeBackup.
  absl::Status Start(const std::string& name, Done done) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run(const std::string& name, const Done& done) ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string directory_;
  const Make make_;
  absl::Mutex mutex_;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

// The name of a backup that was given none.
std::string BackupNameAt(absl::Time now);

}  // namespace outdial::server
