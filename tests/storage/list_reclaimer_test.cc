#include "storage/list_reclaimer.h"

#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "engine/random.h"
#include "gtest/gtest.h"
#include "storage/event_log.h"
#include "storage/key_schema.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/store_fixture.h"
#include "tests/storage/temp_directory.h"

namespace outdial::storage {
namespace {

constexpr Family kFamiliesOfLists[] = {Family::kDlStatic,  Family::kDlState, Family::kDlHistory,
                                       Family::kNumber,    Family::kUkey,    Family::kIdle,
                                       Family::kNotBefore, Family::kClass};

class ListReclaimerTest : public StoreFixture {
 protected:
  ListReclaimerTest()
      : StoreFixture({.keep_events_for = absl::Minutes(1), .keep_results_for = absl::Hours(1)}) {}

  void DeleteList() {
    dlma_.set_revision(dlma_.revision() + 1);
    dlma_.set_tm_delete(TextAt(100));
    ASSERT_TRUE(round().PutDlma(dlma_, kList).ok());
    AppendEvent(v1::EVENT_KIND_OUT_DLMA_DELETE, &dlma_, 100);
  }
  // Rows of the list in all families that hold entries.
  size_t RowsLeft() {
    size_t rows = 0;
    for (const Family family : kFamiliesOfLists) rows += RowsLeft(family);
    return rows;
  }
  size_t RowsLeft(Family family) {
    size_t rows = 0;
    EXPECT_TRUE(kv_->Scan(family, PrefixRange(ListKey(kList)), kNoLimit,
                          [&](auto, auto) {
                            ++rows;
                            return true;
                          })
                    .ok());
    return rows;
  }
  bool Upkeep(double seconds) {
    const auto more = store_->Upkeep({absl::Seconds(seconds), At(seconds)});
    EXPECT_TRUE(more.ok()) << more.status();
    Commit();
    return more.value_or(false);
  }
  int UpkeepAll(double seconds) {
    int steps = 1;
    while (Upkeep(seconds)) ++steps;
    return steps;
  }
  v1::Dialing Dial(v1::Dl* dl, double seconds) {
    const v1::Dialing dialing = DialOnce(dl, v1::OUTCOME_BUSY, seconds);
    AppendEvent(v1::EVENT_KIND_OUT_DIALING_DELETE, &dialing, seconds);
    AppendDialled(*dl, seconds);
    return dialing;
  }
  void AppendDialled(const v1::Dl& dl, double seconds) {
    EXPECT_TRUE(round()
                    .AppendEvent({.kind = v1::EVENT_KIND_OUT_DL_LIST_UPDATE,
                                  .tm = At(seconds),
                                  .campaign = {},
                                  .record = &dl,
                                  .by_dialling = true})
                    .ok());
  }
  void PassEvents(double seconds) {
    for (uint64_t i = 0; i < 2 * EventLog::kTrimEvents; ++i) {
      AppendEvent(v1::EVENT_KIND_OUT_PLAN_CREATE, &plan_, seconds);
    }
    Commit();
  }
};

TEST_F(ListReclaimerTest, NothingIsLeftOfAListThatWasOnlyImported) {
  for (int i = 0; i < 1000; ++i) PutNew();
  DeleteList();
  Commit();
  EXPECT_TRUE(absl::IsNotFound(store_->Dls({.dlma = Id(dlma_)}).status()));
  UpkeepAll(200);
  EXPECT_EQ(RowsLeft(), 0u);
  EXPECT_EQ(*round().MaxListNumber(), kList);
}

TEST_F(ListReclaimerTest, WhatWasInHandIsGoneToo) {
  const v1::Dl before = PutNew();
  const v1::Dl between = PutNew();
  Commit();
  ASSERT_TRUE(round().GetDl(Id(before)).ok());
  DeleteList();
  Commit();
  ASSERT_TRUE(round().GetDl(Id(between)).ok());
  UpkeepAll(200);
  EXPECT_TRUE(absl::IsNotFound(round().GetDl(Id(before)).status()));
  EXPECT_TRUE(absl::IsNotFound(round().GetDl(Id(between)).status()));
}

TEST_F(ListReclaimerTest, TheDeleteItselfWritesTheSameForAnyLength) {
  for (int i = 0; i < 1000; ++i) PutNew();
  Commit();
  DeleteList();
  Commit();
  EXPECT_EQ(RowsLeft(Family::kDlState), 1000u);
  EXPECT_EQ(round().CountList(kList)->total, 0u);
}

TEST_F(ListReclaimerTest, RowsOfTheRoundThatDeletesTheListGoToo) {
  PutNew();
  Commit();
  PutNew();
  DeleteList();
  ASSERT_TRUE(store_->Upkeep({absl::ZeroDuration(), At(100)}).ok());
  Commit();
  UpkeepAll(200);
  EXPECT_EQ(RowsLeft(), 0u);
}

TEST_F(ListReclaimerTest, ResultsShowTheirEntriesForAsLongAsTheyAreKept) {
  std::vector<v1::Dl> dls;
  for (int i = 0; i < 700; ++i) dls.push_back(PutNew());
  const std::vector<int> dialled{0, 1, 350, 699};
  std::vector<v1::Dialing> dialings;
  for (const int i : dialled) dialings.push_back(Dial(&dls[i], 5));
  Commit();
  DeleteList();
  Commit();
  UpkeepAll(200);
  EXPECT_EQ(RowsLeft(), 4u);
  for (size_t i = 0; i < dialings.size(); ++i) {
    const auto result = store_->GetResult(Id(dialings[i]), true);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->dl().ukey(), dls[dialled[i]].ukey());
  }
  EXPECT_TRUE(store_->Events(0, 100).ok());

  PassEvents(200);
  UpkeepAll(100000);
  // The last result is never trimmed.
  EXPECT_EQ(RowsLeft(), 1u);
}

TEST_F(ListReclaimerTest, WaitsForTheEventsOfClientsChanges) {
  v1::Dl dl = PutNew();
  AppendEvent(v1::EVENT_KIND_OUT_DL_LIST_CREATE, &dl);
  v1::Dl renamed = dl;
  renamed.set_revision(2);
  renamed.set_name("renamed");
  Put(&dl, renamed);
  AppendEvent(v1::EVENT_KIND_OUT_DL_LIST_UPDATE, &renamed);
  Commit();
  DeleteList();
  Commit();
  UpkeepAll(50);
  EXPECT_EQ(RowsLeft(Family::kDlState), 0u);
  const auto events = store_->Events(0, 100);
  ASSERT_TRUE(events.ok()) << events.status();
  EXPECT_EQ(events->at(0).dl().name(), dl.name());
  EXPECT_EQ(events->at(1).dl().name(), "renamed");

  PassEvents(60);
  UpkeepAll(1000);
  EXPECT_EQ(RowsLeft(), 0u);
}

TEST_F(ListReclaimerTest, AStartGoesOnWhereACrashCutIt) {
  std::vector<v1::Dl> dls;
  for (int i = 0; i < 2000; ++i) dls.push_back(PutNew());
  for (int i = 0; i < 2000; i += 10) Dial(&dls[i], 5);
  Commit();
  DeleteList();
  Commit();
  int starts = 0;
  while (Upkeep(200)) {
    Restart();
    ++starts;
  }
  EXPECT_GT(starts, 3);
  EXPECT_EQ(RowsLeft(), 200u);
}

TEST_F(ListReclaimerTest, AStepThatWasNotCommittedIsDoneAgain) {
  for (int i = 0; i < 100; ++i) PutNew();
  DeleteList();
  Commit();
  while (true) {
    kv_->FailNextCommit(absl::ResourceExhaustedError("full"), MemoryStore::Fate::kLost);
    ASSERT_TRUE(store_->Upkeep({absl::Seconds(200), At(200)}).ok());
    if (store_->Commit().ok()) break;
    kv_->FailNextCommit(absl::OkStatus(), MemoryStore::Fate::kLost);
    if (!Upkeep(200)) break;
  }
  EXPECT_EQ(RowsLeft(), 0u);
}

TEST_F(ListReclaimerTest, OneThatWaitsHoldsUpNoOther) {
  v1::Dl dl = PutNew();
  AppendEvent(v1::EVENT_KIND_OUT_DL_LIST_CREATE, &dl);
  v1::Dlma other = maker_.Dlma();
  ASSERT_TRUE(round().PutDlma(other, kList + 1).ok());
  for (int i = 0; i < 10; ++i) Put(nullptr, maker_.Dl(other, kList + 1));
  Commit();
  DeleteList();
  other.set_revision(2);
  other.set_tm_delete(TextAt(100));
  ASSERT_TRUE(round().PutDlma(other, kList + 1).ok());
  Commit();
  UpkeepAll(50);
  EXPECT_EQ(RowsLeft(Family::kDlStatic), 1u);
  bool any = false;
  ASSERT_TRUE(kv_->Scan(Family::kDlStatic, PrefixRange(ListKey(kList + 1)), 1,
                        [&](auto, auto) {
                          any = true;
                          return false;
                        })
                  .ok());
  EXPECT_FALSE(any);
}

uintmax_t TableBytes(const std::string& directory) {
  uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    std::error_code gone;  // between being listed and being looked at
    const uintmax_t size = entry.file_size(gone);
    if (entry.path().extension() == ".sst" && !gone) bytes += size;
  }
  return bytes;
}

// Tables are written and dropped in the background.
template <class Predicate>
bool TableBytesBecome(const std::string& directory, Predicate predicate) {
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  while (!predicate(TableBytes(directory))) {
    if (absl::Now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(ListReclaimerOnDiskTest, GivenBackRangesLeaveTheDisk) {
  TempDirectory directory;
  auto opened = OpenRocksDbStore(directory.path(), {});
  ASSERT_TRUE(opened.ok()) << opened.status();
  KeyValueStore& kv = **opened;
  RecordMaker maker;
  engine::Random random(1);
  std::string value(4096, '\0');
  for (int i = 0; i < 10000; ++i) {
    for (char& byte : value) byte = static_cast<char>(random.Below(256));
    const std::string key = DlKey(*engine::DlUuid::Parse(maker.Dl(maker.Dlma(), 7).uuid()));
    WriteBatch batch;
    batch.Put(Family::kDlStatic, key, value);
    ASSERT_TRUE(kv.Commit(batch, Durability::kBuffered).ok());
  }
  const KeyRange range = PrefixRange(ListKey(7));
  WriteBatch drop;
  drop.DeleteRange(Family::kDlStatic, range.first, range.end);
  ASSERT_TRUE(kv.Commit(drop, Durability::kSynced).ok());
  ASSERT_TRUE(TableBytesBecome(directory.path(), [](auto bytes) { return bytes > 20u << 20; }));
  kv.GiveBack(Family::kDlStatic, range);
  EXPECT_TRUE(TableBytesBecome(directory.path(), [](auto bytes) { return bytes < 1u << 20; }));
}

}  // namespace
}  // namespace outdial::storage
