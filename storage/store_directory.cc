#include "storage/store_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/durable_file.h"
#include "storage/table_files.h"

namespace outdial::storage {
namespace {

namespace fs = std::filesystem;

constexpr char kMarkerFile[] = "OUTDIAL";
constexpr char kMarkerStart[] = "This directory belongs to outdiald.";
constexpr char kMarkerText[] = "This directory belongs to outdiald. Don't change anything in it.\n";

absl::Status NotAllowed(absl::string_view path, absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat(path, " can't be ", what, " by the user with uid ", geteuid(), ": ",
                   std::strerror(errno), "; change its owner, or name another directory"));
}

absl::Status NotUsable(absl::string_view directory, int reason) {
  return FileError(reason, absl::StrCat(directory, " can't be looked at by the user with uid ",
                                        geteuid(), "; name another directory"));
}

absl::Status LeadsNowhere(absl::string_view directory) {
  return absl::FailedPreconditionError(
      absl::StrCat(directory,
                   " is a symbolic link to a directory that is not there: make that directory, or "
                   "name another one"));
}

// A path that is not there is fine: whoever makes it finds out.
absl::Status CheckAccess(const std::string& path, int mode, absl::string_view what) {
  if (faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0 || errno == ENOENT) {
    return absl::OkStatus();
  }
  return NotAllowed(path, what);
}

// The file tells a store's directory from that of a program that happens to use the same name.
absl::Status CheckMarker(const std::string& marker) {
  std::ifstream file(marker, std::ios::binary);
  std::string line;
  std::getline(file, line);
  // An empty one is left by a power cut right after the directory was made.
  if (line.empty() || absl::StartsWith(line, kMarkerStart)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(marker, " was not written by outdiald: name another data directory"));
}

// The first entry that does not belong into an empty directory; empty: there is none.
absl::StatusOr<std::string> FirstForeignEntry(const std::string& directory) {
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name != "lost+found") return name;  // a file system's root has it
  }
  if (error) return FileError(error.value(), absl::StrCat("reading ", directory));
  return std::string();
}

absl::Status NotEmpty(const std::string& directory, const std::string& entry) {
  const fs::path restoring = fs::path(directory) / kRestoringFolder;
  std::error_code error;
  if (fs::exists(restoring, error)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "a restore into ", directory, " was cut short: remove ", restoring.string(), " and ",
        DatabasePath(directory), " (the backup is not touched), and restore again"));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      directory, " holds files that are not Outdial's (", entry, "): name an empty directory"));
}

}  // namespace

std::string MarkerPath(const std::string& directory) {
  return (fs::path(directory) / kMarkerFile).string();
}

std::string DatabasePath(const std::string& directory) {
  return (fs::path(directory) / "rocksdb").string();
}

std::string BackupsPath(const std::string& directory) {
  std::error_code error;
  const fs::path absolute = fs::absolute(directory, error);
  return ((error ? fs::path(directory) : absolute) / "backups").string();
}

absl::StatusOr<DirectoryState> InspectDirectory(const std::string& directory) {
  struct stat info {};
  if (stat(directory.c_str(), &info) != 0) {
    const int reason = errno;
    if (reason == ENOENT && lstat(directory.c_str(), &info) == 0) return LeadsNowhere(directory);
    if (reason == ENOENT) return DirectoryState::kFree;
    return NotUsable(directory, reason);
  }
  if (!S_ISDIR(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory, " is a file, not a directory: name a directory"));
  }
  if (absl::Status readable = CheckAccess(directory, R_OK | X_OK, "read"); !readable.ok()) {
    return readable;
  }
  const std::string marker = MarkerPath(directory);
  if (access(marker.c_str(), F_OK) == 0) {
    if (absl::Status ours = CheckMarker(marker); !ours.ok()) return ours;
    return DirectoryState::kStore;
  }
  const absl::StatusOr<std::string> entry = FirstForeignEntry(directory);
  if (!entry.ok()) return entry.status();
  if (!entry->empty()) return NotEmpty(directory, *entry);
  return DirectoryState::kFree;
}

absl::Status CheckReadable(const std::string& directory) {
  const std::string database = DatabasePath(directory);
  for (const std::string& folder : {directory, database}) {
    absl::Status status = CheckAccess(folder, R_OK | X_OK, "read");
    if (!status.ok()) return status;
  }
  // What else lies beside the database, such as lost+found, is nobody's business here.
  absl::Status status = CheckAccess(MarkerPath(directory), R_OK, "read");
  std::error_code error;
  fs::directory_iterator entry(database, error);
  for (; status.ok() && !error && entry != fs::directory_iterator(); entry.increment(error)) {
    status = CheckAccess(entry->path().string(), R_OK, "read");
  }
  return status;
}

absl::Status CheckStoreWritable(const std::string& directory) {
  const fs::path database = DatabasePath(directory);
  for (const fs::path& folder : {fs::path(directory), database}) {
    absl::Status status = CheckAccess(folder.string(), W_OK | X_OK, "written");
    if (!status.ok()) return status;
  }
  // Files that were made by another user, root for example, whom a folder's rights don't show.
  if (absl::Status readable = CheckReadable(directory); !readable.ok()) return readable;
  for (const char* file : {"LOCK", "CURRENT"}) {
    absl::Status status = CheckAccess((database / file).string(), R_OK | W_OK, "written");
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status RequireStore(const std::string& directory) {
  const absl::StatusOr<DirectoryState> state = InspectDirectory(directory);
  if (!state.ok()) return state.status();
  if (*state == DirectoryState::kStore && !IsUnused(DatabasePath(directory))) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat(directory, " holds no store: name the directory of one with --data-dir"));
}

absl::Status RequireFree(const std::string& directory) {
  const absl::StatusOr<DirectoryState> state = InspectDirectory(directory);
  if (!state.ok()) return state.status();
  if (*state == DirectoryState::kFree) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(directory,
                   " holds a store already: name a missing or empty directory, and move "
                   "this one away if the backup is to take its place"));
}

absl::Status MakeDirectory(const std::string& directory) {
  std::error_code error;
  const fs::path parent = fs::absolute(directory, error).parent_path();
  fs::create_directories(parent, error);
  // For this user alone: the lists are people's data.
  if (mkdir(directory.c_str(), S_IRWXU) == 0 || errno == EEXIST) return absl::OkStatus();
  return FileError(errno, absl::StrCat(directory, " can't be made by the user with uid ", geteuid(),
                                       "; name a directory that this user may write"));
}

absl::Status MarkAsStore(const std::string& directory) {
  return WriteDurably(MarkerPath(directory), kMarkerText);
}

absl::StatusOr<uint64_t> FreeBytes(const std::string& directory) {
  struct statvfs disk {};
  if (statvfs(directory.c_str(), &disk) != 0) {
    return FileError(errno, absl::StrCat("looking at the disk of ", directory));
  }
  return uint64_t{disk.f_bavail} * disk.f_frsize;
}

absl::Status FileError(int error_number, absl::string_view what) {
  const std::string message = absl::StrCat(what, ": ", std::strerror(error_number));
  if (error_number == ENOSPC || error_number == EDQUOT) {
    return absl::ResourceExhaustedError(absl::StrCat("the disk is full: ", message));
  }
  return absl::FailedPreconditionError(message);
}

}  // namespace outdial::storage
