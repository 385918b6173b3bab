#include "storage/rocksdb_store.h"

#include <deque>
#include <filesystem>
#include <limits>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "rocksdb/cache.h"
#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "rocksdb/options.h"
#include "rocksdb/statistics.h"
#include "rocksdb/utilities/checkpoint.h"
#include "rocksdb/write_batch.h"
#include "storage/database_lock.h"
#include "storage/info_log.h"
#include "storage/read_only_store.h"
#include "storage/rocksdb_access.h"
#include "storage/rocksdb_options.h"
#include "storage/store_directory.h"
#include "storage/table_files.h"

namespace outdial::storage {
namespace {

namespace fs = std::filesystem;

// A log of any size is copied into a checkpoint rather than flushed: the store goes on as before.
constexpr uint64_t kNeverFlush = std::numeric_limits<uint64_t>::max();

// Memory of a batch that is kept for the next one.
constexpr size_t kMaxKeptBatchBytes = size_t{1} << 20;

uint64_t LogBytes(const std::string& database) {
  uint64_t sum = 0;
  for (const std::string& log : LogFiles(database)) {
    std::error_code error;
    const uintmax_t bytes = fs::file_size(log, error);
    if (!error) sum += bytes;
  }
  return sum;
}

class SnapshotView;

class RocksDbStore : public KeyValueStore {
 public:
  RocksDbStore(std::string directory, const RocksDbOptions& options)
      : directory_(std::move(directory)),
        path_(DatabasePath(directory_)),
        env_(options.file_system == nullptr ? nullptr
                                            : rocksdb::NewCompositeEnv(options.file_system)),
        is_copy_(options.is_copy),
        cache_(rocksdb::NewLRUCache(options.block_cache_bytes, /*num_shard_bits=*/-1,
                                    /*strict_capacity_limit=*/false,
                                    /*high_pri_pool_ratio=*/0.5)) {}
  ~RocksDbStore() override { Close(); }

  // Makes sure, without touching anything, that the directory is free or holds a store that can be
  // opened, and that `admit` takes it.
  absl::Status Inspect(const RocksDbOptions::Admit& admit) const;
  absl::Status Open();

  absl::StatusOr<bool> Get(Family family, absl::string_view key, std::string* value) const override;
  absl::Status Scan(Family family, const KeyRange& range, size_t limit,
                    Visitor visit) const override;
  absl::StatusOr<std::unique_ptr<KvReader>> Snapshot() const override;
  absl::StatusOr<bool> LastKey(Family family, std::string* key) const override;
  absl::Status Commit(const WriteBatch& batch, Durability durability) override;
  absl::Status Reopen() override;
  absl::Status Checkpoint(const std::string& directory) const override;
  void GiveBack(Family family, const KeyRange& range) override;
  StoreStatistics Statistics() const override;

 private:
  friend class SnapshotView;

  rocksdb::Env* env() const { return env_ == nullptr ? rocksdb::Env::Default() : env_.get(); }
  absl::Status InspectDatabase(const RocksDbOptions::Admit& admit) const;
  // Refuses a store of another version, and one that can't be opened.
  absl::Status ReadStore(bool with_time, absl::Time* last_written) const;
  absl::Status Claim() const;
  rocksdb::DBOptions MakeDbOptions() const;
  void Close();
  // RESOURCE_EXHAUSTED: opening would fail, since it writes what is in the log into tables, of half
  // the size or so. Until there is room for that the store stays open, for its readers.
  absl::Status CheckRoom() const;
  // What GiveBack asked for, on a thread of its own: files are removed, and compactions waited for.
  void DropUntilClosed() ABSL_LOCKS_EXCLUDED(mutex_);
  void DropDeletedRange(Family family, const KeyRange& range) const;
  // Keeps the database open; false: it is closed. Unpin must follow.
  bool Pin() const ABSL_LOCKS_EXCLUDED(mutex_);
  void Unpin() const ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Closed() const {
    return absl::UnavailableError(absl::StrCat(
        directory_, " is closed since its disk was full, and opened again once there is room"));
  }

  const std::string directory_;
  const std::string path_;                   // of the database
  const std::unique_ptr<rocksdb::Env> env_;  // null: the default one
  const bool is_copy_;
  const std::shared_ptr<rocksdb::Cache> cache_;
  // Outlives each opening, so that what is counted never goes back.
  const std::shared_ptr<rocksdb::Statistics> counted_ = rocksdb::CreateDBStatistics();
  // Set by the writer while nothing pins it; read by who pins it, and by the writer. Null: closed.
  std::unique_ptr<OpenDatabase> open_;
  rocksdb::WriteBatch writes_;  // of the writer: kept, since its memory costs more than its filling

  mutable absl::Mutex mutex_;
  mutable int pins_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = true;
  std::deque<std::pair<Family, KeyRange>> to_drop_ ABSL_GUARDED_BY(mutex_);
  std::thread dropper_;  // started and joined by the writer
};

class SnapshotView : public KvReader {
 public:
  explicit SnapshotView(const RocksDbStore* store)
      : store_(store), snapshot_(store->open_->db->GetSnapshot()) {
    options_.snapshot = snapshot_;
  }
  ~SnapshotView() override {
    store_->open_->db->ReleaseSnapshot(snapshot_);
    store_->Unpin();
  }
  absl::StatusOr<bool> Get(Family family, absl::string_view key,
                           std::string* value) const override {
    return GetFrom(*store_->open_, options_, family, key, value);
  }
  absl::Status Scan(Family family, const KeyRange& range, size_t limit,
                    Visitor visit) const override {
    return ScanFrom(*store_->open_, options_, family, range, limit, visit);
  }

 private:
  const RocksDbStore* store_;
  const rocksdb::Snapshot* snapshot_;
  rocksdb::ReadOptions options_;
};

absl::Status RocksDbStore::Inspect(const RocksDbOptions::Admit& admit) const {
  const absl::StatusOr<DirectoryState> state = InspectDirectory(directory_);
  if (!state.ok()) return state.status();
  if (*state == DirectoryState::kFree) {
    return admit == nullptr ? absl::OkStatus() : admit(absl::InfinitePast());
  }
  if (absl::Status writable = CheckStoreWritable(directory_); !writable.ok()) return writable;
  return InspectDatabase(admit);
}

absl::Status RocksDbStore::InspectDatabase(const RocksDbOptions::Admit& admit) const {
  std::error_code error;
  absl::Time last_written = absl::InfinitePast();
  // The process may have died before it made the database, or in the middle of that.
  if (fs::exists(path_, error)) {
    const auto lock = DatabaseLock::Take(directory_, env());
    if (!lock.ok()) return lock.status();
    if (!IsUnused(path_)) {
      if (absl::Status read = ReadStore(admit != nullptr, &last_written); !read.ok()) return read;
    }
  }
  return admit == nullptr ? absl::OkStatus() : admit(last_written);
}

absl::Status RocksDbStore::ReadStore(bool with_time, absl::Time* last_written) const {
  std::vector<Family> families{Family::kMeta};
  if (with_time) families.push_back(Family::kEvent);
  const auto store = ReadOnlyStore::Open(directory_, families, env());
  if (!store.ok()) return store.status();
  if (!is_copy_) {
    if (absl::Status log = (*store)->CheckLogIsThere(); !log.ok()) return log;
  }
  if (!with_time) return absl::OkStatus();
  const absl::StatusOr<absl::Time> time = LastWritten(**store);
  if (!time.ok()) return time.status();
  *last_written = *time;
  return absl::OkStatus();
}

// Marks the directory as ours, making it when there is nothing yet.
absl::Status RocksDbStore::Claim() const {
  const absl::StatusOr<DirectoryState> state = InspectDirectory(directory_);
  if (!state.ok()) return state.status();
  if (*state == DirectoryState::kStore) return absl::OkStatus();
  if (absl::Status made = MakeDirectory(directory_); !made.ok()) return made;
  if (absl::Status writable = CheckStoreWritable(directory_); !writable.ok()) return writable;
  return MarkAsStore(directory_);
}

rocksdb::DBOptions RocksDbStore::MakeDbOptions() const {
  rocksdb::DBOptions options = DatabaseOptions();
  options.env = env();
  options.info_log = MakeInfoLog(path_);
  counted_->set_stats_level(rocksdb::StatsLevel::kExceptHistogramOrTimers);
  options.statistics = counted_;
  return options;
}

absl::Status RocksDbStore::Open() {
  if (absl::Status claimed = Claim(); !claimed.ok()) return claimed;
  const rocksdb::ColumnFamilyOptions family_options = FamilyOptions(cache_);
  // RocksDB insists on a family called "default"; it stays empty.
  std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, family_options}};
  for (size_t i = 0; i < kFamilyCount; ++i) {
    families.emplace_back(std::string(FamilyName(static_cast<Family>(i))), family_options);
  }
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status = rocksdb::DB::Open(MakeDbOptions(), path_, families, &handles, &db);
  if (!status.ok()) return OpenError(status, path_);
  open_ = std::make_unique<OpenDatabase>();
  open_->db.reset(db);
  db->DestroyColumnFamilyHandle(handles.front());
  open_->handles.assign(handles.begin() + 1, handles.end());
  absl::MutexLock lock(&mutex_);
  closed_ = false;
  return absl::OkStatus();
}

StoreStatistics RocksDbStore::Statistics() const {
  StoreStatistics statistics;
  if (!Pin()) return statistics;
  rocksdb::DB& db = *open_->db;
  using Properties = rocksdb::DB::Properties;
  const auto sum_of = [&db](const std::string& property) {
    uint64_t sum = 0;
    return db.GetAggregatedIntProperty(property, &sum) ? sum : 0;
  };
  const auto value_of = [&db](const std::string& property) {
    uint64_t value = 0;
    return db.GetIntProperty(property, &value) ? value : 0;
  };
  statistics.block_cache_bytes = cache_->GetUsage();
  statistics.memtable_bytes = sum_of(Properties::kCurSizeAllMemTables);
  statistics.block_cache_hits = counted_->getTickerCount(rocksdb::BLOCK_CACHE_HIT);
  statistics.block_cache_misses = counted_->getTickerCount(rocksdb::BLOCK_CACHE_MISS);
  statistics.stall_microseconds = counted_->getTickerCount(rocksdb::STALL_MICROS);
  statistics.table_bytes = sum_of(Properties::kTotalSstFilesSize);
  statistics.log_bytes = LogBytes(path_);
  statistics.pending_compaction_bytes = sum_of(Properties::kEstimatePendingCompactionBytes);
  statistics.writes_stopped = value_of(Properties::kIsWriteStopped) != 0;
  statistics.writes_slowed = value_of(Properties::kActualDelayedWriteRate) != 0;
  Unpin();
  return statistics;
}

void RocksDbStore::Close() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    to_drop_.clear();
  }
  // Else a compaction that the dropper waits for would hold this up.
  if (open_ != nullptr) open_->db->DisableManualCompaction();
  if (dropper_.joinable()) dropper_.join();
  {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](int* pins) { return *pins == 0; }, &pins_));
  }
  open_.reset();
}

bool RocksDbStore::Pin() const {
  absl::MutexLock lock(&mutex_);
  if (!closed_) ++pins_;
  return !closed_;
}

void RocksDbStore::Unpin() const {
  absl::MutexLock lock(&mutex_);
  --pins_;
}

absl::Status RocksDbStore::CheckRoom() const {
  const uint64_t log_bytes = LogBytes(path_);
  const absl::StatusOr<uint64_t> free_bytes = FreeBytes(path_);
  if (!free_bytes.ok()) return free_bytes.status();
  if (*free_bytes >= log_bytes / 2) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("the disk of ", directory_, " has ", *free_bytes,
                                                   " bytes left: going on needs about ",
                                                   log_bytes / 2));
}

absl::Status RocksDbStore::Reopen() {
  if (open_ != nullptr) {
    if (absl::Status room = CheckRoom(); !room.ok()) return room;
  }
  Close();
  if (absl::Status logs = CheckLogs(path_); !logs.ok()) return logs;
  return Open();
}

absl::StatusOr<bool> RocksDbStore::Get(Family family, absl::string_view key,
                                       std::string* value) const {
  if (open_ == nullptr) return Closed();
  return GetFrom(*open_, rocksdb::ReadOptions(), family, key, value);
}

absl::Status RocksDbStore::Scan(Family family, const KeyRange& range, size_t limit,
                                Visitor visit) const {
  if (open_ == nullptr) return Closed();
  return ScanFrom(*open_, rocksdb::ReadOptions(), family, range, limit, visit);
}

absl::StatusOr<std::unique_ptr<KvReader>> RocksDbStore::Snapshot() const {
  if (!Pin()) return Closed();
  return std::make_unique<SnapshotView>(this);
}

absl::StatusOr<bool> RocksDbStore::LastKey(Family family, std::string* key) const {
  if (open_ == nullptr) return Closed();
  return LastKeyOf(*open_, family, key);
}

absl::Status RocksDbStore::Checkpoint(const std::string& directory) const {
  if (!Pin()) return Closed();
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(open_->db.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(DatabasePath(directory), kNeverFlush);
  Unpin();
  return ToStatus(status, absl::StrCat("writing a checkpoint to ", directory));
}

void RocksDbStore::GiveBack(Family family, const KeyRange& range) {
  absl::MutexLock lock(&mutex_);
  if (closed_) return;
  to_drop_.emplace_back(family, range);
  if (!dropper_.joinable()) dropper_ = std::thread([this] { DropUntilClosed(); });
}

void RocksDbStore::DropUntilClosed() {
  const auto has_work = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return closed_ || !to_drop_.empty();
  };
  while (true) {
    std::pair<Family, KeyRange> next;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&has_work));
      if (closed_) return;
      next = std::move(to_drop_.front());
      to_drop_.pop_front();
    }
    DropDeletedRange(next.first, next.second);
  }
}

void RocksDbStore::DropDeletedRange(Family family, const KeyRange& range) const {
  const rocksdb::Slice first = ToSlice(range.first);
  const rocksdb::Slice end = ToSlice(range.end);
  rocksdb::ColumnFamilyHandle* handle = open_->Handle(family);
  // Failing costs nothing but time: compactions drop sooner or later what a tombstone covers.
  rocksdb::DeleteFilesInRange(open_->db.get(), handle, &first, &end, /*include_end=*/false)
      .PermitUncheckedError();
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  open_->db->CompactRange(options, handle, &first, &end).PermitUncheckedError();
}

absl::Status RocksDbStore::Commit(const WriteBatch& batch, Durability durability) {
  if (open_ == nullptr) return Closed();
  writes_.Clear();
  for (const WriteBatch::Op& op : batch.ops()) {
    rocksdb::ColumnFamilyHandle* family = open_->Handle(op.family);
    rocksdb::Status status;
    switch (op.kind) {
      case WriteBatch::Op::Kind::kPut:
        status = writes_.Put(family, ToSlice(op.key), ToSlice(op.value));
        break;
      case WriteBatch::Op::Kind::kDelete:
        status = writes_.Delete(family, ToSlice(op.key));
        break;
      case WriteBatch::Op::Kind::kDeleteRange:
        status = writes_.DeleteRange(family, ToSlice(op.key), ToSlice(op.value));
        break;
    }
    if (!status.ok()) return ToStatus(status, "building a batch");
  }
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::kSynced;
  absl::Status status = ToStatus(open_->db->Write(options, &writes_), "writing");
  if (writes_.GetDataSize() > kMaxKeptBatchBytes) writes_ = rocksdb::WriteBatch();
  return status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<KeyValueStore>> OpenRocksDbStore(const std::string& directory,
                                                                const RocksDbOptions& options) {
  auto store = std::make_unique<RocksDbStore>(directory, options);
  if (absl::Status status = store->Inspect(options.admit); !status.ok()) return status;
  if (absl::Status status = store->Open(); !status.ok()) return status;
  return store;
}

}  // namespace outdial::storage
