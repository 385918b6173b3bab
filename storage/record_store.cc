#include "storage/record_store.h"

#include <memory>
#include <string>
#include <utility>

#include "engine/check.h"
#include "storage/commit_thread.h"
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

// The writing half. Its calls belong to the thread of the run loop; the key-value store is written
// by the commit thread where there is one, and by the loop's own when nothing is on its way.
class Store : public ReadSide {
 public:
  Store(std::unique_ptr<KeyValueStore> kv, const RecordStoreOptions& options)
      : ReadSide(std::move(kv)), round_(ReadSide::kv(), options) {
    if (options.has_threads) thread_ = std::make_unique<CommitThread>();
  }

  absl::Status Load() {
    load_status_ = round_.Discard();
    if (load_status_.ok()) Publish();
    return load_status_;
  }

  engine::RoundStore& Round() override { return round_; }

  void BeginCommit(std::function<void()> done) override {
    OUTDIAL_CHECK(!is_committing_, "one round is committed at a time");
    is_committing_ = true;
    if (!load_status_.ok()) return;
    round_.Close();
    is_beside_ = thread_ != nullptr && round_.closed_takes_time() && round_.closed_may_wait();
    if (is_beside_) thread_->Begin([this] { return round_.WriteClosed(); }, std::move(done));
  }

  bool CommitIsDone() const override { return !is_beside_ || thread_->IsDone(); }

  absl::Status FinishCommit() override {
    is_committing_ = false;
    if (!load_status_.ok()) return load_status_;
    absl::Status status = std::exchange(is_beside_, false) ? thread_->Wait() : round_.WriteClosed();
    if (status.ok()) {
      round_.Settle();
      Publish();
    } else {
      Discard();
    }
    return status;
  }

  // Taking up what is committed fails on a damaged or closed store; then no round is committed
  // until Reopen has succeeded.
  void Discard() override {
    OUTDIAL_CHECK(!is_committing_, "a round that is being committed can't be thrown away");
    load_status_ = round_.Discard();
  }

  uint64_t LastEventSequence() const override { return last_committed_event_; }

  void SetEventObserver(EventObserver* observer) override { round_.set_event_observer(observer); }

  absl::Status Reopen() override {
    absl::Status status = kv()->Reopen();
    if (!status.ok()) return status;
    return Load();
  }

  absl::StatusOr<Backup> MakeBackup(const std::string& directory) const override {
    return storage::MakeBackup(*kv(), directory);
  }

  StoreStatistics Statistics() const override { return kv()->Statistics(); }

  absl::StatusOr<bool> Upkeep(const engine::Now& now) override {
    OUTDIAL_CHECK(!is_committing_, "upkeep looks at what is committed");
    return round_.Upkeep(now);
  }

 private:
  void Publish() {
    last_committed_event_ = round_.last_event();
    PublishEvents(round_.oldest_event(), last_committed_event_);
  }

  storage::Round round_;
  uint64_t last_committed_event_ = 0;
  absl::Status load_status_;
  bool is_committing_ = false;
  bool is_beside_ = false;                // on the thread
  std::unique_ptr<CommitThread> thread_;  // last: it uses the round until it has ended
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
