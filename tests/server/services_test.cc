// The services as a client sees them, over a real connection.
#include "server/services.h"

#include <chrono>
#include <string>
#include <thread>

#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "outdial/v1/admin_service.grpc.pb.h"
#include "outdial/v1/campaign_service.grpc.pb.h"
#include "outdial/v1/dialing_service.grpc.pb.h"
#include "outdial/v1/dl_list_service.grpc.pb.h"
#include "outdial/v1/node_service.grpc.pb.h"
#include "outdial/v1/plan_service.grpc.pb.h"
#include "storage/record_store.h"
#include "tests/server/service_harness.h"

namespace outdial::server {
namespace {

using ::testing::HasSubstr;

std::string UuidText(int number) {
  return absl::StrFormat("0190163d-8694-739b-aea5-%012x", number);
}

absl::StatusOr<engine::ActionResult> EchoPlan(const engine::Action& action) {
  const auto& request = std::get<v1::OutPlanCreateRequest>(action);
  v1::OutPlanCreateResponse response;
  *response.mutable_plan() = request.plan();
  response.mutable_plan()->set_uuid(UuidText(1));
  return response;
}

google::rpc::ErrorInfo InfoOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  details.ParseFromString(status.error_details());
  if (details.details_size() > 0) details.details(0).UnpackTo(&info);
  return info;
}

// All messages of a server stream.
template <class Response>
std::vector<Response> ReadAll(grpc::ClientReader<Response>& reader) {
  std::vector<Response> messages;
  Response message;
  while (reader.Read(&message)) messages.push_back(message);
  return messages;
}

TEST(ServicesTest, AnActionIsPostedAndItsReplyComesBack) {
  ServiceHarness harness(EchoPlan);
  harness.Start();
  auto stub = v1::OutPlanService::NewStub(harness.channel);
  grpc::ClientContext context;
  v1::OutPlanCreateRequest request;
  request.mutable_plan()->set_name("p");
  v1::OutPlanCreateResponse response;
  const grpc::Status status = stub->OutPlanCreate(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.plan().name(), "p");
  EXPECT_EQ(response.plan().uuid(), UuidText(1));
}

TEST(ServicesTest, AnErrorOfTheEngineKeepsItsReason) {
  ServiceHarness harness([](const engine::Action&) -> absl::StatusOr<engine::ActionResult> {
    return engine::FailedPrecondition(engine::Reason::kRecordInUse, "the plan is used");
  });
  harness.Start();
  auto stub = v1::OutPlanService::NewStub(harness.channel);
  grpc::ClientContext context;
  v1::OutPlanDeleteResponse response;
  const grpc::Status status = stub->OutPlanDelete(&context, {}, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(status.error_message(), "the plan is used");
  EXPECT_EQ(InfoOf(status).reason(), "RECORD_IN_USE");
  EXPECT_EQ(InfoOf(status).domain(), "outdial");
}

TEST(ServicesTest, ADeadlineEndsACallThatNobodyAnswers) {
  ServiceHarness harness;
  harness.Start();
  auto stub = v1::OutPlanService::NewStub(harness.channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(50));
  v1::OutPlanCreateResponse response;
  EXPECT_EQ(stub->OutPlanCreate(&context, {}, &response).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  // The action stays posted, and its late answer harms nobody.
  harness.Shutdown();
}

TEST(ServicesTest, ARequestThatIsTooLargeIsRefused) {
  ServiceHarness harness(EchoPlan);
  harness.Start();
  auto stub = v1::OutPlanService::NewStub(harness.channel);
  v1::OutPlanCreateRequest request;
  request.mutable_plan()->set_detail(std::string(100 << 20, 'x'));
  grpc::ClientContext context;
  v1::OutPlanCreateResponse response;
  EXPECT_EQ(stub->OutPlanCreate(&context, request, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  request.mutable_plan()->set_detail("small");
  grpc::ClientContext again;
  EXPECT_TRUE(stub->OutPlanCreate(&again, request, &response).ok());
}

TEST(ServicesTest, WithTokensACallNeedsOne) {
  ServiceHarness harness(EchoPlan, {"0123456789abcdef"});
  harness.Start();
  auto stub = v1::OutPlanService::NewStub(harness.channel);
  const auto call = [&](const std::string& authorization) {
    grpc::ClientContext context;
    if (!authorization.empty()) context.AddMetadata("authorization", authorization);
    v1::OutPlanCreateResponse response;
    return stub->OutPlanCreate(&context, {}, &response).error_code();
  };
  EXPECT_EQ(call(""), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(call("Bearer 0123456789abcdeX"), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(call("0123456789abcdef"), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(call("Bearer 0123456789abcdef"), grpc::StatusCode::OK);
}

TEST(ServicesTest, AShowComesInBatches) {
  ServiceHarness harness;
  for (int i = 1; i <= 600; ++i) {
    v1::Plan plan;
    plan.set_uuid(UuidText(i));
    harness.store.plans.Put(plan);
  }
  harness.Start();
  auto stub = v1::OutPlanService::NewStub(harness.channel);
  grpc::ClientContext context;
  auto reader = stub->OutPlanShow(&context, {});
  const auto batches = ReadAll(*reader);
  ASSERT_TRUE(reader->Finish().ok());
  ASSERT_EQ(batches.size(), 4u);
  EXPECT_EQ(batches[0].plans_size(), 32);
  EXPECT_EQ(batches[1].plans_size(), 256);
  int next = 1;
  for (const auto& batch : batches) {
    for (const auto& plan : batch.plans()) EXPECT_EQ(plan.uuid(), UuidText(next++));
  }
  EXPECT_EQ(next, 601);
}

TEST(ServicesTest, ABatchOfLargeRecordsStaysSmall) {
  ServiceHarness harness;
  for (int i = 1; i <= 100; ++i) {
    v1::Plan plan;
    plan.set_uuid(UuidText(i));
    plan.set_detail(std::string(60000, 'x'));
    harness.store.plans.Put(plan);
  }
  harness.Start();
  auto stub = v1::OutPlanService::NewStub(harness.channel);
  grpc::ClientContext context;
  auto reader = stub->OutPlanShow(&context, {});
  int plans = 0;
  for (const auto& batch : ReadAll(*reader)) {
    EXPECT_LE(batch.ByteSizeLong(), 600u * 1024);
    plans += batch.plans_size();
  }
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(plans, 100);
}

TEST(ServicesTest, AnUnknownUuidIsNotFoundAndAMalformedOneInvalid) {
  ServiceHarness harness;
  harness.Start();
  auto stub = v1::OutPlanService::NewStub(harness.channel);
  const auto show = [&](const std::string& uuid) {
    grpc::ClientContext context;
    v1::OutPlanShowRequest request;
    request.set_uuid(uuid);
    auto reader = stub->OutPlanShow(&context, request);
    EXPECT_TRUE(ReadAll(*reader).empty());
    return reader->Finish();
  };
  EXPECT_EQ(show(UuidText(1)).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(InfoOf(show(UuidText(1))).reason(), "UNKNOWN_UUID");
  EXPECT_EQ(show("nonsense").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(show("nonsense").error_message(), HasSubstr("uuid"));
}

TEST(ServicesTest, ACampaignShowsWhyItWaits) {
  ServiceHarness harness;
  v1::Campaign running;
  running.set_uuid(UuidText(1));
  running.set_status(v1::CAMPAIGN_STATUS_START);
  harness.store.campaigns.Put(running);
  v1::Campaign stopped;
  stopped.set_uuid(UuidText(2));
  stopped.set_status(v1::CAMPAIGN_STATUS_STOP);
  harness.store.campaigns.Put(stopped);
  v1::Campaign stopping;
  stopping.set_uuid(UuidText(3));
  stopping.set_status(v1::CAMPAIGN_STATUS_STOPPING);
  harness.store.campaigns.Put(stopping);
  harness.board.SetWait(
      {*engine::CampaignUuid::Parse(UuidText(1)), v1::WAIT_REASON_NO_FREE_AGENT, "queue sales"});
  harness.board.SetWait({*engine::CampaignUuid::Parse(UuidText(3)),
                         v1::WAIT_REASON_CALLS_IN_PROGRESS, "2 call(s) in progress"});
  harness.Start();
  auto stub = v1::OutCampaignService::NewStub(harness.channel);
  grpc::ClientContext context;
  auto reader = stub->OutCampaignShow(&context, {});
  const auto batches = ReadAll(*reader);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(batches[0].campaigns(0).wait_reason(), v1::WAIT_REASON_NO_FREE_AGENT);
  EXPECT_EQ(batches[0].campaigns(0).wait_detail(), "queue sales");
  EXPECT_EQ(batches[0].campaigns(1).wait_reason(), v1::WAIT_REASON_NONE);
  EXPECT_EQ(batches[0].campaigns(2).wait_reason(), v1::WAIT_REASON_CALLS_IN_PROGRESS);
  EXPECT_EQ(batches[0].campaigns(2).wait_detail(), "2 call(s) in progress");
  ASSERT_TRUE(reader->Finish().ok());

  harness.board.SetHalted("the server's disk is full");
  grpc::ClientContext later;
  reader = stub->OutCampaignShow(&later, {});
  const auto halted = ReadAll(*reader);
  EXPECT_EQ(halted[0].campaigns(0).wait_reason(), v1::WAIT_REASON_SERVER);
  EXPECT_EQ(halted[0].campaigns(1).wait_reason(), v1::WAIT_REASON_NONE);
  EXPECT_TRUE(reader->Finish().ok());
}

TEST(ServicesTest, StatisticsOfAllCampaigns) {
  ServiceHarness harness;
  for (int i = 1; i <= 3; ++i) {
    v1::Campaign campaign;
    campaign.set_uuid(UuidText(i));
    harness.store.campaigns.Put(campaign);
  }
  harness.Start();
  auto stub = v1::OutCampaignService::NewStub(harness.channel);
  grpc::ClientContext context;
  auto reader = stub->OutCampaignStatShow(&context, {});
  const auto batches = ReadAll(*reader);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(batches[0].stats_size(), 3);
  EXPECT_EQ(batches[0].stats(2).dl_total_count(), 42u);
  EXPECT_TRUE(reader->Finish().ok());
}

TEST(ServicesTest, EntriesArePagedByCountAndPlace) {
  ServiceHarness harness;
  v1::Dlma dlma;
  dlma.set_uuid(UuidText(1000));
  harness.store.dlmas.Put(dlma);
  for (int i = 1; i <= 20; ++i) {
    v1::Dl dl;
    dl.set_uuid(UuidText(i));
    harness.store.dls.Put(dl);
  }
  harness.Start();
  auto stub = v1::OutDlListService::NewStub(harness.channel);
  v1::OutDlListShowRequest request;
  request.set_dlma_uuid(UuidText(1000));
  request.set_after_uuid(UuidText(5));
  request.set_count(3);
  grpc::ClientContext context;
  auto reader = stub->OutDlListShow(&context, request);
  const auto batches = ReadAll(*reader);
  ASSERT_TRUE(reader->Finish().ok());
  ASSERT_EQ(batches.size(), 1u);
  ASSERT_EQ(batches[0].dls_size(), 3);
  EXPECT_EQ(batches[0].dls(0).uuid(), UuidText(6));

  request.set_uuid(UuidText(5));
  grpc::ClientContext both;
  reader = stub->OutDlListShow(&both, request);
  EXPECT_TRUE(ReadAll(*reader).empty());
  EXPECT_THAT(reader->Finish().error_message(), HasSubstr("not be given together with dlma_uuid"));

  grpc::ClientContext neither;
  reader = stub->OutDlListShow(&neither, {});
  EXPECT_TRUE(ReadAll(*reader).empty());
  EXPECT_THAT(reader->Finish().error_message(), HasSubstr("is required, or else dlma_uuid"));
}

TEST(ServicesTest, DialingsInProgressOfOneCampaign) {
  ServiceHarness harness;
  v1::Campaign campaign;
  campaign.set_uuid(UuidText(100));
  harness.store.campaigns.Put(campaign);
  for (int i = 1; i <= 4; ++i) {
    v1::Dialing dialing;
    dialing.set_uuid(UuidText(i));
    dialing.set_camp_uuid(UuidText(100 + i % 2));
    harness.store.dialings.Put(dialing);
  }
  harness.Start();
  auto stub = v1::OutDialingService::NewStub(harness.channel);
  v1::OutDialingShowRequest request;
  request.set_camp_uuid(UuidText(100));
  grpc::ClientContext context;
  auto reader = stub->OutDialingShow(&context, request);
  const auto batches = ReadAll(*reader);
  ASSERT_TRUE(reader->Finish().ok());
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(batches[0].dialings_size(), 2);

  grpc::ClientContext summary_context;
  v1::OutDialingSummaryResponse summary;
  ASSERT_TRUE(stub->OutDialingSummary(&summary_context, {}, &summary).ok());
  EXPECT_EQ(summary.count(), 7u);
  EXPECT_EQ(summary.answered(), 5u);
  EXPECT_EQ(summary.with_agent(), 3u);
}

TEST(ServicesTest, DialingsOfAnUnknownCampaignAreNotFound) {
  ServiceHarness harness;
  harness.Start();
  auto stub = v1::OutDialingService::NewStub(harness.channel);
  v1::OutDialingShowRequest show;
  show.set_camp_uuid(UuidText(1));
  grpc::ClientContext show_context;
  auto reader = stub->OutDialingShow(&show_context, show);
  EXPECT_TRUE(ReadAll(*reader).empty());
  const grpc::Status shown = reader->Finish();
  EXPECT_EQ(shown.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(shown.error_message(), "No such campaign");

  v1::OutDialingSummaryRequest summary;
  summary.set_camp_uuid(UuidText(1));
  grpc::ClientContext summary_context;
  v1::OutDialingSummaryResponse response;
  const grpc::Status counted = stub->OutDialingSummary(&summary_context, summary, &response);
  EXPECT_EQ(counted.error_code(), shown.error_code());
  EXPECT_EQ(counted.error_message(), shown.error_message());
}

TEST(ServicesTest, ShowsAreBoundedAndTheirPlacesComeBack) {
  ServiceHarness harness;
  std::vector<OpenShows::Place> places;
  for (size_t i = 0; i < OpenShows::kMaxShows; ++i) {
    places.push_back(*harness.shows.Enter());
  }
  harness.Start();
  auto stub = v1::OutPlanService::NewStub(harness.channel);
  const auto show = [&] {
    grpc::ClientContext context;
    return stub->OutPlanShow(&context, {})->Finish();
  };
  EXPECT_EQ(show().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(InfoOf(show()).reason(), "LIMIT_REACHED");
  places.pop_back();
  EXPECT_EQ(show().error_code(), grpc::StatusCode::OK);
  EXPECT_EQ(show().error_code(), grpc::StatusCode::OK);
}

TEST(ServicesTest, ResultsAreSearchedToTheEndAlsoWhenMostAreLeftOut) {
  ServiceHarness harness;
  for (int i = 0; i < 95; ++i) {
    v1::Result result;
    result.mutable_dialing()->set_outcome(i % 40 == 39 ? v1::OUTCOME_BUSY : v1::OUTCOME_HANDLED);
    harness.store.AddResult(result);
  }
  harness.Start();
  auto stub = v1::OutDialingService::NewStub(harness.channel);
  v1::OutResultShowRequest request;
  request.add_outcomes(v1::OUTCOME_BUSY);
  grpc::ClientContext context;
  auto reader = stub->OutResultShow(&context, request);
  std::vector<std::string> positions;
  for (const auto& batch : ReadAll(*reader)) {
    for (const auto& result : batch.results()) positions.push_back(result.position());
  }
  ASSERT_TRUE(reader->Finish().ok());
  EXPECT_THAT(positions, ::testing::ElementsAre("40", "80"));

  request.set_count(1);
  request.set_after_position("40");
  grpc::ClientContext limited;
  reader = stub->OutResultShow(&limited, request);
  int found = 0;
  for (const auto& batch : ReadAll(*reader)) found += batch.results_size();
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(found, 1);
}

TEST(ServicesTest, ANodeIsShownByName) {
  ServiceHarness harness;
  v1::Node node;
  node.set_name("a");
  node.set_state(v1::NODE_STATE_READY);
  harness.board.SetNode(node);
  harness.Start();
  auto stub = v1::OutNodeService::NewStub(harness.channel);
  v1::OutNodeShowRequest request;
  request.set_name("a");
  v1::OutNodeShowResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(stub->OutNodeShow(&context, request, &response).ok());
  ASSERT_EQ(response.nodes_size(), 1);
  EXPECT_EQ(response.nodes(0).state(), v1::NODE_STATE_READY);
  request.set_name("b");
  grpc::ClientContext unknown;
  EXPECT_EQ(stub->OutNodeShow(&unknown, request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

grpc::Status CreateBackup(ServiceHarness& harness, const std::string& name, v1::Backup* backup) {
  grpc::ClientContext context;
  v1::OutBackupCreateRequest request;
  if (!name.empty()) request.set_name(name);
  v1::OutBackupCreateResponse response;
  const grpc::Status status =
      v1::OutAdminService::NewStub(harness.channel)->OutBackupCreate(&context, request, &response);
  *backup = response.backup();
  return status;
}

TEST(ServicesTest, ABackupIsMadeUnderItsName) {
  ServiceHarness harness;
  harness.make_backup = [](const std::string& directory) {
    storage::Backup made;
    made.directory = directory;
    made.bytes = 42;
    made.last_event = 7;
    made.last_written = absl::FromUnixSeconds(1800000000);
    return made;
  };
  harness.Start();
  v1::Backup backup;
  ASSERT_TRUE(CreateBackup(harness, "monday.1", &backup).ok());
  EXPECT_EQ(backup.name(), "monday.1");
  EXPECT_EQ(backup.directory(), "/backups/monday.1");
  EXPECT_EQ(backup.bytes(), 42u);
  EXPECT_EQ(backup.last_position(), storage::EncodePosition(7));
  EXPECT_EQ(backup.tm_last_event(), "2027-01-15T08:00:00.000000000Z");
  ASSERT_TRUE(CreateBackup(harness, "", &backup).ok());
  EXPECT_THAT(backup.name(), testing::MatchesRegex("[0-9]{8}T[0-9]{6}Z"));
}

TEST(ServicesTest, ANameThatIsNoneOfABackupIsRefused) {
  ServiceHarness harness;
  harness.Start();
  v1::Backup backup;
  for (const std::string name : {"../x", "a/b", ".hidden", "-x", "a b", "a.partial"}) {
    EXPECT_EQ(CreateBackup(harness, name, &backup).error_code(), grpc::StatusCode::INVALID_ARGUMENT)
        << name;
  }
  EXPECT_EQ(CreateBackup(harness, std::string(65, 'a'), &backup).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(ServicesTest, WhyABackupCouldNotBeMadeIsTold) {
  ServiceHarness harness;
  harness.make_backup = [](const std::string&) {
    return absl::ResourceExhaustedError("the disk is full: copying");
  };
  harness.Start();
  v1::Backup backup;
  const grpc::Status status = CreateBackup(harness, "x", &backup);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), testing::HasSubstr("the disk is full"));
}

TEST(ServicesTest, OneBackupAtATime) {
  ServiceHarness harness;
  absl::Notification begun, go_on;
  harness.make_backup = [&](const std::string&) {
    begun.Notify();
    go_on.WaitForNotification();
    return storage::Backup();
  };
  harness.Start();
  std::thread first([&] {
    v1::Backup backup;
    EXPECT_TRUE(CreateBackup(harness, "first", &backup).ok());
  });
  begun.WaitForNotification();
  v1::Backup backup;
  EXPECT_EQ(CreateBackup(harness, "second", &backup).error_code(), grpc::StatusCode::ABORTED);
  go_on.Notify();
  first.join();
}

TEST(ServicesTest, WhileDrainingCallsAreToldWhenToComeBack) {
  ServiceHarness harness(EchoPlan);
  harness.Start();
  harness.Drain();
  auto stub = v1::OutPlanService::NewStub(harness.channel);
  grpc::ClientContext context;
  v1::OutPlanCreateResponse response;
  const grpc::Status status = stub->OutPlanCreate(&context, {}, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(InfoOf(status).reason(), "SHUTTING_DOWN");
}

}  // namespace
}  // namespace outdial::server
