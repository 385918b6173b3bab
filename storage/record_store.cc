#include "storage/record_store.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/key_schema.h"
#include "storage/read_side.h"
#include "storage/round.h"
#include "storage/round_overlay.h"

namespace outdial::storage {
namespace {

// Raised with every change of keys or messages that older code can't read, together with a
// migration.
constexpr char kSchema[] = "outdial store, schema 1";

absl::Status WriteSchema(KeyValueStore* kv) {
  WriteBatch batch;
  batch.Put(Family::kMeta, kSchemaKey, kSchema);
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
  if (*found && schema == kSchema) return absl::OkStatus();
  if (*found) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the store was made by another version (it says \"", schema, "\", this version reads \"",
        kSchema, "\"): run that version, or name another data directory"));
  }
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

  absl::Status TrimEvents(absl::Time now) override { return round_.events().Trim(now); }

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
