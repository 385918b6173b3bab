// What the engine knows of each Asterisk node: its connection, its load, and how late it is.
// Belongs to the engine's thread.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "engine/engine_config.h"
#include "engine/node_event.h"
#include "engine/now.h"
#include "engine/uuid.h"
#include "outdial/v1/node.pb.h"

namespace outdial::engine {

// A node that takes longer than this from an Originate to the first event of its channel gets no
// new calls until it caught up: an overloaded Asterisk refuses nothing and delays everything.
inline constexpr absl::Duration kSlowNodeDelay = absl::Seconds(5);

struct NodeState {
  Cap cap;
  bool connected = false;
  bool synced = false;  // connected, and its state is known
  bool refused = false;
  std::string disconnect_reason;
  std::vector<std::string> problems;
  std::string version;
  bool may_originate = false;
  bool sees_calls = false;
  bool sees_queues = false;
  std::optional<absl::Time> boot_wall;
  absl::Time connect_wall;
  // Since when its state is out of sight; meaningless while synced.
  MonotonicTime lost_at = absl::ZeroDuration();
  // Channels are being listed: when that was asked for. Absent: no list is on its way.
  std::optional<MonotonicTime> list_asked_at;
  // Counts the lists, so that a dialing can tell whether it was in the last one.
  uint64_t list_round = 0;
  std::set<DialingUuid> dialings;
  // Of these, which were in a queue at some time since it was connected.
  std::set<DialingUuid> queued;
  // Originates in the order in which they were sent: those of one moment in that of their uuids.
  using Sent = std::pair<MonotonicTime, DialingUuid>;
  // Those of which nothing was heard yet.
  std::set<Sent> unheard;
  // The newest of which something was heard.
  Sent heard_up_to = {-absl::InfiniteDuration(), DialingUuid()};
  std::deque<absl::Duration> delays;  // of the last kDelaySamples dialings
  std::map<std::string, int> parking_free;

  static constexpr size_t kDelaySamples = 100;
};

class NodeRegistry {
 public:
  explicit NodeRegistry(const std::vector<NodeConfig>& configs);

  // Null: no such node is configured.
  NodeState* Find(const std::string& name);
  const NodeState* Find(const std::string& name) const;
  std::map<std::string, NodeState>& all() { return nodes_; }
  const std::map<std::string, NodeState>& all() const { return nodes_; }

  void AddDialing(const std::string& node, const DialingUuid& dialing);
  void RemoveDialing(const std::string& node, const DialingUuid& dialing);
  // An Originate was handed to the gateway; something was heard of it.
  void ExpectWord(const std::string& node, const DialingUuid& dialing, MonotonicTime sent);
  void HeardOf(const std::string& node, const DialingUuid& dialing, MonotonicTime sent,
               MonotonicTime now);

  // Connected, synced and allowed to originate.
  static bool IsUsable(const NodeState& node);
  // Since when a usable node has been late; absent: it is not. An Originate of which nothing is
  // heard while later ones are was lost, and does not make its node late.
  static std::optional<MonotonicTime> LateSince(const NodeState& node, MonotonicTime now);
  static absl::Duration MedianDelay(const NodeState& node);

  // The record that Show prints; host, port and queues are left out.
  static v1::Node ToRecord(const std::string& name, const NodeState& node, MonotonicTime now);

 private:
  std::map<std::string, NodeState> nodes_;
};

}  // namespace outdial::engine
