#include "engine/agent_tracker.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace outdial::engine {
namespace {

// Asterisk's device states; those above kNotInUse that are not named here are ways of being used.
constexpr int kNotInUse = 1;
constexpr int kInvalid = 4;
constexpr int kUnavailable = 5;

bool IsReachable(const QueueMemberSeen& seen) {
  return seen.device_state != kInvalid && seen.device_state != kUnavailable;
}

bool IsInUse(const QueueMemberSeen& seen) {
  return seen.device_state > kNotInUse && IsReachable(seen);
}

}  // namespace

// Takes in one fact of a node.
struct AgentTracker::Applier {
  AgentTracker& tracker;
  const std::string& node;
  const Now& now;

  void operator()(const NodeConnected&) { tracker.ForgetNode(node); }
  void operator()(const NodeDisconnected&) { tracker.ForgetNode(node); }
  void operator()(const QueueSeen& fact) { tracker.queues_[{node, fact.queue}]; }
  void operator()(const QueueMemberSeen& fact) { tracker.See({node, fact.queue}, fact, now); }
  void operator()(const QueueMemberGone& fact) {
    tracker.Forget({node, fact.queue}, fact.interface);
  }
  void operator()(const QueueCallerSeen& fact) {
    tracker.queues_[{node, fact.queue}].other_callers.insert(fact.channel_id);
  }
  void operator()(const QueueCallerGone& fact) {
    tracker.queues_[{node, fact.queue}].other_callers.erase(fact.channel_id);
  }
  void operator()(const QueueJoined& fact) {
    tracker.queues_[{node, fact.queue}].dialings.insert(fact.dialing);
  }
  void operator()(const QueueLeft& fact) {
    tracker.queues_[{node, fact.queue}].dialings.erase(fact.dialing);
  }
  void operator()(const AgentConnected& fact) {
    Member* member = tracker.FindMember({node, fact.queue}, fact.interface);
    if (member != nullptr) member->talks = true;
  }
  void operator()(const AgentCompleted& fact) {
    Member* member = tracker.FindMember({node, fact.queue}, fact.interface);
    if (member == nullptr) return;
    member->talks = false;
    MonotonicTime& wrapup_end = tracker.agents_[fact.interface].wrapup_end;
    wrapup_end = std::max(wrapup_end, now.mono + member->seen.wrapup);
  }
  template <class Other>
  void operator()(const Other&) {}
};

void AgentTracker::Apply(const NodeEvent& event, const Now& now) {
  std::visit(Applier{*this, event.node, now}, event.fact);
}

void AgentTracker::See(const QueueKey& key, const QueueMemberSeen& seen, const Now& now) {
  queues_[key].members.insert(seen.interface);
  Agent& agent = agents_[seen.interface];
  Member& member = agent.memberships[key];
  // A call that ended while nobody watched. The node's clock may differ from ours: no wrap-up
  // lasts longer than it is set to, and the same call is counted once.
  if (seen.last_call.has_value() && seen.last_call != member.seen.last_call) {
    const absl::Duration left =
        std::clamp(*seen.last_call + seen.wrapup - now.wall, absl::ZeroDuration(), seen.wrapup);
    agent.wrapup_end = std::max(agent.wrapup_end, now.mono + left);
  }
  const bool idle = !seen.in_call && !IsInUse(seen);
  member.talks = member.talks && !idle;
  member.seen = seen;
}

void AgentTracker::Forget(const QueueKey& key, const std::string& interface) {
  if (const auto queue = queues_.find(key); queue != queues_.end()) {
    queue->second.members.erase(interface);
  }
  const auto agent = agents_.find(interface);
  if (agent == agents_.end()) return;
  agent->second.memberships.erase(key);
  if (agent->second.memberships.empty()) agents_.erase(agent);
}

void AgentTracker::ForgetNode(const std::string& node) {
  auto queue = queues_.lower_bound({node, ""});
  while (queue != queues_.end() && queue->first.node == node) {
    const std::set<std::string> members = queue->second.members;
    for (const std::string& interface : members) Forget(queue->first, interface);
    queue = queues_.erase(queue);
  }
}

AgentTracker::Member* AgentTracker::FindMember(const QueueKey& key, const std::string& interface) {
  const auto agent = agents_.find(interface);
  if (agent == agents_.end()) return nullptr;
  const auto member = agent->second.memberships.find(key);
  return member == agent->second.memberships.end() ? nullptr : &member->second;
}

bool AgentTracker::IsFree(const QueueKey& key, const std::string& interface,
                          MonotonicTime now) const {
  const Agent& agent = agents_.at(interface);
  const QueueMemberSeen& here = agent.memberships.at(key).seen;
  if (here.paused || !IsReachable(here) || agent.wrapup_end > now) return false;
  return std::none_of(agent.memberships.begin(), agent.memberships.end(), [](const auto& entry) {
    const Member& member = entry.second;
    return member.talks || member.seen.in_call || IsInUse(member.seen);
  });
}

bool AgentTracker::HasQueue(absl::string_view node, absl::string_view queue) const {
  return queues_.contains({std::string(node), std::string(queue)});
}

int AgentTracker::FreeAgents(absl::string_view node, absl::string_view queue,
                             MonotonicTime now) const {
  const QueueKey key{std::string(node), std::string(queue)};
  const auto found = queues_.find(key);
  if (found == queues_.end()) return 0;
  const std::set<std::string>& members = found->second.members;
  return static_cast<int>(
      std::count_if(members.begin(), members.end(),
                    [&](const std::string& interface) { return IsFree(key, interface, now); }));
}

int AgentTracker::FreeAgents(absl::string_view queue, MonotonicTime now) const {
  std::set<std::string> free;
  for (const auto& [key, known] : queues_) {
    if (key.queue != queue) continue;
    for (const std::string& interface : known.members) {
      if (IsFree(key, interface, now)) free.insert(interface);
    }
  }
  return static_cast<int>(free.size());
}

int AgentTracker::OtherCallersWaiting(absl::string_view node, absl::string_view queue) const {
  const auto found = queues_.find({std::string(node), std::string(queue)});
  return found == queues_.end() ? 0 : static_cast<int>(found->second.other_callers.size());
}

MonotonicTime AgentTracker::NextWrapupEnd(MonotonicTime now) const {
  MonotonicTime next = absl::InfiniteDuration();
  for (const auto& [interface, agent] : agents_) {
    if (agent.wrapup_end > now) next = std::min(next, agent.wrapup_end);
  }
  return next;
}

std::vector<v1::NodeQueue> AgentTracker::Show(absl::string_view node, MonotonicTime now) const {
  std::vector<v1::NodeQueue> shown;
  for (auto queue = queues_.lower_bound({std::string(node), ""});
       queue != queues_.end() && queue->first.node == node; ++queue) {
    v1::NodeQueue& record = shown.emplace_back();
    record.set_name(queue->first.queue);
    record.set_waiting(
        static_cast<uint32_t>(queue->second.other_callers.size() + queue->second.dialings.size()));
    for (const std::string& interface : queue->second.members) {
      const QueueMemberSeen& seen = agents_.at(interface).memberships.at(queue->first).seen;
      v1::NodeQueueMember& member = *record.add_members();
      member.set_interface(interface);
      member.set_name(seen.name);
      member.set_free(IsFree(queue->first, interface, now));
      member.set_paused(seen.paused);
      member.set_device_state(static_cast<uint32_t>(std::max(seen.device_state, 0)));
    }
  }
  return shown;
}

}  // namespace outdial::engine
