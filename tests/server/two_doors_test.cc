// Whatever comes in through the gRPC API or the AMI door, both show the same records, refuse the
// same requests and tell the same changes.
#include "tests/server/two_doors.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace outdial::server {
namespace {

using ami::AmiMessage;

constexpr int kActions = 400;
constexpr char kUnknownUuid[] = "00000000-0000-7000-8000-000000000000";

// ---- Bad requests

class BadRequestTest : public TwoDoorsTest {
 protected:
  template <class Api>
  void ExpectCreateRefused(const typename Api::Record& record) {
    typename Api::CreateRequest request;
    *Api::In(&request) = record;
    typename Api::CreateResponse response;
    Compare(AskGrpc<Api>(Api::kCreate, request, &response),
            AskAmi(absl::StrCat("Out", Api::kName, "Create"), RequestHeaders(record)));
  }

  // `more` holds what stands beside the record.
  template <class Api>
  void ExpectUpdateRefused(const typename Api::UpdateRequest& request,
                           const RecordHeaders& more = {}) {
    typename Api::UpdateRequest copy = request;
    RecordHeaders headers = RequestHeaders(*Api::In(&copy));
    headers.insert(headers.end(), more.begin(), more.end());
    typename Api::UpdateResponse response;
    Compare(AskGrpc<Api>(Api::kUpdate, request, &response),
            AskAmi(absl::StrCat("Out", Api::kName, "Update"), headers));
  }

  template <class Api>
  void ExpectDeleteRefused(const std::string& uuid) {
    typename Api::DeleteRequest request;
    request.set_uuid(uuid);
    typename Api::DeleteResponse response;
    Compare(AskGrpc<Api>(Api::kDelete, request, &response),
            AskAmi(absl::StrCat("Out", Api::kName, "Delete"), {{"Uuid", uuid}}));
  }

  template <class Api>
  std::string Make(const typename Api::Record& record = {}) {
    typename Api::CreateRequest request;
    *Api::In(&request) = record;
    typename Api::CreateResponse response;
    return AskGrpc<Api>(Api::kCreate, request, &response).uuid;
  }

 private:
  static void Compare(const Answer& grpc, const Answer& ami) {
    EXPECT_FALSE(grpc.ok);
    EXPECT_FALSE(ami.ok);
    EXPECT_EQ(ami.message, grpc.message);
    EXPECT_FALSE(ami.message.empty());
  }
};

TEST_F(BadRequestTest, BadValuesAreRefusedAlike) {
  v1::Plan plan;
  plan.set_name(std::string(901, 'n'));
  ExpectCreateRefused<PlanApi>(plan);
  plan.Clear();
  plan.set_dial_timeout(1);
  plan.set_dial_mode(v1::DIAL_MODE_PREVIEW);
  ExpectCreateRefused<PlanApi>(plan);
  plan.Clear();
  for (int i = 0; i < 8; ++i) plan.add_max_retry(21);
  ExpectCreateRefused<PlanApi>(plan);

  v1::Destination destination;
  destination.set_type(v1::DESTINATION_TYPE_APPLICATION);
  destination.set_application("System");
  ExpectCreateRefused<DestinationApi>(destination);
  destination.set_application("Queue");
  destination.set_data("sales,,,,,agi.sh");
  ExpectCreateRefused<DestinationApi>(destination);

  v1::Campaign campaign;
  campaign.set_zone("Mars/North");
  campaign.set_max_calls(0);
  ExpectCreateRefused<CampaignApi>(campaign);
  campaign.Clear();
  campaign.set_status(v1::CAMPAIGN_STATUS_START);
  ExpectCreateRefused<CampaignApi>(campaign);
}

TEST_F(BadRequestTest, EntriesWithoutAListOrANumberAreRefusedAlike) {
  v1::Dl dl;
  ExpectCreateRefused<DlApi>(dl);
  dl.add_number("5550001");
  ExpectCreateRefused<DlApi>(dl);
  dl.set_dlma_uuid("no uuid");
  ExpectCreateRefused<DlApi>(dl);
  dl.set_dlma_uuid(kUnknownUuid);
  ExpectCreateRefused<DlApi>(dl);
  dl.set_dlma_uuid(Make<DlmaApi>());
  dl.set_number(0, "555;0001");
  ExpectCreateRefused<DlApi>(dl);
}

TEST_F(BadRequestTest, UnknownRecordsAreRefusedAlike) {
  for (const char* uuid : {"", "no uuid", kUnknownUuid}) {
    ExpectDeleteRefused<CampaignApi>(uuid);
    ExpectDeleteRefused<PlanApi>(uuid);
    ExpectDeleteRefused<DlmaApi>(uuid);
    ExpectDeleteRefused<DestinationApi>(uuid);
    ExpectDeleteRefused<DlApi>(uuid);
    v1::OutPlanUpdateRequest plan;
    plan.mutable_plan()->set_uuid(uuid);
    ExpectUpdateRefused<PlanApi>(plan);
    v1::OutDlListUpdateRequest dl;
    dl.mutable_dl()->set_uuid(uuid);
    ExpectUpdateRefused<DlApi>(dl);
    v1::Campaign campaign;
    campaign.set_plan(uuid);
    if (*uuid != '\0') ExpectCreateRefused<CampaignApi>(campaign);
  }
}

TEST_F(BadRequestTest, WhatTheStateForbidsIsRefusedAlike) {
  v1::Campaign campaign;
  campaign.set_plan(Make<PlanApi>());
  v1::OutCampaignUpdateRequest start;
  start.mutable_campaign()->set_uuid(Make<CampaignApi>(campaign));
  start.mutable_campaign()->set_status(v1::CAMPAIGN_STATUS_START);
  ExpectUpdateRefused<CampaignApi>(start);
  ExpectDeleteRefused<PlanApi>(campaign.plan());

  v1::OutPlanUpdateRequest changed_before;
  changed_before.mutable_plan()->set_uuid(campaign.plan());
  changed_before.set_expected_revision(7);
  ExpectUpdateRefused<PlanApi>(changed_before, {{"ExpectedRevision", "7"}});
}

TEST_F(BadRequestTest, SingleNumbersAndTriesAreRefusedAlike) {
  v1::OutPlanUpdateRequest tries;
  tries.mutable_plan()->set_uuid(Make<PlanApi>());
  (*tries.mutable_set_max_retry())[3] = 21;
  ExpectUpdateRefused<PlanApi>(tries, {{"MaxRetry3", "21"}});

  v1::Dl dl;
  dl.set_dlma_uuid(Make<DlmaApi>());
  dl.add_number("5550001");
  v1::OutDlListUpdateRequest number;
  number.mutable_dl()->set_uuid(Make<DlApi>(dl));
  (*number.mutable_set_number())[1] = "";
  ExpectUpdateRefused<DlApi>(number, {{"Number1", ""}});
}

// ---- Random actions, half through each door

// Single numbers and tries, which an update may change alone.
template <class Request>
RecordHeaders SetSingles(RandomRecords*, Request*) {
  return {};
}

RecordHeaders SetSingles(RandomRecords* random, v1::OutPlanUpdateRequest* request) {
  if (request->plan().max_retry_size() > 0 || random->OneIn(2)) return {};
  const uint32_t slot = 1 + random->Below(8);
  const uint32_t tries = random->Below(6);
  (*request->mutable_set_max_retry())[slot] = tries;
  return {{absl::StrCat(random->OneIn(2) ? "MaxRetry" : "MaxRetryCnt", slot), absl::StrCat(tries)}};
}

RecordHeaders SetSingles(RandomRecords* random, v1::OutDlListUpdateRequest* request) {
  if (random->OneIn(2)) return {};
  const uint32_t slot = 1 + random->Below(8);
  // The first number stays: an entry needs one.
  const std::string number = slot > 1 && random->OneIn(3) ? "" : random->Number();
  (*request->mutable_set_number())[slot] = number;
  return {{absl::StrCat("Number", slot), number}};
}

// Whether a header of an entry tells what became of its dialings.
bool IsResult(absl::string_view name) {
  return absl::StartsWith(name, "TryCnt") || absl::StartsWith(name, "Res");
}

class RandomActionsTest : public TwoDoorsTest, public testing::WithParamInterface<uint64_t> {
 protected:
  RandomActionsTest() : TwoDoorsTest(GetParam()) {}

  bool ByAmi() { return random_.OneIn(2); }

  std::vector<std::string>& Live(absl::string_view kind) { return live_[std::string(kind)]; }

  std::string AnyLive(absl::string_view kind) {
    const std::vector<std::string>& live = Live(kind);
    return live.empty() ? kUnknownUuid : live[random_.Below(live.size())];
  }

  KnownUuids Known() {
    return {Live(CampaignApi::kName), Live(PlanApi::kName), Live(DlmaApi::kName),
            Live(DestinationApi::kName)};
  }

  template <class Api>
  void CreateOne() {
    typename Api::CreateRequest request;
    random_.Fill(Known(), Api::In(&request));
    random_.Complete(Known(), Api::In(&request));
    const RecordHeaders headers = RequestHeaders(*Api::In(&request));
    typename Api::CreateResponse response;
    const Answer answer = ByAmi() ? AskAmi(absl::StrCat("Out", Api::kName, "Create"), headers)
                                  : AskGrpc<Api>(Api::kCreate, request, &response);
    ASSERT_TRUE(answer.ok) << answer.message << "\n" << request.ShortDebugString();
    Live(Api::kName).push_back(answer.uuid);
    ExpectTaken<Api>(answer.uuid, headers);
  }

  template <class Api>
  void UpdateOne() {
    typename Api::UpdateRequest request;
    random_.Fill(Known(), Api::In(&request));
    Api::In(&request)->set_uuid(AnyLive(Api::kName));
    RecordHeaders headers = RequestHeaders(*Api::In(&request));
    for (auto& header : SetSingles(&random_, &request)) headers.push_back(std::move(header));
    typename Api::UpdateResponse response;
    const Answer answer = ByAmi() ? AskAmi(absl::StrCat("Out", Api::kName, "Update"), headers)
                                  : AskGrpc<Api>(Api::kUpdate, request, &response);
    if (answer.ok) ExpectTaken<Api>(Api::In(&request)->uuid(), headers);
  }

  template <class Api>
  void DeleteOne() {
    typename Api::DeleteRequest request;
    request.set_uuid(AnyLive(Api::kName));
    typename Api::DeleteResponse response;
    const Answer answer =
        ByAmi() ? AskAmi(absl::StrCat("Out", Api::kName, "Delete"), {{"Uuid", request.uuid()}})
                : AskGrpc<Api>(Api::kDelete, request, &response);
    if (answer.ok) std::erase(Live(Api::kName), request.uuid());
  }

  void SetStatusOfOne() {
    v1::OutCampaignUpdateRequest request;
    request.mutable_campaign()->set_uuid(AnyLive(CampaignApi::kName));
    constexpr v1::CampaignStatus kStatuses[] = {
        v1::CAMPAIGN_STATUS_START,    v1::CAMPAIGN_STATUS_START,
        v1::CAMPAIGN_STATUS_PAUSE,    v1::CAMPAIGN_STATUS_STOP,
        v1::CAMPAIGN_STATUS_PAUSING,  v1::CAMPAIGN_STATUS_STARTING,
        v1::CAMPAIGN_STATUS_STOPPING, v1::CAMPAIGN_STATUS_STOPPING_FORCED};
    request.mutable_campaign()->set_status(kStatuses[random_.Below(std::size(kStatuses))]);
    v1::OutCampaignUpdateResponse response;
    if (ByAmi()) {
      AskAmi("OutCampaignUpdate", RequestHeaders(request.campaign()));
    } else {
      AskGrpc<CampaignApi>(CampaignApi::kUpdate, request, &response);
    }
  }

  // What was asked for is what gRPC shows, whichever door took it.
  template <class Api>
  void ExpectTaken(const std::string& uuid, const RecordHeaders& asked) {
    typename Api::ShowRequest request;
    request.set_uuid(uuid);
    const auto records = ListGrpc<Api>(request);
    ASSERT_EQ(records.size(), 1u) << Api::kName << " " << uuid;
    RecordHeaders wanted;
    RecordHeaders shown;
    const RecordHeaders all = HeadersOf(records[0]);
    // A campaign may have dialled the entry since.
    const bool was_dialled = absl::c_any_of(all, [](const auto& header) {
      return header.first == "TmLastDial" && header.second.has_value();
    });
    for (const auto& [name, value] : asked) {
      const std::string shown_name = absl::StartsWith(name, "MaxRetry")
                                         ? absl::StrCat("MaxRetryCnt", name.substr(name.size() - 1))
                                         : name;
      if (shown_name == "Variable" || (was_dialled && IsResult(shown_name))) continue;
      // An emptied slot is absent.
      wanted.emplace_back(
          shown_name, absl::StartsWith(name, "Number") && value->empty() ? std::nullopt : value);
      for (const auto& header : all) {
        if (header.first == shown_name) shown.push_back(header);
      }
    }
    EXPECT_EQ(shown, wanted) << Api::kName;
    ExpectVariablesTaken(all, asked);
  }

  static void ExpectVariablesTaken(const RecordHeaders& all, const RecordHeaders& asked) {
    const auto variables = [](const RecordHeaders& headers) {
      RecordHeaders found;
      for (const auto& header : headers) {
        if (header.first == "Variable") found.push_back(header);
      }
      return found;
    };
    const RecordHeaders wanted = variables(asked);
    if (wanted.empty()) return;
    EXPECT_EQ(variables(all), wanted);
  }

  void ActOnce() {
    if (Live(DlmaApi::kName).empty()) return CreateOne<DlmaApi>();
    switch (random_.Below(20)) {
      case 0:
      case 1:
        return CreateOne<CampaignApi>();
      case 2:
        return CreateOne<PlanApi>();
      case 3:
        return CreateOne<DlmaApi>();
      case 4:
        return CreateOne<DestinationApi>();
      case 5:
      case 6:
      case 7:
        return CreateOne<DlApi>();
      case 8:
      case 9:
        return UpdateOne<CampaignApi>();
      case 10:
        return UpdateOne<PlanApi>();
      case 11:
        return UpdateOne<DlmaApi>();
      case 12:
        return UpdateOne<DestinationApi>();
      case 13:
      case 14:
        return UpdateOne<DlApi>();
      case 15:
      case 16:
      case 17:
        return SetStatusOfOne();
      default:
        return DeleteAny();
    }
  }

  void DeleteAny() {
    switch (random_.Below(6)) {
      case 0:
        return DeleteOne<CampaignApi>();
      case 1:
        return DeleteOne<PlanApi>();
      case 2:
        return DeleteOne<DlmaApi>();
      case 3:
        return DeleteOne<DestinationApi>();
      default:
        return DeleteOne<DlApi>();
    }
  }

  // Until nothing changes any more by itself.
  void StopAll() {
    const absl::Time give_up = absl::Now() + absl::Seconds(30);
    bool all_stopped = false;
    while (!all_stopped) {
      ASSERT_LT(absl::Now(), give_up) << "a campaign didn't stop";
      all_stopped = true;
      for (const v1::Campaign& campaign : ListGrpc<CampaignApi>({})) {
        if (campaign.status() == v1::CAMPAIGN_STATUS_STOP) continue;
        all_stopped = false;
        v1::OutCampaignUpdateRequest request;
        request.mutable_campaign()->set_uuid(campaign.uuid());
        request.mutable_campaign()->set_status(v1::CAMPAIGN_STATUS_STOPPING_FORCED);
        v1::OutCampaignUpdateResponse response;
        AskGrpc<CampaignApi>(CampaignApi::kUpdate, request, &response);
      }
    }
  }

  template <class Api>
  void ExpectSameShow(const typename Api::ShowRequest& request = {},
                      const RecordHeaders& headers = {}) {
    std::vector<RecordHeaders> records;
    for (const auto& record : ListGrpc<Api>(request)) {
      records.push_back(FilledIn(HeadersOf(record)));
    }
    EXPECT_EQ(ListAmi(absl::StrCat("Out", Api::kName, "Show"), headers), records);
  }

  void ExpectSameShows() {
    ExpectSameShow<CampaignApi>();
    ExpectSameShow<PlanApi>();
    ExpectSameShow<DlmaApi>();
    ExpectSameShow<DestinationApi>();
    for (const std::string& dlma : Live(DlmaApi::kName)) {
      v1::OutDlListShowRequest request;
      request.set_dlma_uuid(dlma);
      ExpectSameShow<DlApi>(request, {{"DlmaUuid", dlma}, {"Count", "1000000"}});
    }
    EXPECT_EQ(ListAmi("OutCampaignStatShow", {}), StatsOfGrpc());
  }

  // The events of both doors, one by one; each record's without a gap.
  void ExpectSameEvents() {
    v1::OutDlmaCreateResponse marker;
    const std::string last =
        AskGrpc<DlmaApi>(DlmaApi::kCreate, v1::OutDlmaCreateRequest(), &marker).uuid;
    const std::vector<v1::Event> events = EventsOfGrpc(last);
    ami_->WaitEvent("OutDlmaCreate", "Uuid", last);
    std::vector<AmiMessage> told;
    for (const AmiMessage& message : ami_->got()) {
      if (message.is_event() && !message.Find("ActionID").has_value()) told.push_back(message);
    }
    ASSERT_EQ(told.size(), events.size());
    std::map<std::string, uint64_t> revisions;
    for (size_t i = 0; i < events.size(); ++i) {
      SCOPED_TRACE(absl::StrCat("event ", i, ": ", events[i].ShortDebugString()));
      ASSERT_EQ(told[i].Get("Event"), AmiNameOf(events[i].kind()));
      ASSERT_EQ(told[i].Get("Privilege"), "message,all");
      ASSERT_EQ(BodyOf(told[i]), BodyOf(events[i]));
      if (const uint64_t revision = RevisionOf(events[i]); revision != 0) {
        ASSERT_EQ(revision, ++revisions[events[i].uuid()]);
      }
    }
  }

 private:
  std::map<std::string, std::vector<std::string>> live_;  // uuids by the kind's name
};

TEST_P(RandomActionsTest, ShowTheSameRecordsAndTellTheSameChanges) {
  SCOPED_TRACE(absl::StrCat("seed ", GetParam()));
  for (int i = 0; i < kActions && !HasFatalFailure(); ++i) ActOnce();
  ASSERT_FALSE(HasFatalFailure());
  StopAll();
  ExpectSameShows();
  ExpectSameEvents();
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomActionsTest, testing::Range<uint64_t>(1, 6));

}  // namespace
}  // namespace outdial::server
