// Yardstick: the same batches, written to RocksDB by nothing but a loop.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "rocksdb/write_batch.h"
#include "storage/kv.h"
#include "storage/rocksdb_access.h"

namespace outdial::bench {

// Belongs to one thread; what fails ends the process.
class BareReplay {
 public:
  // `directory` holds a copy of the store that the batches are made for. It is opened with the
  // options of the store.
  explicit BareReplay(const std::string& directory);

  // Keeps a copy of a batch for the next Run.
  void Take(const storage::WriteBatch& batch);
  // Seconds that copying took since the last Run: no part of what is measured.
  double taking() const { return taking_; }
  // Writes what was taken, each batch synced, and returns how many seconds that took.
  double Run();

 private:
  const storage::OpenDatabase database_;
  std::deque<rocksdb::WriteBatch> batches_;
  double taking_ = 0;
};

// A store that shows each batch to a yardstick before it commits it.
class RecordingStore : public storage::KeyValueStore {
 public:
  // `replay` outlives it.
  RecordingStore(std::unique_ptr<storage::KeyValueStore> store, BareReplay* replay)
      : store_(std::move(store)), replay_(replay) {}

  absl::StatusOr<bool> Get(storage::Family family, absl::string_view key,
                           std::string* value) const override {
    return store_->Get(family, key, value);
  }
  absl::Status Scan(storage::Family family, const storage::KeyRange& range, size_t limit,
                    Visitor visit) const override {
    return store_->Scan(family, range, limit, visit);
  }
  absl::StatusOr<std::unique_ptr<KvReader>> Snapshot() const override { return store_->Snapshot(); }
  absl::StatusOr<bool> LastKey(storage::Family family, std::string* key) const override {
    return store_->LastKey(family, key);
  }
  absl::Status Commit(const storage::WriteBatch& batch, storage::Durability durability) override {
    replay_->Take(batch);
    return store_->Commit(batch, durability);
  }
  absl::Status Reopen() override { return store_->Reopen(); }

 private:
  const std::unique_ptr<storage::KeyValueStore> store_;
  BareReplay* const replay_;
};

}  // namespace outdial::bench
