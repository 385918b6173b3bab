#include "storage/info_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <filesystem>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "rocksdb/env.h"

namespace outdial::storage {
namespace {

constexpr size_t kMaxLineBytes = 4096;
constexpr mode_t kOwnerOnly = 0600;

class InfoLog : public rocksdb::Logger {
 public:
  explicit InfoLog(const std::string& database)
      : path_((std::filesystem::path(database) / "LOG").string()) {}
  ~InfoLog() override {
    absl::MutexLock lock(&mutex_);
    CloseFile();
  }

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    char text[kMaxLineBytes];
    std::vsnprintf(text, sizeof text, format, arguments);
    const std::string time =
        absl::FormatTime("%Y-%m-%d%ET%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
    Append(absl::StrCat(time, " ", text, "\n"));
  }

 private:
  void Append(const std::string& line) {
    absl::MutexLock lock(&mutex_);
    // RocksDB makes its folder only after its first lines.
    if (file_ < 0) OpenFile();
    if (file_ < 0) return;
    const ssize_t written = write(file_, line.data(), line.size());
    if (written > 0) bytes_ += static_cast<size_t>(written);
    if (bytes_ >= kMaxInfoLogBytes) {
      CloseFile();
      (void)std::rename(path_.c_str(), absl::StrCat(path_, ".old").c_str());
    }
  }

  void OpenFile() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kOwnerOnly);
    struct stat info {};
    bytes_ = file_ >= 0 && fstat(file_, &info) == 0 ? static_cast<size_t>(info.st_size) : 0;
  }
  void CloseFile() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (file_ >= 0) close(file_);
    file_ = -1;
  }

  const std::string path_;
  absl::Mutex mutex_;
  int file_ ABSL_GUARDED_BY(mutex_) = -1;  // negative: not open
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> MakeInfoLog(const std::string& database) {
  return std::make_shared<InfoLog>(database);
}

}  // namespace outdial::storage
