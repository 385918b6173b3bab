// The selector against a selection that looks at every entry, over the in-memory store.
#include "engine/dl_selector.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/catalog.h"
#include "engine/random.h"
#include "engine/uuid_generator.h"
#include "gtest/gtest.h"
#include "storage/memory_store.h"
#include "storage/record_store.h"

namespace outdial::engine {
namespace {

constexpr ListNumber kList = 1;
const absl::Time kStart = absl::FromUnixSeconds(1767225600);

v1::Plan PlanOf(std::vector<uint32_t> max_retry, uint32_t retry_delay_s) {
  v1::Plan plan;
  max_retry.resize(kNumberSlots);
  for (const uint32_t max : max_retry) plan.add_max_retry(max);
  plan.set_retry_delay(retry_delay_s);
  return plan;
}

// A list whose changes go to store and selector, and are remembered for comparison.
class DlSelectorTest : public testing::Test {
 protected:
  void Open(uint32_t max_classes) {
    storage::RecordStoreOptions options;
    options.max_classes_per_list = max_classes;
    auto store = storage::RecordStore::Open(std::make_unique<storage::MemoryStore>(), options);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    v1::Dlma dlma;
    dlma.set_uuid(uuids_.Next(kStart, kList).ToString());
    dlma.set_revision(1);
    dlma.set_tm_create(FormatRecordTime(kStart));
    ASSERT_TRUE(store_->Round().PutDlma(dlma, kList).ok());
    dlma_ = dlma.uuid();
    selector_ = std::make_unique<DlSelector>(kList);
    ASSERT_TRUE(selector_->Load(store_->Round()).ok());
  }

  void Put(const v1::Dl* before, v1::Dl after) {
    after.set_revision(after.revision() + 1);
    auto change = store_->Round().PutDl(before, after, now_);
    ASSERT_TRUE(change.ok()) << change.status();
    selector_->OnIndexChange(*change, ClassOf(after));
    entries_[after.uuid()] = after;
  }

  std::string Add(std::vector<std::string> numbers,
                  std::optional<absl::Duration> not_before = std::nullopt) {
    v1::Dl dl;
    dl.set_uuid(uuids_.Next(now_, kList).ToString());
    dl.set_dlma_uuid(dlma_);
    dl.set_tm_create(FormatRecordTime(now_));
    numbers.resize(kNumberSlots);
    for (const std::string& number : numbers) dl.add_number(number);
    for (int i = 0; i < kNumberSlots; ++i) dl.add_trycnt(0);
    if (not_before.has_value()) dl.set_not_before(FormatRecordTime(now_ + *not_before));
    Put(nullptr, dl);
    return dl.uuid();
  }

  void Dial(const std::string& uuid, int slot) {
    const v1::Dl before = entries_.at(uuid);
    v1::Dl after = before;
    after.set_status(v1::DL_STATUS_DIALING);
    after.set_trycnt(slot, before.trycnt(slot) + 1);
    after.set_tm_last_dial(FormatRecordTime(now_));
    Put(&before, after);
  }

  void HangUp(const std::string& uuid, v1::Outcome outcome, v1::DialResult result) {
    const v1::Dl before = entries_.at(uuid);
    v1::Dl after = before;
    after.set_status(v1::DL_STATUS_IDLE);
    after.set_outcome(outcome);
    after.set_res_dial(result);
    after.set_tm_last_hangup(FormatRecordTime(now_));
    Put(&before, after);
  }

  Pick Next(const v1::Plan& plan) {
    auto pick = selector_->PickNext(plan, now_, store_->Round());
    EXPECT_TRUE(pick.ok()) << pick.status();
    return *pick;
  }

  // The rule as the specification words it, over all entries.
  std::optional<std::string> BestByRule(const v1::Plan& plan) const {
    std::optional<std::tuple<int, absl::Time, std::string>> best;
    for (const auto& [uuid, dl] : entries_) {
      if (dl.status() != v1::DL_STATUS_IDLE || dl.has_tm_delete()) continue;
      const DlClass dl_class = ClassOf(dl);
      if (IsFinished(dl_class, plan)) continue;
      if (dl.has_not_before() && *ParseRecordTime(dl.not_before()) > now_) continue;
      absl::Time waits_since = absl::InfinitePast();
      if (dl.has_tm_last_hangup()) waits_since = *ParseRecordTime(dl.tm_last_hangup());
      const absl::Duration delay = absl::Seconds(std::max<uint32_t>(1, plan.retry_delay()));
      if (waits_since + delay > now_) continue;
      const auto candidate = std::make_tuple(dl_class.total_tries(), waits_since, uuid);
      if (!best.has_value() || candidate < *best) best = candidate;
    }
    if (!best.has_value()) return std::nullopt;
    return std::get<2>(*best);
  }

  std::optional<std::string> PickedUuid(const v1::Plan& plan) {
    const Pick pick = Next(plan);
    const auto* picked = std::get_if<PickedEntry>(&pick);
    if (picked == nullptr) return std::nullopt;
    return picked->uuid.ToString();
  }

  void RunRandomRounds(uint64_t seed, uint32_t max_classes);

  absl::Time now_ = kStart;
  UuidGenerator uuids_{1};
  std::unique_ptr<storage::RecordStore> store_;
  std::unique_ptr<DlSelector> selector_;
  std::string dlma_;
  std::map<std::string, v1::Dl> entries_;
};

TEST_F(DlSelectorTest, SkipsEntryStillInRetryDelay) {
  Open(100);
  const std::string first = Add({"100"});
  const std::string second = Add({"200"});
  const v1::Plan plan = PlanOf({5}, 60);
  Dial(first, 0);
  HangUp(first, v1::OUTCOME_BUSY, v1::DIAL_RESULT_BUSY);
  EXPECT_EQ(PickedUuid(plan), second);
  Dial(second, 0);
  HangUp(second, v1::OUTCOME_BUSY, v1::DIAL_RESULT_BUSY);

  const Pick pick = Next(plan);
  ASSERT_TRUE(std::holds_alternative<EntriesWait>(pick));
  EXPECT_EQ(std::get<EntriesWait>(pick).until, now_ + absl::Seconds(60));
  now_ += absl::Seconds(60);
  EXPECT_EQ(PickedUuid(plan), first);
}

TEST_F(DlSelectorTest, KeepsOneSecondOfDelayWhateverThePlanSays) {
  Open(100);
  const std::string entry = Add({"100"});
  const v1::Plan plan = PlanOf({5}, 0);
  Dial(entry, 0);
  HangUp(entry, v1::OUTCOME_BUSY, v1::DIAL_RESULT_BUSY);
  EXPECT_EQ(PickedUuid(plan), std::nullopt);
  now_ += absl::Seconds(1);
  EXPECT_EQ(PickedUuid(plan), entry);
}

TEST_F(DlSelectorTest, FewestTriesGoBeforeTheLongestWaiting) {
  Open(100);
  const std::string tried = Add({"100"});
  Dial(tried, 0);
  HangUp(tried, v1::OUTCOME_BUSY, v1::DIAL_RESULT_BUSY);
  now_ += absl::Hours(1);
  const std::string fresh = Add({"200"});
  EXPECT_EQ(PickedUuid(PlanOf({5}, 60)), fresh);
}

TEST_F(DlSelectorTest, TellsBusyFromUsedUp) {
  Open(100);
  const std::string entry = Add({"100"});
  const v1::Plan plan = PlanOf({1}, 1);
  Dial(entry, 0);
  EXPECT_TRUE(std::holds_alternative<EntriesBusy>(Next(plan)));
  HangUp(entry, v1::OUTCOME_BUSY, v1::DIAL_RESULT_BUSY);
  now_ += absl::Hours(1);
  EXPECT_TRUE(std::holds_alternative<ListUsedUp>(Next(plan)));
  // Another plan may dial it all the same.
  EXPECT_EQ(PickedUuid(PlanOf({2}, 1)), entry);
}

TEST_F(DlSelectorTest, AnsweredEntryIsFinished) {
  Open(100);
  const std::string entry = Add({"100"});
  Dial(entry, 0);
  HangUp(entry, v1::OUTCOME_HANDLED, v1::DIAL_RESULT_ANSWERED);
  now_ += absl::Hours(1);
  EXPECT_TRUE(std::holds_alternative<ListUsedUp>(Next(PlanOf({5}, 1))));
}

TEST_F(DlSelectorTest, WaitsForNotBeforeAndHoldsUpNoOther) {
  Open(100);
  const std::string later = Add({"100"}, absl::Minutes(10));
  const std::string now_entry = Add({"200"});
  const v1::Plan plan = PlanOf({1}, 1);
  EXPECT_EQ(PickedUuid(plan), now_entry);
  Dial(now_entry, 0);
  HangUp(now_entry, v1::OUTCOME_HANDLED, v1::DIAL_RESULT_ANSWERED);
  const Pick pick = Next(plan);
  ASSERT_TRUE(std::holds_alternative<EntriesWait>(pick));
  EXPECT_EQ(std::get<EntriesWait>(pick).until, kStart + absl::Minutes(10));
  now_ += absl::Minutes(10);
  EXPECT_EQ(PickedUuid(plan), later);
}

TEST_F(DlSelectorTest, ClockThatGoesBackMakesNobodyWaitForItToCatchUp) {
  Open(100);
  const std::string entry = Add({"100"});
  const v1::Plan plan = PlanOf({5}, 60);
  Dial(entry, 0);
  now_ += absl::Hours(24 * 365);  // the clock was wrong when the call ended
  HangUp(entry, v1::OUTCOME_BUSY, v1::DIAL_RESULT_BUSY);
  now_ -= absl::Hours(24 * 365);
  EXPECT_EQ(PickedUuid(plan), std::nullopt);
  now_ += absl::Seconds(59);
  EXPECT_EQ(PickedUuid(plan), std::nullopt);
  now_ += absl::Seconds(1);
  EXPECT_EQ(PickedUuid(plan), entry);
}

// Random lists, plans and changes: each pick is the one that the rule over all entries gives, and
// the list is used up exactly when the rule has nothing left.
void DlSelectorTest::RunRandomRounds(uint64_t seed, uint32_t max_classes) {
  Open(max_classes);
  Random random(seed);
  const std::vector<v1::Plan> plans = {PlanOf({2, 1}, 30), PlanOf({1, 3, 1}, 5),
                                       PlanOf({5, 5, 5, 5, 5, 5, 5, 5}, 120)};
  std::vector<std::string> dialling;
  int picks = 0;
  for (int round = 0; round < 1500; ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << " round " << round);
    now_ += absl::Milliseconds(static_cast<int64_t>(random.Below(2000)));
    if (random.Below(4) == 0 && entries_.size() < 200) {
      std::vector<std::string> numbers(kNumberSlots);
      for (std::string& number : numbers) {
        if (random.Below(3) == 0) number = "100";
      }
      numbers[random.Below(kNumberSlots)] = "200";
      std::optional<absl::Duration> not_before;
      if (random.Below(5) == 0) {
        not_before = absl::Seconds(static_cast<int64_t>(random.Below(100)));
      }
      Add(numbers, not_before);
    }
    const v1::Plan& plan = plans[random.Below(plans.size())];
    const std::optional<std::string> picked = PickedUuid(plan);
    ASSERT_EQ(picked, BestByRule(plan));
    if (picked.has_value()) {
      ++picks;
      Dial(*picked, NextNumber(ClassOf(entries_.at(*picked)), plan));
      dialling.push_back(*picked);
    }
    if (!dialling.empty() && random.Below(2) == 0) {
      const size_t i = random.Below(dialling.size());
      const bool answered = random.Below(6) == 0;
      HangUp(dialling[i], answered ? v1::OUTCOME_HANDLED : v1::OUTCOME_BUSY,
             answered ? v1::DIAL_RESULT_ANSWERED : v1::DIAL_RESULT_BUSY);
      dialling.erase(dialling.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (random.Below(20) == 0) {
      ASSERT_TRUE(store_->Commit().ok());
    }
    if (random.Below(100) == 0) {
      // A selector that is loaded anew goes on as the old one would.
      selector_ = std::make_unique<DlSelector>(kList);
      ASSERT_TRUE(selector_->Load(store_->Round()).ok());
    }
  }
  EXPECT_GT(picks, 200);
}

TEST_F(DlSelectorTest, PicksByTheRule) { RunRandomRounds(1, 65536); }
TEST_F(DlSelectorTest, PicksByTheRuleWithAnotherSeed) { RunRandomRounds(2, 65536); }
TEST_F(DlSelectorTest, PicksByTheRuleBeyondTheLimitOfClasses) { RunRandomRounds(3, 4); }

}  // namespace
}  // namespace outdial::engine
