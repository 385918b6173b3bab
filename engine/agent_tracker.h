// Who of the agents is free, from what the nodes tell about their queues.
#pragma once

#include <compare>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/node_event.h"
#include "engine/now.h"
#include "engine/uuid.h"
#include "outdial/v1/node.pb.h"

namespace outdial::engine {

// An agent is an interface, whatever queues and nodes name it: who talks or wraps up in one is not
// free in another. A pause and an unreachable device count only where they are reported. Nothing
// is known of a node that is not connected. A device in unknown state counts as not in use, as it
// does in Asterisk. Who is free is kept up to date with each fact, so that asking costs the same
// for any number of agents. Belongs to one thread.
class AgentTracker {
 public:
  // Takes in a fact of a node; facts that tell nothing about queues are let pass.
  void Apply(const NodeEvent& event, const Now& now);
  // Ends the wrap-ups that are over at `now`. What is asked below is so as of the latest time that
  // was given here or to Apply.
  void Advance(MonotonicTime now);
  // Queues in which anybody became free for a call since this was asked last, or that are new.
  std::set<std::string> TakeFreedQueues() { return std::exchange(freed_queues_, {}); }

  bool HasQueue(absl::string_view node, absl::string_view queue) const;

  // Members of the queue that could take a call: reachable, not paused, device not in use, in no
  // call, wrap-up over.
  int FreeAgents(absl::string_view node, absl::string_view queue) const;
  // The same over all nodes, each agent once.
  int FreeAgents(absl::string_view queue) const;

  // Callers that wait and are no dialings.
  int OtherCallersWaiting(absl::string_view node, absl::string_view queue) const;

  // When the next wrap-up ends; absl::InfiniteDuration(): nobody is in one.
  MonotonicTime NextWrapupEnd() const;

  // The node's queues by name, as OutNodeShow tells them.
  std::vector<v1::NodeQueue> Show(absl::string_view node) const;

 private:
  // A queue of a node.
  struct QueueKey {
    std::string node;
    std::string queue;
    friend auto operator<=>(const QueueKey&, const QueueKey&) = default;
  };
  struct Queue {
    std::set<std::string> members;  // interfaces
    std::set<std::string> other_callers;
    std::set<DialingUuid> dialings;
    int free = 0;  // members
  };
  struct Member {
    QueueMemberSeen seen;
    // From AgentConnected on, since the device's state follows only later.
    bool talks = false;
    bool counts_as_free = false;
  };
  struct Agent {
    std::map<QueueKey, Member> memberships;
    // Infinite past: in none. Otherwise it stands in wrapups_, too.
    MonotonicTime wrapup_end = -absl::InfiniteDuration();
  };
  // By interface, as the map below has it.
  using NamedAgent = std::pair<const std::string, Agent>;
  struct Applier;

  // The queue, which is new when anything tells of it for the first time: one that is made while
  // its node is connected shows itself by whoever enters it.
  Queue& QueueOf(const QueueKey& key);
  void See(const QueueKey& key, const QueueMemberSeen& seen, const Now& now);
  void Forget(const QueueKey& key, const std::string& interface);
  void ForgetNode(const std::string& node);
  void SetTalks(const QueueKey& key, NamedAgent& agent, bool talks);
  // Or longer, where that was known already.
  void WrapUpUntil(NamedAgent& agent, MonotonicTime end, MonotonicTime now);
  void EndWrapup(NamedAgent& agent);
  // Counts the agent anew in all of its queues.
  void Recount(NamedAgent& agent);
  void CountAsFree(const QueueKey& key, const std::string& interface, Member& member, bool free);

  std::map<QueueKey, Queue> queues_;
  std::map<std::string, Agent> agents_;  // by interface; those with a membership
  // By name of the queue: who is free in it, and on how many nodes.
  std::map<std::string, std::map<std::string, int>> free_;
  std::set<std::pair<MonotonicTime, std::string>> wrapups_;  // by their end
  std::set<std::string> freed_queues_;
};

}  // namespace outdial::engine
