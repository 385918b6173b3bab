#include "server/daemon.h"

#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/errors.h"
#include "engine/now.h"
#include "server/check_clock.h"
#include "server/clock.h"
#include "storage/rocksdb_store.h"
#include "storage/store_directory.h"

namespace outdial::server {
namespace {

constexpr absl::Duration kMaxRoundWait = absl::Seconds(1);
constexpr absl::Duration kHealthInterval = absl::Milliseconds(250);
constexpr char kStopping[] = "the server is stopping";

std::vector<v1::Node> NodesOf(const Config& config) {
  std::vector<v1::Node> nodes;
  for (size_t i = 0; i < config.nodes.size(); ++i) {
    v1::Node& node = nodes.emplace_back();
    node.set_name(config.nodes[i].name);
    node.set_host(config.nodes[i].host);
    node.set_port(config.nodes[i].port);
    node.set_max_calls(static_cast<uint32_t>(config.engine.nodes[i].cap.max_calls));
    node.set_calls_per_second(config.engine.nodes[i].cap.calls_per_second);
  }
  return nodes;
}

// When the store was written to last, by its newest event; InfinitePast: never.
absl::StatusOr<absl::Time> LastWritten(storage::StoreReader& store) {
  const uint64_t last = store.LastEvent();
  if (last == 0 || store.OldestEvent() > last) return absl::InfinitePast();
  const auto events = store.Events(last - 1, 1);
  if (!events.ok()) return events.status();
  return engine::ParseRecordTime(events->at(0).tm());
}

// A simulation goes on no earlier than it ended: its time may have run ahead of the true time, and
// what was dialled then would wait until the true time has caught up.
absl::StatusOr<std::unique_ptr<engine::Clock>> MakeClock(const SimulationConfig& simulate,
                                                         storage::StoreReader& store) {
  if (!simulate.enabled) return std::make_unique<SystemClock>();
  const absl::StatusOr<absl::Time> written = LastWritten(store);
  if (!written.ok()) return written.status();
  return std::make_unique<ScaledClock>(simulate.accelerate, *written);
}

// Refuses a clock that can't be right. A simulation has a clock of its own, which goes on from the
// store's.
absl::StatusOr<std::unique_ptr<storage::KeyValueStore>> OpenDataDir(const Config& config) {
  storage::RocksDbOptions options;
  if (!config.simulate.enabled) {
    options.admit = [&config](absl::Time last_written) {
      return CheckClock(absl::Now(), last_written, config.accept_clock);
    };
  }
  auto opened = storage::OpenRocksDbStore(config.data_dir, options);
  if (opened.ok()) return opened;
  return absl::Status(opened.status().code(),
                      absl::StrCat("data_dir: ", opened.status().message()));
}

uint64_t RandomSeed() {
  std::random_device random;
  return (uint64_t{random()} << 32) | random();
}

}  // namespace

Daemon::Daemon(Config config, DaemonOptions options)
    : config_(std::move(config)),
      options_(std::move(options)),
      logger_(options_.logger),
      gate_(config_.tokens, &metrics_) {}

Daemon::~Daemon() { Stop().IgnoreError(); }

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::Start(Config config, DaemonOptions options) {
  auto daemon = std::unique_ptr<Daemon>(new Daemon(std::move(config), std::move(options)));
  if (absl::Status status = daemon->Open(); !status.ok()) return status;
  return daemon;
}

absl::Status Daemon::Open() {
  if (absl::Status status = OpenStore(); !status.ok()) return status;
  if (absl::Status status = StartSimulation(); !status.ok()) return status;
  board_ = std::make_unique<StatusBoard>(NodesOf(config_));
  MakeGateway();
  if (absl::Status status = LoadLoop(); !status.ok()) return status;
  // The ports come before the first dial: a server that can't have them must not have dialled. The
  // doors come last, since an action that is taken is answered only once the loop runs.
  if (absl::Status status = StartMetrics(); !status.ok()) return status;
  if (absl::Status status = StartFronts(); !status.ok()) return status;
  StartDialling();
  LogStart();
  return absl::OkStatus();
}

absl::Status Daemon::OpenStore() {
  std::unique_ptr<storage::KeyValueStore> kv = std::move(options_.store);
  if (kv == nullptr) {
    auto opened = OpenDataDir(config_);
    if (!opened.ok()) return opened.status();
    kv = *std::move(opened);
  }
  storage::RecordStoreOptions options;
  options.has_threads = true;
  options.keep_events_for = config_.keep_events_for;
  options.keep_events_bytes = config_.keep_events_bytes;
  options.keep_results_for = config_.keep_results_for;
  options.keep_results_bytes = config_.keep_results_bytes;
  auto store = storage::RecordStore::Open(std::move(kv), options);
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  backups_ = std::make_unique<BackupMaker>(
      storage::BackupsPath(config_.data_dir),
      [this](const std::string& directory) { return store_->MakeBackup(directory); });
  committer_ = std::make_unique<TimedCommitter>(store_.get(), &metrics_);
  feed_ = std::make_unique<EventFeed>(store_.get(), store_->LastEventSequence(), &metrics_);
  store_->SetEventObserver(feed_.get());
  auto clock = MakeClock(config_.simulate, *store_);
  if (!clock.ok()) return clock.status();
  clock_ = *std::move(clock);
  return absl::OkStatus();
}

absl::Status Daemon::StartSimulation() {
  if (!config_.simulate.enabled) return absl::OkStatus();
  auto simulation = Simulation::Start(config_.simulate, clock_.get());
  if (!simulation.ok()) return simulation.status();
  simulation_ = *std::move(simulation);
  config_.nodes.push_back(simulation_->node());
  engine::NodeConfig node;
  node.name = simulation_->node().name;
  config_.engine.nodes.push_back(std::move(node));
  if (config_.engine.allowed_contexts.empty()) {
    config_.engine.allowed_contexts.push_back(Simulation::kContext);
  }
  return absl::OkStatus();
}

void Daemon::MakeGateway() {
  ami::GatewayOptions options;
  options.nodes = config_.nodes;
  options.clock = clock_.get();
  gateway_ = std::make_unique<ami::AmiGateway>(
      std::move(options),
      [this](std::vector<engine::NodeEvent> events) { inbox_.Post(std::move(events)); },
      GatewayLines());
}

ami::GatewayLog Daemon::GatewayLines() {
  return [this](const std::string& level, const std::string& name,
                const std::vector<std::pair<std::string, std::string>>& fields) {
    logger_->Log({ParseLogLevel(level).value_or(engine::LogLine::Level::kError), name, fields});
  };
}

absl::Status Daemon::LoadLoop() {
  loop_ = std::make_unique<RunLoop>(
      clock_.get(), gateway_.get(), committer_.get(), &inbox_, [this] { return MakeEngine(); },
      MakeSinks());
  loop_->set_upkeep([this](const engine::Now& now) { return store_->Upkeep(now); });
  if (absl::Status status = loop_->Start(); !status.ok()) return status;
  last_round_ns_ = absl::ToInt64Nanoseconds(ReadMonotonic());
  return absl::OkStatus();
}

void Daemon::StartDialling() {
  loop_thread_ = std::thread([this] { RunLoopUntilStopped(); });
  gateway_->Start();
}

ServiceDeps Daemon::Deps() {
  ServiceDeps deps;
  deps.gate = &gate_;
  deps.control = &control_;
  deps.reader = store_.get();
  deps.board = board_.get();
  deps.feed = feed_.get();
  deps.imports = &imports_;
  deps.shows = &shows_;
  deps.backups = backups_.get();
  return deps;
}

absl::Status Daemon::StartFronts() {
  auto ami_front = AmiFront::Start(config_, Deps(), &metrics_, GatewayLines());
  if (!ami_front.ok()) return ami_front.status();
  ami_front_ = *std::move(ami_front);
  auto front = GrpcFront::Start(config_, Deps());
  if (!front.ok()) return front.status();
  front_ = *std::move(front);
  health_thread_ = std::thread([this] { ReportHealth(); });
  return absl::OkStatus();
}

absl::Status Daemon::StartMetrics() {
  if (!config_.metrics_listen.has_value()) return absl::OkStatus();
  // The exposer's HTTP server tells by an exception that it can't listen.
  try {
    exposer_ = std::make_unique<prometheus::Exposer>(config_.metrics_listen->ToString());
  } catch (const std::exception&) {
    return absl::UnavailableError(
        absl::StrCat("metrics_listen: ", config_.metrics_listen->ToString(),
                     " can't be listened on; is another server there?"));
  }
  exposer_->RegisterCollectable(metrics_.registry());
  store_metrics_ = std::make_shared<StoreMetrics>([this] { return store_->Statistics(); });
  exposer_->RegisterCollectable(store_metrics_);
  return absl::OkStatus();
}

int Daemon::metrics_port() const {
  return exposer_ == nullptr ? 0 : exposer_->GetListeningPorts().front();
}

void Daemon::LogStart() {
  ListenAddress address = config_.listen;
  address.port = static_cast<uint16_t>(port());
  logger_->Info("listening", {{"address", address.ToString()},
                              {"tls", config_.tls.cert_file.empty() ? "no" : "yes"},
                              {"tokens", config_.tokens.empty() ? "no" : "yes"}});
  ami_front_->LogStart(logger_);
  if (exposer_ != nullptr) {
    ListenAddress metrics = *config_.metrics_listen;
    metrics.port = static_cast<uint16_t>(metrics_port());
    logger_->Info("metrics_listening", {{"address", metrics.ToString()}});
  }
  if (config_.nodes.empty()) {
    logger_->Warning("no_asterisk",
                     {{"detail", "no Asterisk is configured: nothing can be dialled"}});
  }
  if (simulation_ != nullptr) {
    logger_->Info("simulating", {{"seed", absl::StrCat(config_.simulate.seed)},
                                 {"agents", absl::StrCat(config_.simulate.agents)},
                                 {"factor", absl::StrCat(config_.simulate.accelerate)}});
  }
  logger_->Warning("not_enforced", {{"detail",
                                     "calling hours and do-not-call lists are not "
                                     "enforced yet: dial only whom you may"}});
  for (const std::string& cap : RaisedCaps(config_.engine)) {
    logger_->Warning("cap_raised", {{"cap", cap}});
  }
}

std::unique_ptr<engine::DialEngine> Daemon::MakeEngine() const {
  engine::EngineConfig config = config_.engine;
  // Each engine has a seed of its own, so that one made after a failed commit gives no uuid again.
  if (config.seed == 0) config.seed = RandomSeed();
  return std::make_unique<engine::DialEngine>(std::move(config), const_cast<SystemZones*>(&zones_));
}

RoundSinks Daemon::MakeSinks() {
  RoundSinks sinks;
  sinks.reply = [this](engine::Reply reply) { control_.Deliver(std::move(reply)); };
  sinks.log = [this](const engine::LogLine& line) { OnLogLine(line); };
  sinks.wait = [this](const engine::CampaignWait& wait) { board_->SetWait(wait); };
  sinks.node = [this](const v1::Node& node) {
    board_->SetNode(node);
    metrics_.NodeSeen(node);
  };
  sinks.events = [this](uint64_t last) {
    feed_->Publish(last);
    // Not there yet while the engine is loaded.
    if (ami_front_ != nullptr) ami_front_->Publish(last);
  };
  return sinks;
}

void Daemon::OnLogLine(const engine::LogLine& line) {
  logger_->Log(line);
  if (line.name != "dialing_ended") return;
  for (const auto& [key, value] : line.fields) {
    if (key == "outcome") metrics_.DialingEnded(value);
  }
}

void Daemon::RunLoopUntilStopped() {
  absl::Status status;
  while (status.ok() && !stop_loop_) status = RunRound(kMaxRoundWait);
  // Then what waits at this moment, and no more: nodes go on talking, and those of a busy server
  // might never leave the inbox empty.
  for (size_t left = inbox_.size() / RunLoop::kMaxInputsAtOnce + 1; status.ok() && left > 0;
       --left) {
    status = RunRound(absl::ZeroDuration());
  }
  if (status.ok()) status = loop_->Flush();
  control_.Close(status.ok() ? CallGate::DrainStatus()
                             : engine::Unavailable(engine::Reason::kStoreUnavailable,
                                                   "the server stops: its store failed"));
  if (status.ok()) return;
  logger_->Error("loop_failed", {{"status", status.ToString()}});
  {
    absl::MutexLock lock(&stop_mutex_);
    failure_ = status;
  }
  options_.on_failure();
}

absl::Status Daemon::RunRound(absl::Duration max_wait) {
  const absl::Status status = loop_->RunRound(max_wait);
  last_round_ns_ = absl::ToInt64Nanoseconds(ReadMonotonic());
  metrics_.InboxLength(inbox_.size());
  FollowSuspension();
  return status;
}

void Daemon::FollowSuspension() {
  if (suspended_ == loop_->suspended()) return;
  suspended_ = loop_->suspended();
  metrics_.Suspended(suspended_);
  if (!gate_.draining()) board_->SetHalted(suspended_ ? "the server's disk is full" : "");
}

bool Daemon::IsServing() const {
  const absl::Duration silence = ReadMonotonic() - absl::Nanoseconds(last_round_ns_.load());
  return !suspended_ && !gate_.draining() && silence < kMaxLoopSilence;
}

void Daemon::ReportHealth() {
  while (true) {
    front_->SetServing(IsServing());
    imports_.EndStalled(ReadMonotonic());
    absl::MutexLock lock(&stop_mutex_);
    if (stop_mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kHealthInterval)) return;
  }
}

absl::Status Daemon::Stop() {
  {
    absl::MutexLock lock(&stop_mutex_);
    if (stopping_) return failure_;
    stopping_ = true;
  }
  gate_.Drain();
  if (board_ != nullptr) board_->SetHalted(kStopping);
  inbox_.Post(engine::StopDialing{});
  if (health_thread_.joinable()) health_thread_.join();
  if (front_ != nullptr) front_->SetServing(false);
  if (feed_ != nullptr) feed_->Close();
  imports_.Drain();
  if (front_ != nullptr) front_->Shutdown(kDrainPatience);
  stop_loop_ = true;
  inbox_.Wake();
  if (loop_thread_.joinable()) {
    loop_thread_.join();
  } else {
    control_.Close(CallGate::DrainStatus());
  }
  // Every action has its answer now, which the doors' threads got before they are told to end.
  ami_front_.reset();
  gateway_.reset();
  simulation_.reset();
  absl::MutexLock lock(&stop_mutex_);
  if (loop_ != nullptr) logger_->Info("stopped", {{"detail", "calls live on in Asterisk"}});
  return failure_;
}

}  // namespace outdial::server
