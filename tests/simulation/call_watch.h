// Watches the calls of a simulated world where they are made: at the nodes, never in the engine.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_message.h"
#include "tests/simulation/bounds.h"
#include "tests/simulation/simulated_node.h"
#include "tests/simulation/violations.h"
#include "tests/simulation/virtual_clock.h"

namespace outdial::simulation {

struct WatchedCall {
  std::string dialing;  // uuid, as the others
  std::string node;
  std::string number;
  std::string trunk;
  std::string entry;
  std::string campaign;
  engine::MonotonicTime began;
  std::optional<engine::MonotonicTime> answered;
  std::optional<engine::MonotonicTime> got_agent;
  std::optional<engine::MonotonicTime> hung_up;
  std::optional<engine::MonotonicTime> closed;  // its dialing
  std::optional<absl::Duration> ended;          // by VirtualClock::longest
  // The server had to close its dialing unseen: what becomes of it counts no more.
  bool written_off = false;
};

// Checks, at the beginning of each call: its dialing is in progress and has no other call, its
// entry is in no other call and its retry delay is over, no cap is exceeded, and a progressive
// queue has an agent for each of its calls. One thread; the pointers outlive it.
class CallWatch : public NodeObserver {
 public:
  CallWatch(const VirtualClock* clock, const Bounds* bounds, Violations* violations)
      : clock_(clock), bounds_(bounds), violations_(violations) {}

  void OnEvent(const std::string& node, const ami::AmiMessage& event) override;
  void OnDown(const std::string& node) override;
  // The server has closed the dialing.
  void OnClosed(const std::string& dialing);

  // Until then calls may begin later than they were ordered: calls per second mean nothing.
  void DisturbUntil(engine::MonotonicTime until) { disturbed_until_ = until; }
  // Every queue is free of what could keep calls beyond the agents' number in it.
  void set_agents_exact(bool exact) { agents_exact_ = exact; }

  // Tells whether a dialing is known to have ended: no call of it may begin then.
  void set_has_ended(std::function<bool(const std::string&)> call) { has_ended_ = std::move(call); }

  // Tells whether a node was out of sight for so long that what is up on it may be closed.
  void set_may_write_off(std::function<bool(const std::string&)> call) {
    may_write_off_ = std::move(call);
  }

  // By dialing.
  const std::map<std::string, WatchedCall>& calls() const { return calls_; }
  const std::set<std::string>& up() const { return up_; }
  // When a call began or ended the last time.
  engine::MonotonicTime last_change() const { return last_change_; }
  size_t UpOf(absl::string_view campaign) const;
  size_t UpOn(absl::string_view node) const;

 private:
  struct Recent {
    int up = 0;
    std::deque<engine::MonotonicTime> starts;
  };

  void OnNewChannel(const std::string& node, const ami::AmiMessage& event);
  void OnVariable(const ami::AmiMessage& event);
  void OnDial(const ami::AmiMessage& event);
  void OnEnd(const std::string& dialing);
  // It is up no longer, or counts no more.
  void Leave(const WatchedCall& call);

  void Begin(WatchedCall& call);
  void CheckEntry(const WatchedCall& call);
  void CheckAgents(const WatchedCall& call);
  template <class Visit>
  void ForEachCap(const WatchedCall& call, Visit visit);
  void CheckCap(const std::string& name, const engine::Cap& cap, Recent& recent);

  const VirtualClock* clock_;
  const Bounds* bounds_;
  Violations* violations_;
  engine::MonotonicTime disturbed_until_ = -absl::InfiniteDuration();
  bool agents_exact_ = true;
  std::function<bool(const std::string&)> has_ended_;
  std::function<bool(const std::string&)> may_write_off_;
  engine::MonotonicTime last_change_ = -absl::InfiniteDuration();
  std::map<std::string, WatchedCall> calls_;
  std::set<std::string> up_;
  std::map<std::string, std::string> last_of_entry_;  // entry -> dialing
  std::map<std::string, Recent> recent_;              // by cap
};

}  // namespace outdial::simulation
