// The whole server with the simulated Asterisk inside, driven as a client drives it.
#include "server/daemon.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "outdial/v1/campaign_service.grpc.pb.h"
#include "outdial/v1/destination_service.grpc.pb.h"
#include "outdial/v1/dialing_service.grpc.pb.h"
#include "outdial/v1/dl_list_service.grpc.pb.h"
#include "outdial/v1/dlma_service.grpc.pb.h"
#include "outdial/v1/event_service.grpc.pb.h"
#include "outdial/v1/plan_service.grpc.pb.h"
#include "spdlog/sinks/null_sink.h"
#include "storage/key_schema.h"
#include "storage/memory_store.h"

namespace outdial::server {
namespace {

std::vector<std::string> BadFieldsOf(const grpc::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  std::vector<std::string> fields;
  for (const auto& any : details.details()) {
    google::rpc::BadRequest bad;
    if (!any.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

class DaemonTest : public testing::Test {
 protected:
  DaemonTest() : logger_({}, std::make_shared<spdlog::sinks::null_sink_mt>()) {}

  // In memory; in `data_dir` when it is not empty.
  void Start(const std::string& data_dir = "") {
    Config config;
    config.listen = {"127.0.0.1", 0};
    if (with_metrics_) config.metrics_listen = ListenAddress{"127.0.0.1", 0};
    config.simulate.enabled = true;
    config.simulate.accelerate = 200;
    config.data_dir = data_dir;
    config.engine.trunk_cap = {100, 100};
    DaemonOptions options;
    options.logger = &logger_;
    if (data_dir.empty()) {
      auto memory = std::make_unique<storage::MemoryStore>();
      disk_ = memory.get();
      options.store = std::move(memory);
    }
    auto daemon = Daemon::Start(std::move(config), std::move(options));
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_ = *std::move(daemon);
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channel_ = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", daemon_->port()),
                                         grpc::InsecureChannelCredentials(), arguments);
  }

  static void SetDeadline(grpc::ClientContext* context) {
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(40));
  }

  grpc::Status CreatePlan(const v1::OutPlanCreateRequest& request, v1::Plan* plan) {
    grpc::ClientContext context;
    SetDeadline(&context);
    v1::OutPlanCreateResponse response;
    const grpc::Status status =
        v1::OutPlanService::NewStub(channel_)->OutPlanCreate(&context, request, &response);
    *plan = response.plan();
    return status;
  }

  std::string MakePlan() {
    v1::OutPlanCreateRequest request;
    request.mutable_plan()->set_trunk_name("trunk");
    request.mutable_plan()->set_retry_delay(1);
    for (int i = 0; i < 8; ++i) request.mutable_plan()->add_max_retry(1);
    v1::Plan plan;
    const grpc::Status status = CreatePlan(request, &plan);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return plan.uuid();
  }

  std::string MakeDlma() {
    grpc::ClientContext context;
    SetDeadline(&context);
    v1::OutDlmaCreateResponse response;
    EXPECT_TRUE(v1::OutDlmaService::NewStub(channel_)->OutDlmaCreate(&context, {}, &response).ok());
    return response.dlma().uuid();
  }

  std::string MakeDestination() {
    grpc::ClientContext context;
    SetDeadline(&context);
    v1::OutDestinationCreateRequest request;
    request.mutable_destination()->set_type(v1::DESTINATION_TYPE_APPLICATION);
    request.mutable_destination()->set_application("Queue");
    request.mutable_destination()->set_data(Simulation::kQueue);
    v1::OutDestinationCreateResponse response;
    const grpc::Status status = v1::OutDestinationService::NewStub(channel_)->OutDestinationCreate(
        &context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.destination().uuid();
  }

  void Import(const std::string& dlma, int rows) {
    grpc::ClientContext context;
    SetDeadline(&context);
    auto stub = v1::OutDlListService::NewStub(channel_);
    auto stream = stub->OutDlListImport(&context);
    v1::OutDlListImportRequest request;
    request.mutable_begin()->set_dlma_uuid(dlma);
    request.mutable_begin()->set_request_id("import");
    v1::OutDlListImportResponse response;
    ASSERT_TRUE(stream->Write(request) && stream->Read(&response));
    for (int i = 0; i < rows; ++i) {
      request.mutable_batch()->add_rows()->add_number(absl::StrCat("555", 1000000 + i));
    }
    ASSERT_TRUE(stream->Write(request) && stream->Read(&response));
    EXPECT_EQ(response.accepted(), static_cast<uint64_t>(rows));
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
  }

  std::string MakeCampaign(const std::string& plan, const std::string& dlma,
                           const std::string& destination) {
    grpc::ClientContext context;
    SetDeadline(&context);
    v1::OutCampaignCreateRequest request;
    request.mutable_campaign()->set_plan(plan);
    request.mutable_campaign()->set_dlma(dlma);
    request.mutable_campaign()->set_dest(destination);
    v1::OutCampaignCreateResponse response;
    const grpc::Status status =
        v1::OutCampaignService::NewStub(channel_)->OutCampaignCreate(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.campaign().uuid();
  }

  // The node may still be connecting: then the start is refused, and tried again.
  void StartCampaign(const std::string& campaign) {
    auto stub = v1::OutCampaignService::NewStub(channel_);
    v1::OutCampaignUpdateRequest request;
    request.mutable_campaign()->set_uuid(campaign);
    request.mutable_campaign()->set_status(v1::CAMPAIGN_STATUS_START);
    const absl::Time give_up = absl::Now() + absl::Seconds(20);
    grpc::Status status;
    do {
      grpc::ClientContext context;
      SetDeadline(&context);
      v1::OutCampaignUpdateResponse response;
      status = stub->OutCampaignUpdate(&context, request, &response);
    } while (!status.ok() && absl::Now() < give_up);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  // Follows the events until the campaign has stopped; counts the dialings that ended.
  int DialToTheEnd(const std::string& campaign) {
    grpc::ClientContext context;
    SetDeadline(&context);
    v1::OutEventSubscribeRequest request;
    request.set_after_position("oldest");
    request.add_camp_uuids(campaign);
    auto stub = v1::OutEventService::NewStub(channel_);
    auto reader = stub->OutEventSubscribe(&context, request);
    int ended = 0;
    bool running = false;
    v1::OutEventSubscribeResponse message;
    while (reader->Read(&message)) {
      for (const v1::Event& event : message.events()) {
        if (event.kind() == v1::EVENT_KIND_OUT_DIALING_DELETE) ++ended;
        if (event.kind() != v1::EVENT_KIND_OUT_CAMPAIGN_UPDATE) continue;
        if (event.campaign().status() == v1::CAMPAIGN_STATUS_START) running = true;
        if (running && event.campaign().status() == v1::CAMPAIGN_STATUS_STOP) {
          context.TryCancel();
        }
      }
    }
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
    return ended;
  }

  // Entries that the request gives; -1: it is refused.
  int CountDls(const v1::OutDlListShowRequest& request) {
    grpc::ClientContext context;
    SetDeadline(&context);
    auto stub = v1::OutDlListService::NewStub(channel_);
    auto reader = stub->OutDlListShow(&context, request);
    int count = 0;
    v1::OutDlListShowResponse message;
    while (reader->Read(&message)) count += message.dls_size();
    return reader->Finish().ok() ? count : -1;
  }
  // Rows of entries in the store.
  int StatesLeft() {
    int rows = 0;
    EXPECT_TRUE(disk_
                    ->Scan(storage::Family::kDlState, {}, storage::kNoLimit,
                           [&](auto, auto) {
                             ++rows;
                             return true;
                           })
                    .ok());
    return rows;
  }

  // Costs two seconds at the stop: its HTTP server looks up only every so often.
  bool with_metrics_ = false;
  Logger logger_;
  storage::MemoryStore* disk_ = nullptr;
  std::unique_ptr<Daemon> daemon_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(DaemonTest, DialsAListToItsEnd) {
  with_metrics_ = true;
  Start();
  EXPECT_GT(daemon_->metrics_port(), 0);
  const std::string dlma = MakeDlma();
  Import(dlma, 40);
  const std::string campaign = MakeCampaign(MakePlan(), dlma, MakeDestination());
  StartCampaign(campaign);
  EXPECT_EQ(DialToTheEnd(campaign), 40);

  grpc::ClientContext context;
  SetDeadline(&context);
  v1::OutCampaignStatShowRequest request;
  request.set_uuid(campaign);
  auto stub = v1::OutCampaignService::NewStub(channel_);
  auto reader = stub->OutCampaignStatShow(&context, request);
  v1::OutCampaignStatShowResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.stats(0).dl_total_count(), 40u);
  EXPECT_EQ(response.stats(0).dl_finished_count(), 40u);
  EXPECT_EQ(response.stats(0).dl_called_count(), 40u);
  EXPECT_EQ(response.stats(0).dialings_in_progress(), 0u);
}

TEST_F(DaemonTest, ListsAreFilteredByWhatTheIndexesServe) {
  Start();
  const std::string dlma = MakeDlma();
  Import(dlma, 40);
  const std::string plan = MakePlan();
  const std::string campaign = MakeCampaign(plan, dlma, MakeDestination());
  StartCampaign(campaign);
  DialToTheEnd(campaign);

  v1::OutDlListShowRequest request;
  request.set_dlma_uuid(dlma);
  request.add_outcomes(v1::OUTCOME_NONE);
  EXPECT_EQ(CountDls(request), 0);
  request.clear_outcomes();
  request.set_finished(true);
  EXPECT_EQ(CountDls(request), -1) << "a plan is required";
  request.set_plan_uuid(plan);
  EXPECT_EQ(CountDls(request), 40);
  request.set_finished(false);
  EXPECT_EQ(CountDls(request), 0);
  request.clear_finished();
  request.clear_plan_uuid();
  request.set_status(v1::DL_STATUS_DIALING);
  EXPECT_EQ(CountDls(request), 0);
  request.set_status(v1::DL_STATUS_RESERVED);
  EXPECT_EQ(CountDls(request), -1);
}

TEST_F(DaemonTest, ADeletedListIsGoneAtOnceAndItsResultsStay) {
  Start();
  const std::string dlma = MakeDlma();
  Import(dlma, 20);
  const std::string campaign = MakeCampaign(MakePlan(), dlma, MakeDestination());
  StartCampaign(campaign);
  DialToTheEnd(campaign);
  grpc::ClientContext of_campaign;
  SetDeadline(&of_campaign);
  v1::OutCampaignDeleteRequest delete_campaign;
  delete_campaign.set_uuid(campaign);
  v1::OutCampaignDeleteResponse campaign_deleted;
  ASSERT_TRUE(v1::OutCampaignService::NewStub(channel_)
                  ->OutCampaignDelete(&of_campaign, delete_campaign, &campaign_deleted)
                  .ok());
  grpc::ClientContext of_list;
  SetDeadline(&of_list);
  v1::OutDlmaDeleteRequest delete_list;
  delete_list.set_uuid(dlma);
  v1::OutDlmaDeleteResponse list_deleted;
  ASSERT_TRUE(v1::OutDlmaService::NewStub(channel_)
                  ->OutDlmaDelete(&of_list, delete_list, &list_deleted)
                  .ok());
  v1::OutDlListShowRequest show;
  show.set_dlma_uuid(dlma);
  EXPECT_EQ(CountDls(show), -1);

  // The loop gives the rows back while the results are read.
  auto stub = v1::OutDialingService::NewStub(channel_);
  v1::OutResultShowRequest results;
  results.set_dlma_uuid(dlma);
  results.set_with_records(true);
  const absl::Time give_up = absl::Now() + absl::Seconds(20);
  do {
    grpc::ClientContext context;
    SetDeadline(&context);
    auto reader = stub->OutResultShow(&context, results);
    int shown = 0;
    v1::OutResultShowResponse message;
    while (reader->Read(&message)) {
      for (const v1::Result& result : message.results()) {
        EXPECT_FALSE(result.dl().number(0).empty());
        ++shown;
      }
      EXPECT_FALSE(message.has_trimmed_until());
    }
    ASSERT_TRUE(reader->Finish().ok());
    ASSERT_EQ(shown, 20);
  } while (StatesLeft() > 0 && absl::Now() < give_up);
  EXPECT_EQ(StatesLeft(), 0);
}

TEST_F(DaemonTest, NamesEveryBadField) {
  Start();
  v1::OutPlanCreateRequest request;
  request.mutable_plan()->set_name("a\r\nb");
  request.mutable_plan()->set_dial_timeout(1);
  auto* variable = request.mutable_plan()->add_variables();
  variable->set_name("SHELL(ls)");
  v1::Plan plan;
  const grpc::Status status = CreatePlan(request, &plan);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(BadFieldsOf(status).size(), 3u) << status.error_message();
}

TEST_F(DaemonTest, ARepeatedRequestIdGivesTheFirstAnswer) {
  Start();
  v1::OutPlanCreateRequest request;
  request.set_request_id("once");
  request.mutable_plan()->set_name("p");
  v1::Plan first;
  ASSERT_TRUE(CreatePlan(request, &first).ok());
  v1::Plan again;
  ASSERT_TRUE(CreatePlan(request, &again).ok());
  EXPECT_EQ(first.uuid(), again.uuid());
  request.mutable_plan()->set_name("other");
  EXPECT_FALSE(CreatePlan(request, &again).ok());
}

TEST_F(DaemonTest, AFullDiskIsToldAndOutlived) {
  Start();
  v1::OutPlanCreateRequest request;
  v1::Plan plan;
  disk_->SetDiskFull(true);
  EXPECT_EQ(CreatePlan(request, &plan).error_code(), grpc::StatusCode::UNAVAILABLE);
  disk_->SetDiskFull(false);
  const absl::Time give_up = absl::Now() + absl::Seconds(20);
  grpc::Status status;
  do {
    status = CreatePlan(request, &plan);
  } while (!status.ok() && absl::Now() < give_up);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(DaemonTest, AnythingElseThatFailsEndsTheServerWithItsReason) {
  Start();
  disk_->FailNextCommit(absl::DataLossError("broken"), storage::MemoryStore::Fate::kKept);
  v1::Plan plan;
  EXPECT_EQ(CreatePlan({}, &plan).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(daemon_->Stop().code(), absl::StatusCode::kDataLoss);
}

TEST_F(DaemonTest, EventsGoOnAfterAPositionAcrossARestart) {
  const std::string data_dir =
      std::filesystem::path(testing::TempDir()) / absl::StrCat("daemon_test_", getpid());
  Start(data_dir);
  v1::Plan first;
  ASSERT_TRUE(CreatePlan({}, &first).ok());
  std::string position;
  {
    grpc::ClientContext context;
    SetDeadline(&context);
    auto stub = v1::OutEventService::NewStub(channel_);
    auto reader = stub->OutEventSubscribe(&context, {});
    v1::OutEventSubscribeResponse message;
    ASSERT_TRUE(reader->Read(&message));
    position = message.position();
    context.TryCancel();
    reader->Finish();
  }
  v1::Plan second;
  ASSERT_TRUE(CreatePlan({}, &second).ok());
  ASSERT_TRUE(daemon_->Stop().ok());
  daemon_.reset();

  Start(data_dir);
  grpc::ClientContext context;
  SetDeadline(&context);
  v1::OutEventSubscribeRequest request;
  request.set_after_position(position);
  request.add_kinds(v1::EVENT_KIND_OUT_PLAN_CREATE);
  auto stub = v1::OutEventService::NewStub(channel_);
  auto reader = stub->OutEventSubscribe(&context, request);
  v1::OutEventSubscribeResponse message;
  std::vector<std::string> plans;
  while (plans.empty() && reader->Read(&message)) {
    for (const v1::Event& event : message.events()) plans.push_back(event.plan().uuid());
  }
  EXPECT_THAT(plans, testing::ElementsAre(second.uuid()));
  context.TryCancel();
  reader->Finish();
  daemon_.reset();
  std::filesystem::remove_all(data_dir);
}

TEST_F(DaemonTest, ADirectoryInUseIsRefused) {
  const std::string data_dir =
      std::filesystem::path(testing::TempDir()) / absl::StrCat("daemon_test_in_use_", getpid());
  Start(data_dir);
  Config config;
  config.listen = {"127.0.0.1", 0};
  config.simulate.enabled = true;
  config.data_dir = data_dir;
  DaemonOptions options;
  options.logger = &logger_;
  EXPECT_EQ(Daemon::Start(std::move(config), std::move(options)).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::filesystem::status(data_dir).permissions(), std::filesystem::perms::owner_all);
  daemon_.reset();
  std::filesystem::remove_all(data_dir);
}

TEST_F(DaemonTest, ADamagedRecordIsReportedByItsName) {
  Start();
  v1::Plan plan;
  ASSERT_TRUE(CreatePlan({}, &plan).ok());
  storage::WriteBatch batch;
  const std::string key =
      storage::RecordKey(storage::RecordKind::kPlan, *engine::Uuid::Parse(plan.uuid()));
  batch.Put(storage::Family::kRecord, key, "\xff\xff\xff");
  ASSERT_TRUE(disk_->Commit(batch, storage::Durability::kSynced).ok());
  grpc::ClientContext context;
  SetDeadline(&context);
  v1::OutPlanShowRequest request;
  request.set_uuid(plan.uuid());
  auto reader = v1::OutPlanService::NewStub(channel_)->OutPlanShow(&context, request);
  v1::OutPlanShowResponse response;
  EXPECT_FALSE(reader->Read(&response));
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_THAT(status.error_message(), testing::HasSubstr("plan " + plan.uuid()));
}

TEST_F(DaemonTest, StopsWithinSecondsWhileCallsAreUp) {
  Start();
  const std::string dlma = MakeDlma();
  Import(dlma, 500);
  const std::string campaign = MakeCampaign(MakePlan(), dlma, MakeDestination());
  StartCampaign(campaign);
  grpc::ClientContext context;
  SetDeadline(&context);
  auto stub = v1::OutEventService::NewStub(channel_);
  auto reader = stub->OutEventSubscribe(&context, {});
  v1::OutEventSubscribeResponse message;
  while (message.events_size() == 0) ASSERT_TRUE(reader->Read(&message));

  const absl::Time begin = absl::Now();
  EXPECT_TRUE(daemon_->Stop().ok());
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  while (reader->Read(&message)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace outdial::server
