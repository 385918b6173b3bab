// What every use of a RocksDB database here has in common: conversion of statuses, the column
// families, and reads.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/slice.h"
#include "storage/kv.h"

namespace outdial::storage {

inline rocksdb::Slice ToSlice(absl::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline absl::string_view ToView(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

// DATA_LOSS: what is damaged, after what to do about it.
inline constexpr char kTakeBackup[] = "the store is damaged, restore it from a backup: ";
absl::Status DamagedStore(absl::string_view what);

// RESOURCE_EXHAUSTED: the disk is full. DATA_LOSS: damaged. INTERNAL: anything else. `what`: what
// was being done.
absl::Status ToStatus(const rocksdb::Status& status, absl::string_view what);

// Why a database could not be opened. DATA_LOSS names each damaged file that can be told.
absl::Status OpenError(const rocksdb::Status& status, const std::string& database);

// DATA_LOSS names each log that is damaged. To be asked before each opening: RocksDB itself drops
// what follows damage, without a word.
absl::Status CheckLogs(const std::string& database);

// A database and its families by number; a family that it does not have is null.
struct OpenDatabase {
  OpenDatabase() = default;
  OpenDatabase(OpenDatabase&&) = default;
  OpenDatabase& operator=(OpenDatabase&&) = default;
  ~OpenDatabase();

  rocksdb::ColumnFamilyHandle* Handle(Family family) const {
    return handles[static_cast<size_t>(family)];
  }

  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;  // belong to db
};

// As KvReader. Thread-safe.
absl::StatusOr<bool> GetFrom(const OpenDatabase& database, const rocksdb::ReadOptions& options,
                             Family family, absl::string_view key, std::string* value);
absl::Status ScanFrom(const OpenDatabase& database, const rocksdb::ReadOptions& options,
                      Family family, const KeyRange& range, size_t limit, KvReader::Visitor visit);
absl::StatusOr<bool> LastKeyOf(const OpenDatabase& database, Family family, std::string* key);

}  // namespace outdial::storage
