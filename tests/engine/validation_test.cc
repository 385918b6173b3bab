#include "engine/validation.h"

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kUuid[] = "0192b7c4-5d2e-7a31-9c5b-2f6d1e8a4b07";

EngineConfig Config() {
  EngineConfig config;
  config.allowed_contexts = {"from-outdial"};
  config.allowed_sip_hosts = {"example.com"};
  return config;
}

// The fields that a checker complains about.
template <class Record>
std::vector<std::string> BadFields(void (*check)(const Record&, const EngineConfig&, FieldChecker&),
                                   const Record& record) {
  FieldChecker checker;
  check(record, Config(), checker);
  std::vector<std::string> fields;
  for (const FieldViolation& violation : checker.violations()) fields.push_back(violation.field);
  return fields;
}

template <class Record>
void AddVariable(const std::string& name, const std::string& value, Record* record) {
  v1::Variable* variable = record->add_variables();
  variable->set_name(name);
  variable->set_value(value);
}

v1::Dl GoodDl() {
  v1::Dl dl;
  dl.set_dlma_uuid(kUuid);
  dl.add_number("100");
  return dl;
}

TEST(TextTest, TakesUtf8UpTo900Bytes) {
  for (const std::string& text :
       {std::string(), std::string("Ann"), std::string("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
        std::string("\xF4\x8F\xBF\xBF"), std::string(900, 'x'), std::string("a\tb")}) {
    EXPECT_FALSE(TextProblem(text).has_value()) << text;
  }
  EXPECT_EQ(TextProblem(std::string(901, 'x')), "must be at most 900 bytes");
}

TEST(TextTest, RefusesWhatCouldBreakAnAmiLine) {
  for (const std::string& text : {std::string("a\rb"), std::string("a\nb"), std::string("a\0b", 3),
                                  std::string("\n"), std::string("a\r\nAction: Ping")}) {
    EXPECT_EQ(TextProblem(text), "must not hold CR, LF or NUL");
  }
}

TEST(TextTest, RefusesWhatIsNotUtf8) {
  for (const char* text :
       {"caf\xE9", "\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xE2\x82", "a\xC3z", "\xFF"}) {
    EXPECT_EQ(TextProblem(text), "must be valid UTF-8") << absl::CHexEscape(text);
  }
}

TEST(NumberTest, CountsWhatIsDialled) {
  const EngineConfig config = Config();
  for (const std::string& number :
       {std::string("100"), std::string("+1 (555) 010-0.7"), std::string("*31#100"),
        std::string("ann_b"), std::string(64, '1'), std::string(64, '1') + " ( )-.",
        std::string("sip:ann@example.com"), std::string("SIPS:ann@EXAMPLE.COM:5061")}) {
    EXPECT_FALSE(NumberProblem(number, config).has_value()) << number;
  }
}

TEST(NumberTest, RefusesWhatCouldBreakADialString) {
  const EngineConfig config = Config();
  for (const std::string& number :
       {std::string(""), std::string(" "), std::string("()"), std::string(65, '1'),
        std::string("100&200"), std::string("100/200"), std::string("100@gw"), std::string("1,2"),
        std::string("1|2"), std::string("1;2"), std::string("1^2"), std::string("${x}"),
        std::string("1\n2"), std::string("\xC3\xA9"), std::string("sip:ann@example.org"),
        std::string("sip:ann@example.com;transport=tcp"), std::string("sip:ann@example.com&x"),
        std::string("sip:example.com"), std::string("tel:100")}) {
    EXPECT_TRUE(NumberProblem(number, config).has_value()) << number;
  }
}

TEST(NumberTest, SaysWhichHostsAreAllowed) {
  EXPECT_EQ(NumberProblem("sip:ann@example.org", Config()),
            "must name a host of allowed_sip_hosts in the configuration: example.com");
  EXPECT_EQ(NumberProblem("sip:ann@example.org", EngineConfig()),
            "must name a host of allowed_sip_hosts in the configuration: it names none");
}

TEST(VariableNameTest, TakesPlainNamesOnly) {
  for (const char* name : {"A", "_A", "__A", "a_1", "CAMPAIGN", "Z9"}) {
    EXPECT_FALSE(VariableNameProblem(name).has_value()) << name;
  }
  for (const char* name :
       {"", "_", "__", "___A", "1A", "_1", "A-B", "A B", "A=B", "CALLERID(num)", "SHELL(id)",
        "PJSIP_HEADER(add,X-A)", "A\n", "\xC3\xA9", "OUTDIAL_UKEY", "__OUTDIAL_X", "outdial_x"}) {
    EXPECT_TRUE(VariableNameProblem(name).has_value()) << name;
  }
}

TEST(RequestIdTest, HasABound) {
  EXPECT_FALSE(RequestIdProblem("import-7").has_value());
  EXPECT_TRUE(RequestIdProblem("").has_value());
  EXPECT_TRUE(RequestIdProblem(std::string(129, 'x')).has_value());
}

TEST(CheckCampaignTest, TakesAnEmptyAndAFullRecord) {
  v1::Campaign campaign;
  EXPECT_THAT(BadFields(CheckCampaign, campaign), IsEmpty());
  campaign.set_plan(kUuid);
  campaign.set_dlma(kUuid);
  campaign.set_dest(kUuid);
  campaign.set_next_campaign("");
  campaign.set_status(v1::CAMPAIGN_STATUS_STOPPING_FORCED);
  campaign.set_max_calls(1);
  campaign.set_calls_per_second(0.1);
  campaign.set_sc_time_start("00:00:00");
  campaign.set_sc_time_end("23:59:59");
  campaign.set_sc_date_start("2028-02-29");
  campaign.set_sc_date_list("2026-01-01,2026-12-31");
  campaign.set_sc_day_list("0,6");
  EXPECT_THAT(BadFields(CheckCampaign, campaign), IsEmpty());
}

TEST(CheckCampaignTest, NamesEveryBadFieldAtOnce) {
  v1::Campaign campaign;
  campaign.set_name("\xFF");
  campaign.set_status(static_cast<v1::CampaignStatus>(3));
  campaign.set_plan("none");
  campaign.set_max_calls(0);
  campaign.set_calls_per_second(std::numeric_limits<double>::quiet_NaN());
  campaign.set_sc_time_start("24:00:00");
  campaign.set_sc_date_start("2026-02-29");
  campaign.set_sc_date_list_except("2026-01-01,");
  campaign.set_sc_day_list("0,7");
  EXPECT_THAT(
      BadFields(CheckCampaign, campaign),
      ElementsAre("campaign.name", "campaign.status", "campaign.plan", "campaign.max_calls",
                  "campaign.calls_per_second", "campaign.sc_time_start", "campaign.sc_date_start",
                  "campaign.sc_date_list_except", "campaign.sc_day_list"));
}

TEST(CheckCampaignTest, BoundsItsCaps) {
  v1::Campaign campaign;
  campaign.set_max_calls(100001);
  campaign.set_calls_per_second(1000.5);
  EXPECT_THAT(BadFields(CheckCampaign, campaign),
              ElementsAre("campaign.max_calls", "campaign.calls_per_second"));
}

TEST(CheckPlanTest, TakesAnEmptyAndAFullRecord) {
  v1::Plan plan;
  EXPECT_THAT(BadFields(CheckPlan, plan), IsEmpty());
  plan.set_dial_mode(v1::DIAL_MODE_POWER);
  plan.set_uui_field("X-Customer");
  plan.set_dial_timeout(300000);
  plan.set_caller_id("\"Ann\" <100>");
  plan.set_retry_delay(31536000);
  plan.set_trunk_name("gw-1.example");
  plan.set_tech_name("sip/");
  plan.set_service_level(10000);
  for (int i = 0; i < 8; ++i) plan.add_max_retry(20);
  AddVariable("__A", "x", &plan);
  plan.set_power_ratio(10);
  plan.set_abandon_after(500);
  plan.set_abandon_target(100);
  plan.set_max_call_length(86400);
  EXPECT_THAT(BadFields(CheckPlan, plan), IsEmpty());
}

TEST(CheckPlanTest, NamesEveryBadFieldAtOnce) {
  v1::Plan plan;
  plan.set_dial_mode(static_cast<v1::DialMode>(7));
  plan.set_uui_field("X-A B");
  plan.set_dial_timeout(999);
  plan.set_dl_end_handle(static_cast<v1::DlEndHandle>(2));
  plan.set_retry_delay(31536001);
  plan.set_trunk_name("gw&other");
  plan.set_tech_name("PJSIP/x");
  plan.set_service_level(10001);
  for (int i = 0; i < 8; ++i) plan.add_max_retry(i == 0 ? 21 : 5);
  AddVariable("SHELL(id)", "a\nb", &plan);
  plan.set_power_ratio(0.5);
  plan.set_abandon_after(60001);
  plan.set_abandon_target(-1);
  plan.set_max_call_length(0);
  plan.set_pacing(static_cast<v1::PacingKind>(9));
  EXPECT_THAT(
      BadFields(CheckPlan, plan),
      ElementsAre("plan.dial_mode", "plan.uui_field", "plan.dial_timeout", "plan.dl_end_handle",
                  "plan.retry_delay", "plan.trunk_name", "plan.tech_name", "plan.service_level",
                  "plan.max_retry[0]", "plan.variables[0].name", "plan.variables[0].value",
                  "plan.power_ratio", "plan.abandon_after", "plan.abandon_target",
                  "plan.max_call_length", "plan.pacing"));
}

TEST(CheckPlanTest, WantsAllEightRetriesOrNone) {
  v1::Plan plan;
  plan.add_max_retry(5);
  EXPECT_THAT(BadFields(CheckPlan, plan), ElementsAre("plan.max_retry"));
}

TEST(CheckPlanTest, UuiFieldIsAHeaderOrAVariable) {
  const auto good = [](const std::string& field) {
    v1::Plan plan;
    plan.set_uui_field(field);
    return BadFields(CheckPlan, plan).empty();
  };
  EXPECT_TRUE(good("User-to-User"));
  EXPECT_TRUE(good("UUI"));
  EXPECT_FALSE(good("X-"));
  EXPECT_FALSE(good("X-A)=1"));
  EXPECT_FALSE(good("From-Header"));
  EXPECT_FALSE(good("OUTDIAL_UKEY"));
}

TEST(CheckPlanTest, SaysWhatIsNotAvailableYet) {
  v1::Plan plan;
  plan.set_dial_mode(v1::DIAL_MODE_PREVIEW);
  plan.set_pacing(v1::PACING_KIND_STATISTICAL);
  plan.set_retry_rules("");
  FieldChecker checker;
  CheckPlan(plan, Config(), checker);
  const absl::Status status = checker.ToStatus();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), Reason::kNotAvailableYet);
  EXPECT_EQ(ViolationsOf(status).size(), 3U);
  plan.set_dial_mode(v1::DIAL_MODE_REDIRECT);
  plan.set_dial_timeout(1);
  CheckPlan(plan, Config(), checker);
  EXPECT_EQ(ReasonOf(checker.ToStatus()), Reason::kInvalidField);
}

TEST(CheckCampaignTest, ScheduleIsNotAvailableYet) {
  v1::Campaign campaign;
  campaign.set_sc_mode(v1::SCHEDULE_MODE_ON);
  FieldChecker checker;
  CheckCampaign(campaign, Config(), checker);
  EXPECT_EQ(ReasonOf(checker.ToStatus()), Reason::kNotAvailableYet);
}

TEST(CheckDlmaTest, ChecksTextsAndVariables) {
  v1::Dlma dlma;
  EXPECT_THAT(BadFields(CheckDlma, dlma), IsEmpty());
  dlma.set_name(std::string(901, 'x'));
  dlma.set_detail("a\rb");
  AddVariable("A", "1", &dlma);
  AddVariable("", "1", &dlma);
  EXPECT_THAT(BadFields(CheckDlma, dlma),
              ElementsAre("dlma.name", "dlma.detail", "dlma.variables[1].name"));
}

TEST(CheckVariablesTest, BoundsTheirNumberAndLength) {
  v1::Dlma dlma;
  for (int i = 0; i < kMaxVariablesPerRecord; ++i) {
    AddVariable(absl::StrCat("A", i), std::string(900, 'x'), &dlma);
  }
  EXPECT_THAT(BadFields(CheckDlma, dlma), IsEmpty());
  AddVariable("B", "", &dlma);
  EXPECT_THAT(BadFields(CheckDlma, dlma), ElementsAre("dlma.variables"));
}

TEST(CheckVariablesTest, CountsWhatHasToBeEscapedTwice) {
  v1::Dlma dlma;
  AddVariable("A", std::string(450, ','), &dlma);
  EXPECT_THAT(BadFields(CheckDlma, dlma), IsEmpty());
  AddVariable("B", std::string(451, '"'), &dlma);
  EXPECT_THAT(BadFields(CheckDlma, dlma), ElementsAre("dlma.variables[1].value"));
}

TEST(CheckDestinationTest, TakesBothTypes) {
  v1::Destination destination;
  EXPECT_THAT(BadFields(CheckDestination, destination), IsEmpty());
  destination.set_exten("_X.100");
  destination.set_context("from-outdial");
  destination.set_priority("start");
  destination.set_agent_queue("sales 1");
  destination.set_max_calls(100000);
  EXPECT_THAT(BadFields(CheckDestination, destination), IsEmpty());
  v1::Destination application;
  application.set_type(v1::DESTINATION_TYPE_APPLICATION);
  application.set_application("queue");
  application.set_data("sales,,,,60");
  EXPECT_THAT(BadFields(CheckDestination, application), IsEmpty());
}

TEST(CheckDestinationTest, NamesEveryBadFieldAtOnce) {
  v1::Destination destination;
  destination.set_type(static_cast<v1::DestinationType>(2));
  destination.set_exten("100,1");
  destination.set_priority("0");
  destination.set_context("default");
  destination.set_application("System");
  destination.set_data("rm\n");
  destination.set_agent_queue("a,b");
  destination.set_max_calls(0);
  EXPECT_THAT(BadFields(CheckDestination, destination),
              ElementsAre("destination.type", "destination.exten", "destination.priority",
                          "destination.context", "destination.data", "destination.application",
                          "destination.agent_queue", "destination.max_calls"));
}

TEST(CheckDestinationTest, GuardsTheArgumentsOfQueue) {
  v1::Destination destination;
  destination.set_application("QUEUE");
  destination.set_data("sales,,,,60,agi.sh");
  EXPECT_THAT(BadFields(CheckDestination, destination), ElementsAre("destination.data"));
}

TEST(CheckDlTest, TakesAnImportedEntry) {
  v1::Dl dl = GoodDl();
  EXPECT_THAT(BadFields(CheckDl, dl), IsEmpty());
  dl.add_number("");
  dl.add_number("+1 (555) 0100");
  for (int i = 0; i < 8; ++i) dl.add_trycnt(1000);
  dl.set_outcome(v1::OUTCOME_BUSY);
  dl.set_res_dial(v1::DIAL_RESULT_BUSY);
  dl.set_res_hangup(17);
  dl.set_not_before("2026-12-01T09:00:00+01:00");
  EXPECT_THAT(BadFields(CheckDl, dl), IsEmpty());
}

TEST(CheckDlTest, NamesEveryBadFieldAtOnce) {
  v1::Dl dl;
  dl.set_dlma_uuid("x");
  dl.set_udata(std::string(901, 'x'));
  dl.add_number("100");
  dl.add_number("1&2");
  dl.set_not_before("tomorrow");
  dl.add_trycnt(1001);
  dl.set_outcome(static_cast<v1::Outcome>(13));
  dl.set_res_dial(static_cast<v1::DialResult>(1));
  dl.set_res_hangup(128);
  EXPECT_THAT(BadFields(CheckDl, dl),
              ElementsAre("dl.dlma_uuid", "dl.udata", "dl.number[1]", "dl.not_before",
                          "dl.trycnt[0]", "dl.outcome", "dl.res_dial", "dl.res_hangup"));
}

TEST(CheckDlTest, WantsOneToEightNumbers) {
  v1::Dl dl;
  dl.set_dlma_uuid(kUuid);
  EXPECT_THAT(BadFields(CheckDl, dl), ElementsAre("dl.number"));
  dl.add_number("");
  EXPECT_THAT(BadFields(CheckDl, dl), ElementsAre("dl.number"));
  dl.set_number(0, "100");
  for (int i = 0; i < 8; ++i) dl.add_number("100");
  EXPECT_THAT(BadFields(CheckDl, dl), ElementsAre("dl.number"));
}

TEST(CheckDlTest, PriorityIsNotAvailableYet) {
  v1::Dl dl = GoodDl();
  dl.set_priority(0);
  FieldChecker checker;
  CheckDl(dl, Config(), checker);
  EXPECT_EQ(ReasonOf(checker.ToStatus()), Reason::kNotAvailableYet);
}

TEST(FieldCheckerTest, IsOkWithoutViolations) {
  FieldChecker checker;
  checker.Check("a", std::nullopt);
  EXPECT_TRUE(checker.ok());
  EXPECT_TRUE(checker.ToStatus().ok());
  checker.Check("a", "must be b");
  EXPECT_FALSE(checker.ok());
  EXPECT_EQ(checker.ToStatus().message(), "a must be b");
}

}  // namespace
}  // namespace outdial::engine
