// A record store in memory, with one list and what is needed to dial it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "storage/memory_store.h"
#include "storage/record_store.h"
#include "storage/verify_store.h"
#include "tests/storage/record_makers.h"

namespace outdial::storage {

class StoreFixture : public ::testing::Test {
 protected:
  static constexpr engine::ListNumber kList = 7;

  explicit StoreFixture(RecordStoreOptions options = {}) : options_(options) {
    auto kv = std::make_unique<MemoryStore>();
    kv_ = kv.get();
    Open(std::move(kv));
    campaign_.set_plan(plan_.uuid());
    campaign_.set_dlma(dlma_.uuid());
    campaign_.set_dest(destination_.uuid());
    EXPECT_TRUE(round().PutPlan(plan_).ok());
    EXPECT_TRUE(round().PutDlma(dlma_, kList).ok());
    EXPECT_TRUE(round().PutDestination(destination_).ok());
    EXPECT_TRUE(round().PutCampaign(campaign_).ok());
    Commit();
  }

  engine::RoundStore& round() { return store_->Round(); }

  void Open(std::unique_ptr<MemoryStore> kv) {
    kv_ = kv.get();
    auto store = RecordStore::Open(std::move(kv), options_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  // Goes on with what a power cut would leave.
  void Restart() { Open(kv_->CopySynced()); }

  void Commit() {
    const absl::Status status = store_->Commit();
    EXPECT_TRUE(status.ok()) << status;
    const absl::Status verified = VerifyStore(*kv_);
    EXPECT_TRUE(verified.ok()) << verified;
  }

  engine::IndexChange Put(const v1::Dl* before, const v1::Dl& after, double seconds = 0) {
    const auto change = round().PutDl(before, after, At(seconds));
    EXPECT_TRUE(change.ok()) << change.status();
    return change.value_or(engine::IndexChange());
  }
  v1::Dl PutNew() {
    v1::Dl dl = maker_.Dl(dlma_, kList);
    Put(nullptr, dl);
    return dl;
  }
  v1::Dialing Begin(const v1::Dl& idle, double seconds) {
    const v1::Dialing dialing = maker_.Dialing(campaign_, plan_, dlma_, destination_, idle);
    Put(&idle, Dialled(idle, dialing, seconds));
    EXPECT_TRUE(round().CreateDialing(dialing).ok());
    return dialing;
  }
  // Dials the entry and ends it so; returns the ended dialing.
  v1::Dialing DialOnce(v1::Dl* dl, v1::Outcome outcome, double seconds) {
    v1::Dialing dialing = Begin(*dl, seconds);
    const v1::Dl dialled = Dialled(*dl, dialing, seconds);
    *dl = Ended(dialled, outcome, seconds + 1);
    Put(&dialled, *dl);
    dialing.set_revision(2);
    dialing.set_status(v1::DIALING_STATUS_HUNG_UP);
    dialing.set_outcome(outcome);
    dialing.set_tm_delete(TextAt(seconds + 1));
    EXPECT_TRUE(round().EndDialing(dialing, 20779).ok());
    return dialing;
  }
  void AppendEvent(v1::EventKind kind, decltype(engine::EventNote::record) record,
                   double seconds = 0) {
    const absl::Status status =
        round().AppendEvent({.kind = kind, .tm = At(seconds), .campaign = {}, .record = record});
    EXPECT_TRUE(status.ok()) << status;
  }

  engine::DlUuid Id(const v1::Dl& dl) { return *engine::DlUuid::Parse(dl.uuid()); }
  engine::DialingUuid Id(const v1::Dialing& dialing) {
    return *engine::DialingUuid::Parse(dialing.uuid());
  }
  engine::CampaignUuid Id(const v1::Campaign& campaign) {
    return *engine::CampaignUuid::Parse(campaign.uuid());
  }
  engine::DlmaUuid Id(const v1::Dlma& dlma) { return *engine::DlmaUuid::Parse(dlma.uuid()); }

  const RecordStoreOptions options_;
  MemoryStore* kv_ = nullptr;  // belongs to store_
  std::unique_ptr<RecordStore> store_;
  RecordMaker maker_;
  v1::Campaign campaign_ = maker_.Campaign();
  v1::Plan plan_ = maker_.Plan();
  v1::Dlma dlma_ = maker_.Dlma();
  v1::Destination destination_ = maker_.Destination();
};

}  // namespace outdial::storage
