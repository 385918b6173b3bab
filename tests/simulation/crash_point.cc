#include "tests/simulation/crash_point.h"

#include <string>
#include <utility>

namespace outdial::simulation {

namespace {

absl::Status Dead() { return absl::InternalError("the process died"); }

}  // namespace

absl::string_view CrashPointName(CrashPoint point) {
  switch (point) {
    case CrashPoint::kBetweenRounds:
      return "between_rounds";
    case CrashPoint::kBeforeCommit:
      return "before_commit";
    case CrashPoint::kInCommit:
      return "in_commit";
    case CrashPoint::kAfterCommit:
      return "after_commit";
    case CrashPoint::kAfterSend:
      return "after_send";
    case CrashPoint::kBeforeReply:
      return "before_reply";
    case CrashPoint::kInLoad:
      return "in_load";
    case CrashPoint::kInRecovery:
      return "in_recovery";
  }
  return "";
}

void CrashSwitch::Reset(std::optional<PlannedCrash> plan) {
  plan_ = plan;
  dead_ = false;
}

void CrashSwitch::Die(CrashPoint point) {
  dead_ = true;
  plan_.reset();
  at_forced_stop_ = false;
  ++tally_["crash_" + std::string(CrashPointName(point))];
}

bool CrashSwitch::Reach(CrashPoint point, const RoundDeeds& deeds) {
  if (dead_) return true;
  if (at_forced_stop_ && deeds.forces && point == CrashPoint::kAfterCommit) {
    Die(point);
    return true;
  }
  if (!plan_.has_value() || plan_->point != point) return false;
  if (plan_->at_dialing && !deeds.dials) return false;
  if (plan_->spared > 0) {
    --plan_->spared;
    return false;
  }
  Die(point);
  return true;
}

engine::RoundStore& CrashingCommitter::Round() {
  round_.Wrap(&CommitterWrapper::Round());
  return round_;
}

void CrashingCommitter::BeginCommit(std::function<void()> done) {
  closed_ = std::exchange(round_.deeds, {});
  slow_disk_->BeginCommit();
  CommitterWrapper::BeginCommit(std::move(done));
}

absl::Status CrashingCommitter::FinishCommit() {
  const RoundDeeds deeds = closed_;
  const bool first = !std::exchange(loaded_, true);
  if (first && crash_->Reach(CrashPoint::kInLoad, deeds)) return Dead();
  if (crash_->Reach(CrashPoint::kBeforeCommit, deeds)) return Dead();
  if (crash_->Reach(CrashPoint::kInCommit, deeds)) break_disk_();
  const absl::Status status = CommitterWrapper::FinishCommit();
  // Nothing leaves a dead process, whatever the loop believes.
  if (status.ok()) crash_->Reach(CrashPoint::kAfterCommit, deeds);
  return status;
}

void CrashingCommitter::Discard() {
  round_.deeds = {};
  CommitterWrapper::Discard();
}

}  // namespace outdial::simulation
