#include "storage/rocksdb_access.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "storage/log_check.h"
#include "storage/row_name.h"
#include "storage/table_files.h"

namespace outdial::storage {

namespace {

// What a failed Open does not name: it blames the manifest for a table that it can't open, and
// names neither CURRENT nor a log.
std::vector<std::string> DamagedFiles(const rocksdb::Status& status, const std::string& database) {
  std::vector<std::string> names;
  for (const absl::Status& damage : DamagedTables(database, TableCheck::kOpen)) {
    names.push_back(std::string(damage.message()));
  }
  const std::string text = status.ToString();
  if (!names.empty() || absl::StrContains(text, database)) return names;
  if (absl::StrContains(text, "CURRENT")) return {absl::StrCat(database, "/CURRENT")};
  return LogFiles(database);
}

}  // namespace

absl::Status DamagedStore(absl::string_view what) {
  return absl::DataLossError(absl::StrCat(kTakeBackup, what));
}

absl::Status ToStatus(const rocksdb::Status& status, absl::string_view what) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = absl::StrCat(what, ": ", status.ToString());
  if (status.IsNoSpace()) {
    return absl::ResourceExhaustedError(absl::StrCat("the disk is full: ", message));
  }
  if (status.IsCorruption()) {
    return DamagedStore(message);
  }
  return absl::InternalError(message);
}

absl::Status CheckLogs(const std::string& database) {
  std::vector<std::string> damages;
  for (const absl::Status& damage : DamagedLogs(database)) {
    damages.push_back(std::string(damage.message()));
  }
  if (damages.empty()) return absl::OkStatus();
  return DamagedStore(absl::StrJoin(damages, "; "));
}

absl::Status OpenError(const rocksdb::Status& status, const std::string& database) {
  // RocksDB names a missing table by the ending it had long ago.
  const std::string what = absl::StrCat("opening ", database, ": ",
                                        absl::StrReplaceAll(status.ToString(), {{".ldb", ".sst"}}));
  // A file that is missing is no corruption to it.
  if (!status.IsCorruption() && !status.IsPathNotFound()) {
    return ToStatus(status, absl::StrCat("opening ", database));
  }
  const std::vector<std::string> names = DamagedFiles(status, database);
  return DamagedStore(
      names.empty() ? what : absl::StrCat(what, "; damaged: ", absl::StrJoin(names, ", ")));
}

OpenDatabase::~OpenDatabase() {
  if (db == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    if (handle != nullptr) db->DestroyColumnFamilyHandle(handle);
  }
  // Every commit that counts is in the log already: what Close can't write, the next Open reads.
  db->Close().PermitUncheckedError();
}

absl::StatusOr<bool> GetFrom(const OpenDatabase& database, const rocksdb::ReadOptions& options,
                             Family family, absl::string_view key, std::string* value) {
  if (database.Handle(family) == nullptr) return false;
  const rocksdb::Status status =
      database.db->Get(options, database.Handle(family), ToSlice(key), value);
  if (status.ok()) return true;
  if (status.IsNotFound()) return false;
  return ToStatus(status, absl::StrCat("reading ", RowName(family, key)));
}

absl::Status ScanFrom(const OpenDatabase& database, const rocksdb::ReadOptions& options,
                      Family family, const KeyRange& range, size_t limit, KvReader::Visitor visit) {
  if (database.Handle(family) == nullptr) return absl::OkStatus();
  rocksdb::ReadOptions bounded = options;
  const rocksdb::Slice end = ToSlice(range.end);
  if (!range.end.empty()) bounded.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db->NewIterator(bounded, database.Handle(family)));
  for (it->Seek(ToSlice(range.first)); it->Valid() && limit > 0; it->Next(), --limit) {
    if (!visit(ToView(it->key()), ToView(it->value()))) break;
  }
  return ToStatus(it->status(), absl::StrCat("scanning ", FamilyName(family)));
}

absl::StatusOr<bool> LastKeyOf(const OpenDatabase& database, Family family, std::string* key) {
  if (database.Handle(family) == nullptr) return false;
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db->NewIterator(rocksdb::ReadOptions(), database.Handle(family)));
  it->SeekToLast();
  if (it->Valid()) *key = it->key().ToString();
  const absl::Status status = ToStatus(it->status(), absl::StrCat("scanning ", FamilyName(family)));
  if (!status.ok()) return status;
  return it->Valid();
}

}  // namespace outdial::storage
