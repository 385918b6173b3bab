// The directory of a store: a file OUTDIAL that tells it from any other, and the folder `rocksdb`.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace outdial::storage {

// The file that tells the directory of a store.
std::string MarkerPath(const std::string& directory);
// The database of the store in `directory`, or of a backup.
std::string DatabasePath(const std::string& directory);
// Where the backups of the store in `directory` are made; absolute.
std::string BackupsPath(const std::string& directory);

enum class DirectoryState {
  kFree,   // missing, or empty but for what a file system or an operator's mount puts there
  kStore,  // marked as a store of Outdial
};

// Looks, and touches nothing. FAILED_PRECONDITION: it is no directory, holds something else, is
// what a cut restore left, or this user may not use it; the message names the file that is in the
// way and what to do.
absl::StatusOr<DirectoryState> InspectDirectory(const std::string& directory);

// Of a store or a backup. FAILED_PRECONDITION: this user may not read all of it; the message names
// the file.
absl::Status CheckReadable(const std::string& directory);

// FAILED_PRECONDITION: this user may not read or write the store, by its permissions or because the
// file system is read-only.
absl::Status CheckStoreWritable(const std::string& directory);

// FAILED_PRECONDITION: it is no store, not there, or was never used.
absl::Status RequireStore(const std::string& directory);
// FAILED_PRECONDITION: it is neither missing nor empty.
absl::Status RequireFree(const std::string& directory);

// In which a restore makes the store, before its database gets its place.
inline constexpr char kRestoringFolder[] = "restoring";

// Makes the directory where it is missing, for this user alone, and marks it as a store.
absl::Status MakeDirectory(const std::string& directory);
absl::Status MarkAsStore(const std::string& directory);

// How many bytes this user may still write to the disk of `directory`. Errors as FileError.
absl::StatusOr<uint64_t> FreeBytes(const std::string& directory);

// An error of the file system. RESOURCE_EXHAUSTED: the disk is full. FAILED_PRECONDITION: any
// other.
absl::Status FileError(int error_number, absl::string_view what);

}  // namespace outdial::storage
