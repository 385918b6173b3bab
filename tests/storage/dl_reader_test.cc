#include "storage/dl_reader.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/key_schema.h"
#include "storage/memory_store.h"
#include "storage/result_reader.h"
#include "tests/storage/store_fixture.h"

namespace outdial::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// Counts the rows that pass through.
class CountingReader : public KvReader {
 public:
  explicit CountingReader(const KvReader* reader) : reader_(reader) {}
  absl::StatusOr<bool> Get(Family family, absl::string_view key,
                           std::string* value) const override {
    ++rows;
    return reader_->Get(family, key, value);
  }
  absl::Status Scan(Family family, const KeyRange& range, size_t limit,
                    Visitor visit) const override {
    return reader_->Scan(family, range, limit, [&](absl::string_view key, absl::string_view value) {
      ++rows;
      return visit(key, value);
    });
  }
  mutable size_t rows = 0;

 private:
  const KvReader* reader_;
};

class DlReaderTest : public StoreFixture {
 protected:
  explicit DlReaderTest(RecordStoreOptions options = {}) : StoreFixture(options) {
    for (int slot = 0; slot < plan_.max_retry_size(); ++slot) {
      plan_.set_max_retry(slot, slot == 0 ? 1 : 0);
    }
    EXPECT_TRUE(round().PutPlan(plan_).ok());
  }

  v1::Dl PutDialled(v1::Outcome outcome) {
    v1::Dl dl = PutNew();
    DialOnce(&dl, outcome, 5);
    return dl;
  }
  engine::PlanUuid PlanId() { return *engine::PlanUuid::Parse(plan_.uuid()); }
  // All that the query gives, page by page.
  std::vector<std::string> All(DlQuery query) {
    query.dlma = Id(dlma_);
    std::vector<std::string> uuids;
    while (true) {
      const auto page = store_->Dls(query);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return uuids;
      EXPECT_LE(page->dls.size(), query.limit);
      for (const v1::Dl& dl : page->dls) uuids.push_back(dl.uuid());
      if (page->at_end) return uuids;
      query.after_position = page->position;
    }
  }
};

TEST_F(DlReaderTest, OutcomesAreThoseOfIdleEntries) {
  const v1::Dl fresh = PutNew();
  const v1::Dl busy = PutDialled(v1::OUTCOME_BUSY);
  const v1::Dl rejected = PutDialled(v1::OUTCOME_REJECTED);
  const v1::Dl again = PutDialled(v1::OUTCOME_BUSY);
  Begin(again, 10);
  Commit();
  EXPECT_THAT(All({.outcomes = {v1::OUTCOME_BUSY}}), ElementsAre(busy.uuid()));
  EXPECT_THAT(All({.outcomes = {v1::OUTCOME_NONE}}), ElementsAre(fresh.uuid()));
  EXPECT_THAT(All({.outcomes = {v1::OUTCOME_BUSY, v1::OUTCOME_REJECTED}}),
              UnorderedElementsAre(busy.uuid(), rejected.uuid()));
  EXPECT_THAT(All({.outcomes = {v1::OUTCOME_MACHINE}}), IsEmpty());
}

TEST_F(DlReaderTest, StatusTellsWhoIsBeingDialled) {
  const v1::Dl idle = PutNew();
  const v1::Dl dialled = PutNew();
  Begin(dialled, 5);
  Commit();
  EXPECT_THAT(All({.status = v1::DL_STATUS_DIALING}), ElementsAre(dialled.uuid()));
  EXPECT_THAT(All({.status = v1::DL_STATUS_IDLE}), ElementsAre(idle.uuid()));
}

TEST_F(DlReaderTest, FinishedIsWhatTheStatisticsCount) {
  const v1::Dl fresh = PutNew();
  const v1::Dl tried = PutDialled(v1::OUTCOME_BUSY);
  Commit();
  EXPECT_THAT(All({.finished = true, .plan = PlanId()}), ElementsAre(tried.uuid()));
  EXPECT_THAT(All({.finished = false, .plan = PlanId()}), ElementsAre(fresh.uuid()));
  const auto stat = store_->CampaignStat(Id(campaign_));
  EXPECT_EQ(stat->dl_finished_count(), 1u);
  EXPECT_EQ(stat->dl_available_count(), 1u);
}

TEST_F(DlReaderTest, EntriesThatWaitForTheirTimeAreFoundToo) {
  v1::Dl waiting = maker_.Dl(dlma_, kList);
  waiting.set_not_before(TextAt(1000));
  Put(nullptr, waiting);
  const v1::Dl fresh = PutNew();
  const v1::Dl busy = PutDialled(v1::OUTCOME_BUSY);
  Commit();
  EXPECT_THAT(All({.outcomes = {v1::OUTCOME_NONE}, .limit = 1}),
              ElementsAre(fresh.uuid(), waiting.uuid()));
  EXPECT_THAT(All({.outcomes = {v1::OUTCOME_BUSY}}), ElementsAre(busy.uuid()));
}

TEST_F(DlReaderTest, EveryPageSizeGivesTheSame) {
  for (int i = 0; i < 30; ++i) {
    PutDialled(i % 3 == 0 ? v1::OUTCOME_BUSY : v1::OUTCOME_REJECTED);
    PutNew();
  }
  Commit();
  for (const DlQuery& query : {DlQuery{}, DlQuery{.outcomes = {v1::OUTCOME_BUSY}},
                               DlQuery{.finished = true, .plan = PlanId()}}) {
    const std::vector<std::string> all = All(query);
    for (const size_t limit : {1, 7, 30}) {
      DlQuery paged = query;
      paged.limit = limit;
      EXPECT_EQ(All(paged), all);
    }
    DlQuery small = query;
    small.max_bytes = 1;
    EXPECT_EQ(All(small), all);
  }
}

TEST_F(DlReaderTest, APageCostsTheSameAtAnyDepth) {
  constexpr size_t kPage = 50;
  for (int i = 0; i < 3000; ++i) PutNew();
  for (int i = 0; i < 500; ++i) PutDialled(v1::OUTCOME_BUSY);
  Commit();
  for (const std::vector<v1::Outcome>& outcomes :
       {std::vector<v1::Outcome>{}, std::vector<v1::Outcome>{v1::OUTCOME_NONE}}) {
    CountingReader counting(kv_);
    DlQuery query{.dlma = Id(dlma_), .outcomes = outcomes, .limit = kPage};
    size_t first_cost = 0;
    while (true) {
      counting.rows = 0;
      const auto page = ReadDls(counting, query);
      ASSERT_TRUE(page.ok()) << page.status();
      if (first_cost == 0) first_cost = counting.rows;
      EXPECT_LE(counting.rows, first_cost + 2);
      if (page->at_end) break;
      query.after_position = page->position;
    }
    EXPECT_LT(first_cost, 3 * kPage + 20);
  }
}

TEST_F(DlReaderTest, DeletedEntriesAreSteppedOverInBoundedPages) {
  for (size_t i = 0; i < kMaxDlsScanned + 10; ++i) {
    const v1::Dl dl = PutNew();
    v1::Dl deleted = dl;
    deleted.set_tm_delete(TextAt(1));
    Put(&dl, deleted);
  }
  const v1::Dl left = PutNew();
  Commit();
  const auto page = store_->Dls({.dlma = Id(dlma_)});
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(page->dls, IsEmpty());
  EXPECT_FALSE(page->at_end);
  EXPECT_THAT(All({}), ElementsAre(left.uuid()));
}

TEST_F(DlReaderTest, RefusesToLookAtManyWaitingEntries) {
  for (size_t i = 0; i <= kMaxWaitingScanned; ++i) {
    v1::Dl dl = maker_.Dl(dlma_, kList);
    dl.set_not_before(TextAt(1000));
    Put(nullptr, dl);
  }
  Commit();
  EXPECT_TRUE(absl::IsFailedPrecondition(
      store_->Dls({.dlma = Id(dlma_), .outcomes = {v1::OUTCOME_BUSY}}).status()));
  EXPECT_TRUE(store_->Dls({.dlma = Id(dlma_)}).ok());
}

TEST_F(DlReaderTest, RefusesPositionsThatAreNotOfThisQuery) {
  PutNew();
  Commit();
  const auto page = store_->Dls({.dlma = Id(dlma_)});
  ASSERT_TRUE(page.ok());
  for (const std::string& bad : {std::string("x"), std::string("ds12"), std::string("dszz"),
                                 "di" + page->position.substr(2) + "0", page->position + "0"}) {
    EXPECT_TRUE(
        absl::IsInvalidArgument(store_->Dls({.dlma = Id(dlma_), .after_position = bad}).status()))
        << bad;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(
      store_
          ->Dls(
              {.dlma = Id(dlma_), .outcomes = {v1::OUTCOME_BUSY}, .after_position = page->position})
          .status()));
}

// A list with more kinds of entries than are indexed.
class MixedDlReaderTest : public DlReaderTest {
 protected:
  MixedDlReaderTest() : DlReaderTest({.max_classes_per_list = 1}) {}
};

TEST_F(MixedDlReaderTest, RefusesWhatNoIndexServes) {
  PutNew();
  PutDialled(v1::OUTCOME_BUSY);
  Commit();
  EXPECT_TRUE(absl::IsFailedPrecondition(
      store_->Dls({.dlma = Id(dlma_), .outcomes = {v1::OUTCOME_BUSY}}).status()));
  EXPECT_THAT(All({}), SizeIs(2));
}

// ---- Results

class ResultFilterTest : public StoreFixture {
 protected:
  std::vector<v1::Dialing> DialAt(std::vector<std::pair<v1::Outcome, double>> ends) {
    std::vector<v1::Dialing> dialings;
    for (const auto& [outcome, seconds] : ends) {
      v1::Dl dl = PutNew();
      dialings.push_back(DialOnce(&dl, outcome, seconds));
    }
    Commit();
    return dialings;
  }
  std::vector<std::string> All(ResultQuery query) {
    std::vector<std::string> uuids;
    while (true) {
      const auto page = store_->Results(query);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return uuids;
      for (const v1::Result& result : page->results) uuids.push_back(result.dialing().uuid());
      if (page->at_end) return uuids;
      query.after_position = page->scanned_to;
      query.is_continued = true;
    }
  }
};

TEST_F(ResultFilterTest, TimesBoundWhatIsShown) {
  std::vector<std::pair<v1::Outcome, double>> ends;
  for (int i = 0; i < 20; ++i) ends.push_back({v1::OUTCOME_BUSY, 10.0 * i});
  const auto dialings = DialAt(ends);
  // Each ended a second after it was begun.
  EXPECT_THAT(All({.ended_from = At(31), .ended_before = At(51)}),
              ElementsAre(dialings[3].uuid(), dialings[4].uuid()));
  EXPECT_THAT(All({.ended_from = At(182), .limit = 1}), ElementsAre(dialings[19].uuid()));
  EXPECT_THAT(All({.ended_before = At(1)}), IsEmpty());
  EXPECT_THAT(All({.ended_from = At(1000)}), IsEmpty());
  EXPECT_THAT(All({.campaign = Id(campaign_), .ended_from = At(0), .ended_before = At(11)}),
              ElementsAre(dialings[0].uuid()));
}

TEST_F(ResultFilterTest, OutcomesOfACampaignAreReadFromTheirIndex) {
  std::vector<std::pair<v1::Outcome, double>> ends;
  for (int i = 0; i < 2000; ++i) ends.push_back({v1::OUTCOME_BUSY, i});
  ends.push_back({v1::OUTCOME_ABANDONED, 3000});
  ends.push_back({v1::OUTCOME_HANDLED, 3001});
  const auto dialings = DialAt(ends);
  CountingReader counting(kv_);
  const auto page = ReadResults(
      counting,
      {.campaign = Id(campaign_), .outcomes = {v1::OUTCOME_HANDLED, v1::OUTCOME_ABANDONED}});
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_THAT(page->results, SizeIs(2));
  EXPECT_EQ(page->results[0].dialing().uuid(), dialings[2000].uuid());
  EXPECT_LT(counting.rows, 30u);
}

TEST_F(ResultFilterTest, RefusesToSearchMoreResultsThanItMayLookAt) {
  DialAt({{v1::OUTCOME_BUSY, 1}, {v1::OUTCOME_HANDLED, 2}});
  const ResultQuery handled{.outcomes = {v1::OUTCOME_HANDLED}};
  EXPECT_THAT(All(handled), SizeIs(1));
  // As after as many more: that there is the last of them is all that is looked for.
  std::string row;
  ASSERT_TRUE(*kv_->Get(Family::kResult, SequenceKey(1), &row));
  const std::string last = SequenceKey(1 + kMaxResultsFiltered);
  WriteBatch batch;
  batch.Put(Family::kResult, last, row);
  ASSERT_TRUE(kv_->Commit(batch, Durability::kSynced).ok());
  CountingReader counting(kv_);
  const absl::Status refused = ReadResults(counting, handled).status();
  EXPECT_EQ(engine::ReasonOf(refused), engine::Reason::kTooBroad);
  EXPECT_LT(counting.rows, 10u);
  // What an index serves, or a time bounds, is not.
  EXPECT_THAT(All({.campaign = Id(campaign_), .outcomes = {v1::OUTCOME_HANDLED}}), SizeIs(1));
  EXPECT_TRUE(store_->Results({.outcomes = {v1::OUTCOME_HANDLED}, .ended_before = At(2)}).ok());
}

}  // namespace
}  // namespace outdial::storage
