#include "storage/result_trimmer.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/event_log.h"
#include "tests/storage/store_fixture.h"

namespace outdial::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint64_t kStep = ResultTrimmer::kMaxStep;

RecordStoreOptions KeepResultsFor(absl::Duration keep_for) {
  return {.keep_events_for = absl::Minutes(1), .keep_results_for = keep_for};
}

// Results are kept for an hour, events for a minute.
class ResultTrimmerTest : public StoreFixture {
 protected:
  explicit ResultTrimmerTest(RecordStoreOptions options = KeepResultsFor(absl::Hours(1)))
      : StoreFixture(options) {}

  // As the engine does it: the two events of the end follow it.
  v1::Dialing DialWithEvents(v1::Dl* dl, v1::Outcome outcome, double seconds) {
    const v1::Dialing dialing = DialOnce(dl, outcome, seconds);
    AppendEvent(v1::EVENT_KIND_OUT_DIALING_DELETE, &dialing, seconds);
    AppendEvent(v1::EVENT_KIND_OUT_DL_LIST_UPDATE, &*dl, seconds);
    return dialing;
  }
  // Dialings that ended at `seconds`, of an entry each.
  std::vector<v1::Dialing> DialMany(size_t count, double seconds) {
    std::vector<v1::Dialing> dialings;
    for (size_t i = 0; i < count; ++i) {
      v1::Dl dl = PutNew();
      dialings.push_back(DialWithEvents(&dl, v1::OUTCOME_BUSY, seconds));
    }
    Commit();
    return dialings;
  }
  // So many that those before them can be trimmed.
  void PassEvents(double seconds) {
    for (uint64_t i = 0; i < 2 * EventLog::kTrimEvents; ++i) {
      AppendEvent(v1::EVENT_KIND_OUT_PLAN_CREATE, &plan_, seconds);
    }
    Commit();
  }
  bool Upkeep(double seconds) {
    const auto more = store_->Upkeep({absl::Seconds(seconds), At(seconds)});
    EXPECT_TRUE(more.ok()) << more.status();
    Commit();
    return more.value_or(false);
  }
  // Until nothing is left to do; gives the steps.
  int UpkeepAll(double seconds) {
    int steps = 1;
    while (Upkeep(seconds)) ++steps;
    return steps;
  }
  std::vector<std::string> Shown(ResultQuery query = {}) {
    query.limit = 10000;
    const auto page = store_->Results(query);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> uuids;
    for (const v1::Result& result : page->results) uuids.push_back(result.dialing().uuid());
    return uuids;
  }
};

TEST_F(ResultTrimmerTest, DropsWhatIsTooOldInBoundedSteps) {
  DialMany(2 * kStep, 0);
  const auto kept = DialMany(3, 3000);
  PassEvents(3000);
  EXPECT_GE(UpkeepAll(3700), 2);
  EXPECT_THAT(Shown(), ElementsAre(kept[0].uuid(), kept[1].uuid(), kept[2].uuid()));
  Restart();
  EXPECT_THAT(Shown(), SizeIs(3));
}

TEST_F(ResultTrimmerTest, NothingIsDroppedBeforeItsTime) {
  DialMany(kStep + 1, 0);
  PassEvents(0);
  UpkeepAll(3600);
  EXPECT_THAT(Shown(), SizeIs(kStep + 1));
}

TEST_F(ResultTrimmerTest, AFewWaitForMoreButNotForLong) {
  const auto dialings = DialMany(3, 0);
  PassEvents(0);
  UpkeepAll(3700);
  EXPECT_THAT(Shown(), SizeIs(3));
  UpkeepAll(3700 + absl::ToDoubleSeconds(ResultTrimmer::kPatience));
  // The last one stays: the next start numbers on from it.
  EXPECT_THAT(Shown(), ElementsAre(dialings.back().uuid()));
}

TEST_F(ResultTrimmerTest, KeepsWhatEventsShow) {
  DialMany(kStep + 1, 0);
  UpkeepAll(100000);
  EXPECT_THAT(Shown(), SizeIs(kStep + 1));
  EXPECT_TRUE(store_->Events(store_->OldestEvent() - 1, 10000).ok());
}

TEST_F(ResultTrimmerTest, CountersStayWhatTheyCounted) {
  DialMany(kStep + 1, 0);
  PassEvents(0);
  const std::string before = store_->CampaignStat(Id(campaign_))->SerializeAsString();
  UpkeepAll(100000);
  EXPECT_THAT(Shown(), SizeIs(1));
  EXPECT_EQ(store_->CampaignStat(Id(campaign_))->SerializeAsString(), before);
}

TEST_F(ResultTrimmerTest, ShowsSayWhatIsNoLongerKept) {
  const auto dialings = DialMany(kStep + 1, 0);
  const auto first_page = store_->Results({.limit = 1});
  ASSERT_TRUE(first_page.ok());
  EXPECT_FALSE(first_page->trimmed_until.has_value());
  PassEvents(0);
  UpkeepAll(100000);

  const auto page = store_->Results({});
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->trimmed_until, At(1));
  const absl::Status gone = store_->GetResult(Id(dialings[0]), false).status();
  EXPECT_TRUE(absl::IsOutOfRange(gone));
  EXPECT_THAT(std::string(gone.message()), HasSubstr(TextAt(1)));
  EXPECT_TRUE(absl::IsOutOfRange(store_->GetDialing(Id(dialings[0])).status()));
  const absl::Status position =
      store_->Results({.after_position = first_page->scanned_to}).status();
  EXPECT_TRUE(absl::IsOutOfRange(position));
  EXPECT_THAT(std::string(position.message()), HasSubstr("r0000000000000080"));
  EXPECT_TRUE(store_->Results({.after_position = "r0000000000000080"}).ok());
}

TEST_F(ResultTrimmerTest, EveryIndexLosesThem) {
  v1::Dl dl = PutNew();
  for (uint64_t i = 0; i < kStep; ++i) DialWithEvents(&dl, v1::OUTCOME_BUSY, 0);
  DialMany(1, 0);
  PassEvents(0);
  UpkeepAll(100000);
  EXPECT_THAT(Shown({.dl = Id(dl)}), IsEmpty());
  EXPECT_THAT(Shown({.campaign = Id(campaign_)}), SizeIs(1));
  EXPECT_THAT(Shown({.campaign = Id(campaign_), .outcomes = {v1::OUTCOME_BUSY}}), SizeIs(1));
  EXPECT_THAT(Shown({.dlma = Id(dlma_)}), SizeIs(1));
}

TEST_F(ResultTrimmerTest, AStepThatWasNotCommittedIsDoneAgain) {
  DialMany(kStep + 1, 0);
  PassEvents(0);
  kv_->FailNextCommit(absl::ResourceExhaustedError("full"), MemoryStore::Fate::kLost);
  ASSERT_TRUE(store_->Upkeep({absl::ZeroDuration(), At(100000)}).ok());
  ASSERT_FALSE(store_->Commit().ok());
  EXPECT_THAT(Shown(), SizeIs(kStep + 1));
  UpkeepAll(100000);
  EXPECT_THAT(Shown(), SizeIs(1));
}

class ResultBytesTest : public ResultTrimmerTest {
 protected:
  ResultBytesTest()
      : ResultTrimmerTest(
            {.keep_events_for = absl::Minutes(1), .keep_results_bytes = uint64_t{64} << 10}) {}
};

TEST_F(ResultBytesTest, DropsTheOldestWhenTheyAreTooMany) {
  DialMany(10 * kStep, 0);
  PassEvents(0);
  UpkeepAll(100000);
  const size_t kept = Shown().size();
  EXPECT_GT(kept, 50u);
  EXPECT_LT(kept, 3 * kStep);
  Restart();
  DialMany(kStep, 200000);
  PassEvents(200000);
  UpkeepAll(300000);
  EXPECT_LE(Shown().size(), kept + kStep);
}

}  // namespace
}  // namespace outdial::storage
