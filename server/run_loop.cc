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

  std::vector<engine::Input> inputs = TakeInputs(WaitUntil(NextWork(), max_wait));
  const engine::Now now = clock_->Read();
  const bool has_inputs = !inputs.empty();
  const bool has_slices = has_inputs && IsSlice(inputs.front());
  engine::Output output;
  bool stepped = false;
  absl::Status status = StepAll(inputs, now, &output, &stepped);
  if (!status.ok()) {
    store_->Discard();
    return status;
  }
  if (!stepped) return absl::OkStatus();
  status = Finish(std::move(inputs), std::move(output));
  if (has_inputs) ShareTime(has_slices, now.mono);
  return status;
}

void RunLoop::ShareTime(bool had_slices, engine::MonotonicTime begin) {
  if (!had_slices) {
    last_other_input_ = begin;
    return;
  }
  const engine::MonotonicTime end = clock_->Read().mono;
  next_slice_ = end + kOthersPerSlice * (end - begin);
}

std::vector<engine::Input> RunLoop::TakeInputs(absl::Duration wait) {
  if (kept_.empty()) {
    const engine::MonotonicTime now = clock_->Read().mono;
    if (UpkeepIsDue(now)) {
      return inbox_->Take(kMaxInputsPerRound, wait, Inbox::Turn::kInputs, /*max_slices=*/0);
    }
    const auto turn = now < next_slice_ ? Inbox::Turn::kInputs : Inbox::Turn::kSlices;
    const bool is_quiet = now - last_other_input_ >= kQuietTime;
    return inbox_->Take(kMaxInputsPerRound, wait, turn, is_quiet ? kMaxSlicesPerRound : 1);
  }
  const auto end =
      kept_.begin() + static_cast<std::ptrdiff_t>(std::min(kept_.size(), kMaxInputsPerRound));
  std::vector<engine::Input> inputs(std::make_move_iterator(kept_.begin()),
                                    std::make_move_iterator(end));
  kept_.erase(kept_.begin(), end);
  return inputs;
}

absl::Status RunLoop::StepAll(const std::vector<engine::Input>& inputs, const engine::Now& now,
                              engine::Output* output, bool* stepped) {
  engine::RoundStore& round = store_->Round();
  *stepped = !inputs.empty();
  for (const engine::Input& input : inputs) {
    if (std::holds_alternative<engine::StopDialing>(input)) stop_dialing_ = true;
    if (absl::Status status = engine_->Step(input, now, round, output); !status.ok()) return status;
  }
  if (engine_->NextWakeup() <= now.mono) {
    *stepped = true;
    absl::Status status = engine_->Step(engine::Tick{}, now, round, output);
    if (!status.ok()) return status;
  }
  const bool has_slices = !inputs.empty() && IsSlice(inputs.front());
  if (UpkeepIsDue(now.mono) && !has_slices) {
    *stepped = true;
    return DoUpkeep(now);
  }
  return absl::OkStatus();
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

absl::Status RunLoop::Finish(std::vector<engine::Input> inputs, engine::Output output) {
  absl::Status status = store_->Commit();
  if (absl::IsResourceExhausted(status)) {
    Suspend(std::move(inputs), status);
    return absl::OkStatus();
  }
  if (!status.ok()) return status;
  Release(std::move(output));
  return absl::OkStatus();
}

absl::Status RunLoop::Load() {
  engine_ = make_engine_();
  const engine::Now now = clock_->Read();
  engine::RoundStore& round = store_->Round();
  engine::Output output;
  absl::Status status = engine_->Load(round, now, &output);
  if (status.ok() && stop_dialing_) {
    status = engine_->Step(engine::StopDialing{}, now, round, &output);
  }
  if (!status.ok()) {
    store_->Discard();
    return status;
  }
  status = Finish({}, std::move(output));
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
      inbox_->Take(kMaxInputsPerRound, WaitUntil(next_resume_, max_wait));
  for (const engine::Input& input : inputs) {
    if (std::holds_alternative<engine::StopDialing>(input)) stop_dialing_ = true;
  }
  Refuse(inputs);
  const engine::Now now = clock_->Read();
  std::deque<engine::Input> facts = FactsOfDialings(std::move(inputs), now);
  kept_.insert(kept_.end(), std::make_move_iterator(facts.begin()),
               std::make_move_iterator(facts.end()));
  if (now.mono < next_resume_) return absl::OkStatus();
  return TryResume();
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
