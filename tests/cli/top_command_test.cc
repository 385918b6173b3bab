#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_split.h"
#include "tests/cli/cli_fixture.h"
#include "tests/cli/top_samples.h"

namespace outdial::cli {
namespace {

using testing::HasSubstr;

class TopCommandTest : public CliTest {
 protected:
  TopCommandTest() {
    state().plans = {PlanOf("plan", v1::DL_END_HANDLE_STOP)};
    state().campaigns = {CampaignOf(kUuidA, "spring", v1::CAMPAIGN_STATUS_START)};
    state().stat = StatOf(kUuidA, 1000, 400);
    state().stat.set_dialings_in_progress(7);
    AddOutcome(v1::OUTCOME_HANDLED, 300, &state().stat);
    AddOutcome(v1::OUTCOME_ABANDONED, 3, &state().stat);
    state().nodes = {NodeOf("berlin", v1::NODE_STATE_READY)};
    AddMember("PJSIP/1", {.device_state = 2}, AddQueue("sales", 1, &state().nodes[0]));
  }
};

TEST_F(TopCommandTest, OnceIsOneFrameOfPlainText) {
  const Run run = Ctl({"top", "--once"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "outdial " + server_.address() +
                         "   1970-01-01 00:00:00 UTC   7 calls in progress   - answered/min\n"
                         R"(
CAMPAIGNS  1, by state
NAME    STATE  CALLS  ANSWERED  ABANDONED    %  LEFT    OF  END  WAITS FOR
spring  start      7       303          3  1.0   600  1000    -

AGENTS  and people waiting for them
QUEUE  FREE  TALKING  RINGING  WRAP-UP  PAUSED  OFFLINE  OF  WAITING  NODES
sales     0        1        0        0       0        0   1        1  berlin

NODES
NODE    STATE  CALLS  OF  MOST CALLS/S  ORIGINATE DELAY
berlin  ready      0  30             5                -
)");
}

TEST_F(TopCommandTest, OnceIsAsWideAsTheEnvironmentSays) {
  state().campaigns[0].set_name(std::string(300, 'x'));
  const auto widest_line = [&](const std::string& columns) {
    size_t widest = 0;
    for (const absl::string_view line :
         absl::StrSplit(Ctl({"top", "--once"}, {{"COLUMNS", columns}}).out, '\n')) {
      // The ellipsis is one column and three bytes.
      widest = std::max(widest, absl::StrContains(line, "…") ? line.size() - 2 : line.size());
    }
    return widest;
  };
  EXPECT_EQ(widest_line("70"), 70u);
  EXPECT_EQ(widest_line("wide"), 100u);
  EXPECT_EQ(widest_line("0"), 100u);
}

TEST_F(TopCommandTest, OnceAsDataIsOneObject) {
  const Run run = Ctl({"top", "--once", "--output", "json"});
  const auto frame = nlohmann::json::parse(run.out);
  EXPECT_EQ(frame["tm"], "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(frame["calls"], 7);
  EXPECT_FALSE(frame.contains("answered_per_minute"));
  const auto& campaign = frame["campaigns"][0];
  EXPECT_EQ(campaign["uuid"], kUuidA);
  EXPECT_EQ(campaign["status"], "CAMPAIGN_STATUS_START");
  EXPECT_EQ(campaign["status_detail"], "");
  EXPECT_EQ(campaign["left"], 600);
  EXPECT_FALSE(campaign.contains("tm_expected_end"));
  EXPECT_EQ(frame["queues"][0]["talking"], 1);
  EXPECT_EQ(frame["nodes"][0]["max_calls"], 30);
  EXPECT_THAT(run.out, testing::StartsWith("{\n  \"tm\""));
  EXPECT_EQ(absl::StrContains(Ctl({"top", "--once", "--output", "jsonl"}).out, "\n  "), false);
}

TEST_F(TopCommandTest, DataGoesOnAFrameALineUntilInterrupted) {
  int shows = 0;
  state().on_campaign_show = [&] {
    if (++shows == 3) interrupt_.Trigger();
  };
  const Run run = Ctl({"top", "--output", "json", "--interval", "0.1"});
  EXPECT_EQ(run.exit_code, 130);
  const std::vector<std::string> lines = absl::StrSplit(run.out, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(nlohmann::json::parse(lines[1])["calls"], 7);
}

TEST_F(TopCommandTest, WithoutATerminalItSaysWhatToUse) {
  const Run run = Ctl({"top"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("use --once"));
}

TEST_F(TopCommandTest, AServerThatFailsHasTheUsualExitCode) {
  state().error = RichError(grpc::StatusCode::PERMISSION_DENIED, "not allowed", {}, "NO_TOKEN");
  const Run run = Ctl({"top", "--once"});
  EXPECT_EQ(run.exit_code, 7);
  EXPECT_EQ(run.out, "");
}

TEST_F(TopCommandTest, IntervalsOutOfBoundsAreRefused) {
  for (const std::string interval : {"0", "-1", "3601", "fast", "nan", ""}) {
    const Run run = Ctl({"top", "--once", "--interval", interval});
    EXPECT_EQ(run.exit_code, 2) << interval;
    EXPECT_THAT(run.err, HasSubstr("is not 0.1 to 3600 seconds"));
  }
}

}  // namespace
}  // namespace outdial::cli
