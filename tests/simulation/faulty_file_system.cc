#include "tests/simulation/faulty_file_system.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "engine/check.h"

namespace outdial::simulation {

namespace {

namespace fs = std::filesystem;
using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus PowerIsOff() { return IOStatus::IOError("the power is off"); }

std::optional<std::string> ReadAll(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void WriteAll(const std::string& name, const std::string& content) {
  std::ofstream(name, std::ios::binary | std::ios::trunc) << content;
}

}  // namespace

class FaultyFileSystem::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name, FaultyFileSystem* owner)
      : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), owner_(owner) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    IOStatus status = owner_->BeforeAppend();
    if (!status.ok()) return status;
    status = FSWritableFileOwnerWrapper::Append(data, options, context);
    if (status.ok()) owner_->Appended(name_, data.size());
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*info*/, IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* context) override {
    IOStatus status = owner_->CheckPower();
    if (!status.ok()) return status;
    owner_->Truncated(name_, size);
    return FSWritableFileOwnerWrapper::Truncate(size, options, context);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return owner_->Sync(name_); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return owner_->Sync(name_); }
  // Starts the writing of what a later sync waits for.
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  const std::string name_;
  FaultyFileSystem* owner_;
};

class FaultyFileSystem::Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string name,
            FaultyFileSystem* owner)
      : FSDirectoryWrapper(std::move(directory)), name_(std::move(name)), owner_(owner) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return owner_->SyncDirectory(name_);
  }
  IOStatus FsyncWithDirOptions(const IOOptions&, IODebugContext*,
                               const rocksdb::DirFsyncOptions&) override {
    return owner_->SyncDirectory(name_);
  }

 private:
  const std::string name_;
  FaultyFileSystem* owner_;
};

FaultyFileSystem::FaultyFileSystem(uint64_t seed)
    : FileSystemWrapper(rocksdb::FileSystem::Default()),
      random_(ami::SimRandom::For(seed, "files", 0)) {}

// ---- Faults

void FaultyFileSystem::SetFull(bool full) {
  absl::MutexLock lock(&mutex_);
  full_ = full;
}

void FaultyFileSystem::CutPowerAtNextLogSync() {
  absl::MutexLock lock(&mutex_);
  cut_at_log_sync_ = true;
}

void FaultyFileSystem::CutPower() {
  absl::MutexLock lock(&mutex_);
  power_ = false;
}

void FaultyFileSystem::RestorePower() {
  absl::MutexLock lock(&mutex_);
  power_ = true;
  cut_at_log_sync_ = false;
  for (const auto& [name, size] : sizes_) LoseTail(name, size);
  for (const auto& [name, before] : unsynced_) {
    // What was written to a directory may be there without a sync.
    if (random_.Chance(0.5)) continue;
    if (before.has_value()) {
      WriteAll(name, *before);
    } else {
      fs::remove(name);
    }
  }
  sizes_.clear();
  unsynced_.clear();
}

// Blocks reach the disk in any order: what was in between may be missing, and reads as zeros.
void FaultyFileSystem::LoseTail(const std::string& name, const Size& size) {
  if (size.written == size.synced || !fs::exists(name)) return;
  const uint64_t kept = size.synced + random_.Below(size.written - size.synced + 1);
  switch (random_.Below(3)) {
    case 0:
      return fs::resize_file(name, size.synced);
    case 1:
      return;
    default:
      fs::resize_file(name, kept);
      if (random_.Chance(0.5)) fs::resize_file(name, size.written);
  }
}

// ---- What RocksDB does

IOStatus FaultyFileSystem::CheckPower() {
  absl::MutexLock lock(&mutex_);
  return power_ ? IOStatus::OK() : PowerIsOff();
}

IOStatus FaultyFileSystem::BeforeAppend() {
  absl::MutexLock lock(&mutex_);
  if (!power_) return PowerIsOff();
  return full_ ? IOStatus::NoSpace("no space left on device") : IOStatus::OK();
}

void FaultyFileSystem::Appended(const std::string& name, uint64_t bytes) {
  absl::MutexLock lock(&mutex_);
  sizes_[name].written += bytes;
}

void FaultyFileSystem::Truncated(const std::string& name, uint64_t size) {
  absl::MutexLock lock(&mutex_);
  Size& known = sizes_[name];
  known.written = std::min(known.written, size);
  known.synced = std::min(known.synced, size);
}

IOStatus FaultyFileSystem::Sync(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  if (cut_at_log_sync_ && absl::EndsWith(name, ".log")) power_ = false;
  if (!power_) return PowerIsOff();
  Size& size = sizes_[name];
  size.synced = size.written;
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::SyncDirectory(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  if (!power_) return PowerIsOff();
  for (auto it = unsynced_.begin(); it != unsynced_.end();) {
    const bool in_it = fs::path(it->first).parent_path() == fs::path(name).lexically_normal();
    it = in_it ? unsynced_.erase(it) : std::next(it);
  }
  return IOStatus::OK();
}

void FaultyFileSystem::NoteMade(const std::string& name, Before before, Size size) {
  absl::MutexLock lock(&mutex_);
  sizes_[name] = size;
  // The one that a power cut brings back is the last one that was synced.
  unsynced_.try_emplace(name, std::move(before));
}

IOStatus FaultyFileSystem::NewWritableFile(const std::string& name, const FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                                           IODebugContext* context) {
  IOStatus status = CheckPower();
  if (!status.ok()) return status;
  Before before = ReadAll(name);
  status = FileSystemWrapper::NewWritableFile(name, options, file, context);
  if (!status.ok()) return status;
  NoteMade(name, std::move(before), {});
  *file = std::make_unique<File>(std::move(*file), name, this);
  return status;
}

IOStatus FaultyFileSystem::ReopenWritableFile(const std::string& name, const FileOptions& options,
                                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                                              IODebugContext* context) {
  IOStatus status = CheckPower();
  if (!status.ok()) return status;
  status = FileSystemWrapper::ReopenWritableFile(name, options, file, context);
  if (!status.ok()) return status;
  const uint64_t size = fs::file_size(name);
  {
    absl::MutexLock lock(&mutex_);
    sizes_.try_emplace(name, Size{size, size});
  }
  *file = std::make_unique<File>(std::move(*file), name, this);
  return status;
}

IOStatus FaultyFileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                        std::unique_ptr<rocksdb::FSDirectory>* directory,
                                        IODebugContext* context) {
  IOStatus status = FileSystemWrapper::NewDirectory(name, options, directory, context);
  if (!status.ok()) return status;
  *directory = std::make_unique<Directory>(std::move(*directory), name, this);
  return status;
}

IOStatus FaultyFileSystem::DeleteFile(const std::string& name, const IOOptions& options,
                                      IODebugContext* context) {
  IOStatus status = CheckPower();
  if (!status.ok()) return status;
  {
    absl::MutexLock lock(&mutex_);
    sizes_.erase(name);
    unsynced_.erase(name);
  }
  return FileSystemWrapper::DeleteFile(name, options, context);
}

IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to,
                                      const IOOptions& options, IODebugContext* context) {
  IOStatus status = CheckPower();
  if (!status.ok()) return status;
  Before before = ReadAll(to);
  status = FileSystemWrapper::RenameFile(from, to, options, context);
  if (!status.ok()) return status;
  Size size;
  {
    absl::MutexLock lock(&mutex_);
    size = sizes_[from];
    sizes_.erase(from);
    unsynced_.erase(from);
  }
  NoteMade(to, std::move(before), size);
  return status;
}

}  // namespace outdial::simulation
