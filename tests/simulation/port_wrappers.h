// Ports that hand everything on, for wrappers that change one thing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/ports.h"
#include "storage/kv.h"

namespace outdial::simulation {

// The wrapped round must be set before it is used.
class RoundStoreWrapper : public engine::RoundStore {
 public:
  void Wrap(engine::RoundStore* inner) { inner_ = inner; }
  engine::RoundStore& inner() { return *inner_; }

  absl::Status ForEachCampaign(const std::function<void(v1::Campaign)>& call) override {
    return inner_->ForEachCampaign(call);
  }
  absl::Status ForEachPlan(const std::function<void(v1::Plan)>& call) override {
    return inner_->ForEachPlan(call);
  }
  absl::Status ForEachDlma(const std::function<void(v1::Dlma, engine::ListNumber)>& call) override {
    return inner_->ForEachDlma(call);
  }
  absl::Status ForEachDestination(const std::function<void(v1::Destination)>& call) override {
    return inner_->ForEachDestination(call);
  }
  absl::Status ForEachLiveDialing(const std::function<void(v1::Dialing)>& call) override {
    return inner_->ForEachLiveDialing(call);
  }
  absl::Status ForEachTally(const engine::CampaignUuid& campaign, int32_t first_day,
                            const std::function<void(engine::DayTally)>& call) override {
    return inner_->ForEachTally(campaign, first_day, call);
  }
  absl::StatusOr<v1::Plan> GetPlanRevision(const engine::PlanUuid& plan,
                                           uint64_t revision) override {
    return inner_->GetPlanRevision(plan, revision);
  }
  absl::StatusOr<v1::Destination> GetDestinationRevision(const engine::DestinationUuid& destination,
                                                         uint64_t revision) override {
    return inner_->GetDestinationRevision(destination, revision);
  }
  absl::StatusOr<engine::ListNumber> MaxListNumber() override { return inner_->MaxListNumber(); }
  absl::StatusOr<bool> TakeRestoreMark() override { return inner_->TakeRestoreMark(); }
  absl::Status PutCampaign(const v1::Campaign& campaign) override {
    return inner_->PutCampaign(campaign);
  }
  absl::Status PutPlan(const v1::Plan& plan) override { return inner_->PutPlan(plan); }
  absl::Status PutDlma(const v1::Dlma& dlma, engine::ListNumber number) override {
    return inner_->PutDlma(dlma, number);
  }
  absl::Status PutDestination(const v1::Destination& destination) override {
    return inner_->PutDestination(destination);
  }
  absl::StatusOr<engine::DlPtr> GetDl(const engine::DlUuid& uuid) override {
    return inner_->GetDl(uuid);
  }
  absl::StatusOr<std::vector<engine::DlUuid>> FindEntries(engine::ListNumber list,
                                                          engine::EntryKey key,
                                                          absl::string_view text,
                                                          size_t limit) override {
    return inner_->FindEntries(list, key, text, limit);
  }
  absl::StatusOr<engine::IndexChange> PutDl(const v1::Dl* before, const v1::Dl& after,
                                            absl::Time now) override {
    return inner_->PutDl(before, after, now);
  }
  absl::StatusOr<std::vector<engine::IndexPlace>> RipenEntries(engine::ListNumber list,
                                                               absl::Time now,
                                                               size_t limit) override {
    return inner_->RipenEntries(list, now, limit);
  }
  absl::StatusOr<std::optional<absl::Time>> NextNotBefore(engine::ListNumber list) override {
    return inner_->NextNotBefore(list);
  }
  absl::StatusOr<std::vector<engine::ClassCount>> ListClasses(engine::ListNumber list) override {
    return inner_->ListClasses(list);
  }
  absl::StatusOr<engine::ListCount> CountList(engine::ListNumber list) override {
    return inner_->CountList(list);
  }
  absl::StatusOr<std::vector<engine::IdleKey>> ScanIdle(engine::ListNumber list,
                                                        engine::ClassNumber class_number,
                                                        const std::optional<engine::IdleKey>& after,
                                                        size_t limit) override {
    return inner_->ScanIdle(list, class_number, after, limit);
  }
  absl::Status CreateDialing(const v1::Dialing& dialing) override {
    return inner_->CreateDialing(dialing);
  }
  absl::Status UpdateDialing(const v1::Dialing& dialing) override {
    return inner_->UpdateDialing(dialing);
  }
  absl::Status EndDialing(const v1::Dialing& dialing, int32_t day) override {
    return inner_->EndDialing(dialing, day);
  }
  absl::StatusOr<bool> HasDialing(const engine::DialingUuid& dialing) override {
    return inner_->HasDialing(dialing);
  }
  absl::Status AppendEvent(const engine::EventNote& note) override {
    return inner_->AppendEvent(note);
  }
  absl::StatusOr<std::optional<engine::LedgerEntry>> FindRequest(
      absl::string_view request_id) override {
    return inner_->FindRequest(request_id);
  }
  absl::Status PutRequest(absl::string_view request_id, const engine::LedgerEntry& entry,
                          absl::Time now) override {
    return inner_->PutRequest(request_id, entry, now);
  }
  absl::StatusOr<std::optional<engine::ImportProgress>> FindImport(
      absl::string_view request_id) override {
    return inner_->FindImport(request_id);
  }
  absl::Status PutImport(absl::string_view request_id, const engine::ImportProgress& progress,
                         absl::Time now) override {
    return inner_->PutImport(request_id, progress, now);
  }

 private:
  engine::RoundStore* inner_ = nullptr;
};

// `inner` outlives it.
class CommitterWrapper : public engine::RoundCommitter {
 public:
  explicit CommitterWrapper(engine::RoundCommitter* inner) : inner_(inner) {}
  engine::RoundCommitter& inner() { return *inner_; }

  engine::RoundStore& Round() override { return inner_->Round(); }
  void BeginCommit(std::function<void()> done) override { inner_->BeginCommit(std::move(done)); }
  bool CommitIsDone() const override { return inner_->CommitIsDone(); }
  absl::Status FinishCommit() override { return inner_->FinishCommit(); }
  void Discard() override { inner_->Discard(); }
  uint64_t LastEventSequence() const override { return inner_->LastEventSequence(); }
  absl::Status Reopen() override { return inner_->Reopen(); }

 private:
  engine::RoundCommitter* inner_;
};

class KeyValueStoreWrapper : public storage::KeyValueStore {
 public:
  explicit KeyValueStoreWrapper(std::unique_ptr<storage::KeyValueStore> inner)
      : inner_(std::move(inner)) {}
  storage::KeyValueStore& inner() { return *inner_; }

  absl::StatusOr<bool> Get(storage::Family family, absl::string_view key,
                           std::string* value) const override {
    return inner_->Get(family, key, value);
  }
  absl::Status Scan(storage::Family family, const storage::KeyRange& range, size_t limit,
                    Visitor visit) const override {
    return inner_->Scan(family, range, limit, visit);
  }
  absl::StatusOr<std::unique_ptr<storage::KvReader>> Snapshot() const override {
    return inner_->Snapshot();
  }
  absl::StatusOr<bool> LastKey(storage::Family family, std::string* key) const override {
    return inner_->LastKey(family, key);
  }
  absl::Status Commit(const storage::WriteBatch& batch, storage::Durability durability) override {
    return inner_->Commit(batch, durability);
  }
  absl::Status Reopen() override { return inner_->Reopen(); }

 private:
  std::unique_ptr<storage::KeyValueStore> inner_;
};

}  // namespace outdial::simulation
