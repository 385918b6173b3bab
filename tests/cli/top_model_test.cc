#include "cli/top_model.h"

#include <gmock/gmock.h>

#include "tests/cli/top_samples.h"

namespace outdial::cli {
namespace {

using testing::DoubleEq;
using testing::Optional;

constexpr absl::Time kBegin = absl::UnixEpoch();

// One campaign of 1000 entries, of which so many are finished.
TopSample Sample(absl::Duration since_begin, uint64_t finished, uint64_t handled = 0) {
  TopSample sample;
  sample.time = kBegin + since_begin;
  sample.plans = {PlanOf("plan", v1::DL_END_HANDLE_STOP)};
  sample.campaigns = {CampaignOf("c", "spring", v1::CAMPAIGN_STATUS_START)};
  sample.stats = {StatOf("c", 1000, finished)};
  AddOutcome(v1::OUTCOME_HANDLED, handled, &sample.stats[0]);
  return sample;
}

// The campaign of the last of such samples, one a second, each with `per_second` more finished and
// answered.
TopCampaign After(int seconds, uint64_t per_second, TopModel* model) {
  TopCampaign last;
  for (int i = 0; i <= seconds; ++i) {
    const uint64_t done = per_second * static_cast<uint64_t>(i);
    last = model->Add(Sample(absl::Seconds(i), done, done)).campaigns[0];
  }
  return last;
}

TEST(TopModelTest, ASingleSampleHasCountsAndNoRates) {
  TopModel model;
  const TopView view = model.Add(Sample(absl::ZeroDuration(), 400));
  EXPECT_EQ(view.campaigns[0].left, 600u);
  EXPECT_EQ(view.campaigns[0].total, 1000u);
  EXPECT_EQ(view.campaigns[0].finished_per_minute, std::nullopt);
  EXPECT_EQ(view.campaigns[0].expected_end, std::nullopt);
  EXPECT_EQ(view.answered_per_minute, std::nullopt);
}

TEST(TopModelTest, ExpectedEndIsWhatIsLeftAtTheRateOfFinishedEntries) {
  TopModel model;
  const TopCampaign campaign = After(20, 2, &model);
  EXPECT_THAT(campaign.finished_per_minute, Optional(DoubleEq(120)));
  // 960 left at 2 a second.
  EXPECT_EQ(campaign.expected_end, kBegin + absl::Seconds(20 + 480));
}

TEST(TopModelTest, RatesAreToldFromTheShortestSpanOn) {
  TopModel model;
  EXPECT_EQ(After(4, 1, &model).finished_per_minute, std::nullopt);
  TopModel other;
  EXPECT_THAT(After(5, 1, &other).finished_per_minute, Optional(DoubleEq(60)));
}

TEST(TopModelTest, RatesLookBackNoFurtherThanTheirWindows) {
  TopModel model;
  After(100, 1, &model);
  // Nothing more is finished or answered.
  TopCampaign campaign;
  for (int i = 101; i <= 200; ++i) {
    campaign = model.Add(Sample(absl::Seconds(i), 100, 100)).campaigns[0];
  }
  EXPECT_THAT(campaign.answered_per_minute, Optional(DoubleEq(0)));
  EXPECT_THAT(campaign.finished_per_minute, Optional(DoubleEq(30)));
  for (int i = 201; i <= 401; ++i) {
    campaign = model.Add(Sample(absl::Seconds(i), 100, 100)).campaigns[0];
  }
  EXPECT_THAT(campaign.finished_per_minute, Optional(DoubleEq(0)));
  EXPECT_EQ(campaign.expected_end, std::nullopt);
}

TEST(TopModelTest, ACampaignThatKeepsRunningOrIsNotRunningHasNoEnd) {
  for (const auto& [handle, status] :
       {std::pair(v1::DL_END_HANDLE_KEEP_RUNNING, v1::CAMPAIGN_STATUS_START),
        std::pair(v1::DL_END_HANDLE_STOP, v1::CAMPAIGN_STATUS_PAUSING)}) {
    TopModel model;
    TopCampaign campaign;
    for (int i = 0; i <= 10; ++i) {
      TopSample sample = Sample(absl::Seconds(i), static_cast<uint64_t>(i));
      sample.plans[0].set_dl_end_handle(handle);
      sample.campaigns[0].set_status(status);
      campaign = model.Add(sample).campaigns[0];
    }
    EXPECT_THAT(campaign.finished_per_minute, Optional(DoubleEq(60)));
    EXPECT_EQ(campaign.expected_end, std::nullopt);
  }
}

TEST(TopModelTest, AnEndInAnotherYearIsNone) {
  TopModel model;
  TopCampaign campaign;
  for (int i = 0; i <= 300; i += 10) {
    TopSample sample = Sample(absl::Seconds(i), i == 0 ? 0 : 1);
    sample.stats[0].set_dl_available_count(1'000'000'000);
    campaign = model.Add(sample).campaigns[0];
  }
  EXPECT_GT(campaign.finished_per_minute, 0);
  EXPECT_EQ(campaign.expected_end, std::nullopt);
}

TEST(TopModelTest, AChangedPlanBeginsTheRatesAnew) {
  TopModel model;
  After(20, 1, &model);
  // Fewer tries: 500 entries are finished at once, which is no rate.
  TopSample changed = Sample(absl::Seconds(21), 520);
  changed.plans[0].set_revision(2);
  EXPECT_EQ(model.Add(changed).campaigns[0].finished_per_minute, std::nullopt);
}

TEST(TopModelTest, AClockThatWasPutBackBeginsTheRatesAnew) {
  TopModel model;
  After(20, 1, &model);
  EXPECT_EQ(model.Add(Sample(absl::Seconds(-3600), 21)).campaigns[0].finished_per_minute,
            std::nullopt);
}

TEST(TopModelTest, AFallingCounterGivesNoEnd) {
  TopModel model;
  model.Add(Sample(absl::ZeroDuration(), 500));
  EXPECT_EQ(model.Add(Sample(absl::Seconds(10), 400)).campaigns[0].expected_end, std::nullopt);
}

TEST(TopModelTest, TotalsAreThoseOfAllCampaigns) {
  TopModel model;
  TopView view;
  for (const int seconds : {0, 30}) {
    TopSample sample = Sample(absl::Seconds(seconds), 0, static_cast<uint64_t>(seconds));
    sample.campaigns.push_back(CampaignOf("d", "summer", v1::CAMPAIGN_STATUS_STOPPING));
    sample.stats.push_back(StatOf("d", 10, 0));
    AddOutcome(v1::OUTCOME_ABANDONED, static_cast<uint64_t>(seconds), &sample.stats[1]);
    sample.stats[0].set_dialings_in_progress(3);
    sample.stats[1].set_dialings_in_progress(4);
    view = model.Add(sample);
  }
  EXPECT_EQ(view.calls, 7u);
  EXPECT_THAT(view.answered_per_minute, Optional(DoubleEq(120)));
}

TEST(TopModelTest, PeopleWhomAFailedDestinationDroppedCountAsAbandoned) {
  TopModel model;
  TopSample sample = Sample(absl::ZeroDuration(), 0, 18);
  AddOutcome(v1::OUTCOME_ABANDONED, 1, &sample.stats[0]);
  AddOutcome(v1::OUTCOME_DESTINATION_FAILED, 1, &sample.stats[0]);
  AddOutcome(v1::OUTCOME_MACHINE, 50, &sample.stats[0]);
  const TopCampaign campaign = model.Add(sample).campaigns[0];
  EXPECT_EQ(campaign.answered, 20u);
  EXPECT_EQ(campaign.abandoned, 2u);
  EXPECT_THAT(campaign.abandoned_percent, Optional(DoubleEq(10)));
  EXPECT_TRUE(campaign.is_above_target);
}

TEST(TopModelTest, BelowTwentyAnswersNoShareIsAboveTheTarget) {
  TopModel model;
  TopSample sample = Sample(absl::ZeroDuration(), 0, 18);
  AddOutcome(v1::OUTCOME_ABANDONED, 1, &sample.stats[0]);
  EXPECT_FALSE(model.Add(sample).campaigns[0].is_above_target);
}

TEST(TopModelTest, AnAgentOfTwoNodesCountsOnceAndPeopleWaitingAddUp) {
  TopSample sample;
  sample.nodes = {NodeOf("a", v1::NODE_STATE_READY), NodeOf("b", v1::NODE_STATE_READY)};
  v1::NodeQueue* first = AddQueue("sales", 2, &sample.nodes[0]);
  AddMember("PJSIP/1", {.device_state = 2}, first);
  AddMember("PJSIP/2", {.device_state = 1, .is_free = true}, first);
  v1::NodeQueue* second = AddQueue("sales", 3, &sample.nodes[1]);
  AddMember("PJSIP/1", {.device_state = 5}, second);
  AddMember("PJSIP/3", {.device_state = 1}, second);
  AddMember("PJSIP/4", {.device_state = 1, .is_paused = true}, second);
  AddMember("PJSIP/5", {.device_state = 6}, second);
  AddMember("PJSIP/6", {.device_state = 5, .is_paused = true}, second);
  const TopView view = TopModel().Add(sample);
  ASSERT_EQ(view.queues.size(), 1u);
  const TopQueue& queue = view.queues[0];
  EXPECT_THAT(queue.nodes, testing::ElementsAre("a", "b"));
  EXPECT_EQ(queue.free, 1u);
  EXPECT_EQ(queue.talking, 1u);
  EXPECT_EQ(queue.ringing, 1u);
  EXPECT_EQ(queue.wrap_up, 1u);
  EXPECT_EQ(queue.paused, 1u);
  EXPECT_EQ(queue.offline, 1u);
  EXPECT_EQ(queue.waiting, 5u);
}

}  // namespace
}  // namespace outdial::cli
