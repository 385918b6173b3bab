#include "server/backup_maker.h"

#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "engine/errors.h"
#include "engine/now.h"
#include "storage/record_store.h"

namespace outdial::server {
namespace {

constexpr size_t kMaxNameBytes = 64;

// Names lead to one folder below the directory, never elsewhere.
bool IsName(absl::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes || !absl::ascii_isalnum(name.front())) {
    return false;
  }
  if (absl::EndsWith(name, storage::kPartialSuffix)) return false;
  for (const char c : name) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '_' && c != '-') return false;
  }
  return true;
}

v1::Backup ToMessage(const std::string& name, const storage::Backup& made) {
  v1::Backup backup;
  backup.set_name(name);
  backup.set_directory(made.directory);
  backup.set_bytes(made.bytes);
  if (made.last_event > 0) {
    backup.set_last_position(storage::EncodePosition(made.last_event));
    backup.set_tm_last_event(engine::FormatRecordTime(made.last_written));
  }
  return backup;
}

}  // namespace

BackupMaker::~BackupMaker() {
  std::thread last;
  {
    absl::MutexLock lock(&mutex_);
    last = std::move(thread_);
  }
  if (last.joinable()) last.join();
}

absl::Status BackupMaker::Start(const std::string& name, Done done) {
  if (!IsName(name)) {
    return engine::InvalidField(
        "name",
        "must be 1 to 64 letters, digits, '.', '_' and '-', the first one a letter or digit, and "
        "not end with .partial, as backups do that were cut short");
  }
  absl::MutexLock lock(&mutex_);
  if (running_) {
    return absl::AbortedError("another backup is being made: try again when it is done");
  }
  // The last one has ended, but for its last few instructions.
  if (thread_.joinable()) thread_.join();
  running_ = true;
  thread_ = std::thread([this, name, done = std::move(done)] { Run(name, done); });
  return absl::OkStatus();
}

void BackupMaker::Run(const std::string& name, const Done& done) {
  storage::RemovePartialBackups(directory_);
  const absl::StatusOr<storage::Backup> made =
      make_((std::filesystem::path(directory_) / name).string());
  {
    absl::MutexLock lock(&mutex_);
    running_ = false;
  }
  if (made.ok()) {
    done(ToMessage(name, *made));
  } else {
    done(made.status());
  }
}

std::string BackupNameAt(absl::Time now) {
  return absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone());
}

}  // namespace outdial::server
