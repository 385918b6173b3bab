#include "ami_gateway/out_actions.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/message_differencer.h>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ami_gateway/out_fields.h"
#include "ami_gateway/out_replies.h"
#include "engine/errors.h"
#include "engine/record_update.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "outdial/v1/dialing_service.pb.h"
#include "tests/ami_gateway/filled_record.h"

namespace outdial::ami {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// A request that was read without an error.
template <class Request>
Request Read(absl::string_view action, const AmiMessage& headers) {
  const auto request = ReadOutRequest(*FindOutAction(action), headers);
  EXPECT_TRUE(request.ok()) << request.status();
  return request.ok() ? dynamic_cast<const Request&>(**request) : Request();
}

std::string ErrorOf(absl::string_view action, const AmiMessage& headers) {
  const auto request = ReadOutRequest(*FindOutAction(action), headers);
  EXPECT_EQ(request.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(ParseOneAmi(OutErrorReply(std::nullopt, request.status())).Get("Message"));
}

std::vector<std::pair<std::string, std::string>> PairsOf(
    const google::protobuf::RepeatedPtrField<v1::Variable>& variables) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const v1::Variable& variable : variables) {
    pairs.emplace_back(variable.name(), variable.value());
  }
  return pairs;
}

// ---- The list of actions

TEST(OutActionsTest, EveryCallOfTheRecordsServicesIsAnAction) {
  // Streams of rows and of results have no form in AMI.
  std::set<std::string> expected;
  for (const auto* request :
       {v1::OutCampaignShowRequest::descriptor(), v1::OutPlanShowRequest::descriptor(),
        v1::OutDlmaShowRequest::descriptor(), v1::OutDlListShowRequest::descriptor(),
        v1::OutDestinationShowRequest::descriptor(), v1::OutDialingShowRequest::descriptor()}) {
    const auto* service = request->file()->service(0);
    for (int i = 0; i < service->method_count(); ++i) expected.insert(service->method(i)->name());
  }
  expected.erase("OutDlListImport");
  expected.erase("OutResultShow");

  std::set<std::string> names;
  for (const OutAction& action : OutActions()) {
    names.insert(std::string(action.name));
    EXPECT_EQ(action.request->name(), absl::StrCat(action.name, "Request"));
    EXPECT_EQ(action.response->name(), absl::StrCat(action.name, "Response"));
  }
  EXPECT_EQ(names, expected);
}

TEST(OutActionsTest, EachActionIsDescribedInOneSentence) {
  for (const OutAction& action : OutActions()) {
    EXPECT_TRUE(absl::EndsWith(action.description, ".")) << action.name;
    EXPECT_FALSE(absl::StrContains(action.description, ". ")) << action.name;
  }
}

TEST(OutActionsTest, WhatChangesNothingIsReadFromTheStore) {
  EXPECT_EQ(FindOutAction("OutDlListDelete")->kind, OutAction::Kind::kChange);
  EXPECT_EQ(FindOutAction("OutCampaignStatShow")->kind, OutAction::Kind::kShow);
  EXPECT_EQ(FindOutAction("OutDialingSummary")->kind, OutAction::Kind::kSummary);
}

TEST(OutActionsTest, NamesAreFoundWithoutRegardToCase) {
  EXPECT_EQ(FindOutAction("outcampaignCREATE"), FindOutAction("OutCampaignCreate"));
  EXPECT_EQ(FindOutAction("OutCampaign"), nullptr);
  EXPECT_TRUE(IsOutActionName("outNothing"));
  EXPECT_FALSE(IsOutActionName("Originate"));
  EXPECT_FALSE(IsOutActionName("Ou"));
}

TEST(OutActionsTest, AChangeReachesTheEngineAsItsOwnRequest) {
  for (const OutAction& action : OutActions()) {
    if (action.kind != OutAction::Kind::kChange) continue;
    const auto request = ReadOutRequest(action, {{"Uuid", "u"}, {"Name", "n"}});
    ASSERT_TRUE(request.ok());
    std::visit(
        [&]<class Alternative>(const Alternative& alternative) {
          if constexpr (std::is_base_of_v<Message, Alternative>) {
            EXPECT_EQ(Alternative::descriptor(), action.request);
            EXPECT_EQ(alternative.SerializeAsString(), (*request)->SerializeAsString());
          } else {
            ADD_FAILURE() << action.name;
          }
        },
        ToEngineAction(**request));
  }
}

// ---- Which header is which field

// What a Show of this kind prints of a record, which it first lets `fill` make.
template <class Fill>
AmiMessage EntryOf(absl::string_view kind, std::unique_ptr<Message>* response, Fill fill) {
  const OutAction& show = *FindOutAction(absl::StrCat("Out", kind, "Show"));
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  response->reset(factory->GetPrototype(show.response)->New());
  fill((*response)->GetReflection()->AddMessage(response->get(), show.response->field(0)));
  uint64_t count = 0;
  return ParseOneAmi(OutListItems(show, std::nullopt, **response, &count));
}

// The record that a create of this kind makes of these headers.
std::unique_ptr<Message> RecordOfCreate(absl::string_view kind, const AmiMessage& headers) {
  auto request = ReadOutRequest(*FindOutAction(absl::StrCat("Out", kind, "Create")), headers);
  EXPECT_TRUE(request.ok()) << request.status();
  if (!request.ok()) return nullptr;
  const FieldDescriptor* field = (*request)->GetDescriptor()->field(0);
  return std::unique_ptr<Message>(
      (*request)->GetReflection()->ReleaseMessage(request->get(), field));
}

constexpr absl::string_view kKinds[] = {"Campaign", "Plan", "Dlma", "Destination", "DlList"};

// Clients write back what they read. No field is named here, so that a new one is tested too.
TEST(OutActionsTest, WhatAnEntryShowsCanBeWritten) {
  for (const absl::string_view kind : kKinds) {
    std::unique_ptr<Message> response;
    Message* shown = nullptr;
    const AmiMessage entry = EntryOf(kind, &response, [&shown](Message* record) {
      FillEveryField(record);
      shown = record;
    });
    const std::unique_ptr<Message> written = RecordOfCreate(kind, entry);
    ASSERT_NE(written, nullptr);
    for (int i = 0; i < shown->GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor* field = shown->GetDescriptor()->field(i);
      if (engine::IsOutputOnly(*field)) shown->GetReflection()->ClearField(shown, field);
    }
    std::string differences;
    MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&differences);
    EXPECT_TRUE(differencer.Compare(*written, *shown)) << kind << "\n" << differences;
  }
}

TEST(OutActionsTest, WhatAnEntryShowsAsUnknownIsNotGiven) {
  for (const absl::string_view kind : kKinds) {
    std::unique_ptr<Message> response;
    const AmiMessage entry = EntryOf(kind, &response, [](Message*) {});
    const std::unique_ptr<Message> written = RecordOfCreate(kind, entry);
    ASSERT_NE(written, nullptr);
    EXPECT_EQ(written->ByteSizeLong(), 0u) << kind << "\n" << written->DebugString();
  }
}

TEST(OutActionsTest, TheOwnersHeadersOfAPlanAreRead) {
  const auto plan = Read<v1::OutPlanCreateRequest>("OutPlanCreate", {{"Action", "OutPlanCreate"},
                                                                     {"ActionID", "7"},
                                                                     {"Name", "sales_plan"},
                                                                     {"Detail", "simple"},
                                                                     {"DialMode", "1"},
                                                                     {"QueueName", "sales_1"},
                                                                     {"TechName", "sip/"},
                                                                     {"UuiField", "X-UUI"},
                                                                     {"DialTimeout", "20000"},
                                                                     {"CallerId", "5550100"},
                                                                     {"DlEndHandle", "0"},
                                                                     {"RetryDelay", "10"},
                                                                     {"TrunkName", "trunk"},
                                                                     {"ServiceLevel", "3"},
                                                                     {"MaxRetry1", "1"},
                                                                     {"MaxRetryCnt2", "2"},
                                                                     {"Variable", "a=1,b=2"}})
                        .plan();
  EXPECT_EQ(plan.name(), "sales_plan");
  EXPECT_EQ(plan.dial_mode(), v1::DIAL_MODE_PREDICTIVE);
  EXPECT_EQ(plan.tech_name(), "sip/");
  EXPECT_EQ(plan.uui_field(), "X-UUI");
  EXPECT_EQ(plan.dial_timeout(), 20000u);
  EXPECT_EQ(plan.dl_end_handle(), v1::DL_END_HANDLE_KEEP_RUNNING);
  EXPECT_EQ(plan.service_level(), 3u);
  EXPECT_THAT(plan.max_retry(), ElementsAre(1, 2, 5, 5, 5, 5, 5, 5));
  EXPECT_THAT(PairsOf(plan.variables()), ElementsAre(Pair("a", "1"), Pair("b", "2")));
}

TEST(OutActionsTest, HeadersCompareWithoutCaseAndUnderscores) {
  const auto dl = Read<v1::OutDlListCreateRequest>("OutDlListCreate", {{"DLMAUUID", "list"},
                                                                       {"ukey", "key"},
                                                                       {"UData", "data"},
                                                                       {"number1", "100"},
                                                                       {"res_dial", "4"},
                                                                       {"res_dial_detail", "x"},
                                                                       {"ResHangup", "16"},
                                                                       {"res_hangup_detail", "y"}})
                      .dl();
  EXPECT_EQ(dl.dlma_uuid(), "list");
  EXPECT_EQ(dl.ukey(), "key");
  EXPECT_EQ(dl.udata(), "data");
  EXPECT_THAT(dl.number(), ElementsAre("100"));
  EXPECT_EQ(dl.res_dial(), v1::DIAL_RESULT_ANSWERED);
  EXPECT_EQ(dl.res_dial_detail(), "x");
  EXPECT_EQ(dl.res_hangup(), 16u);
  EXPECT_EQ(dl.res_hangup_detail(), "y");
}

TEST(OutActionsTest, WhatTheServerSetsIsIgnored) {
  const auto request = Read<v1::OutDlmaCreateRequest>(
      "OutDlmaCreate", {{"Uuid", "u"}, {"TmCreate", "t"}, {"Revision", "x"}, {"DlTable", "d"}});
  EXPECT_TRUE(request.has_dlma());
  EXPECT_THAT(request.dlma().SerializeAsString(), IsEmpty());
}

TEST(OutActionsTest, AnEmptyUuidAsksForAll) {
  EXPECT_FALSE(Read<v1::OutPlanShowRequest>("OutPlanShow", {{"Uuid", ""}}).has_uuid());
  const auto dialings =
      Read<v1::OutDialingShowRequest>("OutDialingShow", {{"Uuid", ""}, {"CampUuid", ""}});
  EXPECT_FALSE(dialings.has_uuid());
  EXPECT_FALSE(dialings.has_camp_uuid());
  // A record of its own has an empty text.
  EXPECT_TRUE(Read<v1::OutPlanCreateRequest>("OutPlanCreate", {{"Name", ""}}).plan().has_name());
}

TEST(OutActionsTest, FieldsOfTheRequestItselfAreHeadersToo) {
  EXPECT_EQ(Read<v1::OutPlanCreateRequest>("OutPlanCreate", {{"RequestId", "r"}}).request_id(),
            "r");
  const auto update =
      Read<v1::OutPlanUpdateRequest>("OutPlanUpdate", {{"Uuid", "u"},
                                                       {"ExpectedRevision", "7"},
                                                       {"ClearFields",
                                                        "TrunkName, caller_id,, Variable,"
                                                        " MaxRetry, Nonsense"}});
  EXPECT_EQ(update.plan().uuid(), "u");
  EXPECT_EQ(update.expected_revision(), 7u);
  EXPECT_THAT(update.clear_fields(),
              ElementsAre("trunk_name", "caller_id", "variables", "max_retry", "Nonsense"));
  const auto deletion =
      Read<v1::OutPlanDeleteRequest>("OutPlanDelete", {{"Uuid", "u"}, {"ExpectedRevision", "7"}});
  EXPECT_EQ(deletion.uuid(), "u");
  EXPECT_EQ(deletion.expected_revision(), 7u);
}

TEST(OutActionsTest, AShowWithoutHeadersAsksForAll) {
  EXPECT_FALSE(Read<v1::OutCampaignShowRequest>("OutCampaignShow", {}).has_uuid());
  EXPECT_EQ(Read<v1::OutDialingShowRequest>("OutDialingShow", {{"CampUuid", "c"}}).camp_uuid(),
            "c");
  EXPECT_EQ(
      Read<v1::OutDialingSummaryRequest>("OutDialingSummary", {{"CampUuid", "c"}}).camp_uuid(),
      "c");
}

TEST(OutActionsTest, AListsEntriesAreHundredUnlessAClientCounts) {
  const auto read = [](const AmiMessage& headers) {
    return Read<v1::OutDlListShowRequest>("OutDlListShow", headers);
  };
  EXPECT_EQ(read({{"DlmaUuid", "d"}}).count(), 100u);
  EXPECT_EQ(read({{"DlmaUuid", "d"}, {"Count", "3"}}).count(), 3u);
  EXPECT_FALSE(read({{"Uuid", "u"}}).has_count());
}

// ---- Values

TEST(OutActionsTest, OnlyWhatIsGivenIsSet) {
  const auto campaign = Read<v1::OutCampaignUpdateRequest>(
                            "OutCampaignUpdate", {{"Uuid", "u"}, {"Detail", ""}, {"Status", "0"}})
                            .campaign();
  EXPECT_FALSE(campaign.has_name());
  EXPECT_TRUE(campaign.has_detail());
  EXPECT_EQ(campaign.detail(), "");
  EXPECT_TRUE(campaign.has_status());
}

TEST(OutActionsTest, TheFirstOfARepeatedHeaderCounts) {
  EXPECT_EQ(
      Read<v1::OutDlmaCreateRequest>("OutDlmaCreate", {{"Name", "a"}, {"NAME", "b"}}).dlma().name(),
      "a");
  EXPECT_THAT(
      Read<v1::OutPlanUpdateRequest>("OutPlanUpdate", {{"MaxRetryCnt1", "1"}, {"MaxRetry1", "2"}})
          .set_max_retry(),
      UnorderedElementsAre(Pair(1, 1)));
}

TEST(OutActionsTest, EveryHeaderThatHoldsNoNumberIsNamedWithWhatItMustBe) {
  EXPECT_EQ(ErrorOf("OutPlanCreate", {{"DialTimeout", ""},
                                      {"RetryDelay", "-1"},
                                      {"ServiceLevel", "4294967296"},
                                      {"PowerRatio", "two"},
                                      {"DlEndHandle", "stop"},
                                      {"MaxRetryCnt3", "x"}}),
            "DialTimeout must be a whole number, 0 or more; "
            "RetryDelay must be a whole number, 0 or more; "
            "ServiceLevel is too large a number; "
            "PowerRatio must be a number; "
            "DlEndHandle must be one of the numbers 0 (keep running), 1 (stop); "
            "MaxRetryCnt3 must be a whole number, 0 or more");
}

TEST(OutActionsTest, ATextThatNoRecordCanHoldIsNamed) {
  EXPECT_EQ(ErrorOf("OutDlmaCreate", {{"Name", "\xff"},
                                      {"Detail", std::string(901, 'x')},
                                      {"RequestId", std::string("a\0", 2)},
                                      {"Variable", "a=\xff"}}),
            "Name must be valid UTF-8; Detail must be at most 900 bytes; "
            "RequestId must not hold CR, LF or NUL; Variable must be valid UTF-8");
}

TEST(OutActionsTest, WhichCodesThereAreIsTheEnginesToJudge) {
  EXPECT_EQ(Read<v1::OutCampaignUpdateRequest>("OutCampaignUpdate", {{"Status", "99"}})
                .campaign()
                .status(),
            99);
}

// ---- Variables

TEST(OutActionsTest, VariablesOfAllHeadersAreOneList) {
  const auto dlma = Read<v1::OutDlmaCreateRequest>("OutDlmaCreate", {{"Variable", "a=1"},
                                                                     {"variable", "b=\"x,y\",c="},
                                                                     {"Variables", "a=2=3,"}})
                        .dlma();
  EXPECT_THAT(PairsOf(dlma.variables()),
              ElementsAre(Pair("a", "1"), Pair("b", "x,y"), Pair("c", ""), Pair("a", "2=3")));
}

TEST(OutActionsTest, AVariableWithoutAnEqualsSignIsAnError) {
  EXPECT_EQ(ErrorOf("OutDlmaCreate", {{"Variable", "a=1,b"}, {"Variable", "c"}}),
            "Variable must be name=value, and its entry number 2 has no `=`; a value that holds a "
            "comma needs double quotes; "
            "Variable must be name=value, and its entry number 3 has no `=`");
}

TEST(OutActionsTest, AnEmptyVariableClearsTheSetInAnUpdate) {
  const auto update = Read<v1::OutDlmaUpdateRequest>("OutDlmaUpdate", {{"Variable", ""}});
  EXPECT_THAT(update.clear_fields(), ElementsAre("variables"));
  const auto create = Read<v1::OutDlmaCreateRequest>("OutDlmaCreate", {{"Variable", ""}});
  EXPECT_THAT(create.dlma().variables(), IsEmpty());
}

// ---- Places

TEST(OutActionsTest, ACreateFillsThePlacesBeforeANumber) {
  const auto dl = Read<v1::OutDlListCreateRequest>(
                      "OutDlListCreate",
                      {{"Number3", "300"}, {"Number1", "100"}, {"Number9", "9"}, {"TryCnt2", "4"}})
                      .dl();
  EXPECT_THAT(dl.number(), ElementsAre("100", "", "300"));
  EXPECT_THAT(dl.trycnt(), ElementsAre(0, 4, 0, 0, 0, 0, 0, 0));
}

TEST(OutActionsTest, AnUpdateChangesSinglePlaces) {
  const auto dl = Read<v1::OutDlListUpdateRequest>(
      "OutDlListUpdate", {{"Uuid", "u"}, {"Number3", "300"}, {"Number8", ""}});
  EXPECT_THAT(dl.dl().number(), IsEmpty());
  EXPECT_THAT(dl.set_number(), UnorderedElementsAre(Pair(3, "300"), Pair(8, "")));
  const auto plan = Read<v1::OutPlanUpdateRequest>(
      "OutPlanUpdate", {{"Uuid", "u"}, {"MaxRetry2", "0"}, {"MaxRetryCnt4", "9"}});
  EXPECT_THAT(plan.plan().max_retry(), IsEmpty());
  EXPECT_THAT(plan.set_max_retry(), UnorderedElementsAre(Pair(2, 0), Pair(4, 9)));
}

TEST(OutActionsTest, TriesOfAnEntryAreChangedTogetherOrNotAtAll) {
  EXPECT_EQ(ErrorOf("OutDlListUpdate", {{"Uuid", "u"}, {"TryCnt2", "4"}}),
            "TryCnt2 can't be changed alone: give all of TryCnt1 to TryCnt8");
  AmiMessage all{{"Uuid", "u"}};
  for (int i = 1; i <= 8; ++i) all.Add(absl::StrCat("TryCnt", i), absl::StrCat(i));
  EXPECT_THAT(Read<v1::OutDlListUpdateRequest>("OutDlListUpdate", all).dl().trycnt(),
              ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

// Whatever a client sends is a request or an error that names a header.
TEST(OutActionsTest, OddValuesAreTextsOrErrors) {
  const std::string odd[] = {
      "",     " ",  std::string(1022, 'x'),   "\xff\xfe", "=", ",", "a,b", "nan", "1e999",
      "0x10", "-0", "99999999999999999999999"};
  for (const OutAction& action : OutActions()) {
    for (const std::string& value : odd) {
      AmiMessage headers;
      const auto* record = action.request->field(0)->message_type();
      for (const auto* type : {action.request, record}) {
        for (int i = 0; type != nullptr && i < type->field_count(); ++i) {
          headers.Add(HeaderName(type->field(i)->name()), value);
          headers.Add(absl::StrCat(HeaderName(type->field(i)->name()), 8), value);
        }
      }
      const auto request = ReadOutRequest(action, headers);
      if (!request.ok()) {
        EXPECT_THAT(engine::ViolationsOf(request.status()), testing::Not(IsEmpty()))
            << action.name << " " << value;
      }
    }
  }
}

}  // namespace
}  // namespace outdial::ami
