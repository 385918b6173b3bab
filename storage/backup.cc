#include "storage/backup.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "storage/backup_list.h"
#include "storage/durable_file.h"
#include "storage/key_schema.h"
#include "storage/read_only_store.h"
#include "storage/restore_mark.h"
#include "storage/rocksdb_access.h"
#include "storage/rocksdb_store.h"
#include "storage/store_directory.h"
#include "storage/table_files.h"
#include "storage/verify_store.h"

namespace outdial::storage {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::vector<BackupFile>> FilesOf(const std::string& database) {
  std::vector<BackupFile> files;
  std::error_code error;
  fs::directory_iterator entry(database, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    files.push_back({entry->path().filename().string(), entry->file_size(error)});
    if (error) break;
  }
  if (error) return FileError(error.value(), absl::StrCat("reading ", database));
  std::sort(files.begin(), files.end(),
            [](const BackupFile& a, const BackupFile& b) { return a.name < b.name; });
  return files;
}

uint64_t SumOf(const std::vector<BackupFile>& files) {
  uint64_t bytes = 0;
  for (const BackupFile& file : files) bytes += file.bytes;
  return bytes;
}

// What the database in `directory` holds; opening it shows that it can be opened.
absl::StatusOr<Backup> Describe(const std::string& directory) {
  const auto store = ReadOnlyStore::Open(directory, {Family::kMeta, Family::kEvent});
  if (!store.ok()) return store.status();
  Backup backup;
  backup.sequence = (*store)->sequence();
  std::string last_event;
  const absl::StatusOr<bool> found = (*store)->LastKey(Family::kEvent, &last_event);
  if (!found.ok()) return found.status();
  if (*found) backup.last_event = ParseSequenceKey(last_event).value_or(0);
  const absl::StatusOr<absl::Time> last_written = LastWritten(**store);
  if (!last_written.ok()) return last_written.status();
  backup.last_written = *last_written;
  return backup;
}

absl::Status FillPartial(const KeyValueStore& store, const std::string& partial) {
  if (absl::Status made = MakeDirectory(partial); !made.ok()) return made;
  return store.Checkpoint(partial);
}

absl::StatusOr<Backup> ListPartial(const std::string& partial) {
  absl::StatusOr<Backup> backup = Describe(partial);
  if (!backup.ok()) return backup.status();
  absl::StatusOr<std::vector<BackupFile>> files = FilesOf(DatabasePath(partial));
  if (!files.ok()) return files.status();
  backup->files = *std::move(files);
  backup->bytes = SumOf(backup->files);
  absl::Status written = WriteDurably(BackupListPath(partial), FormatBackupList(*backup));
  if (!written.ok()) return written;
  return backup;
}

absl::StatusOr<Backup> MakePartial(const KeyValueStore& store, const std::string& partial) {
  if (absl::Status filled = FillPartial(store, partial); !filled.ok()) return filled;
  return ListPartial(partial);
}

absl::StatusOr<Backup> ReadList(const std::string& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    if (error && error != std::errc::no_such_file_or_directory) {
      return FileError(error.value(), absl::StrCat("looking at ", directory));
    }
    return absl::FailedPreconditionError(
        absl::StrCat(directory, " is no directory: name the directory of a backup"));
  }
  if (absl::Status readable = CheckReadable(directory); !readable.ok()) return readable;
  std::ifstream file(BackupListPath(directory), std::ios::binary);
  if (!file && fs::exists(DatabasePath(directory), error)) {
    return absl::DataLossError(absl::StrCat(
        directory, " has no list BACKUP: it was cut short, or is no backup but a data directory"));
  }
  if (!file) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory, " is no backup of Outdial: it has no list BACKUP"));
  }
  std::ostringstream text;
  text << file.rdbuf();
  absl::StatusOr<Backup> backup = ParseBackupList(text.str());
  if (!backup.ok()) {
    return absl::Status(backup.status().code(),
                        absl::StrCat(directory, ": ", backup.status().message()));
  }
  backup->directory = directory;
  return backup;
}

absl::Status CheckSize(const Backup& backup, const BackupFile& file) {
  const fs::path path = fs::path(DatabasePath(backup.directory)) / file.name;
  std::error_code error;
  const uint64_t bytes = fs::file_size(path, error);
  if (error) {
    return absl::DataLossError(absl::StrCat("file ", path.string(), ": ", error.message()));
  }
  if (bytes == file.bytes) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("file ", path.string(), " has ", bytes, " bytes instead of ", file.bytes));
}

// Each file has the listed size, and each table its checksums. The rest of the files is checked
// when the database is opened.
void CheckFiles(const Backup& backup, DamageSink on_damage) {
  for (const BackupFile& file : backup.files) {
    if (absl::Status status = CheckSize(backup, file); !status.ok()) on_damage(status);
  }
  for (const absl::Status& damage :
       DamagedTables(DatabasePath(backup.directory), TableCheck::kRead)) {
    on_damage(damage);
  }
}

absl::Status CheckRecords(const Backup& backup, DamageSink on_damage) {
  const auto store = ReadOnlyStore::Open(backup.directory);
  if (absl::IsDataLoss(store.status())) {
    on_damage(absl::DataLossError(absl::StripPrefix(store.status().message(), kTakeBackup)));
    return absl::OkStatus();
  }
  if (!store.ok()) return store.status();
  // A torn end of the log is not an error to RocksDB.
  if ((*store)->sequence() != backup.sequence) {
    on_damage(absl::DataLossError(absl::StrCat("the log ends at change ", (*store)->sequence(),
                                               " instead of ", backup.sequence)));
  }
  FindDamage(**store, on_damage);
  return absl::OkStatus();
}

absl::Status CheckRoom(const Backup& backup, const std::string& data_dir) {
  const absl::StatusOr<uint64_t> free_bytes = FreeBytes(data_dir);
  if (!free_bytes.ok()) return free_bytes.status();
  // What is in a log goes into tables when the copy is opened, and is there twice for a while.
  uint64_t needed = backup.bytes;
  for (const BackupFile& file : backup.files) {
    if (fs::path(file.name).extension() == ".log") needed += file.bytes;
  }
  if (*free_bytes > needed) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      "the backup needs ", needed, " bytes, and the disk of ", data_dir, " has ", *free_bytes,
      " left: make room, or restore "
      "to another disk"));
}

absl::Status CopyFiles(const Backup& backup, const std::string& directory) {
  const std::string folder = DatabasePath(directory);
  for (const std::string& made : {directory, folder}) {
    if (absl::Status status = MakeDirectory(made); !status.ok()) return status;
  }
  const fs::path from = DatabasePath(backup.directory);
  for (const BackupFile& file : backup.files) {
    absl::Status copied =
        CopyDurably((from / file.name).string(), (fs::path(folder) / file.name).string());
    if (!copied.ok()) return copied;
  }
  return SyncDirectory(folder);
}

// Makes the copy a store, and marks it as one that was put back.
absl::Status MarkRestored(const std::string& directory) {
  if (absl::Status marked = MarkAsStore(directory); !marked.ok()) return marked;
  RocksDbOptions options;
  options.is_copy = true;
  const auto store = OpenRocksDbStore(directory, options);
  if (!store.ok()) return store.status();
  return PutRestoreMark(store->get());
}

absl::Status RestoreInto(const std::string& data_dir, const Backup& backup) {
  const std::string restoring = (fs::path(data_dir) / kRestoringFolder).string();
  absl::Status status = CopyFiles(backup, restoring);
  if (status.ok()) status = MarkRestored(restoring);
  if (status.ok()) status = RenameDurably(DatabasePath(restoring), DatabasePath(data_dir));
  // The directory's own mark comes last: without it no server takes it for a store.
  if (status.ok()) status = MarkAsStore(data_dir);
  return status;
}

// What an error left, down to a directory that was not there before.
void RemoveRemains(const std::string& data_dir, bool was_there) {
  std::error_code error;
  fs::remove(MarkerPath(data_dir), error);
  fs::remove_all(DatabasePath(data_dir), error);
  fs::remove_all(fs::path(data_dir) / kRestoringFolder, error);
  if (!was_there) fs::remove(data_dir, error);
}

}  // namespace

absl::StatusOr<Backup> MakeBackup(const KeyValueStore& store, const std::string& directory) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(directory, error))) {
    return absl::AlreadyExistsError(
        absl::StrCat(directory, " is there already: give another name"));
  }
  const std::string partial = directory + kPartialSuffix;
  // Of a backup that was cut short.
  fs::remove_all(partial, error);
  absl::StatusOr<Backup> backup = MakePartial(store, partial);
  if (!backup.ok()) {
    fs::remove_all(partial, error);
    return backup.status();
  }
  if (absl::Status renamed = RenameDurably(partial, directory); !renamed.ok()) return renamed;
  backup->directory = directory;
  return backup;
}

void RemovePartialBackups(const std::string& directory) {
  std::error_code error;
  std::vector<fs::path> partial;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() == kPartialSuffix) partial.push_back(entry->path());
  }
  for (const fs::path& path : partial) fs::remove_all(path, error);
}

absl::StatusOr<Backup> CheckBackup(const std::string& directory, DamageSink on_damage) {
  absl::StatusOr<Backup> backup = ReadList(directory);
  if (!backup.ok()) return backup.status();
  uint64_t damages = 0;
  const auto count = [&](const absl::Status& damage) {
    ++damages;
    on_damage(damage);
  };
  CheckFiles(*backup, count);
  // With files that are damaged the records' own errors would say nothing new.
  if (damages == 0) {
    if (absl::Status status = CheckRecords(*backup, count); !status.ok()) return status;
  }
  if (damages == 0) return backup;
  return absl::DataLossError(absl::StrCat(
      "the backup ", directory, " is damaged or was cut short, see above: take another one"));
}

absl::Status RestoreBackup(const Backup& backup, const std::string& data_dir) {
  if (absl::Status status = RequireFree(data_dir); !status.ok()) return status;
  std::error_code error;
  const bool was_there = fs::exists(fs::symlink_status(data_dir, error));
  absl::Status status = MakeDirectory(data_dir);
  if (status.ok()) status = CheckStoreWritable(data_dir);
  if (status.ok()) status = CheckRoom(backup, data_dir);
  if (status.ok()) status = RestoreInto(data_dir, backup);
  if (status.ok()) {
    fs::remove_all(fs::path(data_dir) / kRestoringFolder, error);
  } else {
    RemoveRemains(data_dir, was_there);
  }
  return status;
}

}  // namespace outdial::storage
