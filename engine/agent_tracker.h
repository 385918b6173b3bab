// Who of the agents is free, from what the nodes tell about their queues.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
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
// is known of a node that is not connected. Belongs to one thread.
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
  struct Member {
    QueueMemberSeen seen;
    // From AgentConnected on, though the device's state follows only later.
    bool talks = false;
    // End of its wrap-up; zero: it had none.
    MonotonicTime wrapup_end;
  };
  struct Queue {
    std::map<std::string, Member, std::less<>> members;  // by interface
    std::set<std::string> other_callers;
    std::set<DialingUuid> dialings;
  };
  using Queues = std::map<std::string, Queue, std::less<>>;

  const Queue* Find(absl::string_view node, absl::string_view queue) const;
  // Everything but what Member says itself: a call or a wrap-up under any other membership.
  bool IsFree(const std::string& interface, const Member& member, MonotonicTime now) const;

  std::map<std::string, Queues, std::less<>> nodes_;
};

}  // namespace outdial::engine
