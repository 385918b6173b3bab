#include "engine/cap_limiter.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/check.h"

namespace outdial::engine {
namespace {

std::map<std::string, Cap> CapsOfNodes(const EngineConfig& config) {
  std::map<std::string, Cap> caps;
  for (const NodeConfig& node : config.nodes) caps[node.name] = node.cap;
  return caps;
}

}  // namespace

CapLimiter::CapLimiter(const EngineConfig& config)
    : server_cap_(config.server_cap),
      trunk_cap_(config.trunk_cap),
      trunk_caps_(config.trunk_caps),
      node_caps_(CapsOfNodes(config)) {}

CapVerdict CapLimiter::Check(const CallPlace& place, const RecordCaps& caps,
                             MonotonicTime now) const {
  CapVerdict worst;
  worst.allowed = true;
  worst.retry_at = now;
  for (const Limit& limit : LimitsOf(place, caps)) {
    CapVerdict verdict = CheckOne(limit, now);
    if (!verdict.allowed && verdict.retry_at > worst.retry_at) worst = std::move(verdict);
  }
  return worst;
}

CapVerdict CapLimiter::Acquire(const CallPlace& place, const RecordCaps& caps, MonotonicTime now) {
  CapVerdict verdict = Check(place, caps, now);
  if (!verdict.allowed) return verdict;
  DropIdle(now);
  ++server_calls_;
  auto& windows = unsent_.emplace_back();
  for (const Limit& limit : LimitsOf(place, caps)) {
    Usage& usage = usage_[limit.key];
    ++usage.calls;
    if (!limit.calls_per_second.has_value()) continue;
    usage.starts.Start(*limit.calls_per_second);
    windows.push_back(&usage.starts);
  }
  return verdict;
}

void CapLimiter::Sent(size_t calls, MonotonicTime now) {
  OUTDIAL_CHECK(calls <= unsent_.size(), "only what was counted is sent");
  for (; calls > 0; --calls) {
    for (RateWindow* window : unsent_.front()) window->Sent(now);
    unsent_.pop_front();
  }
}

void CapLimiter::Adopt(const CallPlace& place) {
  ++server_calls_;
  for (const Limit& limit : LimitsOf(place, {})) ++usage_[limit.key].calls;
}

void CapLimiter::Release(const CallPlace& place) {
  --server_calls_;
  for (const Limit& limit : LimitsOf(place, {})) {
    const auto found = usage_.find(limit.key);
    OUTDIAL_CHECK(found != usage_.end() && found->second.calls > 0,
                  "only a call that was counted is given back");
    --found->second.calls;
  }
}

CapVerdict CapLimiter::CheckServer(MonotonicTime now) const { return CheckOne(ServerLimit(), now); }

CapLimiter::Limit CapLimiter::ServerLimit() const {
  return {{.kind = CapKind::kServer}, server_cap_.max_calls, server_cap_.calls_per_second};
}

int CapLimiter::NodeCalls(absl::string_view node) const {
  return Calls({.kind = CapKind::kNode, .name = std::string(node)});
}
int CapLimiter::TrunkCalls(absl::string_view trunk) const {
  return Calls({.kind = CapKind::kTrunk, .name = std::string(trunk)});
}
int CapLimiter::CampaignCalls(const CampaignUuid& campaign) const {
  return Calls({.kind = CapKind::kCampaign, .uuid = campaign});
}
int CapLimiter::DestinationCalls(const DestinationUuid& destination) const {
  return Calls({.kind = CapKind::kDestination, .uuid = destination});
}

std::vector<CapLimiter::Limit> CapLimiter::LimitsOf(const CallPlace& place,
                                                    const RecordCaps& caps) const {
  const auto node = node_caps_.find(place.node);
  // A node that left the configuration takes no calls, and may still carry some.
  const Cap node_cap = node == node_caps_.end() ? Cap{.max_calls = 0} : node->second;
  std::vector<Limit> limits;
  limits.reserve(5);
  limits.push_back(ServerLimit());
  limits.push_back({{.kind = CapKind::kNode, .name = place.node},
                    node_cap.max_calls,
                    node_cap.calls_per_second});
  if (!place.trunk.empty()) {
    const auto own = trunk_caps_.find(place.trunk);
    const Cap& cap = own == trunk_caps_.end() ? trunk_cap_ : own->second;
    limits.push_back(
        {{.kind = CapKind::kTrunk, .name = place.trunk}, cap.max_calls, cap.calls_per_second});
  }
  limits.push_back({{.kind = CapKind::kCampaign, .uuid = place.campaign},
                    caps.campaign_max_calls,
                    caps.campaign_calls_per_second});
  limits.push_back({{.kind = CapKind::kDestination, .uuid = place.destination},
                    caps.destination_max_calls,
                    std::nullopt});
  return limits;
}

MonotonicTime CapLimiter::NextStart(const Limit& limit) const {
  if (!limit.calls_per_second.has_value()) return -absl::InfiniteDuration();
  const MonotonicTime known = starts_unknown_until_ + RateWindow::Length(*limit.calls_per_second);
  const auto usage = usage_.find(limit.key);
  if (usage == usage_.end()) return known;
  const MonotonicTime next = usage->second.starts.NextStart(*limit.calls_per_second);
  if (next == absl::InfiniteDuration()) sending_awaited_ = true;
  return std::max(known, next);
}

CapVerdict CapLimiter::CheckOne(const Limit& limit, MonotonicTime now) const {
  CapVerdict verdict;
  verdict.kind = limit.key.kind;
  if (limit.max_calls.has_value() && Calls(limit.key) >= *limit.max_calls) {
    verdict.reason = v1::WAIT_REASON_CALL_CAP;
    verdict.detail =
        absl::StrCat(NameOf(limit.key), ": at most ", *limit.max_calls, " calls in progress");
    return verdict;
  }
  const MonotonicTime next = NextStart(limit);
  if (next > now) {
    verdict.reason = v1::WAIT_REASON_RATE_CAP;
    verdict.detail = absl::StrCat(NameOf(limit.key), ": at most ", *limit.calls_per_second,
                                  " new calls a second");
    verdict.retry_at = next;
    return verdict;
  }
  verdict.allowed = true;
  return verdict;
}

std::string CapLimiter::NameOf(const Key& key) {
  switch (key.kind) {
    case CapKind::kServer:
      return "server";
    case CapKind::kNode:
      return absl::StrCat("node ", key.name);
    case CapKind::kTrunk:
      return absl::StrCat("trunk ", key.name);
    case CapKind::kCampaign:
      return "campaign";
    case CapKind::kDestination:
      return "destination";
  }
  OUTDIAL_CHECK(false, "every kind has a name");
}

int CapLimiter::Calls(const Key& key) const {
  const auto found = usage_.find(key);
  return found == usage_.end() ? 0 : found->second.calls;
}

void CapLimiter::DropIdle(MonotonicTime now) {
  if (usage_.size() <= drop_idle_above_usages_) return;
  std::erase_if(usage_, [now](const auto& entry) {
    const Usage& usage = entry.second;
    return usage.calls == 0 && usage.starts.IsIdle(now);
  });
  drop_idle_above_usages_ = std::max(drop_idle_above_usages_, 2 * usage_.size());
}

}  // namespace outdial::engine
