#include "cli/run_cli.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "tests/cli/cli_fixture.h"

namespace outdial::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using RunCliTest = CliTest;

v1::Plan PlanNamed(const std::string& uuid, const std::string& name) {
  v1::Plan plan;
  plan.set_uuid(uuid);
  plan.set_name(name);
  plan.set_dial_mode(v1::DIAL_MODE_PROGRESSIVE);
  return plan;
}

TEST_F(RunCliTest, CreatePrintsTheUuidAlone) {
  const Run run = Ctl({"plan", "create", "--name", "a", "--dial-mode", "progressive"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, std::string(kUuidA) + "\n");
  EXPECT_EQ(state().plan_create.plan().name(), "a");
  EXPECT_EQ(state().plan_create.plan().dial_mode(), v1::DIAL_MODE_PROGRESSIVE);
  EXPECT_FALSE(state().plan_create.plan().has_detail());
}

TEST_F(RunCliTest, AnEmptyTextIsGivenAndNotAbsent) {
  EXPECT_EQ(Ctl({"plan", "create", "--name=", "--detail", ""}).exit_code, 0);
  EXPECT_TRUE(state().plan_create.plan().has_name());
  EXPECT_TRUE(state().plan_create.plan().has_detail());
}

TEST_F(RunCliTest, CreateFillsTheOtherRetriesWithTheDefault) {
  EXPECT_EQ(Ctl({"plan", "create", "--max-retry2", "3"}).exit_code, 0);
  EXPECT_THAT(state().plan_create.plan().max_retry(), testing::ElementsAre(5, 3, 5, 5, 5, 5, 5, 5));
}

TEST_F(RunCliTest, VariablesKeepTheirOrderAndEqualsSigns) {
  EXPECT_EQ(Ctl({"plan", "create", "--variable", "a=1", "--variable", "b=x=y"}).exit_code, 0);
  ASSERT_EQ(state().plan_create.plan().variables_size(), 2);
  EXPECT_EQ(state().plan_create.plan().variables(1).value(), "x=y");
}

TEST_F(RunCliTest, UpdateSetsSingleSlotsAndClearsFields) {
  const Run run = Ctl({"plan", "update", kUuidA, "--max-retry8", "0", "--clear", "caller-id",
                       "--expected-revision", "7"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, std::string("plan ") + kUuidA + " updated\n");
  EXPECT_EQ(state().plan_update.set_max_retry().at(8), 0u);
  EXPECT_EQ(state().plan_update.clear_fields(0), "caller_id");
  EXPECT_EQ(state().plan_update.expected_revision(), 7u);
}

TEST_F(RunCliTest, UpdateOfANumberLeavesTheOthers) {
  EXPECT_EQ(Ctl({"dl", "update", kUuidA, "--number2", "555"}).exit_code, 0);
  EXPECT_EQ(state().dl_update.set_number().at(2), "555");
  EXPECT_EQ(state().dl_update.dl().number_size(), 0);
}

TEST_F(RunCliTest, UpdateWithoutAChangeIsRefused) {
  EXPECT_EQ(Ctl({"plan", "update", kUuidA}).exit_code, 2);
}

TEST_F(RunCliTest, ARecordIsFoundByItsExactName) {
  state().plans = {PlanNamed(kUuidA, "day"), PlanNamed(kUuidB, "night")};
  EXPECT_EQ(Ctl({"plan", "delete", "night"}).out, std::string("plan ") + kUuidB + " deleted\n");
  const Run unknown = Ctl({"plan", "delete", "Night"});
  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_THAT(unknown.err, StartsWith("error: no plan is named 'Night'"));
}

TEST_F(RunCliTest, ANameOfTwoRecordsIsRefusedWithTheirUuids) {
  state().plans = {PlanNamed(kUuidA, "day"), PlanNamed(kUuidB, "day")};
  const Run run = Ctl({"plan", "delete", "day"});
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_THAT(run.err, HasSubstr(kUuidB));
}

TEST_F(RunCliTest, ListIsATableInTextAndAnArrayInJson) {
  state().plans = {PlanNamed(kUuidA, "день"), PlanNamed(kUuidB, "x\x1b[2J")};
  const Run text = Ctl({"plan", "show"});
  EXPECT_THAT(text.out, HasSubstr("день      progressive"));
  EXPECT_THAT(text.out, HasSubstr("x\\x1b[2J  progressive"));
  const Run json = Ctl({"plan", "show", "--output", "json"});
  EXPECT_THAT(json.out, StartsWith("[\n  {\n    \"uuid\": \"01920000"));
  EXPECT_THAT(json.out, HasSubstr("\"dial_mode\": \"DIAL_MODE_PROGRESSIVE\""));
  state().plans.clear();
  EXPECT_EQ(Ctl({"plan", "show", "--output", "json"}).out, "[]\n");
  EXPECT_EQ(Ctl({"plan", "show", "--output", "jsonl"}).out, "");
}

TEST_F(RunCliTest, OneRecordIsAListOfItsFieldsInTextAndAnObjectInJson) {
  state().plans = {PlanNamed(kUuidA, "day")};
  EXPECT_THAT(Ctl({"plan", "show", kUuidA}).out, HasSubstr("dial_mode  progressive\n"));
  EXPECT_THAT(Ctl({"plan", "show", "day", "--output=json"}).out, StartsWith("{\n  \"uuid\""));
}

TEST_F(RunCliTest, EachKindOfErrorHasItsExitCode) {
  const std::vector<std::pair<grpc::StatusCode, int>> codes = {
      {grpc::StatusCode::NOT_FOUND, 3},           {grpc::StatusCode::INVALID_ARGUMENT, 4},
      {grpc::StatusCode::FAILED_PRECONDITION, 5}, {grpc::StatusCode::ABORTED, 5},
      {grpc::StatusCode::ALREADY_EXISTS, 5},      {grpc::StatusCode::OUT_OF_RANGE, 5},
      {grpc::StatusCode::UNAVAILABLE, 6},         {grpc::StatusCode::DEADLINE_EXCEEDED, 6},
      {grpc::StatusCode::RESOURCE_EXHAUSTED, 6},  {grpc::StatusCode::UNAUTHENTICATED, 7},
      {grpc::StatusCode::PERMISSION_DENIED, 7},   {grpc::StatusCode::INTERNAL, 1},
  };
  for (const auto& [code, exit_code] : codes) {
    state().error = grpc::Status(code, "No such thing");
    const Run run = Ctl({"plan", "delete", kUuidA});
    EXPECT_EQ(run.exit_code, exit_code);
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, StartsWith("error: no such thing\n"));
  }
}

TEST_F(RunCliTest, EachBadFieldHasItsLine) {
  state().error = RichError(grpc::StatusCode::INVALID_ARGUMENT, "both are bad",
                            {{"plan.dial_timeout", "must be 1000 to 300000"},
                             {"plan.retry_delay", "must be 0 to 31536000"}},
                            "INVALID_FIELD");
  EXPECT_EQ(Ctl({"plan", "create"}).err,
            "error: 2 values are not valid\n"
            "  dial_timeout: must be 1000 to 300000\n"
            "  retry_delay: must be 0 to 31536000\n"
            "  reason: INVALID_FIELD\n");
}

TEST_F(RunCliTest, OneBadFieldIsToldOnce) {
  state().error = RichError(grpc::StatusCode::INVALID_ARGUMENT, "dl.number[2] must be a number",
                            {{"dl.number[2]", "must be a number"}}, "INVALID_FIELD");
  EXPECT_EQ(Ctl({"plan", "create"}).err,
            "error: number3 must be a number\n"
            "  reason: INVALID_FIELD\n");
}

TEST_F(RunCliTest, ValuesThatAreNotUtf8AreNotSent) {
  const Run run = Ctl({"plan", "create", "--name", "M\xFCller"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, StartsWith("error: --name is not UTF-8\n"));
}

TEST_F(RunCliTest, WrongCommandLinesAreRefusedWithASuggestion) {
  EXPECT_THAT(Ctl({"paln", "show"}).err, HasSubstr("did you mean plan?"));
  EXPECT_THAT(Ctl({"plan", "shwo"}).err, HasSubstr("did you mean show?"));
  EXPECT_THAT(Ctl({"plan", "create", "--dial-mod", "x"}).err,
              HasSubstr("did you mean --dial-mode?"));
  EXPECT_THAT(Ctl({"plan", "create", "--dial-mode", "fast"}).err, HasSubstr("progressive"));
  EXPECT_THAT(Ctl({"plan"}).err, StartsWith("error: say what to do with plan: create, "));
  EXPECT_THAT(Ctl({"plan", "create", "--name"}).err, StartsWith("error: --name needs a value\n"));
  EXPECT_EQ(Ctl({"plan", "create", "--dial-timeout", "-1"}).exit_code, 2);
  EXPECT_EQ(Ctl({"plan", "create", "--name", "a", "--name", "b"}).exit_code, 2);
  EXPECT_EQ(Ctl({"plan", "show", kUuidA, "more"}).exit_code, 2);
  EXPECT_EQ(Ctl({"dl", "show"}).exit_code, 2);
  EXPECT_EQ(Ctl({"dl", "create", "--number1", "5"}).exit_code, 2);
  EXPECT_EQ(Ctl({}).exit_code, 2);
}

TEST_F(RunCliTest, GlobalFlagsComeFromTheEnvironmentAndTheFlagWins) {
  const std::map<std::string, std::string> env = {{"OUTDIAL_SERVER", server_.address()},
                                                  {"OUTDIAL_OUTPUT", "jsonl"}};
  EXPECT_THAT(CtlAlone({"plan", "create"}, env).out, StartsWith("{\"uuid\":"));
  EXPECT_EQ(CtlAlone({"plan", "create", "--output", "text"}, env).out, std::string(kUuidA) + "\n");
}

TEST_F(RunCliTest, AServerThatIsNotThereIsNamed) {
  const Run run = CtlAlone({"--server", "unix:/nonexistent/socket", "plan", "create"});
  EXPECT_EQ(run.exit_code, 6);
  EXPECT_THAT(run.err, HasSubstr("is outdiald running at unix:/nonexistent/socket?"));
}

TEST_F(RunCliTest, ATokenIsNotSentInTheClearToAnotherMachine) {
  const std::string path = testing::TempDir() + "outdialctl_token";
  std::ofstream(path) << "secret\n";
  const Run run = CtlAlone({"--server", "192.0.2.1:50051", "--token-file", path, "plan", "create"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(Ctl({"--token-file", path, "plan", "create"}).exit_code, 0);
  EXPECT_EQ(state().authorization, "Bearer secret");
}

TEST_F(RunCliTest, StartWaitsUntilTheCampaignHasStopped) {
  v1::Campaign campaign;
  campaign.set_uuid(kUuidA);
  campaign.set_name("spring");
  for (const auto status : {v1::CAMPAIGN_STATUS_STARTING, v1::CAMPAIGN_STATUS_START,
                            v1::CAMPAIGN_STATUS_STOPPING, v1::CAMPAIGN_STATUS_STOP}) {
    campaign.set_status(status);
    state().campaigns.push_back(campaign);
  }
  state().stat.set_dl_total_count(10);
  state().stat.set_dl_finished_count(10);
  state().stat.set_dl_called_count(14);
  auto* count = state().stat.add_outcomes();
  count->set_outcome(v1::OUTCOME_NO_ANSWER);
  count->set_count(4);
  const Run run = Ctl({"campaign", "start", kUuidA, "--wait"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(state().campaign_shows, 4u);
  EXPECT_EQ(state().campaign_update.campaign().status(), v1::CAMPAIGN_STATUS_START);
  EXPECT_EQ(run.out, std::string("campaign   ") + kUuidA +
                         " spring\nstatus     stop\n"
                         "people     10: 10 finished, 0 can still be dialled\n"
                         "calls      14\noutcomes   no answer 4\ntook       0\n");
}

TEST_F(RunCliTest, InterruptedWaitSaysThatTheCampaignGoesOn) {
  v1::Campaign campaign;
  campaign.set_status(v1::CAMPAIGN_STATUS_START);
  state().campaigns = {campaign};
  state().on_campaign_show = [this] { interrupt_.Trigger(); };
  const Run run = Ctl({"campaign", "start", kUuidA, "--wait"});
  EXPECT_EQ(run.exit_code, 130);
  EXPECT_EQ(state().campaign_update.campaign().uuid(), kUuidA);
  EXPECT_THAT(run.err, HasSubstr("the campaign goes on without this command"));
}

TEST_F(RunCliTest, FollowPrintsEventsAndSaysWhereToGoOn) {
  v1::Event event;
  event.set_position("p1");
  event.set_kind(v1::EVENT_KIND_OUT_DIALING_UPDATE);
  event.set_tm("2016-10-22T14:34:45.339299560Z");
  event.set_uuid(kUuidA);
  event.mutable_dialing()->set_dial_addr("5550100");
  event.mutable_dialing()->set_status(v1::DIALING_STATUS_DIAL_BEGUN);
  state().events = {event};
  state().events_go_on = true;
  state().after_events = [this] { interrupt_.Trigger(); };
  const Run run =
      Ctl({"event", "follow", "--after", "p0", "--kind", "OutDialingUpdate", "--heartbeat", "5"});
  EXPECT_EQ(run.exit_code, 130);
  EXPECT_EQ(state().subscribe.after_position(), "p0");
  EXPECT_EQ(state().subscribe.kinds(0), v1::EVENT_KIND_OUT_DIALING_UPDATE);
  EXPECT_EQ(state().subscribe.heartbeat_seconds(), 5u);
  // The interrupt may overtake the event; then it was not printed either.
  const bool is_printed = !run.out.empty();
  EXPECT_THAT(run.err, HasSubstr(is_printed ? "go on with: --after p1" : "go on with: --after p0"));
}

TEST_F(RunCliTest, FollowEndsWithTheServersError) {
  state().error = grpc::Status(grpc::StatusCode::OUT_OF_RANGE, "Trimmed; the oldest is p9");
  const Run run = Ctl({"event", "follow", "--after", "p0"});
  EXPECT_EQ(run.exit_code, 5);
  EXPECT_THAT(run.err, StartsWith("error: trimmed; the oldest is p9"));
}

TEST_F(RunCliTest, ExportPrintsResultsAndWhereItWasCut) {
  v1::Result result;
  result.set_position("r1");
  result.mutable_dialing()->set_dial_addr("5550100");
  result.mutable_dialing()->set_outcome(v1::OUTCOME_NO_ANSWER);
  state().results = {result};
  const Run run = Ctl({"result", "export", "--campaign", kUuidA, "--with-records"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, HasSubstr("no answer"));
  EXPECT_EQ(state().result_show.camp_uuid(), kUuidA);
  EXPECT_TRUE(state().result_show.with_records());
  state().error = grpc::Status(grpc::StatusCode::UNAVAILABLE, "Shutting down");
  EXPECT_THAT(Ctl({"result", "export"}).err, HasSubstr("go on with: --after r1"));
  const Run json = Ctl({"result", "export", "--output", "json"});
  EXPECT_THAT(json.out, Not(HasSubstr("]\n")));
}

TEST_F(RunCliTest, AnExportedFileHasItsTitlesOnceAndIsNeverWrittenOver) {
  v1::Result result;
  result.mutable_dialing()->set_dial_addr("5550100");
  state().results = {result};
  const std::string path = testing::TempDir() + "exported_results.csv";
  std::remove(path.c_str());
  const auto export_after = [&](const std::string& after) {
    std::vector<std::string> args = {"result", "export", "--format", "csv", "--file", path};
    if (!after.empty()) args.insert(args.end(), {"--after", after});
    return Ctl(args);
  };
  const auto lines = [&path] {
    std::vector<std::string> read;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) read.push_back(line);
    return read;
  };
  // A new file of what came since the last one.
  EXPECT_EQ(export_after("r1").exit_code, 0);
  ASSERT_EQ(lines().size(), 2u);
  EXPECT_THAT(lines()[0], StartsWith("position,uuid,"));
  EXPECT_EQ(export_after("r2").exit_code, 0);
  ASSERT_EQ(lines().size(), 3u);
  EXPECT_EQ(lines()[1], lines()[2]);
  const Run again = export_after("");
  EXPECT_EQ(again.exit_code, 4);
  EXPECT_THAT(again.err, HasSubstr("is there already"));
  EXPECT_EQ(lines().size(), 3u);
}

TEST_F(RunCliTest, ResultsCanBeListedByWhatTheyAre) {
  const Run run = Ctl({"result", "show", "--outcome", "busy", "--outcome", "no-answer", "--count",
                       "5", "--dlma", "people", "--dl", kUuidA, "--after", "r1"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_FALSE(state().result_show.has_uuid());
  EXPECT_THAT(state().result_show.outcomes(),
              testing::ElementsAre(v1::OUTCOME_BUSY, v1::OUTCOME_NO_ANSWER));
  EXPECT_EQ(state().result_show.count(), 5u);
  EXPECT_EQ(state().result_show.dlma_uuid(), kUuidB);
  EXPECT_EQ(state().result_show.dl_list_uuid(), kUuidA);
  EXPECT_EQ(state().result_show.after_position(), "r1");
  EXPECT_EQ(Ctl({"result", "show", kUuidB}).exit_code, 0);
  EXPECT_EQ(state().result_show.uuid(), kUuidB);
}

TEST_F(RunCliTest, BackupIsNamedByTheServerOrByTheUser) {
  const Run unnamed = Ctl({"--output", "json", "backup", "create"});
  EXPECT_EQ(unnamed.exit_code, 0) << unnamed.err;
  EXPECT_FALSE(state().backup_create.has_name());
  EXPECT_THAT(unnamed.out, HasSubstr("/data/backups/20260102T030405Z"));
  const Run named = Ctl({"backup", "create", "before-the-move"});
  EXPECT_EQ(named.exit_code, 0) << named.err;
  EXPECT_EQ(state().backup_create.name(), "before-the-move");
  EXPECT_THAT(named.out, HasSubstr("/data/backups/before-the-move"));
}

TEST_F(RunCliTest, NodesAreShownWithTheirProblems) {
  v1::Node node;
  node.set_name("pbx1");
  node.set_state(v1::NODE_STATE_REFUSED);
  node.add_problems("login refused; check secret");
  state().nodes = {node};
  const Run run = Ctl({"node", "show"});
  EXPECT_THAT(run.out, HasSubstr("refused"));
  EXPECT_THAT(run.out, HasSubstr("login refused; check secret"));
}

}  // namespace
}  // namespace outdial::cli
