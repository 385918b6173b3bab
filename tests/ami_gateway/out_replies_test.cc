#include "ami_gateway/out_replies.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/errors.h"
#include "engine/record_form.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "outdial/v1/dialing_service.pb.h"
#include "tests/ami_gateway/filled_record.h"

namespace outdial::ami {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kUuid[] = "0192b7c4-5d2e-7a31-9c5b-2f6d1e8a4b07";

const OutAction& Action(absl::string_view name) { return *FindOutAction(name); }

// The items of a list whose one record is `record`.
template <class Response>
AmiMessage Item(const Response& response) {
  const absl::string_view type = response.GetDescriptor()->name();
  uint64_t count = 0;
  return ParseOneAmi(OutListItems(Action(type.substr(0, type.size() - strlen("Response"))),
                                  std::nullopt, response, &count));
}

// The names of its headers, without those before the record, separated by blanks.
std::string Names(const AmiMessage& message, size_t skip) {
  std::vector<std::string> names;
  for (const AmiHeader& header : message.headers()) names.push_back(header.name);
  names.erase(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(skip));
  return absl::StrJoin(names, " ");
}

std::string NumberedNames(absl::string_view name) {
  std::string names;
  for (int i = 1; i <= 8; ++i) absl::StrAppend(&names, " ", name, i);
  return names;
}

v1::Event EventOf(v1::EventKind kind) {
  v1::Event event;
  event.set_kind(kind);
  event.set_uuid(kUuid);
  return event;
}

// ---- Responses

TEST(OutRepliesTest, AChangeIsAnsweredInTheOwnersWords) {
  const auto message = [](absl::string_view action, const engine::ActionResult& result) {
    return std::string(
        ParseOneAmi(OutChangeReply(Action(action), std::nullopt, result)).Get("Message"));
  };
  EXPECT_EQ(message("OutCampaignCreate", v1::OutCampaignCreateResponse()),
            "Campaign created successfully");
  EXPECT_EQ(message("OutPlanUpdate", v1::OutPlanUpdateResponse()), "Plan updated successfully");
  EXPECT_EQ(message("OutDlmaDelete", v1::OutDlmaDeleteResponse()), "Dlma deleted successfully");
  EXPECT_EQ(message("OutDlListCreate", v1::OutDlListCreateResponse()),
            "Dl list created successfully");
  EXPECT_EQ(message("OutDestinationUpdate", v1::OutDestinationUpdateResponse()),
            "Destination updated successfully");
}

TEST(OutRepliesTest, ACreateTellsWhatItMade) {
  v1::OutPlanCreateResponse made;
  made.mutable_plan()->set_uuid(kUuid);
  EXPECT_EQ(OutChangeReply(Action("OutPlanCreate"), "a7", made),
            absl::StrCat("Response: Success\r\nActionID: a7\r\n"
                         "Message: Plan created successfully\r\nUuid: ",
                         kUuid, "\r\n\r\n"));
  v1::OutPlanUpdateResponse updated;
  *updated.mutable_plan() = made.plan();
  EXPECT_EQ(OutChangeReply(Action("OutPlanUpdate"), std::nullopt, updated),
            "Response: Success\r\nMessage: Plan updated successfully\r\n\r\n");
}

TEST(OutRepliesTest, AListOpensAndClosesInTheOwnersWords) {
  EXPECT_EQ(OutListBegin(Action("OutCampaignShow"), "1"),
            "Response: Success\r\nActionID: 1\r\nEventList: start\r\n"
            "Message: Campaign List will follow\r\n\r\n");
  EXPECT_EQ(OutListEnd(Action("OutCampaignShow"), "1", 12),
            "Event: OutCampaignListComplete\r\nActionID: 1\r\nEventList: Complete\r\n"
            "ListItems: 12\r\n\r\n");
  const auto words = [](absl::string_view action) {
    return absl::StrCat(ParseOneAmi(OutListBegin(Action(action), std::nullopt)).Get("Message"),
                        ", ",
                        ParseOneAmi(OutListEnd(Action(action), std::nullopt, 0)).Get("Event"));
  };
  EXPECT_EQ(words("OutCampaignStatShow"),
            "Campaign Stat List will follow, OutCampaignStatListComplete");
  EXPECT_EQ(words("OutPlanShow"), "Plan List will follow, OutPlanListComplete");
  EXPECT_EQ(words("OutDlmaShow"), "Dlma List will follow, OutDlmaListComplete");
  EXPECT_EQ(words("OutDestinationShow"),
            "Destination List will follow, OutDestinationListComplete");
  EXPECT_EQ(words("OutDlListShow"), "Dl List will follow, OutDlListComplete");
  EXPECT_EQ(words("OutDialingShow"), "Dialing List will follow, OutDialingListComplete");
  EXPECT_EQ(words("OutDialingSummary"), "Summary List will follow, OutSummaryListComplete");
}

TEST(OutRepliesTest, EachItemOfAPageCarriesTheActionId) {
  v1::OutDlmaShowResponse page;
  page.add_dlmas()->set_uuid("u1");
  page.add_dlmas()->set_uuid("u2");
  uint64_t count = 5;
  const auto items = ParseAmi(OutListItems(Action("OutDlmaShow"), "x", page, &count));
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(count, 7u);
  EXPECT_THAT(Lines(items[0]),
              ElementsAre("Event: OutDlmaEntry", "ActionID: x", "Uuid: u1", "Name: <unknown>",
                          "Detail: <unknown>", "DlTable: <unknown>", "Variable: <unknown>",
                          "TmCreate: <unknown>", "TmDelete: <unknown>", "TmUpdate: <unknown>"));
  EXPECT_EQ(items[1].Get("Uuid"), "u2");
}

// ---- Records

TEST(OutRepliesTest, HeadersComeInTheOrderThatClientsKnow) {
  v1::OutCampaignShowResponse campaigns;
  campaigns.add_campaigns();
  EXPECT_EQ(Names(Item(campaigns), 1),
            "Uuid Name Detail Status Plan Dlma Dest ScMode ScTimeStart ScTimeEnd ScDateStart "
            "ScDateEnd ScDateList ScDateListExcept ScDayList NextCampaign Zone MaxCalls "
            "CallsPerSecond WaitReason WaitDetail StatusDetail TmCreate TmDelete TmUpdate");
  v1::OutPlanShowResponse plans;
  plans.add_plans();
  EXPECT_EQ(Names(Item(plans), 1),
            absl::StrCat("Uuid Name Detail DialMode DialTimeout CallerId DlEndHandle RetryDelay "
                         "TrunkName TechName Variable",
                         NumberedNames("MaxRetryCnt"),
                         " UuiField ServiceLevel PowerRatio AbandonAfter AbandonTarget "
                         "MaxCallLength Pacing RetryRules TmCreate TmDelete TmUpdate"));
  v1::OutDestinationShowResponse destinations;
  destinations.add_destinations();
  EXPECT_EQ(Names(Item(destinations), 1),
            "Uuid Name Detail Type Exten Context Priority Variable Application Data AgentQueue "
            "MaxCalls TmCreate TmDelete TmUpdate");
  v1::OutDlListShowResponse dls;
  dls.add_dls();
  EXPECT_EQ(Names(Item(dls), 1),
            absl::StrCat("Uuid DlmaUuid Name Detail Status UKey Variable DialingUuid "
                         "DialingCampUuid DialingPlanUuid",
                         NumberedNames("Number"), " Email", NumberedNames("TryCnt"),
                         " ResDial ResDialDetail ResHangup ResHangupDetail UData Outcome Priority "
                         "NotBefore TmLastDial TmLastHangup TmCreate TmDelete TmUpdate"));
  v1::OutDialingShowResponse dialings;
  dialings.add_dialings();
  EXPECT_EQ(Names(Item(dialings), 1),
            "Uuid Status CampUuid PlanUuid DlmaUuid DestUuid DlListUuid DialIndex DialAddr "
            "DialChannel DialTryCnt DialTimeout DialType DialExten DialContext DialApplication "
            "DialData Variable ChannelName ResDial ResHangup ResHangupDetail ResAmd ResAmdDetail "
            "Outcome DialPriority Node Trunk OtherChannelId ResDialDetail SipCode Queue Agent "
            "TmDialing TmDialBegin TmAnswer TmDialEnd TmAgentConnect TmHangup TmCreate TmUpdate "
            "TmDelete");
}

// The owner's document shows the whole of a statistic: what gRPC adds to it stays there.
TEST(OutRepliesTest, StatisticsAndSummaryAreCounted) {
  v1::OutCampaignStatShowResponse stats;
  v1::CampaignStat* stat = stats.add_stats();
  stat->set_uuid(kUuid);
  stat->set_dl_total_count(6);
  stat->set_dl_called_count(13);
  stat->set_dialings_in_progress(2);
  auto* busy = stat->add_outcomes();
  busy->set_outcome(v1::OUTCOME_BUSY);
  busy->set_count(40);
  EXPECT_THAT(Lines(Item(stats)),
              ElementsAre("Event: OutCampaignStatEntry", absl::StrCat("Uuid: ", kUuid),
                          "DlTotalCount: 6", "DlFinishedCount: 0", "DlAvailableCount: 0",
                          "DlDialingCount: 0", "DlCalledCount: 13"));

  v1::OutDialingSummaryResponse summary;
  summary.set_count(9);
  summary.set_answered(4);
  uint64_t count = 0;
  EXPECT_EQ(OutListItems(Action("OutDialingSummary"), "1", summary, &count),
            "Event: OutDialingSummary\r\nActionID: 1\r\nCount: 9\r\nAnswered: 4\r\n"
            "WithAgent: 0\r\n\r\n");
  EXPECT_EQ(count, 1u);
}

// How many headers show a value of this field, as FillEveryField made it.
int CountShown(const AmiMessage& shown, const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return static_cast<int>(shown.GetAll("Variable").size());
  }
  const auto is_its_own = [&field](const AmiHeader& header) {
    return FilledFieldNumber(header.value) == field.number();
  };
  return static_cast<int>(
      std::count_if(shown.headers().begin(), shown.headers().end(), is_its_own));
}

// No field is named here, so that a new one is tested too.
TEST(OutRepliesTest, EveryFieldButRevisionsIsShown) {
  const auto* records = v1::Event::descriptor()->oneof_decl(0);
  ASSERT_GE(records->field_count(), 7);
  for (int i = 0; i < records->field_count(); ++i) {
    v1::Event event = EventOf(v1::EVENT_KIND_OUT_DIALING_UPDATE);
    Message* record = event.GetReflection()->MutableMessage(&event, records->field(i));
    FillEveryField(record);
    const AmiMessage shown = ParseOneAmi(OutEventText(event));
    for (int j = 0; j < record->GetDescriptor()->field_count(); ++j) {
      const FieldDescriptor& field = *record->GetDescriptor()->field(j);
      const bool has_slots =
          field.is_repeated() && field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
      const bool is_revision = absl::EndsWith(field.name(), "revision");
      EXPECT_EQ(CountShown(shown, field), is_revision ? 0 : has_slots ? 8 : 1) << field.full_name();
    }
  }
}

TEST(OutRepliesTest, AbsentDiffersFromEmptyAndFromZero) {
  v1::OutPlanShowResponse page;
  v1::Plan* plan = page.add_plans();
  plan->set_name("");
  plan->set_service_level(0);
  plan->set_dial_mode(v1::DIAL_MODE_NONE);
  const AmiMessage shown = Item(page);
  EXPECT_EQ(shown.Get("Name"), "");
  EXPECT_EQ(shown.Get("Detail"), "<unknown>");
  EXPECT_EQ(shown.Get("ServiceLevel"), "0");
  EXPECT_EQ(shown.Get("DialMode"), "0");
  EXPECT_EQ(shown.Get("DialTimeout"), "<unknown>");
}

TEST(OutRepliesTest, APlanShowsItsDefaults) {
  v1::OutPlanShowResponse page;
  engine::SetDefaults(page.add_plans());
  const AmiMessage shown = Item(page);
  EXPECT_EQ(shown.Get("DialMode"), "1");
  EXPECT_EQ(shown.Get("DialTimeout"), "30000");
  EXPECT_EQ(shown.Get("DlEndHandle"), "1");
  EXPECT_EQ(shown.Get("RetryDelay"), "60");
  EXPECT_EQ(shown.Get("MaxRetryCnt8"), "5");
  EXPECT_EQ(shown.Get("PowerRatio"), "1");
  EXPECT_EQ(shown.Get("AbandonTarget"), "3");
}

TEST(OutRepliesTest, PlacesWithoutANumberAreUnknownAndTriesAreCounted) {
  v1::OutDlListShowResponse page;
  v1::Dl* dl = page.add_dls();
  dl->add_number("");
  dl->add_number("200");
  engine::SetDefaults(dl);
  const AmiMessage shown = Item(page);
  EXPECT_EQ(shown.Get("Number1"), "<unknown>");
  EXPECT_EQ(shown.Get("Number2"), "200");
  EXPECT_EQ(shown.Get("Number8"), "<unknown>");
  EXPECT_EQ(shown.Get("TryCnt2"), "0");
  EXPECT_EQ(shown.Get("Status"), "0");
  EXPECT_EQ(shown.Get("ResDial"), "<unknown>");
}

TEST(OutRepliesTest, FractionsAreAsShortAsTheyCanBe) {
  v1::OutCampaignShowResponse page;
  page.add_campaigns()->set_calls_per_second(0.1);
  EXPECT_EQ(Item(page).Get("CallsPerSecond"), "0.1");
  page.mutable_campaigns(0)->set_calls_per_second(1234.56789012);
  EXPECT_EQ(Item(page).Get("CallsPerSecond"), "1234.56789012");
}

TEST(OutRepliesTest, EachVariableHasAHeader) {
  v1::OutDlmaShowResponse page;
  v1::Dlma* dlma = page.add_dlmas();
  for (const char* name : {"a", "b"}) {
    v1::Variable* variable = dlma->add_variables();
    variable->set_name(name);
    variable->set_value("x,y=1");
  }
  EXPECT_THAT(Item(page).GetAll("Variable"), ElementsAre("a=x,y=1", "b=x,y=1"));
}

// ---- Events

TEST(OutRepliesTest, AnEventCarriesTheRecordAsAShowDoes) {
  v1::Event event = EventOf(v1::EVENT_KIND_OUT_CAMPAIGN_UPDATE);
  FillEveryField(event.mutable_campaign());
  v1::OutCampaignShowResponse page;
  *page.add_campaigns() = event.campaign();
  const AmiMessage told = ParseOneAmi(OutEventText(event));
  EXPECT_EQ(told.headers()[0], (AmiHeader{"Event", "OutCampaignUpdate"}));
  EXPECT_EQ(told.headers()[1], (AmiHeader{"Privilege", "message,all"}));
  EXPECT_EQ(Lines(told, 2), Lines(Item(page), 1));
}

TEST(OutRepliesTest, EventsAreNamedAfterTheirKinds) {
  const auto* kinds = v1::EventKind_descriptor();
  std::vector<std::string> names;
  for (int i = 1; i < kinds->value_count(); ++i) {
    v1::Event event = EventOf(static_cast<v1::EventKind>(kinds->value(i)->number()));
    event.mutable_dialing();
    names.push_back(std::string(ParseOneAmi(OutEventText(event)).Get("Event")));
  }
  EXPECT_EQ(names.size(), 20u);
  EXPECT_THAT(names, Contains("OutCampaignCreate"));
  EXPECT_THAT(names, Contains("OutDlListUpdate"));
  EXPECT_THAT(names, Contains("OutDlListImport"));
  EXPECT_THAT(names, Contains("OutDialingDelete"));
  EXPECT_THAT(names, Contains("OutNodeReconcile"));
}

TEST(OutRepliesTest, ADeleteTellsTheUuidAndADialingsItsEnd) {
  v1::Event gone = EventOf(v1::EVENT_KIND_OUT_DL_LIST_DELETE);
  gone.mutable_dl()->set_uuid(kUuid);
  EXPECT_EQ(OutEventText(gone), absl::StrCat("Event: OutDlListDelete\r\nPrivilege: message,all\r\n",
                                             "Uuid: ", kUuid, "\r\n\r\n"));
  v1::Event ended = EventOf(v1::EVENT_KIND_OUT_DIALING_DELETE);
  ended.mutable_dialing()->set_outcome(v1::OUTCOME_BUSY);
  EXPECT_EQ(ParseOneAmi(OutEventText(ended)).Get("Outcome"), "5");
}

TEST(OutRepliesTest, AnImportTellsItsSlice) {
  v1::Event event = EventOf(v1::EVENT_KIND_OUT_DL_LIST_IMPORT);
  v1::DlImportSlice* slice = event.mutable_import_slice();
  slice->set_dlma_uuid(kUuid);
  slice->set_request_id("import 1");
  slice->set_first_row(1000);
  slice->set_end_row(2000);
  slice->set_accepted(999);
  slice->set_refused(1);
  slice->set_merged(7);
  EXPECT_THAT(
      Lines(ParseOneAmi(OutEventText(event))),
      ElementsAre("Event: OutDlListImport", "Privilege: message,all",
                  absl::StrCat("DlmaUuid: ", kUuid), "RequestId: import 1", "FirstRow: 1000",
                  "EndRow: 2000", "Accepted: 999", "Refused: 1", "Merged: 7"));
}

TEST(OutRepliesTest, AReconcileTellsWhatWasFoundOnTheNode) {
  v1::Event event = EventOf(v1::EVENT_KIND_OUT_NODE_RECONCILE);
  v1::NodeReconcile* reconcile = event.mutable_node_reconcile();
  reconcile->set_node("pbx1");
  reconcile->set_out_of_sight_ms(1500);
  reconcile->set_adopted(3);
  reconcile->set_pending(1);
  EXPECT_THAT(Lines(ParseOneAmi(OutEventText(event))),
              ElementsAre("Event: OutNodeReconcile", "Privilege: message,all", "Node: pbx1",
                          "OutOfSightMs: 1500", "Adopted: 3", "Gone: 0", "Pending: 1"));
}

TEST(OutRepliesTest, AnEventOfALaterVersionIsNotTold) {
  EXPECT_EQ(OutEventText(EventOf(static_cast<v1::EventKind>(1000))), "");
  EXPECT_EQ(OutEventText(EventOf(v1::EVENT_KIND_OUT_PLAN_CREATE)), "");
}

// ---- Errors

std::string MessageOf(const absl::Status& status) {
  const AmiMessage reply = ParseOneAmi(OutErrorReply("7", status));
  EXPECT_EQ(reply.headers().size(), 3u);
  EXPECT_EQ(reply.headers()[0], (AmiHeader{"Response", "Error"}));
  EXPECT_EQ(reply.headers()[1], (AmiHeader{"ActionID", "7"}));
  return std::string(reply.Get("Message"));
}

TEST(OutRepliesTest, AnErrorNamesHeaders) {
  EXPECT_EQ(MessageOf(engine::InvalidFields({{"plan.max_retry[0]", "must be 0 to 20"},
                                             {"dl.number[7]", "must be a number"},
                                             {"dl.number", "must hold at least one number"},
                                             {"campaign.plan", "must be a uuid"},
                                             {"dl.variables[2].name", "must be a name"},
                                             {"clear_fields[1]", "must name a field"},
                                             {"uuid", "is required"}})),
            "MaxRetry1 must be 0 to 20; Number8 must be a number; Number1 to Number8 must hold at "
            "least one number; Plan must be a uuid; the name of Variable 3 must be a name; "
            "ClearFields 2 must name a field; Uuid is required");
}

TEST(OutRepliesTest, AnErrorsWordsNameHeadersToo) {
  EXPECT_EQ(MessageOf(engine::FailedPrecondition(
                engine::Reason::kCampaignIncomplete,
                "the plan's dial_mode is 6; set its agent_queue, or see allowed_contexts")),
            "the plan's DialMode is 6; set its AgentQueue, or see allowed_contexts");
  EXPECT_EQ(MessageOf(engine::InvalidField("dlma_uuid", "is needed without after_uuid")),
            "DlmaUuid is needed without AfterUuid");
}

TEST(OutRepliesTest, AnUnknownRecordIsNamedAsClientsKnowIt) {
  for (const absl::string_view kind :
       {"campaign", "plan", "dlma", "destination", "dl_list", "dialing"}) {
    EXPECT_EQ(MessageOf(engine::NoSuch(kind, kUuid)), absl::StrCat("No such ", kind));
  }
}

TEST(OutRepliesTest, AnErrorIsNeverSilent) {
  EXPECT_EQ(MessageOf(absl::UnavailableError("")), "UNAVAILABLE");
}

TEST(OutRepliesTest, ALongErrorStaysOneLineThatOldClientsTake) {
  std::vector<engine::FieldViolation> violations(
      50, {"plan.name", "must be a text with an \xc3\xa9 in it"});
  const std::string message = MessageOf(engine::InvalidFields(violations));
  EXPECT_LE(message.size(), 1000u);
  EXPECT_TRUE(absl::EndsWith(message, "..."));
}

// ---- Bytes

TEST(OutRepliesTest, NoValueEndsALine) {
  const std::string evil("x\r\nEvent: Y\n\r\n\0z", 16);
  v1::Event event = EventOf(v1::EVENT_KIND_OUT_DLMA_CREATE);
  event.mutable_dlma()->set_name(evil);
  v1::OutDlmaShowResponse page;
  *page.add_dlmas() = event.dlma();
  uint64_t count = 0;
  for (const std::string& bytes :
       {OutEventText(event), OutListItems(Action("OutDlmaShow"), evil, page, &count),
        OutListBegin(Action("OutDlmaShow"), evil), OutListEnd(Action("OutDlmaShow"), evil, 1),
        OutErrorReply(evil, absl::InternalError(evil))}) {
    EXPECT_EQ(bytes.find('\0'), std::string::npos);
    const AmiMessage message = ParseOneAmi(bytes);
    EXPECT_THAT(message.GetAll("Event"), Not(Contains("Y")));
    EXPECT_THAT(bytes, HasSubstr("x  Event: Y"));
  }
}

}  // namespace
}  // namespace outdial::ami
