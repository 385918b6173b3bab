#include "engine/campaign_turns.h"

#include <utility>

#include "engine/check.h"

namespace outdial::engine {

namespace {

// Whether it holds back all lines that met it when it holds back one of them.
bool IsTheSameForAll(Obstacle::Kind kind) {
  return kind != Obstacle::Kind::kNodeAgents && kind != Obstacle::Kind::kParking &&
         kind != Obstacle::Kind::kSending;
}

}  // namespace

CampaignTurns::Turn CampaignTurns::TurnOf(const Members::value_type& member) {
  return {member.second.served, member.first};
}

// ---- Campaigns

void CampaignTurns::Wake(const CampaignUuid& campaign) {
  auto& member = *members_.try_emplace(campaign, Member{.line = lines_.end()}).first;
  Detach(member);
  awake_.insert(TurnOf(member));
}

void CampaignTurns::Remove(const CampaignUuid& campaign) {
  const auto member = members_.find(campaign);
  if (member == members_.end()) return;
  Detach(*member);
  members_.erase(member);
  PassOn();
}

std::optional<CampaignUuid> CampaignTurns::Next(MonotonicTime now) {
  while (!awake_.empty()) {
    auto& member = *members_.find(awake_.begin()->campaign);
    if (member.second.calls == 0 || member.second.began + kLongestTurn >= now) return member.first;
    EndTurn(member);
  }
  return std::nullopt;
}

void CampaignTurns::Served(const CampaignUuid& campaign, MonotonicTime now) {
  CountCall(now);
  auto& member = *members_.find(campaign);
  if (member.second.calls == 0) BeginTurn(member.second, now);
  if (++member.second.calls >= member.second.max_calls) EndTurn(member);
  PassOn();
}

void CampaignTurns::CountCall(MonotonicTime now) {
  if (now - second_began_ >= absl::Seconds(1)) {
    // Nobody knows of a second that nothing began.
    is_fast_ = now - second_began_ < absl::Seconds(2) && calls_in_second_ > kFastCalls;
    second_began_ = now;
    calls_in_second_ = 0;
  }
  ++calls_in_second_;
}

void CampaignTurns::BeginTurn(Member& member, MonotonicTime now) {
  member.max_calls = is_fast_ ? kFastTurn : 1;
  member.began = now;
  member.number = ++turns_;
}

void CampaignTurns::EndTurn(Members::value_type& member) {
  const Turn before = TurnOf(member);
  member.second.served = member.second.number;
  member.second.calls = 0;
  const Lines::iterator line = member.second.line;
  if (line == lines_.end()) {
    awake_.erase(before);
    awake_.insert(TurnOf(member));
  } else {
    Join(line, TurnOf(member));  // first, so that the line is never empty
    Leave(line, before);
  }
}

void CampaignTurns::Waits(const CampaignUuid& campaign, Wait wait) {
  auto& member = *members_.find(campaign);
  const auto line = lines_.try_emplace(wait.line).first;
  if (member.second.line != line) {
    Detach(member);
    member.second.line = line;
    WakeLine(line);  // where it sleeps because of what was so before
    Join(line, TurnOf(member));
  }
  if (line->second.campaigns.size() > 1) untold_.insert(line->first);
  line->second.wait = std::move(wait);
  Sleep(line);
  PassOn();
}

void CampaignTurns::Detach(Members::value_type& member) {
  const Lines::iterator line = std::exchange(member.second.line, lines_.end());
  if (line == lines_.end()) {
    awake_.erase(TurnOf(member));
  } else {
    Leave(line, TurnOf(member));
  }
}

// ---- Lines

void CampaignTurns::Leave(Lines::iterator line, const Turn& turn) {
  std::set<Turn>& campaigns = line->second.campaigns;
  if (campaigns.size() == 1) {
    WakeLine(line);
    awake_.erase(turn);
    untold_.erase(line->first);
    lines_.erase(line);
    return;
  }
  const bool was_next = *campaigns.begin() == turn;
  campaigns.erase(turn);
  if (!was_next) return;
  if (line->second.asleep) return Reorder(line, turn);
  awake_.erase(turn);
  awake_.insert(*campaigns.begin());
}

void CampaignTurns::Reorder(Lines::iterator line, const Turn& before) {
  const Turn next = *line->second.campaigns.begin();
  for (const Wait::Hindrance& hindrance : line->second.wait.hindrances) {
    std::map<Turn, Lines::iterator>& lines = obstacles_.at(hindrance.obstacle).lines;
    lines.erase(before);
    lines.emplace(next, line);
  }
}

void CampaignTurns::Join(Lines::iterator line, const Turn& turn) {
  OUTDIAL_CHECK(!line->second.asleep, "only a line that is awake is joined");
  if (!line->second.campaigns.empty()) awake_.erase(*line->second.campaigns.begin());
  line->second.campaigns.insert(turn);
  awake_.insert(*line->second.campaigns.begin());
}

void CampaignTurns::Sleep(Lines::iterator line) {
  const Turn next = *line->second.campaigns.begin();
  awake_.erase(next);
  line->second.asleep = true;
  for (const Wait::Hindrance& hindrance : line->second.wait.hindrances) {
    const auto obstacle = obstacles_.try_emplace(hindrance.obstacle).first;
    obstacle->second.lines.emplace(next, line);
    SetUntil(obstacle, hindrance.until);
    open_.erase(obstacle->first);
  }
}

void CampaignTurns::WakeLine(Lines::iterator line) {
  if (!line->second.asleep) return;
  const Turn next = *line->second.campaigns.begin();
  line->second.asleep = false;
  awake_.insert(next);
  for (const Wait::Hindrance& hindrance : line->second.wait.hindrances) {
    const auto obstacle = obstacles_.find(hindrance.obstacle);
    if (obstacle == obstacles_.end()) continue;  // named twice
    obstacle->second.lines.erase(next);
    if (obstacle->second.lines.empty()) Drop(obstacle);
  }
}

// ---- Obstacles

void CampaignTurns::SetUntil(Obstacles::iterator obstacle, MonotonicTime until) {
  times_.erase({obstacle->second.until, obstacle->first});
  obstacle->second.until = until;
  if (until != absl::InfiniteDuration()) times_.emplace(until, obstacle->first);
}

void CampaignTurns::Drop(Obstacles::iterator obstacle) {
  SetUntil(obstacle, absl::InfiniteDuration());
  open_.erase(obstacle->first);
  obstacles_.erase(obstacle);
}

void CampaignTurns::Open(Obstacle::Kind kind, const std::string& what) {
  auto obstacle = obstacles_.lower_bound({kind, what});
  while (obstacle != obstacles_.end() && obstacle->first.kind == kind &&
         obstacle->first.what == what) {
    const Obstacle opened = obstacle->first;  // a copy: it goes with the last line that it held
    OpenOne(obstacle);
    obstacle = obstacles_.upper_bound(opened);
  }
}

void CampaignTurns::Advance(MonotonicTime now) {
  while (NextOpening() <= now) {
    const auto obstacle = obstacles_.find(times_.begin()->second);
    SetUntil(obstacle, absl::InfiniteDuration());
    OpenOne(obstacle);
  }
}

void CampaignTurns::OpenOne(Obstacles::iterator obstacle) {
  if (IsTheSameForAll(obstacle->first.kind)) {
    open_.insert(obstacle->first);
    return WakeLine(obstacle->second.lines.begin()->second);
  }
  const std::map<Turn, Lines::iterator> lines = obstacle->second.lines;
  for (const auto& [turn, line] : lines) WakeLine(line);
}

void CampaignTurns::PassOn() {
  const std::set<Obstacle> open = open_;
  for (const Obstacle& each : open) {
    // Gone with its last line, which another obstacle woke.
    if (!open_.contains(each)) continue;
    WakeLine(obstacles_.at(each).lines.begin()->second);
  }
}

MonotonicTime CampaignTurns::NextOpening() const {
  return times_.empty() ? absl::InfiniteDuration() : times_.begin()->first;
}

// ---- Waits

void CampaignTurns::TellWaits(const std::function<void(const CampaignUuid&, const Wait&)>& tell) {
  for (auto name = untold_.begin(); name != untold_.end();) {
    const Line& line = lines_.at(*name);
    // One that is awake is looked at before long, and told of then.
    if (!line.asleep) {
      ++name;
      continue;
    }
    for (const Turn& turn : line.campaigns) tell(turn.campaign, line.wait);
    name = untold_.erase(name);
  }
}

}  // namespace outdial::engine
