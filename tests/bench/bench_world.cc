#include "tests/bench/bench_world.h"

#include "storage/rocksdb_store.h"

namespace outdial::bench {

namespace {

// A commit that takes longer is waited for again.
constexpr absl::Duration kLongCommit = absl::Seconds(1);

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

BenchWorld::BenchWorld(std::string directory, int max_calls, engine::NodeTransport* node)
    : directory_(std::move(directory)), config_(ConfigOf(max_calls)), node_(node) {}

BenchWorld::~BenchWorld() { Close(); }

void BenchWorld::OpenStore(const Wrap& wrap) {
  auto opened = storage::OpenRocksDbStore(directory_, storage::RocksDbOptions());
  OUTDIAL_CHECK(opened.ok(), opened.status().ToString().c_str());
  std::unique_ptr<storage::KeyValueStore> kv = *std::move(opened);
  if (wrap != nullptr) kv = wrap(std::move(kv));
  auto store = storage::RecordStore::Open(std::move(kv), {.has_threads = true});
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
      &clock_, node_, store_.get(), &inbox_,
      [this] { return std::make_unique<engine::DialEngine>(config_, &zones_); }, std::move(sinks));
  OUTDIAL_CHECK(loop_->Start().ok(), "the loop starts");
}

void BenchWorld::Start(const Wrap& wrap) {
  OpenStore(wrap);
  StartLoop();
  Tell(NodeReady());
  Tell(engine::NodeSynced{});
}

void BenchWorld::Close() {
  loop_.reset();
  store_.reset();
}

void BenchWorld::Tell(engine::NodeFact fact) {
  inbox_.Post(engine::NodeEvent{kNode, std::move(fact)});
}

void BenchWorld::Round() {
  const absl::Duration wait = loop_->committing() ? kLongCommit : absl::ZeroDuration();
  const absl::Status status = loop_->RunRound(wait);
  OUTDIAL_CHECK(status.ok(), status.ToString().c_str());
}

}  // namespace outdial::bench
