// Who of the agents is free, from what the nodes tell about their queues.
#pragma once

#include <compare>
#include <map>
#include <set>
#include <string>
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
// does in Asterisk. Belongs to one thread.
class AgentTracker {
 public:
  // Takes in a fact of a node; facts that tell nothing about queues are let pass.
  void Apply(const NodeEvent& event, const Now& now);

  bool HasQueue(absl::string_view node, absl::string_view queue) const;

  // Members of the queue that could take a call at `now`: reachable, not paused, device not in
  // use, in no call, wrap-up over.
  int FreeAgents(absl::string_view node, absl::string_view queue, MonotonicTime now) const;
  // The same over all nodes, each agent once.
  int FreeAgents(absl::string_view queue, MonotonicTime now) const;

  // Callers that wait and are no dialings.
  int OtherCallersWaiting(absl::string_view node, absl::string_view queue) const;

  // The next moment after `now` at which somebody's wrap-up ends; absl::InfiniteDuration(): none.
  MonotonicTime NextWrapupEnd(MonotonicTime now) const;

  // The node's queues by name, as OutNodeShow tells them.
  std::vector<v1::NodeQueue> Show(absl::string_view node, MonotonicTime now) const;

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
  };
  struct Member {
    QueueMemberSeen seen;
    // From AgentConnected on, since the device's state follows only later.
    bool talks = false;
  };
  struct Agent {
    std::map<QueueKey, Member> memberships;
    MonotonicTime wrapup_end = -absl::InfiniteDuration();
  };
  struct Applier;

  void See(const QueueKey& key, const QueueMemberSeen& seen, const Now& now);
  void Forget(const QueueKey& key, const std::string& interface);
  void ForgetNode(const std::string& node);
  Member* FindMember(const QueueKey& key, const std::string& interface);
  bool IsFree(const QueueKey& key, const std::string& interface, MonotonicTime now) const;

  std::map<QueueKey, Queue> queues_;
  std::map<std::string, Agent> agents_;  // by interface; those with a membership
};

}  // namespace outdial::engine
