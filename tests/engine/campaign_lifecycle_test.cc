#include "engine/campaign_lifecycle.h"

#include <optional>
#include <string>
#include <vector>

#include "engine/errors.h"
#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

// The whole table: for each state and each request what happens; absent: refused.
struct Row {
  v1::CampaignStatus current;
  std::optional<LifecycleStep> on_start;
  std::optional<LifecycleStep> on_stop;
  std::optional<LifecycleStep> on_pause;
  std::optional<LifecycleStep> on_force;
};

constexpr auto kNothing = LifecycleStep::kNothing;
constexpr auto kStart = LifecycleStep::kStart;
constexpr auto kStop = LifecycleStep::kStop;
constexpr auto kPause = LifecycleStep::kPause;
constexpr auto kForce = LifecycleStep::kForce;

const std::vector<Row>& Table() {
  static const auto* const kTable = new std::vector<Row>{
      {v1::CAMPAIGN_STATUS_STOP, kStart, kNothing, std::nullopt, kNothing},
      {v1::CAMPAIGN_STATUS_START, kNothing, kStop, kPause, kForce},
      {v1::CAMPAIGN_STATUS_PAUSE, kStart, kStop, kNothing, kForce},
      {v1::CAMPAIGN_STATUS_STOPPING, kStart, kNothing, kPause, kForce},
      {v1::CAMPAIGN_STATUS_PAUSING, kStart, kStop, kNothing, kForce},
      {v1::CAMPAIGN_STATUS_STOPPING_FORCED, std::nullopt, kNothing, std::nullopt, kNothing},
  };
  return *kTable;
}

std::optional<LifecycleStep> Decide(v1::CampaignStatus current, v1::CampaignStatus requested) {
  const absl::StatusOr<LifecycleStep> step = DecideStep(current, requested);
  if (step.ok()) return *step;
  EXPECT_EQ(step.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(ReasonOf(step.status()), Reason::kNone);
  return std::nullopt;
}

TEST(CampaignLifecycleTest, EveryRequestInEveryState) {
  for (const Row& row : Table()) {
    SCOPED_TRACE(v1::CampaignStatus_Name(row.current));
    EXPECT_EQ(Decide(row.current, v1::CAMPAIGN_STATUS_START), row.on_start);
    EXPECT_EQ(Decide(row.current, v1::CAMPAIGN_STATUS_STOP), row.on_stop);
    EXPECT_EQ(Decide(row.current, v1::CAMPAIGN_STATUS_PAUSE), row.on_pause);
    EXPECT_EQ(Decide(row.current, v1::CAMPAIGN_STATUS_STOPPING_FORCED), row.on_force);
  }
}

TEST(CampaignLifecycleTest, TransitionalValuesMeanWhatTheyLeadTo) {
  for (const Row& row : Table()) {
    SCOPED_TRACE(v1::CampaignStatus_Name(row.current));
    EXPECT_EQ(Decide(row.current, v1::CAMPAIGN_STATUS_STARTING), row.on_start);
    EXPECT_EQ(Decide(row.current, v1::CAMPAIGN_STATUS_STOPPING), row.on_stop);
    EXPECT_EQ(Decide(row.current, v1::CAMPAIGN_STATUS_PAUSING), row.on_pause);
  }
}

TEST(CampaignLifecycleTest, UnknownStatusIsABadField) {
  const auto step = DecideStep(v1::CAMPAIGN_STATUS_STOP, static_cast<v1::CampaignStatus>(7));
  EXPECT_EQ(step.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(CampaignLifecycleTest, LastDialingCompletesWhatWasBegun) {
  EXPECT_EQ(AfterLastDialing(v1::CAMPAIGN_STATUS_STOPPING), v1::CAMPAIGN_STATUS_STOP);
  EXPECT_EQ(AfterLastDialing(v1::CAMPAIGN_STATUS_STOPPING_FORCED), v1::CAMPAIGN_STATUS_STOP);
  EXPECT_EQ(AfterLastDialing(v1::CAMPAIGN_STATUS_PAUSING), v1::CAMPAIGN_STATUS_PAUSE);
  EXPECT_EQ(AfterLastDialing(v1::CAMPAIGN_STATUS_START), v1::CAMPAIGN_STATUS_START);
}

}  // namespace
}  // namespace outdial::engine
