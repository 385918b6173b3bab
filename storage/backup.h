// Consistent copies of a running store, and back.
//
// A backup is a directory with a database of its own and a file BACKUP, written last, that lists
// every file with its size: a copy that was cut short shows. Tables are hard links where the file
// system allows it, so that a backup beside the store costs little time and no space at first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/kv.h"

namespace outdial::storage {

struct BackupFile {
  std::string name;  // within the database
  uint64_t bytes = 0;
};

struct Backup {
  std::string directory;
  uint64_t bytes = 0;  // of all files
  // Of the newest event in it, and its position; InfinitePast and 0: none.
  absl::Time last_written = absl::InfinitePast();
  uint64_t last_event = 0;
  // Number of the last change that the database has taken.
  uint64_t sequence = 0;
  std::vector<BackupFile> files;
};

// At the end of the name of a backup that is being made, or was cut short.
inline constexpr char kPartialSuffix[] = ".partial";

// Makes a backup of the store in `directory`, which is made with its parents and must not be there;
// first in a directory with kPartialSuffix, which is removed if it is there. ALREADY_EXISTS: it is
// there. RESOURCE_EXHAUSTED: the disk is full. FAILED_PRECONDITION: the store is not kept in files,
// or the directory can't be made.
absl::StatusOr<Backup> MakeBackup(const KeyValueStore& store, const std::string& directory);

// Removes what cut backups left in `directory`, where the store's backups are made. Of an error
// nothing is told: what can't be removed harms nobody.
void RemovePartialBackups(const std::string& directory);

// Checks a backup whole: its list, each file, each record. Calls with each damage that it finds.
// FAILED_PRECONDITION: it is no backup of Outdial, or of another version. DATA_LOSS: it was cut
// short, or is damaged.
using DamageSink = absl::FunctionRef<void(const absl::Status&)>;
absl::StatusOr<Backup> CheckBackup(const std::string& directory, DamageSink on_damage);

// Puts a backup that CheckBackup took into `data_dir`, which must be missing or empty, with the
// mark of restore_mark.h. The backup stays as it is. An error leaves nothing; a restore that is cut
// short leaves a directory that no server starts on. FAILED_PRECONDITION: it is not empty, or can't
// be written. RESOURCE_EXHAUSTED: there is no room.
absl::Status RestoreBackup(const Backup& backup, const std::string& data_dir);

}  // namespace outdial::storage
