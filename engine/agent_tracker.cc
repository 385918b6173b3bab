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
  void operator()(const QueueSeen& fact) { tracker.QueueOf({node, fact.queue}); }
  void operator()(const QueueMemberSeen& fact) { tracker.See({node, fact.queue}, fact, now); }
  void operator()(const QueueMemberGone& fact) {
    tracker.Forget({node, fact.queue}, fact.interface);
  }
  void operator()(const QueueCallerSeen& fact) {
    tracker.QueueOf({node, fact.queue}).other_callers.insert(fact.channel_id);
  }
  void operator()(const QueueCallerGone& fact) {
    if (tracker.QueueOf({node, fact.queue}).other_callers.erase(fact.channel_id) > 0) {
      tracker.freed_queues_.insert(fact.queue);
    }
  }
  void operator()(const QueueJoined& fact) {
    tracker.QueueOf({node, fact.queue}).dialings.insert(fact.dialing);
  }
  void operator()(const QueueLeft& fact) {
    tracker.QueueOf({node, fact.queue}).dialings.erase(fact.dialing);
  }
  void operator()(const AgentConnected& fact) {
    const auto agent = tracker.agents_.find(fact.interface);
    if (agent != tracker.agents_.end()) tracker.SetTalks({node, fact.queue}, *agent, true);
  }
  void operator()(const AgentCompleted& fact) {
    const QueueKey key{node, fact.queue};
    const auto agent = tracker.agents_.find(fact.interface);
    if (agent == tracker.agents_.end() || !agent->second.memberships.contains(key)) return;
    const absl::Duration wrapup = agent->second.memberships.at(key).seen.wrapup;
    tracker.WrapUpUntil(*agent, now.mono + wrapup, now.mono);
    tracker.SetTalks(key, *agent, false);
  }
  template <class Other>
  void operator()(const Other&) {}
};

void AgentTracker::Apply(const NodeEvent& event, const Now& now) {
  Advance(now.mono);
  std::visit(Applier{*this, event.node, now}, event.fact);
}

void AgentTracker::Advance(MonotonicTime now) {
  while (!wrapups_.empty() && wrapups_.begin()->first <= now) {
    NamedAgent& agent = *agents_.find(wrapups_.begin()->second);
    EndWrapup(agent);
    Recount(agent);
  }
}

AgentTracker::Queue& AgentTracker::QueueOf(const QueueKey& key) {
  const auto [queue, is_new] = queues_.try_emplace(key);
  if (is_new) freed_queues_.insert(key.queue);
  return queue->second;
}

void AgentTracker::See(const QueueKey& key, const QueueMemberSeen& seen, const Now& now) {
  QueueOf(key).members.insert(seen.interface);
  NamedAgent& agent = *agents_.try_emplace(seen.interface).first;
  Member& member = agent.second.memberships[key];
  // A call that ended while nobody watched. The node's clock may differ from ours: no wrap-up
  // lasts longer than it is set to, and the same call is counted once.
  if (seen.last_call.has_value() && seen.last_call != member.seen.last_call) {
    const absl::Duration left =
        std::clamp(*seen.last_call + seen.wrapup - now.wall, absl::ZeroDuration(), seen.wrapup);
    WrapUpUntil(agent, now.mono + left, now.mono);
  }
  const bool idle = !seen.in_call && !IsInUse(seen);
  member.talks = member.talks && !idle;
  member.seen = seen;
  Recount(agent);
}

void AgentTracker::Forget(const QueueKey& key, const std::string& interface) {
  if (const auto queue = queues_.find(key); queue != queues_.end()) {
    queue->second.members.erase(interface);
  }
  const auto agent = agents_.find(interface);
  if (agent == agents_.end()) return;
  const auto member = agent->second.memberships.find(key);
  if (member == agent->second.memberships.end()) return;
  CountAsFree(key, interface, member->second, false);
  agent->second.memberships.erase(member);
  if (agent->second.memberships.empty()) {
    EndWrapup(*agent);
    agents_.erase(agent);
  } else {
    Recount(*agent);  // the call that she was in may have been here alone
  }
}

void AgentTracker::ForgetNode(const std::string& node) {
  auto queue = queues_.lower_bound({node, ""});
  while (queue != queues_.end() && queue->first.node == node) {
    const std::set<std::string> members = queue->second.members;
    for (const std::string& interface : members) Forget(queue->first, interface);
    queue = queues_.erase(queue);
  }
}

void AgentTracker::SetTalks(const QueueKey& key, NamedAgent& agent, bool talks) {
  const auto member = agent.second.memberships.find(key);
  if (member == agent.second.memberships.end()) return;
  member->second.talks = talks;
  Recount(agent);
}

void AgentTracker::WrapUpUntil(NamedAgent& agent, MonotonicTime end, MonotonicTime now) {
  if (end <= now || end <= agent.second.wrapup_end) return;
  EndWrapup(agent);
  agent.second.wrapup_end = end;
  wrapups_.emplace(end, agent.first);
}

void AgentTracker::EndWrapup(NamedAgent& agent) {
  wrapups_.erase({agent.second.wrapup_end, agent.first});
  agent.second.wrapup_end = -absl::InfiniteDuration();
}

void AgentTracker::Recount(NamedAgent& agent) {
  auto& [interface, state] = agent;
  const bool wraps_up = state.wrapup_end != -absl::InfiniteDuration();
  const bool idle =
      !wraps_up &&
      std::none_of(state.memberships.begin(), state.memberships.end(), [](const auto& entry) {
        const Member& member = entry.second;
        return member.talks || member.seen.in_call || IsInUse(member.seen);
      });
  for (auto& [key, member] : state.memberships) {
    const bool free = idle && !member.seen.paused && IsReachable(member.seen);
    CountAsFree(key, interface, member, free);
  }
}

void AgentTracker::CountAsFree(const QueueKey& key, const std::string& interface, Member& member,
                               bool free) {
  if (member.counts_as_free == free) return;
  member.counts_as_free = free;
  queues_.at(key).free += free ? 1 : -1;
  std::map<std::string, int>& everywhere = free_[key.queue];
  if (free) {
    ++everywhere[interface];
    freed_queues_.insert(key.queue);
  } else if (const auto it = everywhere.find(interface); --it->second == 0) {
    everywhere.erase(it);
    if (everywhere.empty()) free_.erase(key.queue);
  }
}

bool AgentTracker::HasQueue(absl::string_view node, absl::string_view queue) const {
  return queues_.contains({std::string(node), std::string(queue)});
}

int AgentTracker::FreeAgents(absl::string_view node, absl::string_view queue) const {
  const auto found = queues_.find({std::string(node), std::string(queue)});
  return found == queues_.end() ? 0 : found->second.free;
}

int AgentTracker::FreeAgents(absl::string_view queue) const {
  const auto found = free_.find(std::string(queue));
  return found == free_.end() ? 0 : static_cast<int>(found->second.size());
}

int AgentTracker::OtherCallersWaiting(absl::string_view node, absl::string_view queue) const {
  const auto found = queues_.find({std::string(node), std::string(queue)});
  return found == queues_.end() ? 0 : static_cast<int>(found->second.other_callers.size());
}

MonotonicTime AgentTracker::NextWrapupEnd() const {
  return wrapups_.empty() ? absl::InfiniteDuration() : wrapups_.begin()->first;
}

std::vector<v1::NodeQueue> AgentTracker::Show(absl::string_view node) const {
  std::vector<v1::NodeQueue> shown;
  for (auto queue = queues_.lower_bound({std::string(node), ""});
       queue != queues_.end() && queue->first.node == node; ++queue) {
    v1::NodeQueue& record = shown.emplace_back();
    record.set_name(queue->first.queue);
    record.set_waiting(
        static_cast<uint32_t>(queue->second.other_callers.size() + queue->second.dialings.size()));
    for (const std::string& interface : queue->second.members) {
      const Member& known = agents_.at(interface).memberships.at(queue->first);
      const QueueMemberSeen& seen = known.seen;
      v1::NodeQueueMember& member = *record.add_members();
      member.set_interface(interface);
      member.set_name(seen.name);
      member.set_free(known.counts_as_free);
      member.set_paused(seen.paused);
      member.set_device_state(static_cast<uint32_t>(std::max(seen.device_state, 0)));
    }
  }
  return shown;
}

}  // namespace outdial::engine
