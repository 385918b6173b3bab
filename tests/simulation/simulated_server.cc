#include "tests/simulation/simulated_server.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/check.h"
#include "storage/family.h"
#include "storage/kv.h"

namespace outdial::simulation {

namespace {

// A loop that runs so many rounds at one time would never come to rest.
constexpr int kMaxRoundsAtOnce = 100000;
// How long a commit may hold up the next round.
constexpr absl::Duration kMaxRoundTime = absl::Milliseconds(5);

}  // namespace

std::string DumpStore(const storage::MemoryStore& disk) {
  std::string dump;
  for (size_t i = 0; i < storage::kFamilyCount; ++i) {
    const absl::Status status =
        disk.Scan(static_cast<storage::Family>(i), {}, storage::kNoLimit,
                  [&](absl::string_view key, absl::string_view value) {
                    absl::StrAppend(&dump, i, " ", absl::BytesToHexString(key), " ",
                                    absl::BytesToHexString(value), "\n");
                    return true;
                  });
    OUTDIAL_CHECK(status.ok(), "a store in memory can be read");
  }
  return dump;
}

SimulatedServer::SimulatedServer(engine::EngineConfig config, uint64_t seed, VirtualClock* clock,
                                 Violations* violations, ServerOutlets outlets)
    : config_(std::move(config)),
      random_(ami::SimRandom::For(seed, "server", 0)),
      clock_(clock),
      violations_(violations),
      outlets_(std::move(outlets)),
      cold_disk_(std::make_unique<storage::MemoryStore>()),
      disk_(cold_disk_.get()) {}

void SimulatedServer::Start() {
  ++starts_;
  died_ = failure_expected_ = false;
  releases_left_.reset();
  config_.seed = random_.Next();
  absl::StatusOr<std::unique_ptr<storage::RecordStore>> store =
      storage::RecordStore::Open(std::move(cold_disk_), {});
  OUTDIAL_CHECK(store.ok(), "what was synced can be opened");
  store_ = *std::move(store);
  inbox_ = std::make_unique<server::Inbox>();
  server::RoundSinks sinks;
  sinks.reply = [this](engine::Reply reply) { TakeReply(std::move(reply)); };
  sinks.wait = outlets_.wait;
  sinks.log = outlets_.log;
  loop_ = std::make_unique<server::RunLoop>(
      clock_, this, store_.get(), inbox_.get(),
      [this] { return std::make_unique<engine::DialEngine>(config_, &zones_); }, sinks);
  loop_->set_upkeep([this](const engine::Now& now) { return store_->TrimEvents(now.wall); });
  next_round_at_ = clock_->now().mono;
  const absl::Status status = loop_->Start();
  if (!status.ok()) violations_->Add("the server can't start: ", status.ToString());
  RunRound();
}

void SimulatedServer::Kill() {
  loop_.reset();
  inbox_.reset();
  waiting_.clear();
  cold_disk_ = disk_->CopySynced();
  disk_ = cold_disk_.get();
  store_.reset();
}

void SimulatedServer::FailNextCommit(storage::MemoryStore::Fate fate) {
  failure_expected_ = true;
  disk_->FailNextCommit(absl::InternalError("the disk failed"), fate);
}

void SimulatedServer::SetDiskFull(bool full) { disk_->SetDiskFull(full); }

void SimulatedServer::Post(engine::Input input) {
  if (up()) waiting_.push_back(std::move(input));
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
  const engine::MonotonicTime wanted =
      waiting_.empty() ? clock_->asked_until() : -absl::InfiniteDuration();
  return std::max(wanted, next_round_at_);
}

bool SimulatedServer::Advance() {
  int rounds = 0;
  while (!died_ && NextDue() <= clock_->now().mono) {
    RunBatch();
    if (++rounds == kMaxRoundsAtOnce) {
      violations_->Add("the run loop does not come to rest");
      died_ = true;
    }
    // While a round is committed, inputs gather for the next one.
    if (random_.Chance(0.3)) {
      next_round_at_ = clock_->now().mono + random_.Unit() * kMaxRoundTime;
    }
  }
  return !died_;
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
    if (died_) return;
  }
  RunRound();
}

// The loop tells when it wants to run next before it runs, so it is asked once more when a round
// did something: with no input and nothing due that does nothing.
void SimulatedServer::RunRound() {
  for (int i = 0; i < 2 && !died_; ++i) {
    const absl::Status status = loop_->RunRound(absl::ZeroDuration());
    ++rounds_;
    if (status.ok()) continue;
    if (!failure_expected_) violations_->Add("a round failed: ", status.ToString());
    died_ = true;
  }
}

bool SimulatedServer::MayRelease() {
  if (died_) return false;
  if (!releases_left_.has_value()) return true;
  if (*releases_left_ == 0) {
    died_ = true;
    return false;
  }
  --*releases_left_;
  return true;
}

void SimulatedServer::Send(const engine::NodeCommand& command) {
  if (MayRelease()) outlets_.command(command);
}

void SimulatedServer::TakeReply(engine::Reply reply) {
  if (MayRelease()) outlets_.reply(std::move(reply));
}

}  // namespace outdial::simulation
