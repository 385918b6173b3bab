// Each kind of damage is found, and told by its name.
#include "storage/verify_store.h"

#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/dl_table.h"
#include "storage/key_schema.h"
#include "storage/stored_records.pb.h"
#include "tests/storage/store_fixture.h"

namespace outdial::storage {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class VerifyStoreTest : public StoreFixture {
 protected:
  VerifyStoreTest() {
    idle_ = PutNew();
    AppendEvent(v1::EVENT_KIND_OUT_DL_LIST_CREATE, &idle_);
    waiting_ = maker_.Dl(dlma_, kList);
    waiting_.set_not_before(TextAt(1000));
    Put(nullptr, waiting_);
    live_dl_ = PutNew();
    live_ = Begin(live_dl_, 1);
    AppendEvent(v1::EVENT_KIND_OUT_DIALING_CREATE, &live_);
    ended_dl_ = PutNew();
    ended_ = DialOnce(&ended_dl_, v1::OUTCOME_BUSY, 5);
    AppendEvent(v1::EVENT_KIND_OUT_DIALING_DELETE, &ended_);
    EXPECT_TRUE(round().PutRequest("r1", {.request = "q", .response = "a"}, At(0)).ok());
    Commit();
  }

  std::vector<std::string> Damages() {
    std::vector<std::string> damages;
    totals_ = FindDamage(*kv_, [&](const absl::Status& damage) {
      EXPECT_TRUE(absl::IsDataLoss(damage)) << damage;
      damages.emplace_back(damage.message());
    });
    EXPECT_EQ(totals_.damages, damages.size());
    return damages;
  }

  void Write(Family family, const std::string& key, const std::string& value) {
    WriteBatch batch;
    batch.Put(family, key, value);
    ASSERT_TRUE(kv_->Commit(batch, Durability::kSynced).ok());
  }
  void Drop(Family family, const std::string& key) {
    std::string unused;
    ASSERT_TRUE(*kv_->Get(family, key, &unused)) << "the test drops what is not there";
    WriteBatch batch;
    batch.Delete(family, key);
    ASSERT_TRUE(kv_->Commit(batch, Durability::kSynced).ok());
  }
  template <class Row>
  void Change(Family family, const std::string& key, const std::function<void(Row*)>& change) {
    std::string value;
    ASSERT_TRUE(*kv_->Get(family, key, &value));
    Row row;
    ASSERT_TRUE(row.ParseFromString(value));
    change(&row);
    Write(family, key, row.SerializeAsString());
  }
  // The only key, or the first one, of a family.
  std::string FirstKey(Family family) {
    std::string first;
    EXPECT_TRUE(kv_->Scan(family, {}, 1,
                          [&](absl::string_view key, absl::string_view) {
                            first = std::string(key);
                            return true;
                          })
                    .ok());
    return first;
  }

  VerifyTotals totals_;
  v1::Dl idle_, waiting_, live_dl_, ended_dl_;
  v1::Dialing live_, ended_;
};

constexpr char kJunk[] = "\xff\xff\xff";

TEST_F(VerifyStoreTest, CountsWhatItSaw) {
  EXPECT_THAT(Damages(), IsEmpty());
  EXPECT_EQ(totals_.records, 4u);
  EXPECT_EQ(totals_.entries, 4u);
  EXPECT_EQ(totals_.live_dialings, 1u);
  EXPECT_EQ(totals_.results, 1u);
  EXPECT_EQ(totals_.events, 3u);
}

TEST_F(VerifyStoreTest, RecordThatCantBeRead) {
  Write(Family::kRecord, RecordKey(RecordKind::kPlan, *engine::Uuid::Parse(plan_.uuid())), kJunk);
  EXPECT_THAT(Damages(), ElementsAre(AllOf(HasSubstr("(plan " + plan_.uuid() + ")"),
                                           HasSubstr("can't be read"))));
}

TEST_F(VerifyStoreTest, RecordThatDiffersFromItsRevision) {
  plan_.set_detail("changed behind the store's back");
  Write(Family::kRecord, RecordKey(RecordKind::kPlan, *engine::Uuid::Parse(plan_.uuid())),
        plan_.SerializeAsString());
  EXPECT_THAT(Damages(), ElementsAre(AllOf(HasSubstr("of revision (plan " + plan_.uuid() + ")"),
                                           HasSubstr("differs from the record"))));
}

TEST_F(VerifyStoreTest, RevisionThatADialingWasMadeFrom) {
  Drop(Family::kRevision,
       RevisionKey(RecordKind::kDestination, *engine::Uuid::Parse(destination_.uuid()),
                   destination_.revision()));
  const auto damages = Damages();
  EXPECT_THAT(damages, Contains(AllOf(HasSubstr("of dialing (dialing " + live_.uuid() + ")"),
                                      HasSubstr("revision that is missing"))));
}

TEST_F(VerifyStoreTest, EveryDamagedEntryIsNamed) {
  Write(Family::kDlState, DlKey(Id(idle_)), kJunk);
  Write(Family::kDlStatic, DlKey(Id(waiting_)), kJunk);
  Drop(Family::kDlStatic, DlKey(Id(ended_dl_)));
  const auto damages = Damages();
  EXPECT_THAT(damages, Contains(AllOf(HasSubstr("of dl_state (dl " + idle_.uuid() + ")"),
                                      HasSubstr("can't be read"))));
  EXPECT_THAT(damages, Contains(AllOf(HasSubstr("of dl_static (dl " + waiting_.uuid() + ")"),
                                      HasSubstr("can't be read"))));
  EXPECT_THAT(damages, Contains(AllOf(HasSubstr("of dl_static (dl " + ended_dl_.uuid() + ")"),
                                      HasSubstr("is missing"))));
}

TEST_F(VerifyStoreTest, NumberThatIsNotLookedUp) {
  Drop(Family::kNumber, TextKeysOf(Id(idle_), idle_).numbers.front());
  EXPECT_THAT(Damages(), ElementsAre(AllOf(HasSubstr("of number (dl " + idle_.uuid() + ")"),
                                           HasSubstr("is missing"))));
}

TEST_F(VerifyStoreTest, NumberThatBelongsToNoEntry) {
  Write(Family::kNumber, TextIndexKey("999", Id(idle_)), "");
  EXPECT_THAT(Damages(), ElementsAre(AllOf(HasSubstr("of number (dl " + idle_.uuid() + ")"),
                                           HasSubstr("belongs to no entry"))));
}

TEST_F(VerifyStoreTest, IdleEntryThatIsNotInTheIndex) {
  Drop(Family::kIdle, FirstKey(Family::kIdle));
  const auto damages = Damages();
  EXPECT_THAT(damages, Contains(HasSubstr("is idle and not in the index")));
  EXPECT_THAT(damages, Contains(AllOf(HasSubstr("(class "), HasSubstr("idle entries instead of"))));
}

TEST_F(VerifyStoreTest, PlaceOfAnEntryThatIsBeingDialled) {
  // As if it might be dialled once more.
  Write(Family::kIdle, IdleIndexKey(kList, 0, {0, Id(live_dl_)}), "");
  EXPECT_THAT(Damages(), Contains(AllOf(HasSubstr("of idle (dl " + live_dl_.uuid() + ")"),
                                        HasSubstr("is not the place of an idle entry"))));
}

TEST_F(VerifyStoreTest, WaitingEntryWithAnotherMoment) {
  const std::string key = FirstKey(Family::kNotBefore);
  std::string place;
  ASSERT_TRUE(*kv_->Get(Family::kNotBefore, key, &place));
  Drop(Family::kNotBefore, key);
  Write(Family::kNotBefore, NotBeforeKey(absl::ToUnixMicros(At(5)), Id(waiting_)), place);
  EXPECT_THAT(Damages(), Contains(AllOf(HasSubstr("of not_before (dl " + waiting_.uuid() + ")"),
                                        HasSubstr("another moment"))));
}

TEST_F(VerifyStoreTest, BoundThatHidesAnEntry) {
  Change<ClassRow>(Family::kClass, FirstKey(Family::kClass),
                   [](ClassRow* row) { row->set_bound_hangup_us(1); });
  EXPECT_THAT(Damages(), Contains(HasSubstr("is below the bound of its class")));
}

TEST_F(VerifyStoreTest, CountersOfAListAndAClass) {
  Change<ListRow>(Family::kList, ListKey(kList), [](ListRow* row) { row->set_tries(99); });
  Change<ClassRow>(Family::kClass, FirstKey(Family::kClass),
                   [](ClassRow* row) { row->set_idle(99); });
  EXPECT_THAT(Damages(), ElementsAre(AllOf(HasSubstr("(list 7)"), HasSubstr("99 tries instead of")),
                                     AllOf(HasSubstr("(class 0 of list 7)"),
                                           HasSubstr("counts 99 idle entries instead of"))));
}

TEST_F(VerifyStoreTest, EntryWhoseDialingIsGone) {
  Drop(Family::kLive, DialingKey(Id(live_)));
  const auto damages = Damages();
  EXPECT_THAT(damages, Contains(AllOf(HasSubstr("(dl " + live_dl_.uuid() + ")"),
                                      HasSubstr("not live: " + live_.uuid()))));
  EXPECT_THAT(damages, Contains(AllOf(HasSubstr("of dialing (dialing " + live_.uuid() + ")"),
                                      HasSubstr("neither live nor ended"))));
  EXPECT_THAT(damages, Contains(HasSubstr("of campaign_count (campaign " + campaign_.uuid())));
}

TEST_F(VerifyStoreTest, LiveDialingWhoseEntryIsIdle) {
  Change<DlState>(Family::kDlState, DlKey(Id(live_dl_)),
                  [](DlState* state) { state->clear_dialing_uuid(); });
  EXPECT_THAT(Damages(), Contains(AllOf(HasSubstr("of live (dialing " + live_.uuid() + ")"),
                                        HasSubstr("not being dialled by it"))));
}

TEST_F(VerifyStoreTest, DialingWithoutItsStaticPart) {
  Drop(Family::kDialing, DialingKey(Id(ended_)));
  EXPECT_THAT(Damages(), Contains(AllOf(HasSubstr("of dialing (dialing " + ended_.uuid() + ")"),
                                        HasSubstr("is missing"))));
}

TEST_F(VerifyStoreTest, ResultThatItsDialingDoesNotName) {
  Write(Family::kResultOfDialing, DialingKey(Id(ended_)), SequenceKey(7));
  const auto damages = Damages();
  EXPECT_THAT(damages, Contains(AllOf(HasSubstr("of result (result 1)"),
                                      HasSubstr("not the only end of its dialing"))));
  EXPECT_THAT(damages, Contains(HasSubstr("of result_of_dialing (dialing " + ended_.uuid())));
}

TEST_F(VerifyStoreTest, IndexOfResults) {
  Drop(Family::kResultIndex, ResultIndexKey(Id(ended_dl_), 1));
  Write(Family::kResultIndex, ResultIndexKey(Id(idle_), 1), "");
  EXPECT_THAT(Damages(),
              ElementsAre(AllOf(HasSubstr("of result_index (result 1)"), HasSubstr("is missing")),
                          AllOf(HasSubstr("of result_index (result 1)"),
                                HasSubstr("belongs to no result"))));
}

TEST_F(VerifyStoreTest, CountersAndTalliesOfACampaign) {
  Change<CampaignRow>(Family::kCampaignCount, CampaignKey(Id(campaign_)),
                      [](CampaignRow* row) { row->set_live(5); });
  Change<TallyRow>(Family::kTally, FirstKey(Family::kTally),
                   [](TallyRow* row) { row->set_by_outcome(v1::OUTCOME_BUSY, 2); });
  EXPECT_THAT(Damages(), ElementsAre(HasSubstr("of campaign_count (campaign " + campaign_.uuid()),
                                     HasSubstr("days don't add up")));
}

TEST_F(VerifyStoreTest, GapInTheEvents) {
  Drop(Family::kEvent, SequenceKey(2));
  EXPECT_THAT(Damages(), ElementsAre(AllOf(HasSubstr("(event 2)"), HasSubstr("is missing"))));
}

TEST_F(VerifyStoreTest, EventWhoseRecordIsGone) {
  Change<StoredEvent>(Family::kEvent, SequenceKey(3),
                      [&](StoredEvent* event) { event->set_uuid(std::string(16, 'x')); });
  EXPECT_THAT(Damages(), ElementsAre(AllOf(HasSubstr("(event 3)"), HasSubstr("can't be shown"))));
}

TEST_F(VerifyStoreTest, EventThatCantBeRead) {
  Write(Family::kEvent, SequenceKey(2), kJunk);
  EXPECT_THAT(Damages(), ElementsAre(HasSubstr("(event 2)")));
}

TEST_F(VerifyStoreTest, RequestWithoutExpiryAndTheOtherWayRound) {
  const std::string expiry = FirstKey(Family::kRequestExpiry);
  Drop(Family::kRequestExpiry, expiry);
  Write(Family::kRequestExpiry, RequestExpiryKey(1, RequestKind::kCreate, "nobody"), "");
  EXPECT_THAT(Damages(),
              ElementsAre(HasSubstr("has no expiry"), HasSubstr("belongs to no request")));
}

TEST_F(VerifyStoreTest, RowsOfAListThatIsNowhere) {
  Write(Family::kClass, ClassKey(99, 0), ClassRow().SerializeAsString());
  EXPECT_THAT(Damages(), ElementsAre(AllOf(HasSubstr("(list 99)"), HasSubstr("is missing"))));
}

}  // namespace
}  // namespace outdial::storage
