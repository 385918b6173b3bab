#include "engine/node_registry.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace outdial::engine {

NodeRegistry::NodeRegistry(const std::vector<NodeConfig>& configs) {
  for (const NodeConfig& config : configs) nodes_[config.name].cap = config.cap;
}

NodeState* NodeRegistry::Find(const std::string& name) {
  const auto it = nodes_.find(name);
  return it == nodes_.end() ? nullptr : &it->second;
}

const NodeState* NodeRegistry::Find(const std::string& name) const {
  const auto it = nodes_.find(name);
  return it == nodes_.end() ? nullptr : &it->second;
}

void NodeRegistry::AddDialing(const std::string& node, const DialingUuid& dialing) {
  if (NodeState* state = Find(node)) state->dialings.insert(dialing);
}

void NodeRegistry::RemoveDialing(const std::string& node, const DialingUuid& dialing) {
  NodeState* state = Find(node);
  if (state == nullptr) return;
  state->dialings.erase(dialing);
  state->queued.erase(dialing);
}

void NodeRegistry::ExpectWord(const std::string& node, const DialingUuid& dialing,
                              MonotonicTime sent) {
  if (NodeState* state = Find(node)) state->unheard.insert({sent, dialing});
}

void NodeRegistry::HeardOf(const std::string& node, const DialingUuid& dialing, MonotonicTime sent,
                           MonotonicTime now) {
  NodeState* state = Find(node);
  if (state == nullptr || state->unheard.erase({sent, dialing}) == 0) return;
  state->heard_up_to = std::max(state->heard_up_to, {sent, dialing});
  state->delays.push_back(now - sent);
  if (state->delays.size() > NodeState::kDelaySamples) state->delays.pop_front();
}

bool NodeRegistry::IsUsable(const NodeState& node) {
  return node.connected && node.synced && node.may_originate && node.sees_calls;
}

std::optional<MonotonicTime> NodeRegistry::LateSince(const NodeState& node, MonotonicTime now) {
  const auto oldest = node.unheard.upper_bound(node.heard_up_to);
  if (oldest == node.unheard.end() || now - oldest->first < kSlowNodeDelay) return std::nullopt;
  return oldest->first;
}

absl::Duration NodeRegistry::MedianDelay(const NodeState& node) {
  if (node.delays.empty()) return absl::ZeroDuration();
  std::vector<absl::Duration> sorted(node.delays.begin(), node.delays.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

v1::Node NodeRegistry::ToRecord(const std::string& name, const NodeState& node, MonotonicTime now) {
  v1::Node record;
  record.set_name(name);
  for (const std::string& problem : node.problems) record.add_problems(problem);
  if (node.refused) {
    record.set_state(v1::NODE_STATE_REFUSED);
  } else if (!node.connected) {
    record.set_state(v1::NODE_STATE_DISCONNECTED);
  } else if (!node.synced) {
    record.set_state(v1::NODE_STATE_CONNECTING);
  } else {
    record.set_state(v1::NODE_STATE_READY);
  }
  if (!node.connected && !node.disconnect_reason.empty()) {
    record.add_problems(node.disconnect_reason);
  }
  if (const auto late_since = LateSince(node, now); node.synced && late_since.has_value()) {
    record.add_problems(absl::StrCat(
        "late: ", node.unheard.size(), " originates without a first event, the oldest for ",
        absl::FormatDuration(absl::Trunc(now - *late_since, absl::Seconds(1))),
        "; it gets no new calls until it caught up; lower its calls_per_second"));
  }
  if (record.state() == v1::NODE_STATE_READY && record.problems_size() > 0) {
    record.set_state(v1::NODE_STATE_DEGRADED);
  }
  record.set_version(node.version);
  if (node.boot_wall.has_value()) record.set_tm_boot(FormatRecordTime(*node.boot_wall));
  if (node.synced) record.set_tm_connect(FormatRecordTime(node.connect_wall));
  record.set_calls(static_cast<uint32_t>(node.dialings.size()));
  record.set_max_calls(static_cast<uint32_t>(node.cap.max_calls));
  record.set_calls_per_second(node.cap.calls_per_second);
  record.set_originate_delay_ms(absl::ToDoubleMilliseconds(MedianDelay(node)));
  return record;
}

}  // namespace outdial::engine
