#include "storage/read_only_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rocksdb/cache.h"
#include "rocksdb/env.h"
#include "storage/key_schema.h"
#include "storage/rocksdb_access.h"
#include "storage/rocksdb_options.h"
#include "storage/schema_version.h"
#include "storage/store_directory.h"
#include "storage/stored_records.pb.h"
#include "storage/stored_value.h"
#include "storage/table_files.h"

namespace outdial::storage {
namespace {

constexpr size_t kCacheBytes = size_t{64} << 20;
constexpr int kMaxOpenFiles = 512;

// Drops everything that the database would log beside its files.
class SilentLogger : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::DBOptions ReadingOptions(rocksdb::Env* env) {
  rocksdb::DBOptions options;
  if (env != nullptr) options.env = env;
  options.info_log = std::make_shared<SilentLogger>();
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.max_open_files = kMaxOpenFiles;
  return options;
}

std::optional<Family> FindFamily(absl::string_view name) {
  for (size_t i = 0; i < kFamilyCount; ++i) {
    if (FamilyName(static_cast<Family>(i)) == name) return static_cast<Family>(i);
  }
  return std::nullopt;
}

// The families that are there and wanted. FAILED_PRECONDITION: one that this version does not know.
absl::StatusOr<std::vector<Family>> FamiliesToOpen(const rocksdb::DBOptions& options,
                                                   const std::string& database,
                                                   const std::vector<Family>& wanted) {
  std::vector<std::string> names;
  const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(options, database, &names);
  if (!status.ok()) return OpenError(status, database);
  std::vector<Family> families;
  for (const std::string& name : names) {
    if (name == rocksdb::kDefaultColumnFamilyName) continue;
    const std::optional<Family> family = FindFamily(name);
    if (!family.has_value()) return NewerFamilyError(name);
    const bool is_wanted =
        wanted.empty() || std::find(wanted.begin(), wanted.end(), *family) != wanted.end();
    if (is_wanted) families.push_back(*family);
  }
  return families;
}

}  // namespace

struct ReadOnlyStore::Database {
  std::string path;
  OpenDatabase open;
};

ReadOnlyStore::ReadOnlyStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
ReadOnlyStore::~ReadOnlyStore() = default;

absl::StatusOr<std::unique_ptr<ReadOnlyStore>> ReadOnlyStore::Open(
    const std::string& directory, const std::vector<Family>& families, rocksdb::Env* env) {
  const std::string path = DatabasePath(directory);
  if (LacksCurrentFile(path)) {
    return DamagedStore(absl::StrCat("file ", path, "/CURRENT is missing"));
  }
  if (absl::Status logs = CheckLogs(path); !logs.ok()) return logs;
  const rocksdb::DBOptions options = ReadingOptions(env);
  const absl::StatusOr<std::vector<Family>> present = FamiliesToOpen(options, path, families);
  if (!present.ok()) return present.status();
  const rocksdb::ColumnFamilyOptions family_options =
      FamilyOptions(rocksdb::NewLRUCache(kCacheBytes));
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors{
      {rocksdb::kDefaultColumnFamilyName, family_options}};
  for (const Family family : *present) {
    descriptors.emplace_back(std::string(FamilyName(family)), family_options);
  }
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status =
      rocksdb::DB::OpenForReadOnly(options, path, descriptors, &handles, &db);
  if (!status.ok()) return OpenError(status, path);
  auto database = std::make_unique<Database>();
  database->path = path;
  database->open.db.reset(db);
  db->DestroyColumnFamilyHandle(handles.front());
  database->open.handles.assign(kFamilyCount, nullptr);
  for (size_t i = 0; i < present->size(); ++i) {
    database->open.handles[static_cast<size_t>((*present)[i])] = handles[i + 1];
  }
  auto store = std::unique_ptr<ReadOnlyStore>(new ReadOnlyStore(std::move(database)));
  if (absl::Status checked = store->CheckSchema(); !checked.ok()) return checked;
  return store;
}

absl::Status ReadOnlyStore::CheckSchema() {
  std::string text;
  const absl::StatusOr<bool> found = Get(Family::kMeta, kSchemaKey, &text);
  if (!found.ok()) return found.status();
  if (!*found) return absl::OkStatus();
  schema_ = text;
  return CheckSchemaText(text);
}

absl::Status ReadOnlyStore::CheckLogIsThere() const {
  // Families are made after the first log.
  const bool was_written = database_->open.Handle(Family::kMeta) != nullptr;
  if (!was_written || !LacksLog(database_->path)) return absl::OkStatus();
  return DamagedStore(absl::StrCat("its log, a file ", database_->path,
                                   "/NUMBER.log, is missing, and with it what was written last"));
}

absl::StatusOr<bool> ReadOnlyStore::Get(Family family, absl::string_view key,
                                        std::string* value) const {
  return GetFrom(database_->open, rocksdb::ReadOptions(), family, key, value);
}

absl::Status ReadOnlyStore::Scan(Family family, const KeyRange& range, size_t limit,
                                 Visitor visit) const {
  return ScanFrom(database_->open, rocksdb::ReadOptions(), family, range, limit, visit);
}

absl::StatusOr<bool> ReadOnlyStore::LastKey(Family family, std::string* key) const {
  return LastKeyOf(database_->open, family, key);
}

uint64_t ReadOnlyStore::sequence() const { return database_->open.db->GetLatestSequenceNumber(); }

absl::StatusOr<absl::Time> LastWritten(const ReadOnlyStore& store) {
  std::string key;
  const absl::StatusOr<bool> found = store.LastKey(Family::kEvent, &key);
  if (!found.ok()) return found.status();
  if (!*found) return absl::InfinitePast();
  const absl::StatusOr<StoredEvent> event = NeedRow<StoredEvent>(store, Family::kEvent, key);
  if (!event.ok()) return event.status();
  return absl::FromUnixNanos(event->tm_ns());
}

}  // namespace outdial::storage
