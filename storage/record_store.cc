#include "storage/record_store.h"

#include <string>
#include <utility>

#include "storage/key_schema.h"
#include "storage/read_side.h"
#include "storage/round.h"
#include "storage/round_overlay.h"
#include "storage/schema_version.h"

namespace outdial::storage {
namespace {

absl::Status WriteSchema(KeyValueStore* kv) {
  WriteBatch batch;
  batch.Put(Family::kMeta, kSchemaKey, kSchemaText);
  return kv->Commit(batch, Durability::kSynced);
}

absl::StatusOr<bool> IsEmpty(const KeyValueStore& kv) {
  for (size_t i = 0; i < kFamilyCount; ++i) {
    std::string key;
    const absl::StatusOr<bool> found = kv.LastKey(static_cast<Family>(i), &key);
    if (!found.ok()) return found.status();
    if (*found) return false;
  }
  return true;
}

absl::Status CheckSchema(KeyValueStore* kv) {
  std::string schema;
  const absl::StatusOr<bool> found = kv->Get(Family::kMeta, kSchemaKey, &schema);
  if (!found.ok()) return found.status();
  if (*found) return CheckSchemaText(schema);
  const absl::StatusOr<bool> empty = IsEmpty(*kv);
  if (!empty.ok()) return empty.status();
  if (!*empty) {
    return absl::FailedPreconditionError(
        "the store holds data without a schema version: it was not made by Outdial");
  }
  return WriteSchema(kv);
}

// The writing half. Its calls belong to the thread of the run loop.
class Store : public ReadSide {
 public:
  Store(std::unique_ptr<KeyValueStore> kv, const RecordStoreOptions& options)
      : ReadSide(std::move(kv)), round_(ReadSide::kv(), options) {}

  absl::Status Load() {
    load_status_ = round_.Discard();
    if (load_status_.ok()) Publish();
    return load_status_;
  }

  engine::RoundStore& Round() override { return round_; }

  absl::Status Commit() override {
    if (!load_status_.ok()) return load_status_;
    absl::Status status = round_.Commit();
    if (status.ok()) {
      Publish();
    } else {
      Discard();
    }
    return status;
  }

  // Taking up what is committed fails on a damaged or closed store; then no round is committed
  // until Reopen has succeeded.
  void Discard() override { load_status_ = round_.Discard(); }

  uint64_t LastEventSequence() const override { return last_committed_event_; }

  absl::Status Reopen() override {
    absl::Status status = kv()->Reopen();
    if (!status.ok()) return status;
    return Load();
  }

  absl::StatusOr<Backup> MakeBackup(const std::string& directory) const override {
    return storage::MakeBackup(*kv(), directory);
  }

  StoreStatistics Statistics() const override { return kv()->Statistics(); }

  absl::StatusOr<bool> Upkeep(const engine::Now& now) override { return round_.Upkeep(now); }

 private:
  void Publish() {
    last_committed_event_ = round_.events().last();
    PublishEvents(round_.events().oldest(), last_committed_event_);
  }

  storage::Round round_;
  uint64_t last_committed_event_ = 0;
  absl::Status load_status_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RecordStore>> RecordStore::Open(std::unique_ptr<KeyValueStore> kv,
                                                               RecordStoreOptions options) {
  absl::Status status = CheckSchema(kv.get());
  if (!status.ok()) return status;
  auto store = std::make_unique<Store>(std::move(kv), options);
  status = store->Load();
  if (!status.ok()) return status;
  return store;
}

}  // namespace outdial::storage
