#include "storage/rocksdb_store.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/options.h"
#include "rocksdb/table.h"
#include "rocksdb/write_batch.h"

namespace outdial::storage {
namespace {

namespace fs = std::filesystem;

// Tells a store's directory from any other; written before anything else.
constexpr char kMarkerFile[] = "OUTDIAL";
constexpr char kMarkerText[] = "This directory belongs to outdiald. Don't change anything in it.\n";
constexpr char kDatabaseFolder[] = "rocksdb";

rocksdb::Slice ToSlice(absl::string_view bytes) { return {bytes.data(), bytes.size()}; }
absl::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

absl::Status ToStatus(const rocksdb::Status& status, absl::string_view what) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = absl::StrCat(what, ": ", status.ToString());
  if (status.IsNoSpace()) {
    return absl::ResourceExhaustedError(absl::StrCat("the disk is full: ", message));
  }
  if (status.IsCorruption()) {
    return absl::DataLossError(
        absl::StrCat("the store is damaged, restore it from a backup: ", message));
  }
  return absl::InternalError(message);
}

absl::Status OpenError(const rocksdb::Status& status, const std::string& directory) {
  // RocksDB has no code of its own for a lock that somebody else holds.
  if (status.IsIOError() && absl::StrContains(absl::AsciiStrToLower(status.ToString()), "lock")) {
    return absl::FailedPreconditionError(absl::StrCat(
        directory, " is in use by another process: stop it, or choose another data directory"));
  }
  return ToStatus(status, absl::StrCat("opening ", directory));
}

absl::Status FileError(const std::error_code& error, absl::string_view what) {
  const std::string message = absl::StrCat(what, ": ", error.message());
  if (error == std::errc::no_space_on_device) return absl::ResourceExhaustedError(message);
  return absl::FailedPreconditionError(message);
}

absl::Status WriteMarker(const fs::path& marker) {
  std::ofstream file(marker, std::ios::binary);
  file << kMarkerText;
  file.close();
  if (!file) {
    return FileError(std::error_code(errno, std::generic_category()),
                     absl::StrCat("writing ", marker.string()));
  }
  return absl::OkStatus();
}

// Makes sure that the directory is ours, making it when there is nothing yet.
absl::Status ClaimDirectory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return FileError(error, absl::StrCat("making ", directory.string()));
  const fs::path marker = directory / kMarkerFile;
  if (fs::exists(marker, error)) return absl::OkStatus();
  fs::directory_iterator entries(directory, error);
  if (error) return FileError(error, absl::StrCat("reading ", directory.string()));
  for (const fs::directory_entry& entry : entries) {
    if (entry.path().filename() == "lost+found") continue;  // a file system's root has it
    return absl::FailedPreconditionError(
        absl::StrCat(directory.string(), " holds files that are not Outdial's (",
                     entry.path().filename().string(), "): name an empty directory"));
  }
  return WriteMarker(marker);
}

class SnapshotView;

class RocksDbStore : public KeyValueStore {
 public:
  RocksDbStore(std::string directory, const RocksDbOptions& options)
      : directory_(std::move(directory)),
        file_system_(options.file_system),
        cache_(rocksdb::NewLRUCache(options.block_cache_bytes, /*num_shard_bits=*/-1,
                                    /*strict_capacity_limit=*/false,
                                    /*high_pri_pool_ratio=*/0.5)) {}
  ~RocksDbStore() override { Close(); }

  absl::Status Open();

  absl::StatusOr<bool> Get(Family family, absl::string_view key, std::string* value) const override;
  absl::Status Scan(Family family, const KeyRange& range, size_t limit,
                    Visitor visit) const override;
  absl::StatusOr<std::unique_ptr<KvReader>> Snapshot() const override;
  absl::StatusOr<bool> LastKey(Family family, std::string* key) const override;
  absl::Status Commit(const WriteBatch& batch, Durability durability) override;
  absl::Status Reopen() override;

 private:
  friend class SnapshotView;

  absl::StatusOr<bool> GetAt(const rocksdb::ReadOptions& options, Family family,
                             absl::string_view key, std::string* value) const;
  absl::Status ScanAt(const rocksdb::ReadOptions& options, Family family, const KeyRange& range,
                      size_t limit, Visitor visit) const;
  rocksdb::ColumnFamilyHandle* Handle(Family family) const {
    return handles_[static_cast<size_t>(family)];
  }
  rocksdb::DBOptions MakeDbOptions();
  rocksdb::ColumnFamilyOptions MakeFamilyOptions();
  void Close();
  absl::Status Closed() const {
    return absl::UnavailableError(absl::StrCat(directory_, " is closed for the moment"));
  }

  const std::string directory_;
  const std::shared_ptr<rocksdb::FileSystem> file_system_;
  const std::shared_ptr<rocksdb::Cache> cache_;
  std::unique_ptr<rocksdb::Env> env_;
  // Set by the writer while no snapshot is open; read by snapshots, and by the writer.
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;  // by Family; belong to db_

  mutable absl::Mutex mutex_;
  mutable int open_snapshots_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = true;
};

class SnapshotView : public KvReader {
 public:
  explicit SnapshotView(const RocksDbStore* store)
      : store_(store), snapshot_(store->db_->GetSnapshot()) {
    options_.snapshot = snapshot_;
  }
  ~SnapshotView() override {
    store_->db_->ReleaseSnapshot(snapshot_);
    absl::MutexLock lock(&store_->mutex_);
    --store_->open_snapshots_;
  }
  absl::StatusOr<bool> Get(Family family, absl::string_view key,
                           std::string* value) const override {
    return store_->GetAt(options_, family, key, value);
  }
  absl::Status Scan(Family family, const KeyRange& range, size_t limit,
                    Visitor visit) const override {
    return store_->ScanAt(options_, family, range, limit, visit);
  }

 private:
  const RocksDbStore* store_;
  const rocksdb::Snapshot* snapshot_;
  rocksdb::ReadOptions options_;
};

rocksdb::DBOptions RocksDbStore::MakeDbOptions() {
  rocksdb::DBOptions options;
  if (file_system_ != nullptr) {
    env_ = rocksdb::NewCompositeEnv(file_system_);
    options.env = env_.get();
  }
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.max_total_wal_size = uint64_t{64} << 20;
  options.db_write_buffer_size = size_t{192} << 20;
  options.max_background_jobs = 2;
  options.bytes_per_sync = uint64_t{1} << 20;
  options.max_log_file_size = size_t{8} << 20;
  options.keep_log_file_num = 4;
  return options;
}

rocksdb::ColumnFamilyOptions RocksDbStore::MakeFamilyOptions() {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache_;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = size_t{16} << 20;
  options.level_compaction_dynamic_level_bytes = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

absl::Status RocksDbStore::Open() {
  absl::Status claimed = ClaimDirectory(directory_);
  if (!claimed.ok()) return claimed;
  // RocksDB insists on a family called "default"; it stays empty.
  std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, MakeFamilyOptions()}};
  for (size_t i = 0; i < kFamilyCount; ++i) {
    families.emplace_back(std::string(FamilyName(static_cast<Family>(i))), MakeFamilyOptions());
  }
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status = rocksdb::DB::Open(
      MakeDbOptions(), (fs::path(directory_) / kDatabaseFolder).string(), families, &handles, &db);
  if (!status.ok()) return OpenError(status, directory_);
  db_.reset(db);
  db_->DestroyColumnFamilyHandle(handles.front());
  handles.erase(handles.begin());
  handles_ = std::move(handles);
  absl::MutexLock lock(&mutex_);
  closed_ = false;
  return absl::OkStatus();
}

void RocksDbStore::Close() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    mutex_.Await(absl::Condition(
        +[](int* open) { return *open == 0; }, &open_snapshots_));
  }
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  handles_.clear();
  // Every commit that counts is in the log already: what Close can't write, the next Open reads.
  db_->Close().PermitUncheckedError();
  db_.reset();
}

absl::Status RocksDbStore::Reopen() {
  Close();
  return Open();
}

absl::StatusOr<bool> RocksDbStore::GetAt(const rocksdb::ReadOptions& options, Family family,
                                         absl::string_view key, std::string* value) const {
  const rocksdb::Status status = db_->Get(options, Handle(family), ToSlice(key), value);
  if (status.ok()) return true;
  if (status.IsNotFound()) return false;
  return ToStatus(status, absl::StrCat("reading from ", FamilyName(family)));
}

absl::Status RocksDbStore::ScanAt(const rocksdb::ReadOptions& options, Family family,
                                  const KeyRange& range, size_t limit, Visitor visit) const {
  rocksdb::ReadOptions bounded = options;
  const rocksdb::Slice end = ToSlice(range.end);
  if (!range.end.empty()) bounded.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(bounded, Handle(family)));
  for (it->Seek(ToSlice(range.first)); it->Valid() && limit > 0; it->Next(), --limit) {
    if (!visit(ToView(it->key()), ToView(it->value()))) break;
  }
  return ToStatus(it->status(), absl::StrCat("scanning ", FamilyName(family)));
}

absl::StatusOr<bool> RocksDbStore::Get(Family family, absl::string_view key,
                                       std::string* value) const {
  if (db_ == nullptr) return Closed();
  return GetAt(rocksdb::ReadOptions(), family, key, value);
}

absl::Status RocksDbStore::Scan(Family family, const KeyRange& range, size_t limit,
                                Visitor visit) const {
  if (db_ == nullptr) return Closed();
  return ScanAt(rocksdb::ReadOptions(), family, range, limit, visit);
}

absl::StatusOr<std::unique_ptr<KvReader>> RocksDbStore::Snapshot() const {
  {
    absl::MutexLock lock(&mutex_);
    if (closed_) return Closed();
    ++open_snapshots_;
  }
  return std::make_unique<SnapshotView>(this);
}

absl::StatusOr<bool> RocksDbStore::LastKey(Family family, std::string* key) const {
  if (db_ == nullptr) return Closed();
  const std::unique_ptr<rocksdb::Iterator> it(
      db_->NewIterator(rocksdb::ReadOptions(), Handle(family)));
  it->SeekToLast();
  if (it->Valid()) *key = it->key().ToString();
  const absl::Status status = ToStatus(it->status(), absl::StrCat("scanning ", FamilyName(family)));
  if (!status.ok()) return status;
  return it->Valid();
}

absl::Status RocksDbStore::Commit(const WriteBatch& batch, Durability durability) {
  if (db_ == nullptr) return Closed();
  rocksdb::WriteBatch writes;
  for (const WriteBatch::Op& op : batch.ops()) {
    rocksdb::ColumnFamilyHandle* family = Handle(op.family);
    rocksdb::Status status;
    switch (op.kind) {
      case WriteBatch::Op::Kind::kPut:
        status = writes.Put(family, ToSlice(op.key), ToSlice(op.value));
        break;
      case WriteBatch::Op::Kind::kDelete:
        status = writes.Delete(family, ToSlice(op.key));
        break;
      case WriteBatch::Op::Kind::kDeleteRange:
        status = writes.DeleteRange(family, ToSlice(op.key), ToSlice(op.value));
        break;
    }
    if (!status.ok()) return ToStatus(status, "building a batch");
  }
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::kSynced;
  return ToStatus(db_->Write(options, &writes), "writing");
}

}  // namespace

absl::StatusOr<std::unique_ptr<KeyValueStore>> OpenRocksDbStore(const std::string& directory,
                                                                const RocksDbOptions& options) {
  auto store = std::make_unique<RocksDbStore>(directory, options);
  absl::Status status = store->Open();
  if (!status.ok()) return status;
  return store;
}

}  // namespace outdial::storage
