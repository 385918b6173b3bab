#include "tests/bench/bench_server.h"

#include <pthread.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/check.h"
#include "engine/dial_engine.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "outdial/v1/campaign_service.grpc.pb.h"
#include "outdial/v1/destination_service.grpc.pb.h"
#include "outdial/v1/dlma_service.grpc.pb.h"
#include "outdial/v1/plan_service.grpc.pb.h"
#include "storage/rocksdb_store.h"
#include "tests/bench/batch_file.h"

namespace outdial::bench {
namespace {

constexpr absl::Duration kMaxRoundWait = absl::Seconds(1);

engine::EngineConfig ConfigOf(int calls_at_once) {
  const engine::Cap open{.max_calls = calls_at_once, .calls_per_second = 1e6};
  engine::EngineConfig config;
  config.nodes = {{BusyNode::kName, open}};
  config.trunk_cap = open;
  config.server_cap = open;
  config.seed = 1;
  return config;
}

void Check(const grpc::Status& status) {
  OUTDIAL_CHECK(status.ok(), status.error_message().c_str());
}

}  // namespace

void BusyNode::Send(const engine::NodeCommand& command) {
  const auto* originate = std::get_if<engine::Originate>(&command.command);
  if (originate == nullptr) return;
  {
    const absl::Duration now = server::ReadMonotonic();
    absl::MutexLock lock(&mutex_);
    ++calls_.count;
    if (last_.has_value()) calls_.longest_gap = std::max(calls_.longest_gap, now - *last_);
    last_ = now;
  }
  const engine::DialingUuid& dialing = originate->dialing;
  Tell(engine::ChannelCreated{dialing, "PJSIP/gw-1"});
  Tell(engine::OriginateResponse{dialing, false, 0, ""});
  Tell(engine::ChannelHungUp{dialing, 17, "User busy", 486});
}

BusyNode::Calls BusyNode::Take() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(calls_, Calls());
}

void BusyNode::Tell(engine::NodeFact fact) {
  inbox_->Post(engine::NodeEvent{kName, std::move(fact)});
}

BenchServer::BenchServer(const std::string& directory, int calls_at_once,
                         const std::string& record_batches_to) {
  OpenStore(directory, record_batches_to);
  StartLoop(calls_at_once);
  StartFront();
}

BenchServer::~BenchServer() {
  gate_.Drain();
  feed_->Close();
  imports_.Drain();
  front_->Shutdown(absl::Seconds(5));
  stop_ = true;
  inbox_.Wake();
  loop_thread_.join();
}

void BenchServer::OpenStore(const std::string& directory, const std::string& record_batches_to) {
  auto kv = storage::OpenRocksDbStore(directory, storage::RocksDbOptions());
  OUTDIAL_CHECK(kv.ok(), kv.status().ToString().c_str());
  if (!record_batches_to.empty()) {
    kv = std::make_unique<BatchRecorder>(*std::move(kv), record_batches_to);
  }
  auto store = storage::RecordStore::Open(*std::move(kv), {.has_threads = true});
  OUTDIAL_CHECK(store.ok(), store.status().ToString().c_str());
  store_ = *std::move(store);
  feed_ = std::make_unique<server::EventFeed>(store_.get(), store_->LastEventSequence(), &metrics_);
  store_->SetEventObserver(feed_.get());
}

void BenchServer::StartLoop(int calls_at_once) {
  server::RoundSinks sinks;
  sinks.reply = [this](engine::Reply reply) { control_.Deliver(std::move(reply)); };
  sinks.events = [this](uint64_t last) { feed_->Publish(last); };
  loop_ = std::make_unique<server::RunLoop>(
      &clock_, &node_, store_.get(), &inbox_,
      [this, config = ConfigOf(calls_at_once)] {
        return std::make_unique<engine::DialEngine>(config, &zones_);
      },
      std::move(sinks));
  loop_->set_upkeep([this](const engine::Now& now) { return store_->Upkeep(now); });
  OUTDIAL_CHECK(loop_->Start().ok(), "the loop starts");
  loop_thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "loop");  // for profilers
    while (!stop_) {
      const absl::Status status = loop_->RunRound(kMaxRoundWait);
      OUTDIAL_CHECK(status.ok(), status.ToString().c_str());
    }
  });
  node_.Tell(engine::NodeConnected{.boot_time = {},
                                   .version = "22",
                                   .problems = {},
                                   .may_originate = true,
                                   .sees_calls = true,
                                   .sees_queues = true});
  node_.Tell(engine::NodeSynced{});
}

void BenchServer::StartFront() {
  server::Config config;
  config.listen = {"127.0.0.1", 0};
  auto front = server::GrpcFront::Start(config, {&gate_, &control_, store_.get(), &board_,
                                                 feed_.get(), &imports_, &shows_, &backups_});
  OUTDIAL_CHECK(front.ok(), front.status().ToString().c_str());
  front_ = *std::move(front);
  channel_ = grpc::CreateChannel(address(), grpc::InsecureChannelCredentials());
}

std::string BenchServer::address() const { return absl::StrCat("127.0.0.1:", front_->port()); }

std::string BenchServer::MakeList() {
  grpc::ClientContext context;
  v1::OutDlmaCreateResponse response;
  Check(v1::OutDlmaService::NewStub(channel_)->OutDlmaCreate(&context, v1::OutDlmaCreateRequest(),
                                                             &response));
  return response.dlma().uuid();
}

void BenchServer::DeleteList(const std::string& dlma) {
  grpc::ClientContext context;
  v1::OutDlmaDeleteRequest request;
  v1::OutDlmaDeleteResponse response;
  request.set_uuid(dlma);
  Check(v1::OutDlmaService::NewStub(channel_)->OutDlmaDelete(&context, request, &response));
}

void BenchServer::StartCampaign(const std::string& dlma) {
  v1::OutPlanCreateRequest plan;
  plan.mutable_plan()->set_dial_mode(v1::DIAL_MODE_ROBO);
  plan.mutable_plan()->set_trunk_name("gw");
  plan.mutable_plan()->set_retry_delay(1);
  for (int i = 0; i < 8; ++i) plan.mutable_plan()->add_max_retry(20);
  v1::OutDestinationCreateRequest dest;
  dest.mutable_destination()->set_type(v1::DESTINATION_TYPE_APPLICATION);
  dest.mutable_destination()->set_application("Echo");
  v1::OutPlanCreateResponse made_plan;
  v1::OutDestinationCreateResponse made_dest;
  v1::OutCampaignCreateResponse made;
  v1::OutCampaignUpdateResponse started;
  grpc::ClientContext calls[4];
  Check(v1::OutPlanService::NewStub(channel_)->OutPlanCreate(&calls[0], plan, &made_plan));
  Check(v1::OutDestinationService::NewStub(channel_)->OutDestinationCreate(&calls[1], dest,
                                                                           &made_dest));
  v1::OutCampaignCreateRequest campaign;
  campaign.mutable_campaign()->set_plan(made_plan.plan().uuid());
  campaign.mutable_campaign()->set_dest(made_dest.destination().uuid());
  campaign.mutable_campaign()->set_dlma(dlma);
  const auto campaigns = v1::OutCampaignService::NewStub(channel_);
  Check(campaigns->OutCampaignCreate(&calls[2], campaign, &made));
  v1::OutCampaignUpdateRequest start;
  start.mutable_campaign()->set_uuid(made.campaign().uuid());
  start.mutable_campaign()->set_status(v1::CAMPAIGN_STATUS_START);
  Check(campaigns->OutCampaignUpdate(&calls[3], start, &started));
}

}  // namespace outdial::bench
