#include "storage/class_index.h"

#include <optional>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/storage/store_fixture.h"

namespace outdial::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ClassIndexTest : public StoreFixture {
 protected:
  explicit ClassIndexTest(RecordStoreOptions options = {}) : StoreFixture(options) {}

  v1::Dl PutWithTries(uint32_t tries) {
    v1::Dl dl = maker_.Dl(dlma_, kList);
    dl.set_trycnt(0, tries);
    Put(nullptr, dl);
    return dl;
  }
  v1::Dl PutNotBefore(double seconds) {
    v1::Dl dl = maker_.Dl(dlma_, kList);
    dl.set_not_before(TextAt(seconds));
    Put(nullptr, dl);
    return dl;
  }
  void Delete(v1::Dl dl) {
    const v1::Dl before = dl;
    dl.set_revision(dl.revision() + 1);
    dl.set_tm_delete(TextAt(1));
    Put(&before, dl);
  }
  std::vector<engine::DlUuid> Heads(engine::ClassNumber number, size_t limit = 100,
                                    std::optional<engine::IdleKey> after = std::nullopt) {
    const auto keys = round().ScanIdle(kList, number, after, limit);
    EXPECT_TRUE(keys.ok()) << keys.status();
    std::vector<engine::DlUuid> uuids;
    for (const engine::IdleKey& key : *keys) uuids.push_back(key.uuid);
    return uuids;
  }
  uint64_t IdleOf(engine::ClassNumber number) {
    const auto classes = round().ListClasses(kList);
    for (const engine::ClassCount& count : *classes) {
      if (count.number == number) return count.idle;
    }
    return 0;
  }
};

TEST_F(ClassIndexTest, OrdersAClassByLastHangupThenUuid) {
  v1::Dl early = maker_.Dl(dlma_, kList), late = maker_.Dl(dlma_, kList);
  late.set_tm_last_hangup(TextAt(20));
  early.set_tm_last_hangup(TextAt(10));
  const v1::Dl never1 = PutNew(), never2 = PutNew();
  Put(nullptr, late);
  Put(nullptr, early);
  Commit();
  EXPECT_THAT(Heads(0), ElementsAre(Id(never1), Id(never2), Id(early), Id(late)));
  EXPECT_THAT(Heads(0, 2), ElementsAre(Id(never1), Id(never2)));
  EXPECT_THAT(Heads(0, 2, engine::IdleKey{0, Id(never1)}), ElementsAre(Id(never2), Id(early)));
}

TEST_F(ClassIndexTest, ShowsWhatTheRoundChanged) {
  const v1::Dl first = PutNew();
  Commit();
  const v1::Dl second = PutNew();
  EXPECT_THAT(Heads(0), ElementsAre(Id(first), Id(second)));
  Delete(first);
  EXPECT_THAT(Heads(0), ElementsAre(Id(second)));
  store_->Discard();
  EXPECT_THAT(Heads(0), ElementsAre(Id(first)));
  EXPECT_EQ(IdleOf(0), 1u);
}

TEST_F(ClassIndexTest, TellsWhereAnEntryStoodAndStands) {
  v1::Dl dl = maker_.Dl(dlma_, kList);
  const engine::IndexChange made = Put(nullptr, dl);
  ASSERT_TRUE(made.added.has_value());
  EXPECT_FALSE(made.removed.has_value());
  EXPECT_EQ(made.added->class_number, 0u);
  EXPECT_EQ(made.added->key, (engine::IdleKey{0, Id(dl)}));
  const v1::Dialing dialing = maker_.Dialing(campaign_, plan_, dlma_, destination_, dl);
  const v1::Dl dialled = Dialled(dl, dialing, 5);
  const engine::IndexChange taken = Put(&dl, dialled);
  EXPECT_TRUE(taken.removed.has_value());
  EXPECT_FALSE(taken.added.has_value());
  const engine::IndexChange back = Put(&dialled, Ended(dialled, v1::OUTCOME_BUSY, 6));
  EXPECT_FALSE(back.removed.has_value());
  ASSERT_TRUE(back.added.has_value());
  EXPECT_EQ(back.added->class_number, 1u);
  EXPECT_EQ(back.added->key.last_hangup_us, absl::ToUnixMicros(At(6)));
}

TEST_F(ClassIndexTest, AnEditThatNoPlanLooksAtChangesNothing) {
  const v1::Dl before = PutNew();
  v1::Dl after = before;
  after.set_revision(2);
  after.set_name("Grace Hopper");
  const engine::IndexChange change = Put(&before, after);
  EXPECT_FALSE(change.removed.has_value());
  EXPECT_FALSE(change.added.has_value());
}

TEST_F(ClassIndexTest, EntryWaitsForItsNotBefore) {
  const v1::Dl later = PutNotBefore(20), soon = PutNotBefore(10), passed = PutNotBefore(-10);
  Commit();
  EXPECT_THAT(Heads(0), ElementsAre(Id(passed)));
  EXPECT_EQ(IdleOf(0), 3u);
  EXPECT_EQ(*round().NextNotBefore(kList), At(10));
  EXPECT_THAT(*round().RipenEntries(kList, At(9.999999), 10), IsEmpty());
  const auto ripe = *round().RipenEntries(kList, At(10), 10);
  ASSERT_EQ(ripe.size(), 1u);
  EXPECT_EQ(ripe[0].key.uuid, Id(soon));
  EXPECT_FALSE(ripe[0].waits_for_not_before);
  EXPECT_EQ(*round().NextNotBefore(kList), At(20));
  Commit();
  EXPECT_THAT(Heads(0), ElementsAre(Id(soon), Id(passed)));
  Delete(later);  // out of the waiting
  Delete(soon);   // out of its class, its not_before passed
  Commit();
  EXPECT_EQ(*round().NextNotBefore(kList), std::nullopt);
  EXPECT_EQ(IdleOf(0), 1u);
}

TEST_F(ClassIndexTest, RipensNoMoreThanAsked) {
  for (int i = 0; i < 5; ++i) PutNotBefore(1);
  Commit();
  EXPECT_EQ(round().RipenEntries(kList, At(2), 2)->size(), 2u);
  EXPECT_EQ(round().RipenEntries(kList, At(2), 2)->size(), 2u);
  EXPECT_EQ(round().RipenEntries(kList, At(2), 2)->size(), 1u);
  EXPECT_EQ(round().RipenEntries(kList, At(2), 2)->size(), 0u);
  Commit();
}

TEST_F(ClassIndexTest, NotBeforeIsNeverEarlyByAFractionOfAMicrosecond) {
  v1::Dl dl = maker_.Dl(dlma_, kList);
  dl.set_not_before("2026-11-22T10:00:01.000000001Z");
  Put(nullptr, dl, 1);
  EXPECT_THAT(Heads(0), IsEmpty());
}

TEST_F(ClassIndexTest, BoundIsLoweredByAnInsertBelowIt) {
  v1::Dl late = maker_.Dl(dlma_, kList);
  late.set_tm_last_hangup(TextAt(20));
  Put(nullptr, late);
  EXPECT_THAT(Heads(0), ElementsAre(Id(late)));  // the bound is at 20 s now
  Commit();
  v1::Dl early = maker_.Dl(dlma_, kList);
  early.set_tm_last_hangup(TextAt(10));
  Put(nullptr, early);
  Commit();
  Restart();
  EXPECT_THAT(Heads(0), ElementsAre(Id(early), Id(late)));
}

TEST_F(ClassIndexTest, ManyRemovalsRaiseTheBoundThatIsKept) {
  std::vector<v1::Dl> dls;
  for (int i = 0; i < 3000; ++i) dls.push_back(PutNew());
  ASSERT_TRUE(store_->Commit().ok());
  for (int i = 0; i < 2500; ++i) Delete(dls[i]);
  Commit();
  Restart();
  EXPECT_EQ(Heads(0, 1).front(), Id(dls[2500]));
  EXPECT_EQ(IdleOf(0), 500u);
}

class FullClassIndexTest : public ClassIndexTest {
 protected:
  FullClassIndexTest() : ClassIndexTest({.max_classes_per_list = 2}) {}
};

TEST_F(FullClassIndexTest, ClassesBeyondTheLimitShareOne) {
  PutWithTries(0);
  PutWithTries(1);
  const v1::Dl two = PutWithTries(2), three = PutWithTries(3);
  Commit();
  EXPECT_THAT(Heads(engine::kMixedClass), ElementsAre(Id(two), Id(three)));
  EXPECT_EQ(IdleOf(engine::kMixedClass), 2u);
  Restart();
  EXPECT_THAT(Heads(engine::kMixedClass), ElementsAre(Id(two), Id(three)));
}

TEST_F(FullClassIndexTest, NumberOfAnEmptiedClassIsGivenAway) {
  const v1::Dl zero = PutWithTries(0);
  PutWithTries(1);
  const v1::Dl mixed = PutWithTries(2);
  Commit();
  Delete(zero);
  const v1::Dl numbered = PutWithTries(2);
  Commit();
  EXPECT_THAT(Heads(0), ElementsAre(Id(numbered)));
  EXPECT_THAT(Heads(engine::kMixedClass), ElementsAre(Id(mixed)));
  EXPECT_EQ((*round().ListClasses(kList))[0].dl_class.tries[0], 2);
  Delete(mixed);  // found among the mixed although its class has a number by now
  Commit();
  EXPECT_EQ(IdleOf(engine::kMixedClass), 0u);
  EXPECT_EQ(IdleOf(0), 1u);
}

TEST_F(FullClassIndexTest, StatisticsLookAtMixedEntriesOneByOne) {
  PutWithTries(0);
  PutWithTries(1);
  PutWithTries(2);
  v1::Dl answered = maker_.Dl(dlma_, kList);
  answered.set_res_dial(v1::DIAL_RESULT_ANSWERED);
  Put(nullptr, answered);
  v1::Dl waiting = answered;
  waiting.set_uuid(maker_.Dl(dlma_, kList).uuid());
  waiting.set_not_before(TextAt(100));
  Put(nullptr, waiting);
  Commit();
  const v1::CampaignStat stat = *store_->CampaignStat(Id(campaign_));
  EXPECT_EQ(stat.dl_total_count(), 5u);
  EXPECT_EQ(stat.dl_finished_count(), 2u);
  EXPECT_EQ(stat.dl_available_count(), 3u);
}

}  // namespace
}  // namespace outdial::storage
