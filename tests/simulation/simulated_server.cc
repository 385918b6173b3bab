#include "tests/simulation/simulated_server.h"

#include <algorithm>
#include <utility>

#include "engine/check.h"
#include "storage/kv.h"
#include "storage/verify_store.h"

namespace outdial::simulation {

namespace {

// A loop that runs so many rounds at one time would never come to rest.
constexpr int kMaxRoundsAtOnce = 100000;
// How long a commit may take.
constexpr absl::Duration kMaxRoundTime = absl::Milliseconds(5);

}  // namespace

SimulatedServer::SimulatedServer(engine::EngineConfig config,
                                 storage::RecordStoreOptions store_options, uint64_t seed,
                                 std::unique_ptr<SimulatedDisk> disk,
                                 const PlantedFaultKind* planted, VirtualClock* clock,
                                 Violations* violations, ServerOutlets outlets)
    : config_(std::move(config)),
      store_options_(store_options),
      random_(ami::SimRandom::For(seed, "server", 0)),
      clock_(clock),
      violations_(violations),
      outlets_(std::move(outlets)),
      planted_kind_(planted),
      disk_(std::move(disk)) {}

// ---- Lives

bool SimulatedServer::Start(std::optional<PlannedCrash> crash) {
  ++starts_;
  crash_.Reset(crash);
  config_.seed = random_.Next();
  planted_ = planted_kind_ == nullptr ? std::make_unique<PlantedFault>() : planted_kind_->make();
  absl::Status status = OpenStore();
  if (!status.ok()) {
    violations_->Add("the store can't be opened: ", status.ToString());
    return false;
  }
  inbox_ = std::make_unique<server::Inbox>();
  MakeLoop();
  next_round_at_ = clock_->now().mono;
  status = loop_->Start();
  if (!status.ok() && !crash_.dead()) {
    violations_->Add("the server can't start: ", status.ToString());
    return false;
  }
  RunRound();
  return true;
}

absl::Status SimulatedServer::OpenStore() {
  // Whoever starts it again has made room.
  disk_->SetFull(false);
  absl::StatusOr<std::unique_ptr<storage::KeyValueStore>> kv = disk_->Open();
  if (!kv.ok()) return kv.status();
  if (starts_ > 1) {
    const absl::Status status = storage::VerifyStore(**kv);
    if (!status.ok()) violations_->Add("the store is damaged: ", status.ToString());
  }
  absl::StatusOr<std::unique_ptr<storage::RecordStore>> store =
      storage::RecordStore::Open(planted_->Wrap(*std::move(kv)), store_options_);
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  return absl::OkStatus();
}

void SimulatedServer::MakeLoop() {
  planted_store_ = planted_->Wrap(store_.get());
  engine::RoundCommitter* store = store_.get();
  if (planted_store_ != nullptr) store = planted_store_.get();
  committer_ = std::make_unique<CrashingCommitter>(
      store, &crash_, [this] { disk_->FailNextCommit(); }, this);
  engine::EngineConfig config = config_;
  planted_->Change(&config);
  server::RoundSinks sinks;
  sinks.reply = [this](engine::Reply reply) { TakeReply(std::move(reply)); };
  sinks.events = outlets_.events;
  sinks.wait = outlets_.wait;
  sinks.log = outlets_.log;
  loop_ = std::make_unique<server::RunLoop>(
      clock_, this, committer_.get(), inbox_.get(),
      [this, config] { return std::make_unique<engine::DialEngine>(config, &zones_); }, sinks);
  loop_->set_upkeep([this](const engine::Now& now) { return store_->Upkeep(now); });
}

void SimulatedServer::Kill() {
  loop_.reset();
  inbox_.reset();
  waiting_.clear();
  disk_->CutPower();
  committer_.reset();
  planted_store_.reset();
  store_.reset();
}

void SimulatedServer::CrashAt(const PlannedCrash& crash) {
  if (crash.point == CrashPoint::kBetweenRounds) return crash_.Die(crash.point);
  crash_.Plan(crash);
}

// ---- Rounds

void SimulatedServer::Post(engine::Input input) {
  if (!up() || crash_.dead()) return;
  auto* event = std::get_if<engine::NodeEvent>(&input);
  if (event == nullptr) return waiting_.push_back(std::move(input));
  if (crash_.Reach(CrashPoint::kInRecovery, {})) return;
  planted_->OnFact(
      std::move(*event), [this](const engine::NodeCommand& command) { Release(command); },
      [this](engine::NodeEvent fact) { waiting_.push_back(std::move(fact)); });
}

void SimulatedServer::Deliver(engine::Input input) {
  if (auto* action = std::get_if<engine::ClientAction>(&input)) {
    const bool taken = inbox_->PostAction(std::move(*action));
    OUTDIAL_CHECK(taken, "the simulated clients ask little");
    return;
  }
  inbox_->Post(std::move(input));
}

engine::MonotonicTime SimulatedServer::NextDue() const {
  if (!up()) return absl::InfiniteDuration();
  if (crash_.dead()) return clock_->now().mono;
  engine::MonotonicTime wanted =
      waiting_.empty() ? clock_->asked_until() : -absl::InfiniteDuration();
  if (loop_->committing()) wanted = std::min(wanted, commit_done_at_);
  return std::max(wanted, next_round_at_);
}

void SimulatedServer::BeginCommit() {
  commit_done_at_ = clock_->now().mono;
  if (has_slow_commits_ && random_.Chance(0.3)) {
    commit_done_at_ += random_.Unit() * kMaxRoundTime;
  }
}

bool SimulatedServer::Advance() {
  int rounds = 0;
  while (!crash_.dead() && NextDue() <= clock_->now().mono) {
    RunBatch();
    if (++rounds == kMaxRoundsAtOnce) {
      violations_->Add("the run loop does not come to rest");
      crash_.Die(CrashPoint::kBetweenRounds);
    }
    // The loop may be late, and inputs gather for its next round.
    if (random_.Chance(0.3)) {
      next_round_at_ = clock_->now().mono + random_.Unit() * kMaxRoundTime;
    }
  }
  return !crash_.dead();
}

void SimulatedServer::RunBatch() {
  std::vector<engine::Input> batch = std::exchange(waiting_, {});
  // Slices have a lane of their own in the inbox, so that they would change places with others.
  const bool has_slice = std::any_of(batch.begin(), batch.end(), [](const engine::Input& input) {
    const auto* action = std::get_if<engine::ClientAction>(&input);
    return action != nullptr && std::holds_alternative<engine::ImportSlice>(action->action);
  });
  for (engine::Input& input : batch) {
    Deliver(std::move(input));
    if (has_slice || one_input_per_round_) RunRound();
    if (crash_.dead()) return;
  }
  RunRound();
}

// The loop tells when it wants to run next before it runs, so it is asked again after a round that
// did something: with no input and nothing due that does nothing. What it leaves for the sake of a
// commit it takes when that is done.
void SimulatedServer::RunRound() {
  const auto has_more = [this] {
    const bool is_due = inbox_->size() > 0 || clock_->asked_until() <= clock_->now().mono;
    return is_due && !loop_->committing();
  };
  for (int i = 0; (i < 2 || has_more()) && i < kMaxRoundsAtOnce && !crash_.dead(); ++i) {
    const absl::Status status = loop_->RunRound(absl::ZeroDuration());
    ++rounds_;
    if (status.ok() || crash_.dead()) continue;
    violations_->Add("a round failed: ", status.ToString());
    crash_.Die(CrashPoint::kBetweenRounds);
  }
}

// ---- What leaves

void SimulatedServer::Send(const engine::NodeCommand& command) {
  planted_->OnCommand(command, [this](const engine::NodeCommand& sent) { Release(sent); });
}

void SimulatedServer::Release(const engine::NodeCommand& command) {
  if (crash_.dead()) return;
  outlets_.command(command);
  crash_.Reach(CrashPoint::kAfterSend,
               {.dials = std::holds_alternative<engine::Originate>(command.command)});
}

void SimulatedServer::TakeReply(engine::Reply reply) {
  if (!crash_.Reach(CrashPoint::kBeforeReply, {})) outlets_.reply(std::move(reply));
}

}  // namespace outdial::simulation
