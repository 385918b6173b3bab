#include "tests/simulation/calm_watch.h"

#include <algorithm>

namespace outdial::simulation {

namespace {

// A hangup that was lost is asked for again after 10 s.
constexpr absl::Duration kHangupTime = absl::Seconds(12);
// A dialing that nobody heard of is given up 60 s after its dial timeout, or after a start.
constexpr absl::Duration kGiveUpTime = absl::Seconds(150);

// A node tells its age in whole seconds.
constexpr absl::Duration kBootMargin = absl::Seconds(4);

// Keeps of `seen` what is still so, and notes when the rest was seen first.
template <class Keys>
void NoteFirst(const Keys& keys, engine::MonotonicTime now,
               std::map<std::string, engine::MonotonicTime>* seen) {
  std::erase_if(*seen, [&keys](const auto& entry) { return !keys.contains(entry.first); });
  for (const std::string& key : keys) seen->emplace(key, now);
}

}  // namespace

void CalmWatch::OnOriginate(const std::string& dialing) { ordered_[dialing] = clock_->now().mono; }

void CalmWatch::Look(engine::MonotonicTime calm_since) {
  NoteForced();
  NoteSilent();
  if (calm_since + kHangupTime <= clock_->now().mono) {
    CheckCalls(calm_since);
    CheckRestarted();
  }
  if (calm_since + kGiveUpTime <= clock_->now().mono) CheckSilent(calm_since);
}

void CalmWatch::NoteForced() {
  std::set<std::string> forced;
  for (const auto& [uuid, campaign] : fold_->campaigns()) {
    if (campaign.status() == v1::CAMPAIGN_STATUS_STOPPING_FORCED) forced.insert(uuid);
  }
  NoteFirst(forced, clock_->now().mono, &forced_);
}

void CalmWatch::NoteSilent() {
  std::set<std::string> silent;
  for (const auto& [uuid, dialing] : fold_->live()) {
    if (!calls_->up().contains(uuid)) silent.insert(uuid);
  }
  NoteFirst(silent, clock_->now().mono, &silent_);
  std::erase_if(ordered_, [this](const auto& entry) { return fold_->HasEnded(entry.first); });
}

void CalmWatch::CheckCalls(engine::MonotonicTime calm_since) {
  const auto overdue = [&](engine::MonotonicTime since) {
    return std::max(since, calm_since) + kHangupTime <= clock_->now().mono;
  };
  for (const std::string& uuid : calls_->up()) {
    const WatchedCall& call = calls_->calls().at(uuid);
    const auto forced = forced_.find(call.campaign);
    if (forced != forced_.end() && overdue(std::max(forced->second, call.began))) {
      violations_->Add("dialing ", uuid, " goes on although its campaign was stopped by force");
    }
    // That it is answered may have been learned from a list only.
    const auto campaign = bounds_->campaigns.find(call.campaign);
    // An answer that was not seen counts from when it was found, and after a start it is as old as
    // the wall clock says, which may have been set back.
    if (campaign != bounds_->campaigns.end() && call.answered.has_value() &&
        overdue(std::max(*call.answered, calm_since) + campaign->second.max_call_length)) {
      violations_->Add("dialing ", uuid, " is longer than its plan allows");
    }
  }
  for (const auto& [uuid, call] : calls_->calls()) {
    if (!call.hung_up.has_value() && fold_->HasEnded(uuid) && overdue(call.began)) {
      violations_->Add("dialing ", uuid, " was closed, and its call goes on");
    }
  }
}

void CalmWatch::CheckSilent(engine::MonotonicTime calm_since) {
  for (const auto& [uuid, since] : silent_) {
    if (std::max(since, calm_since) + kGiveUpTime > clock_->now().mono) continue;
    violations_->Add("dialing ", uuid, " has no call and does not end");
  }
}

// A node that was started again has no call of before, and says so.
void CalmWatch::CheckRestarted() {
  if (!down_at_) return;
  for (const auto& [uuid, since] : silent_) {
    const auto ordered = ordered_.find(uuid);
    if (ordered == ordered_.end()) continue;
    if (ordered->second + kBootMargin > down_at_(fold_->live().at(uuid).node())) continue;
    violations_->Add("dialing ", uuid, " outlives its node");
  }
}

}  // namespace outdial::simulation
