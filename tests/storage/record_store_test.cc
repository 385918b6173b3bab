#include "storage/record_store.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "storage/dl_table.h"
#include "storage/key_schema.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/store_fixture.h"
#include "tests/storage/temp_directory.h"

namespace outdial::storage {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

#define EXPECT_SAME(a, b) EXPECT_TRUE(MessageDifferencer::Equals(a, b)) << (a).DebugString()

class RecordStoreTest : public StoreFixture {
 protected:
  // Uuids of the dialings in the first page of results.
  std::vector<std::string> Results(const ResultQuery& query) {
    const auto page = store_->Results(query);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> uuids;
    for (const v1::Result& result : page->results) uuids.push_back(result.dialing().uuid());
    return uuids;
  }
};

TEST_F(RecordStoreTest, ReadsWhatWasCommittedAndNotBefore) {
  const v1::Dl dl = PutNew();
  EXPECT_TRUE(absl::IsNotFound(store_->GetDl(Id(dl)).status()));
  EXPECT_SAME(**round().GetDl(Id(dl)), dl);
  Commit();
  EXPECT_SAME(*store_->GetDl(Id(dl)), dl);
  EXPECT_SAME(*store_->GetCampaign(Id(campaign_)), campaign_);
  EXPECT_SAME(*store_->GetDlma(Id(dlma_)), dlma_);
}

TEST_F(RecordStoreTest, DiscardedRoundLeavesNoTrace) {
  v1::Dl dl = PutNew();
  DialOnce(&dl, v1::OUTCOME_BUSY, 5);
  store_->Discard();
  EXPECT_TRUE(absl::IsNotFound(round().GetDl(Id(dl)).status()));
  EXPECT_EQ(round().CountList(kList)->total, 0u);
  EXPECT_THAT(*round().ListClasses(kList), IsEmpty());
  Commit();
}

TEST_F(RecordStoreTest, FullDiskKeepsNothingAndTheNextRoundsGoOn) {
  const v1::Dl before = PutNew();
  Commit();
  kv_->SetDiskFull(true);
  const v1::Dl during = PutNew();
  EXPECT_TRUE(absl::IsResourceExhausted(store_->Commit()));
  EXPECT_TRUE(absl::IsResourceExhausted(store_->Reopen()));
  kv_->SetDiskFull(false);
  ASSERT_TRUE(store_->Reopen().ok());
  EXPECT_TRUE(absl::IsNotFound(round().GetDl(Id(during)).status()));
  PutNew();
  Commit();
  EXPECT_EQ(round().CountList(kList)->total, 2u);
}

TEST_F(RecordStoreTest, CommitThatWasKeptAfterAllIsTakenUp) {
  kv_->FailNextCommit(absl::InternalError("late failure"), MemoryStore::Fate::kKept);
  const v1::Dl dl = PutNew();
  AppendEvent(v1::EVENT_KIND_OUT_DL_LIST_CREATE, &dl);
  EXPECT_FALSE(store_->Commit().ok());
  AppendEvent(v1::EVENT_KIND_OUT_DL_LIST_UPDATE, &dl);
  Commit();
  EXPECT_EQ(store_->LastEvent(), 2u);
  EXPECT_EQ(round().CountList(kList)->total, 1u);
}

TEST_F(RecordStoreTest, DeletedSmallRecordLeavesEveryShowAndKeepsItsRevisions) {
  v1::Dl dl = PutNew();
  const v1::Dialing dialing = DialOnce(&dl, v1::OUTCOME_HANDLED, 5);
  campaign_.set_revision(2);
  campaign_.set_tm_delete(TextAt(10));
  ASSERT_TRUE(round().PutCampaign(campaign_).ok());
  Commit();
  EXPECT_TRUE(absl::IsNotFound(store_->GetCampaign(Id(campaign_)).status()));
  EXPECT_THAT(*store_->Campaigns({}, 10), IsEmpty());
  int seen = 0;
  ASSERT_TRUE(round().ForEachCampaign([&](v1::Campaign) { ++seen; }).ok());
  EXPECT_EQ(seen, 0);
  EXPECT_EQ(store_->GetResult(Id(dialing), true)->campaign().revision(), 1u);
}

TEST_F(RecordStoreTest, DeletedListKeepsItsResultsAndItsNumber) {
  v1::Dl dl = PutNew();
  const v1::Dialing dialing = DialOnce(&dl, v1::OUTCOME_BUSY, 5);
  dlma_.set_revision(2);
  dlma_.set_tm_delete(TextAt(10));
  ASSERT_TRUE(round().PutDlma(dlma_, kList).ok());
  Commit();
  Restart();
  EXPECT_TRUE(absl::IsNotFound(store_->Dls({.dlma = Id(dlma_)}).status()));
  EXPECT_TRUE(absl::IsNotFound(store_->GetDl(Id(dl)).status()));
  EXPECT_EQ(*round().MaxListNumber(), kList);
  EXPECT_EQ(store_->GetResult(Id(dialing), true)->dl().name(), dl.name());
  ResultQuery query;
  query.dlma = Id(dlma_);
  EXPECT_THAT(Results(query), SizeIs(1));
}

TEST_F(RecordStoreTest, ForEachDlmaTellsTheNumberOfTheList) {
  const v1::Dlma second = maker_.Dlma();
  ASSERT_TRUE(round().PutDlma(second, 9).ok());
  std::vector<engine::ListNumber> numbers;
  ASSERT_TRUE(
      round()
          .ForEachDlma([&](v1::Dlma, engine::ListNumber number) { numbers.push_back(number); })
          .ok());
  EXPECT_THAT(numbers, ElementsAre(kList, 9u));
  EXPECT_EQ(*round().MaxListNumber(), 9u);
}

TEST_F(RecordStoreTest, PagesOfEntriesSkipDeletedOnesAndMissNone) {
  std::vector<v1::Dl> dls;
  for (int i = 0; i < 10; ++i) dls.push_back(PutNew());
  for (const int gone : {1, 2, 9}) {
    v1::Dl deleted = dls[gone];
    deleted.set_tm_delete(TextAt(1));
    Put(&dls[gone], deleted);
  }
  Commit();
  std::vector<std::string> seen;
  engine::DlUuid after;
  while (true) {
    const auto page = store_->Dls({.dlma = Id(dlma_), .after_uuid = after, .limit = 3});
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Dl& dl : page->dls) seen.push_back(dl.uuid());
    if (page->at_end) break;
    after = Id(page->dls.back());
  }
  EXPECT_THAT(seen, ElementsAre(dls[0].uuid(), dls[3].uuid(), dls[4].uuid(), dls[5].uuid(),
                                dls[6].uuid(), dls[7].uuid(), dls[8].uuid()));
  EXPECT_TRUE(absl::IsNotFound(store_->GetDl(Id(dls[1])).status()));
  EXPECT_TRUE((*round().GetDl(Id(dls[1])))->has_tm_delete());
}

TEST_F(RecordStoreTest, DialingIsLiveAndThenAResult) {
  v1::Dl dl = PutNew();
  v1::Dialing dialing = Begin(dl, 5);
  Commit();
  EXPECT_SAME(*store_->GetDialing(Id(dialing)), dialing);
  EXPECT_TRUE(*round().HasDialing(Id(dialing)));
  EXPECT_THAT(*store_->LiveDialings({}, 10), SizeIs(1));
  EXPECT_EQ(store_->CampaignStat(Id(campaign_))->dialings_in_progress(), 1u);
  dialing.set_revision(2);
  dialing.set_tm_answer(TextAt(6));
  ASSERT_TRUE(round().UpdateDialing(dialing).ok());
  Commit();
  EXPECT_EQ(store_->CountDialings(std::nullopt)->answered, 1u);
  EXPECT_EQ(store_->CountDialings(Id(campaign_))->total, 1u);
  EXPECT_EQ(store_->CountDialings(Id(maker_.Campaign()))->total, 0u);
  dialing.set_revision(3);
  dialing.set_outcome(v1::OUTCOME_HANDLED);
  const v1::Dl dialled = Dialled(dl, dialing, 5);
  Put(&dialled, Ended(dialled, v1::OUTCOME_HANDLED, 7), 7);
  ASSERT_TRUE(round().EndDialing(dialing, 20779).ok());
  Commit();
  EXPECT_SAME(*store_->GetDialing(Id(dialing)), dialing);
  EXPECT_SAME(store_->GetResult(Id(dialing), false)->dialing(), dialing);
  EXPECT_THAT(*store_->LiveDialings({}, 10), IsEmpty());
  EXPECT_TRUE(*round().HasDialing(Id(dialing)));
  EXPECT_FALSE(*round().HasDialing(Id(maker_.Dialing(campaign_, plan_, dlma_, destination_, dl))));
}

TEST_F(RecordStoreTest, ResultShowsTheRecordsAsTheyWere) {
  v1::Dl dl = PutNew();
  const v1::Dl dialled_from = dl;
  const v1::Dialing dialing = DialOnce(&dl, v1::OUTCOME_BUSY, 5);
  v1::Dl edited = dl;
  edited.set_revision(dl.revision() + 1);
  edited.set_name("Grace Hopper");
  Put(&dl, edited);
  plan_.set_revision(2);
  plan_.set_name("changed");
  ASSERT_TRUE(round().PutPlan(plan_).ok());
  Commit();
  const v1::Result result = *store_->GetResult(Id(dialing), true);
  EXPECT_EQ(result.dl().name(), dialled_from.name());
  EXPECT_EQ(result.dl().revision(), dialled_from.revision());
  EXPECT_EQ(result.plan().revision(), 1u);
  EXPECT_FALSE(result.plan().has_name());
  EXPECT_SAME(result.destination(), destination_);
  EXPECT_FALSE(store_->GetResult(Id(dialing), false)->has_plan());
}

TEST_F(RecordStoreTest, ResultsComeInTheOrderOfEndingAndAreFiltered) {
  v1::Dl a = PutNew(), b = PutNew();
  const v1::Dialing first = DialOnce(&a, v1::OUTCOME_BUSY, 5);
  const v1::Dialing second = DialOnce(&b, v1::OUTCOME_NO_ANSWER, 6);
  const v1::Dialing third = DialOnce(&a, v1::OUTCOME_HANDLED, 7);
  Commit();
  EXPECT_THAT(Results({}), ElementsAre(first.uuid(), second.uuid(), third.uuid()));
  ResultQuery query;
  query.dl = Id(a);
  EXPECT_THAT(Results(query), ElementsAre(first.uuid(), third.uuid()));
  query.dl = Id(b);
  query.campaign = Id(campaign_);
  EXPECT_THAT(Results(query), ElementsAre(second.uuid()));
  query.campaign = Id(maker_.Campaign());
  EXPECT_THAT(Results(query), IsEmpty());
  query.dl.reset();
  EXPECT_THAT(Results(query), IsEmpty());
  query.campaign.reset();
  query.dlma = Id(dlma_);
  EXPECT_THAT(Results(query), SizeIs(3));
  query.outcomes = {v1::OUTCOME_BUSY, v1::OUTCOME_HANDLED};
  EXPECT_THAT(Results(query), ElementsAre(first.uuid(), third.uuid()));
  query.dlma = Id(maker_.Dlma());
  EXPECT_THAT(Results(query), IsEmpty());
}

TEST_F(RecordStoreTest, ResultPagesGoOnWhereTheLastEnded) {
  v1::Dl dl = PutNew();
  for (int i = 0; i < 5; ++i) DialOnce(&dl, v1::OUTCOME_BUSY, i * 10);
  Commit();
  for (const bool by_campaign : {false, true}) {
    ResultQuery query;
    query.limit = 2;
    if (by_campaign) query.campaign = Id(campaign_);
    std::vector<size_t> sizes;
    ResultPage page;
    do {
      page = *store_->Results(query);
      sizes.push_back(page.results.size());
      query.after_position = page.scanned_to;
    } while (!page.at_end);
    EXPECT_THAT(sizes, ElementsAre(2, 2, 1));
  }
  ResultQuery bad;
  bad.after_position = EncodePosition(1);  // of events
  EXPECT_TRUE(absl::IsInvalidArgument(store_->Results(bad).status()));
}

TEST_F(RecordStoreTest, StatisticsAddUp) {
  std::vector<v1::Dl> dls;
  for (int i = 0; i < 5; ++i) dls.push_back(PutNew());
  DialOnce(&dls[0], v1::OUTCOME_HANDLED, 5);
  for (int i = 0; i < 2; ++i) DialOnce(&dls[1], v1::OUTCOME_BUSY, 5 + 10 * i);
  Begin(dls[2], 6);
  v1::Dl deleted = dls[3];
  deleted.set_tm_delete(TextAt(7));
  Put(&dls[3], deleted);
  Commit();
  const v1::CampaignStat stat = *store_->CampaignStat(Id(campaign_));
  EXPECT_EQ(stat.dl_total_count(), 4u);
  EXPECT_EQ(stat.dl_finished_count(), 1u);
  EXPECT_EQ(stat.dl_dialing_count(), 1u);
  EXPECT_EQ(stat.dl_available_count(), 2u);
  EXPECT_EQ(stat.dl_called_count(), 4u);
  EXPECT_EQ(stat.dialings_in_progress(), 1u);
  ASSERT_EQ(stat.outcomes_size(), 2);
  EXPECT_EQ(stat.outcomes(0).outcome(), v1::OUTCOME_HANDLED);
  EXPECT_EQ(stat.outcomes(0).count(), 1u);
  EXPECT_EQ(stat.outcomes(1).outcome(), v1::OUTCOME_BUSY);
  EXPECT_EQ(stat.outcomes(1).count(), 2u);
  EXPECT_TRUE(absl::IsNotFound(store_->CampaignStat(Id(maker_.Campaign())).status()));
}

TEST_F(RecordStoreTest, TalliesDaysByOutcome) {
  v1::Dl dl = PutNew();
  DialOnce(&dl, v1::OUTCOME_BUSY, 5);
  DialOnce(&dl, v1::OUTCOME_BUSY, 15);
  Commit();
  std::vector<engine::DayTally> days;
  const auto take = [&](engine::DayTally day) { days.push_back(day); };
  ASSERT_TRUE(round().ForEachTally(Id(campaign_), 20780, take).ok());
  EXPECT_THAT(days, IsEmpty());
  ASSERT_TRUE(round().ForEachTally(Id(campaign_), 20779, take).ok());
  ASSERT_THAT(days, SizeIs(1));
  EXPECT_EQ(days[0].day, 20779);
  EXPECT_EQ(days[0].by_outcome[v1::OUTCOME_BUSY], 2u);
}

TEST_F(RecordStoreTest, LedgerRemembersSevenDays) {
  ASSERT_TRUE(round().PutRequest("id", {"request", "response"}, At(0)).ok());
  ASSERT_TRUE(
      round()
          .PutImport("id", {.dlma = Id(dlma_), .next_row = 5, .accepted = 4, .refused = 1}, At(0))
          .ok());
  Commit();
  EXPECT_EQ((*round().FindRequest("id"))->response, "response");
  EXPECT_EQ((*round().FindImport("id"))->next_row, 5u);
  EXPECT_FALSE(round().FindRequest("other")->has_value());
  // A later slice keeps its import alive; the create of the same id is dropped.
  const double almost = 7 * 86400.0 - 1;
  ASSERT_TRUE(round().PutImport("id", {.dlma = Id(dlma_), .next_row = 9}, At(almost)).ok());
  ASSERT_TRUE(round().PutRequest("new", {"r", "r"}, At(almost + 2)).ok());
  Commit();
  EXPECT_FALSE(round().FindRequest("id")->has_value());
  EXPECT_EQ((*round().FindImport("id"))->next_row, 9u);
}

TEST_F(RecordStoreTest, NumbersAreLookedUpAsTheyAreDialled) {
  EXPECT_EQ(DialledNumber("+44 (20) 7946-0958"), "+442079460958");
  EXPECT_EQ(DialledNumber("020.7946.0958"), "02079460958");
  EXPECT_EQ(DialledNumber("sip:ada.l@example.com"), "sip:ada.l@example.com");
  const v1::Dl dl = PutNew();
  Commit();
  std::string value;
  EXPECT_TRUE(*kv_->Get(Family::kNumber, TextIndexKey("+442079460958", Id(dl)), &value));
  EXPECT_TRUE(*kv_->Get(Family::kUkey, TextIndexKey(dl.ukey(), Id(dl)), &value));
}

TEST(RecordStoreOpenTest, RefusesAStoreOfAnotherVersionUntouched) {
  auto kv = std::make_unique<MemoryStore>();
  WriteBatch batch;
  batch.Put(Family::kMeta, kSchemaKey, "outdial store, schema 99");
  ASSERT_TRUE(kv->Commit(batch, Durability::kSynced).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(RecordStore::Open(std::move(kv), {}).status()));
}

TEST(RecordStoreOpenTest, RefusesDataWithoutAVersion) {
  auto kv = std::make_unique<MemoryStore>();
  WriteBatch batch;
  batch.Put(Family::kRecord, "x", "y");
  ASSERT_TRUE(kv->Commit(batch, Durability::kSynced).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(RecordStore::Open(std::move(kv), {}).status()));
}

TEST_F(RecordStoreTest, DamagedRecordIsNamed) {
  const v1::Dl dl = PutNew();
  Commit();
  WriteBatch batch;
  const std::string key = DlKey(Id(dl));
  batch.Put(Family::kDlState, key, "\xFF\xFF\xFF");
  ASSERT_TRUE(kv_->Commit(batch, Durability::kSynced).ok());
  EXPECT_TRUE(absl::IsDataLoss(store_->GetDl(Id(dl)).status()));
  EXPECT_THAT(std::string(store_->GetDl(Id(dl)).status().message()),
              ::testing::HasSubstr("dl_state"));
}

}  // namespace
}  // namespace outdial::storage
