#include "tests/bench/bench_world.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb_store.h"

namespace outdial::bench {

namespace {

std::string MakeDirectory() {
  std::string path = (std::filesystem::temp_directory_path() / "outdial-bench-XXXXXX").string();
  OUTDIAL_CHECK(mkdtemp(path.data()) != nullptr, "a directory for the store");
  return path;
}

engine::EngineConfig ConfigOf(int max_calls) {
  const engine::Cap open{.max_calls = max_calls, .calls_per_second = 1e6};
  engine::EngineConfig config;
  config.nodes = {{BenchWorld::kNode, open}};
  config.trunk_cap = open;
  config.server_cap = open;
  config.seed = 1;
  return config;
}

}  // namespace

engine::NodeConnected NodeReady() {
  return {.boot_time = {},
          .version = "22",
          .problems = {},
          .may_originate = true,
          .sees_calls = true,
          .sees_queues = true};
}

BenchWorld::BenchWorld(int max_calls, engine::NodeTransport* node, server::Inbox* inbox)
    : directory_(MakeDirectory()), config_(ConfigOf(max_calls)), node_(node), inbox_(inbox) {}

BenchWorld::~BenchWorld() {
  Close();
  std::filesystem::remove_all(directory_);
}

void BenchWorld::OpenStore() {
  auto kv = storage::OpenRocksDbStore(directory_, storage::RocksDbOptions());
  OUTDIAL_CHECK(kv.ok(), kv.status().ToString().c_str());
  auto store = storage::RecordStore::Open(*std::move(kv), storage::RecordStoreOptions());
  OUTDIAL_CHECK(store.ok(), store.status().ToString().c_str());
  store_ = *std::move(store);
}

void BenchWorld::StartLoop() {
  server::RoundSinks sinks;
  sinks.reply = [this](engine::Reply reply) {
    OUTDIAL_CHECK(reply.result.ok(), reply.result.status().ToString().c_str());
    last_result_ = *std::move(reply.result);
  };
  loop_ = std::make_unique<server::RunLoop>(
      &clock_, node_, store_.get(), inbox_,
      [this] { return std::make_unique<engine::DialEngine>(config_, &zones_); }, std::move(sinks));
  OUTDIAL_CHECK(loop_->Start().ok(), "the loop starts");
}

void BenchWorld::Close() {
  loop_.reset();
  store_.reset();
}

void BenchWorld::Round() {
  const absl::Status status = loop_->RunRound(absl::ZeroDuration());
  OUTDIAL_CHECK(status.ok(), status.ToString().c_str());
}

void BenchWorld::MakeCampaign(int entries) {
  v1::OutPlanCreateRequest plan;
  plan.mutable_plan()->set_dial_mode(v1::DIAL_MODE_ROBO);
  plan.mutable_plan()->set_trunk_name("gw");
  plan.mutable_plan()->set_retry_delay(1);
  for (int i = 0; i < 8; ++i) plan.mutable_plan()->add_max_retry(20);
  v1::OutDestinationCreateRequest dest;
  dest.mutable_destination()->set_type(v1::DESTINATION_TYPE_APPLICATION);
  dest.mutable_destination()->set_application("Echo");
  v1::OutCampaignCreateRequest campaign;
  campaign.mutable_campaign()->set_plan(Do<v1::OutPlanCreateResponse>(plan).plan().uuid());
  campaign.mutable_campaign()->set_dest(
      Do<v1::OutDestinationCreateResponse>(dest).destination().uuid());
  const std::string dlma = Do<v1::OutDlmaCreateResponse>(v1::OutDlmaCreateRequest()).dlma().uuid();
  campaign.mutable_campaign()->set_dlma(dlma);
  Import(dlma, entries);
  inbox_->Post(engine::NodeEvent{kNode, NodeReady()});
  inbox_->Post(engine::NodeEvent{kNode, engine::NodeSynced{}});
  Round();
  v1::OutCampaignUpdateRequest start;
  start.mutable_campaign()->set_uuid(Do<v1::OutCampaignCreateResponse>(campaign).campaign().uuid());
  start.mutable_campaign()->set_status(v1::CAMPAIGN_STATUS_START);
  Do<v1::OutCampaignUpdateResponse>(start);
}

void BenchWorld::Import(const std::string& dlma, int entries) {
  engine::ImportSlice slice;
  slice.begin.set_dlma_uuid(dlma);
  slice.begin.set_request_id("bench");
  for (int row = 0; row < entries; row += engine::kMaxImportSliceRows) {
    slice.batch.Clear();
    slice.batch.set_first_row(static_cast<uint64_t>(row));
    for (int i = row; i < std::min(entries, row + engine::kMaxImportSliceRows); ++i) {
      v1::Dl* dl = slice.batch.add_rows();
      dl->set_ukey(absl::StrCat("key-", i));
      dl->set_name(absl::StrCat("Person ", i));
      dl->add_number(absl::StrCat("+1555", 1000000 + i));
    }
    Do<v1::OutDlListImportResponse>(slice);
  }
}

}  // namespace outdial::bench
