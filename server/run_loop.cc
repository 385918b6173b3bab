#include "server/run_loop.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "engine/errors.h"

namespace outdial::server {
namespace {

bool IsSlice(const engine::Input& input) {
  const auto* action = std::get_if<engine::ClientAction>(&input);
  return action != nullptr && std::holds_alternative<engine::ImportSlice>(action->action);
}

}  // namespace

RunLoop::RunLoop(engine::Clock* clock, engine::NodeTransport* transport,
                 engine::RoundCommitter* store, Inbox* inbox, EngineFactory make_engine,
                 RoundSinks sinks)
    : clock_(clock),
      transport_(transport),
      store_(store),
      inbox_(inbox),
      make_engine_(std::move(make_engine)),
      sinks_(std::move(sinks)) {}

absl::Status RunLoop::Start() {
  last_event_sequence_ = store_->LastEventSequence();
  return Load();
}

absl::Status RunLoop::RunRound(absl::Duration max_wait) {
  if (suspended_) return RunSuspendedRound(max_wait);
  // A round that is full waits. Upkeep begins where nothing is on its way, and what was kept is
  // taken there, so that a commit that fails puts it back before the rest of it.
  const bool needs_quiet = !kept_.empty() || UpkeepIsDue(clock_->Read().mono);
  if (committing_ && (OpenRoundIsFull() || needs_quiet)) {
    if (absl::Status status = FinishCommit(); !status.ok() || suspended_) return status;
  }
  std::vector<engine::Input> inputs = TakeInputs(WaitUntil(NextWork(), max_wait));
  const engine::Now now = clock_->Read();
  if (absl::Status status = FinishIfDone(); !status.ok()) return status;
  if (suspended_) {
    SetAside(std::move(inputs), now);
    return absl::OkStatus();
  }
  if (absl::Status status = StepAll(std::move(inputs), now); !status.ok()) {
    GiveUp();
    return status;
  }
  if (committing_ || !open_.stepped) return absl::OkStatus();
  BeginCommit();
  return FinishIfDone();
}

absl::Status RunLoop::Flush() {
  while (committing_ || open_.stepped) {
    if (!committing_) BeginCommit();
    if (absl::Status status = FinishCommit(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void RunLoop::NoteTaken(const std::vector<engine::Input>& inputs, engine::MonotonicTime now) {
  if (inputs.empty()) return;
  if (open_.inputs.empty()) open_.begin = now;
  if (!IsSlice(inputs.front())) {
    last_other_input_ = now;
    open_.has_others = true;
    return;
  }
  open_.has_slices = true;
  next_slice_ = absl::InfiniteDuration();  // until it is known how long these took
}

void RunLoop::ShareTime(engine::MonotonicTime begin) {
  const engine::MonotonicTime end = clock_->Read().mono;
  next_slice_ = end + kOthersPerSlice * (end - begin);
}

std::vector<engine::Input> RunLoop::TakeInputs(absl::Duration wait) {
  if (!kept_.empty()) return TakeKept();
  const engine::MonotonicTime now = clock_->Read().mono;
  if (UpkeepIsDue(now)) wait = absl::ZeroDuration();
  if (!SlicesMayGo(now)) {
    return inbox_->Take(kMaxInputsAtOnce, wait, Inbox::Turn::kInputs, /*max_slices=*/0);
  }
  const auto turn = now < next_slice_ ? Inbox::Turn::kInputs : Inbox::Turn::kSlices;
  const bool is_quiet = now - last_other_input_ >= kQuietTime;
  return inbox_->Take(kMaxInputsAtOnce, wait, turn, is_quiet ? kMaxSlicesPerRound : 1);
}

bool RunLoop::SlicesMayGo(engine::MonotonicTime now) const {
  if (UpkeepIsDue(now) || open_.stepped) return false;
  return now >= next_slice_ || !committing_ || !closed_.has_others;
}

std::vector<engine::Input> RunLoop::TakeKept() {
  const auto end =
      kept_.begin() + static_cast<std::ptrdiff_t>(std::min(kept_.size(), kMaxInputsAtOnce));
  std::vector<engine::Input> inputs(std::make_move_iterator(kept_.begin()),
                                    std::make_move_iterator(end));
  kept_.erase(kept_.begin(), end);
  return inputs;
}

absl::Status RunLoop::StepAll(std::vector<engine::Input> inputs, const engine::Now& now) {
  NoteTaken(inputs, now.mono);
  absl::Status status;
  for (const engine::Input& input : inputs) {
    if (std::holds_alternative<engine::StopDialing>(input)) stop_dialing_ = true;
    if (status = Step(input, now); !status.ok()) return status;
  }
  std::move(inputs.begin(), inputs.end(), std::back_inserter(open_.inputs));
  if (engine_->NextWakeup() <= now.mono) {
    if (status = Step(engine::Tick{}, now); !status.ok()) return status;
  }
  if (!UpkeepIsDue(now.mono) || committing_ || open_.has_slices) return absl::OkStatus();
  open_.stepped = true;
  open_.has_upkeep = true;
  return DoUpkeep(now);
}

absl::Status RunLoop::Step(const engine::Input& input, const engine::Now& now) {
  open_.stepped = true;
  ++open_.steps;
  return engine_->Step(input, now, store_->Round(), &open_.output);
}

void RunLoop::GiveUp() {
  if (committing_) {
    const absl::Status finished = FinishCommit();
    if (!finished.ok()) return;  // the store has thrown everything away
  }
  if (!suspended_) store_->Discard();
}

bool RunLoop::UpkeepIsDue(engine::MonotonicTime now) const {
  return upkeep_ && next_upkeep_ <= now;
}

engine::MonotonicTime RunLoop::NextWork() const {
  const engine::MonotonicTime wakeup = engine_->NextWakeup();
  return upkeep_is_busy_ ? std::min(wakeup, next_upkeep_) : wakeup;
}

absl::Status RunLoop::DoUpkeep(const engine::Now& now) {
  const absl::StatusOr<bool> more = upkeep_(now);
  if (!more.ok()) return more.status();
  upkeep_is_busy_ = *more;
  next_upkeep_ = now.mono + (*more ? kBusyUpkeepInterval : kUpkeepInterval);
  return absl::OkStatus();
}

void RunLoop::BeginCommit() {
  committing_ = true;
  closed_ = std::exchange(open_, {});
  store_->BeginCommit([inbox = inbox_] { inbox->Wake(); });
}

absl::Status RunLoop::FinishIfDone() {
  return committing_ && store_->CommitIsDone() ? FinishCommit() : absl::OkStatus();
}

absl::Status RunLoop::FinishCommit() {
  committing_ = false;
  Pending round = std::exchange(closed_, {});
  absl::Status status = store_->FinishCommit();
  if (absl::IsResourceExhausted(status)) {
    Pending lost = std::exchange(open_, {});
    std::move(lost.inputs.begin(), lost.inputs.end(), std::back_inserter(round.inputs));
    Suspend(std::move(round.inputs), status);
    return absl::OkStatus();
  }
  if (!status.ok()) return status;
  Release(std::move(round.output));
  if (round.has_slices) ShareTime(round.begin);
  // Slices wait for upkeep that is due: where the disk is slow it must not be due again at once.
  if (round.has_upkeep) {
    next_upkeep_ = std::max(next_upkeep_, clock_->Read().mono + kBusyUpkeepInterval);
  }
  return absl::OkStatus();
}

absl::Status RunLoop::Load() {
  engine_ = make_engine_();
  const engine::Now now = clock_->Read();
  absl::Status status = engine_->Load(store_->Round(), now, &open_.output);
  if (status.ok() && stop_dialing_) status = Step(engine::StopDialing{}, now);
  if (!status.ok()) {
    store_->Discard();
    return status;
  }
  open_.stepped = true;
  status = Flush();
  if (status.ok() && engine_ != nullptr) {
    Log(engine::LogLine::Level::kInfo, "engine_loaded", "took",
        absl::FormatDuration(clock_->Read().mono - now.mono));
  }
  return status;
}

void RunLoop::Suspend(std::vector<engine::Input> inputs, const absl::Status& why) {
  store_->Discard();
  engine_.reset();
  if (!suspended_) {
    Log(engine::LogLine::Level::kError, "store_full", "detail", std::string(why.message()));
  }
  suspended_ = true;
  next_slice_ = -absl::InfiniteDuration();
  const engine::Now now = clock_->Read();
  next_resume_ = now.mono + kResumeInterval;
  Refuse(inputs);
  // They are older than what is kept already.
  std::deque<engine::Input> facts = FactsOfDialings(std::move(inputs), now);
  kept_.insert(kept_.begin(), std::make_move_iterator(facts.begin()),
               std::make_move_iterator(facts.end()));
}

std::deque<engine::Input> RunLoop::FactsOfDialings(std::vector<engine::Input> inputs,
                                                   const engine::Now& now) {
  std::deque<engine::Input> facts;
  for (engine::Input& input : inputs) {
    auto* event = std::get_if<engine::NodeEvent>(&input);
    if (event == nullptr || engine::DialingOf(event->fact).is_nil()) continue;
    if (kept_.size() + facts.size() >= kMaxKeptFacts) break;
    if (!event->came.has_value()) event->came = now;
    facts.push_back(std::move(input));
  }
  return facts;
}

absl::Status RunLoop::RunSuspendedRound(absl::Duration max_wait) {
  // StopDialing must outlive the wait, and so must facts of dialings; what nodes tell of themselves
  // need not, since the next engine asks for their state.
  std::vector<engine::Input> inputs =
      inbox_->Take(kMaxInputsAtOnce, WaitUntil(next_resume_, max_wait));
  const engine::Now now = clock_->Read();
  SetAside(std::move(inputs), now);
  if (now.mono < next_resume_) return absl::OkStatus();
  return TryResume();
}

void RunLoop::SetAside(std::vector<engine::Input> inputs, const engine::Now& now) {
  for (const engine::Input& input : inputs) {
    if (std::holds_alternative<engine::StopDialing>(input)) stop_dialing_ = true;
  }
  Refuse(inputs);
  std::deque<engine::Input> facts = FactsOfDialings(std::move(inputs), now);
  kept_.insert(kept_.end(), std::make_move_iterator(facts.begin()),
               std::make_move_iterator(facts.end()));
}

absl::Status RunLoop::TryResume() {
  next_resume_ = clock_->Read().mono + kResumeInterval;
  if (absl::Status reopened = store_->Reopen(); !reopened.ok()) {
    if (absl::IsDataLoss(reopened)) return reopened;
    LogWait(reopened);
    return absl::OkStatus();
  }
  if (absl::Status status = Load(); !status.ok()) return status;
  // Load's own commit may have found the disk full again and thrown the engine away.
  if (engine_ == nullptr) return absl::OkStatus();
  suspended_ = false;
  Log(engine::LogLine::Level::kInfo, "store_writable", "detail",
      "every node is asked for its state");
  return absl::OkStatus();
}

void RunLoop::LogWait(const absl::Status& why) {
  const engine::MonotonicTime now = clock_->Read().mono;
  if (now < next_wait_log_) return;
  next_wait_log_ = now + kWaitLogInterval;
  Log(engine::LogLine::Level::kWarning, "store_waits", "detail", std::string(why.message()));
}

void RunLoop::Release(engine::Output output) {
  for (const engine::NodeCommand& command : output.commands) transport_->Send(command);
  if (!output.commands.empty()) engine_->OnSent(output.commands, clock_->Read().mono);
  if (sinks_.reply) {
    for (engine::Reply& reply : output.replies) sinks_.reply(std::move(reply));
  }
  const uint64_t last = store_->LastEventSequence();
  if (sinks_.events && last != last_event_sequence_) sinks_.events(last);
  last_event_sequence_ = last;
  if (sinks_.wait) {
    for (const engine::CampaignWait& wait : output.waits) sinks_.wait(wait);
  }
  if (sinks_.node) {
    for (const v1::Node& node : output.nodes) sinks_.node(node);
  }
  if (sinks_.log) {
    for (const engine::LogLine& line : output.log) sinks_.log(line);
  }
}

void RunLoop::Refuse(const std::vector<engine::Input>& inputs) {
  if (!sinks_.reply) return;
  for (const engine::Input& input : inputs) {
    const auto* action = std::get_if<engine::ClientAction>(&input);
    if (action == nullptr) continue;
    sinks_.reply({action->ticket,
                  engine::Unavailable(engine::Reason::kStoreUnavailable,
                                      "the server's disk is full and nothing was changed; make "
                                      "room on it, then try again")});
  }
}

void RunLoop::Log(engine::LogLine::Level level, const std::string& name, const std::string& key,
                  const std::string& value) {
  if (sinks_.log) sinks_.log({level, name, {{key, value}}});
}

absl::Duration RunLoop::WaitUntil(engine::MonotonicTime when, absl::Duration max_wait) {
  const absl::Duration wait = clock_->RealDuration(when - clock_->Read().mono);
  return std::clamp(wait, absl::ZeroDuration(), max_wait);
}

}  // namespace outdial::server
