#include "storage/event_log.h"

#include <string>
#include <vector>

#include "engine/errors.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/storage/store_fixture.h"

namespace outdial::storage {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

#define EXPECT_SAME(a, b) EXPECT_TRUE(MessageDifferencer::Equals(a, b)) << (a).DebugString()

// Keeps what it is shown.
class KeepingObserver : public EventObserver {
 public:
  bool WantsEvents() const override { return true; }
  void Observe(uint64_t sequence, const v1::Event& event) override {
    EXPECT_EQ(sequence, events.size() + 1);
    events.push_back(event);
  }
  void ForgetAfter(uint64_t sequence) override { events.resize(sequence); }

  std::vector<v1::Event> events;
};

class EventLogTest : public StoreFixture {
 protected:
  explicit EventLogTest(RecordStoreOptions options = {}) : StoreFixture(options) {
    store_->SetEventObserver(&observer_);
  }

  // What is read back is what the observer was shown.
  std::vector<v1::Event> Events(uint64_t after = 0, size_t limit = 1000) {
    const auto events = store_->Events(after, limit);
    EXPECT_TRUE(events.ok()) << events.status();
    if (!events.ok()) return {};
    EXPECT_LE(after + events->size(), observer_.events.size());
    for (size_t i = 0; i < events->size() && after + i < observer_.events.size(); ++i) {
      EXPECT_SAME(observer_.events[after + i], events->at(i));
    }
    return *events;
  }
  void AppendMany(int count, double seconds) {
    for (int i = 0; i < count; ++i) {
      AppendEvent(v1::EVENT_KIND_OUT_CAMPAIGN_UPDATE, &campaign_, seconds);
    }
    ASSERT_TRUE(store_->Commit().ok());
  }

  KeepingObserver observer_;
};

TEST_F(EventLogTest, CarriesWholeRecordsAsTheyWere) {
  v1::Dl dl = PutNew();
  AppendEvent(v1::EVENT_KIND_OUT_DL_LIST_CREATE, &dl);
  const v1::Dl made = dl;
  Commit();
  dl.set_revision(2);
  dl.set_name("Grace Hopper");
  Put(&made, dl);
  AppendEvent(v1::EVENT_KIND_OUT_DL_LIST_UPDATE, &dl);
  const v1::Dl edited = dl;
  AppendEvent(v1::EVENT_KIND_OUT_CAMPAIGN_CREATE, &campaign_);
  const v1::Campaign campaign = campaign_;
  campaign_.set_revision(2);
  campaign_.set_name("summer");
  ASSERT_TRUE(round().PutCampaign(campaign_).ok());
  AppendEvent(v1::EVENT_KIND_OUT_CAMPAIGN_UPDATE, &campaign_);
  const v1::Dialing dialing = Begin(dl, 5);
  AppendEvent(v1::EVENT_KIND_OUT_DIALING_CREATE, &dialing, 5);
  Commit();
  const std::vector<v1::Event> events = Events();
  ASSERT_THAT(events, SizeIs(5));
  EXPECT_SAME(events[0].dl(), made);
  EXPECT_SAME(events[1].dl(), edited);
  EXPECT_SAME(events[2].campaign(), campaign);
  EXPECT_SAME(events[3].campaign(), campaign_);
  EXPECT_SAME(events[4].dialing(), dialing);
  EXPECT_EQ(events[4].kind(), v1::EVENT_KIND_OUT_DIALING_CREATE);
  EXPECT_EQ(events[4].uuid(), dialing.uuid());
  EXPECT_EQ(events[4].tm(), TextAt(5));
}

TEST_F(EventLogTest, OfADeleteOnlyTheUuidIsLeftButForADialing) {
  v1::Dl dl = PutNew();
  const v1::Dialing dialing = DialOnce(&dl, v1::OUTCOME_BUSY, 5);
  AppendEvent(v1::EVENT_KIND_OUT_DIALING_DELETE, &dialing);
  v1::Dl deleted = dl;
  deleted.set_revision(dl.revision() + 1);
  deleted.set_tm_delete(TextAt(9));
  Put(&dl, deleted);
  AppendEvent(v1::EVENT_KIND_OUT_DL_LIST_DELETE, &deleted);
  plan_.set_revision(2);
  plan_.set_tm_delete(TextAt(9));
  ASSERT_TRUE(round().PutPlan(plan_).ok());
  AppendEvent(v1::EVENT_KIND_OUT_PLAN_DELETE, &plan_);
  Commit();
  const std::vector<v1::Event> events = Events();
  ASSERT_THAT(events, SizeIs(3));
  EXPECT_SAME(events[0].dialing(), dialing);
  v1::Dl only_dl;
  only_dl.set_uuid(dl.uuid());
  EXPECT_SAME(events[1].dl(), only_dl);
  v1::Plan only_plan;
  only_plan.set_uuid(plan_.uuid());
  EXPECT_SAME(events[2].plan(), only_plan);
}

TEST_F(EventLogTest, CarriesImportSlices) {
  v1::DlImportSlice slice;
  slice.set_dlma_uuid(dlma_.uuid());
  slice.set_request_id("import-1");
  slice.set_end_row(1000);
  slice.set_accepted(998);
  slice.set_refused(2);
  AppendEvent(v1::EVENT_KIND_OUT_DL_LIST_IMPORT, &slice);
  Commit();
  const std::vector<v1::Event> events = Events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_SAME(events[0].import_slice(), slice);
  EXPECT_EQ(events[0].uuid(), dlma_.uuid());
}

TEST_F(EventLogTest, CarriesWhatWasFoundOnANode) {
  v1::NodeReconcile reconcile;
  reconcile.set_node("a");
  reconcile.set_out_of_sight_ms(1500);
  reconcile.set_adopted(3);
  reconcile.set_gone(2);
  reconcile.set_pending(1);
  AppendEvent(v1::EVENT_KIND_OUT_NODE_RECONCILE, &reconcile);
  Commit();
  const std::vector<v1::Event> events = Events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_SAME(events[0].node_reconcile(), reconcile);
  EXPECT_EQ(events[0].uuid(), "");
}

TEST_F(EventLogTest, SequencesHaveNoGapOverDiscardsAndRestarts) {
  AppendMany(2, 0);
  AppendEvent(v1::EVENT_KIND_OUT_CAMPAIGN_UPDATE, &campaign_);
  store_->Discard();
  AppendMany(1, 0);
  Restart();
  store_->SetEventObserver(&observer_);
  AppendMany(1, 0);
  EXPECT_EQ(store_->LastEvent(), 4u);
  const std::vector<v1::Event> events = Events();
  ASSERT_THAT(events, SizeIs(4));
  for (uint64_t i = 0; i < 4; ++i) EXPECT_EQ(events[i].position(), EncodePosition(i + 1));
  EXPECT_THAT(Events(2, 1), SizeIs(1));
  EXPECT_THAT(Events(4), IsEmpty());
}

TEST_F(EventLogTest, EventIsSeenOnlyAfterItsCommit) {
  AppendEvent(v1::EVENT_KIND_OUT_CAMPAIGN_UPDATE, &campaign_);
  EXPECT_EQ(store_->LastEvent(), 0u);
  EXPECT_THAT(Events(), IsEmpty());
  Commit();
  EXPECT_EQ(store_->LastEvent(), 1u);
  EXPECT_EQ(store_->LastEventSequence(), 1u);
}

TEST_F(EventLogTest, PositionsAreOpaqueAndParsedStrictly) {
  EXPECT_EQ(ParsePosition(EncodePosition(0)), 0u);
  EXPECT_EQ(ParsePosition(EncodePosition(~0ull)), ~0ull);
  for (const char* bad : {"", "1", "e1", "r0000000000000001", "e000000000000000g",
                          "e00000000000000001", "e0X00000000000001", "E0000000000000001"}) {
    EXPECT_FALSE(ParsePosition(bad).has_value()) << bad;
  }
}

class TrimmedEventLogTest : public EventLogTest {
 protected:
  TrimmedEventLogTest() : EventLogTest({.keep_events_for = absl::Hours(1)}) {}
};

TEST_F(TrimmedEventLogTest, TrimsABoundedNumberOfOldEvents) {
  AppendMany(EventLog::kTrimEvents + 10, 0);
  AppendMany(10, 7200);
  ASSERT_TRUE(store_->Upkeep({absl::ZeroDuration(), At(3599)}).ok());
  Commit();
  EXPECT_EQ(store_->OldestEvent(), 1u);
  ASSERT_TRUE(store_->Upkeep({absl::ZeroDuration(), At(3601)}).ok());
  Commit();
  EXPECT_EQ(store_->OldestEvent(), EventLog::kTrimEvents + 1);
  ASSERT_TRUE(store_->Upkeep({absl::ZeroDuration(), At(100000)}).ok());
  Commit();
  EXPECT_EQ(store_->OldestEvent(), EventLog::kTrimEvents + 1);
  const absl::Status trimmed = store_->Events(EventLog::kTrimEvents - 1, 10).status();
  EXPECT_TRUE(absl::IsOutOfRange(trimmed));
  EXPECT_EQ(engine::ReasonOf(trimmed), engine::Reason::kPositionTrimmed);
  EXPECT_THAT(std::string(trimmed.message()), HasSubstr(EncodePosition(EventLog::kTrimEvents)));
  EXPECT_THAT(Events(EventLog::kTrimEvents), SizeIs(20));
  Restart();
  EXPECT_EQ(store_->OldestEvent(), EventLog::kTrimEvents + 1);
  EXPECT_EQ(store_->LastEvent(), EventLog::kTrimEvents + 20);
}

TEST_F(TrimmedEventLogTest, NeverTrimsWhatIsNotCommitted) {
  for (uint64_t i = 0; i < 2 * EventLog::kTrimEvents; ++i) {
    AppendEvent(v1::EVENT_KIND_OUT_CAMPAIGN_UPDATE, &campaign_);
  }
  ASSERT_TRUE(store_->Upkeep({absl::ZeroDuration(), At(100000)}).ok());
  Commit();
  EXPECT_EQ(store_->OldestEvent(), 1u);
}

class SmallEventLogTest : public EventLogTest {
 protected:
  SmallEventLogTest() : EventLogTest({.keep_events_bytes = 10000}) {}
};

TEST_F(SmallEventLogTest, TrimsBySize) {
  AppendMany(EventLog::kTrimEvents + 2, 0);
  ASSERT_TRUE(store_->Upkeep({absl::ZeroDuration(), At(0)}).ok());
  Commit();
  EXPECT_EQ(store_->OldestEvent(), 1u) << "the last chunk is within the bound";
  AppendMany(500, 0);
  ASSERT_TRUE(store_->Upkeep({absl::ZeroDuration(), At(0)}).ok());
  Commit();
  EXPECT_EQ(store_->OldestEvent(), EventLog::kTrimEvents + 1);
}

}  // namespace
}  // namespace outdial::storage
