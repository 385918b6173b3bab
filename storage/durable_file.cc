#include "storage/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "storage/store_directory.h"

namespace outdial::storage {
namespace {

constexpr size_t kCopyBytes = size_t{1} << 20;
constexpr mode_t kOwnerOnly = 0600;

// A file descriptor that closes itself.
class OpenFile {
 public:
  OpenFile(const std::string& path, int flags)
      : path_(path), descriptor_(open(path.c_str(), flags | O_CLOEXEC, kOwnerOnly)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  absl::Status status() const { return descriptor_ >= 0 ? absl::OkStatus() : Error("opening"); }
  // 0: the end.
  absl::StatusOr<size_t> Read(char* buffer, size_t size) {
    const ssize_t count = read(descriptor_, buffer, size);
    if (count < 0) return Error("reading");
    return static_cast<size_t>(count);
  }
  absl::Status Write(absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = write(descriptor_, bytes.data(), bytes.size());
      if (count < 0) return Error("writing");
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return absl::OkStatus();
  }
  absl::Status Sync() { return fsync(descriptor_) == 0 ? absl::OkStatus() : Error("syncing"); }

 private:
  absl::Status Error(absl::string_view doing) const {
    return FileError(errno, absl::StrCat(doing, " ", path_));
  }
  const std::string path_;
  const int descriptor_;
};

std::string ParentOf(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

absl::Status CopyAll(OpenFile* from, OpenFile* to) {
  std::string buffer(kCopyBytes, '\0');
  while (true) {
    const absl::StatusOr<size_t> count = from->Read(buffer.data(), buffer.size());
    if (!count.ok()) return count.status();
    if (*count == 0) return to->Sync();
    absl::Status written = to->Write(absl::string_view(buffer).substr(0, *count));
    if (!written.ok()) return written;
  }
}

}  // namespace

absl::Status WriteDurably(const std::string& path, absl::string_view text) {
  OpenFile file(path, O_WRONLY | O_CREAT | O_TRUNC);
  absl::Status status = file.status();
  if (status.ok()) status = file.Write(text);
  if (status.ok()) status = file.Sync();
  if (!status.ok()) return status;
  return SyncDirectory(ParentOf(path));
}

absl::Status CopyDurably(const std::string& from, const std::string& to) {
  OpenFile source(from, O_RDONLY);
  if (!source.status().ok()) return source.status();
  OpenFile target(to, O_WRONLY | O_CREAT | O_TRUNC);
  if (!target.status().ok()) return target.status();
  return CopyAll(&source, &target);
}

absl::Status SyncDirectory(const std::string& directory) {
  OpenFile folder(directory, O_RDONLY | O_DIRECTORY);
  if (!folder.status().ok()) return folder.status();
  return folder.Sync();
}

absl::Status RenameDurably(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) {
    return FileError(errno, absl::StrCat("renaming ", from, " to ", to));
  }
  return SyncDirectory(ParentOf(to));
}

}  // namespace outdial::storage
