// One Asterisk node of a simulated world: the model, the wire, and the gateway's end of it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "ami_gateway/ami_frame_parser.h"
#include "ami_gateway/asterisk_link.h"
#include "ami_gateway/asterisk_model.h"
#include "ami_gateway/sim_random.h"
#include "engine/node_command.h"
#include "engine/node_event.h"
#include "tests/simulation/fault_tally.h"
#include "tests/simulation/virtual_clock.h"

namespace outdial::simulation {

// What really happens in the node, told at once, in order, and never hit by a fault.
class NodeObserver {
 public:
  virtual ~NodeObserver() = default;
  virtual void OnEvent(const std::string& node, const ami::AmiMessage& event) = 0;
  // The node went down: no call of it exists any more.
  virtual void OnDown(const std::string& node) = 0;
};

// The gateway's end is the AsteriskLink that the product drives over TCP. The wire keeps the order
// of each direction and delays each message; what was handed to it still arrives after this end has
// closed. One thread.
class SimulatedNode {
 public:
  // Where a connection is cut.
  enum class CutPoint {
    kMessage,          // at a message, either way
    kOriginateQueued,  // the gateway has an Originate that it has not handed to the socket
    kOriginateSent,    // the socket has it, and the node has not read it
    kHangupQueued,     // likewise a Hangup
    kOriginateRead,    // the node has read it, and its answer is on the way at most
  };

  using FactSink = std::function<void(engine::NodeEvent)>;

  // Longest time from this end to the model.
  static constexpr absl::Duration kMaxDelay = absl::Milliseconds(5);

  // The pointers outlive the node. `config` names the gateway's user first.
  SimulatedNode(std::string name, ami::SimAsteriskConfig config, uint64_t seed,
                const VirtualClock* clock, NodeObserver* observer, FaultTally* tally,
                FactSink on_fact);

  const std::string& name() const { return name_; }

  // As the gateway takes a command.
  void Send(const engine::NodeCommand& command);

  // The process around the gateway's end starts and dies: its sockets are closed by the kernel,
  // and what waited for them is lost without a word.
  void StartProcess();
  void KillProcess();

  void Drop(ami::SimClose how);
  // The network between this end and the node: its calls go on unseen, and no connection is made.
  void CutOff(absl::Duration duration);
  // Cuts the connection when it comes by at `point` for the next time, after `spared` times.
  void CutAt(CutPoint point, uint64_t spared, ami::SimClose how) { cut_ = {point, spared, how}; }
  void CancelCut() { cut_.reset(); }
  void Restart(const ami::SimRestart& restart);
  void Stall(absl::Duration duration);
  // The wire holds what is sent either way, and brings it then.
  void HoldWire(absl::Duration duration);
  void SetFaults(const ami::SimFaults& faults);
  // Since when the gateway's process knows the node's state; absent: it doesn't.
  std::optional<engine::MonotonicTime> in_sight_since() const { return in_sight_since_; }
  // When its state was in sight last.
  engine::MonotonicTime last_in_sight() const {
    return in_sight_since_.has_value() ? now().mono : lost_sight_at_;
  }
  // When the node went down the last time.
  engine::MonotonicTime down_at() const { return down_at_; }
  // The moments at which a connection was lost, with what was under way on it.
  const std::vector<engine::MonotonicTime>& losses() const { return losses_; }
  // Whether the Originate of a dialing was ever handed to the socket.
  bool Handed(const std::string& dialing) const { return handed_.contains(dialing); }
  // Until then the wire may have held up what was sent in time.
  engine::MonotonicTime disturbed_until() const { return disturbed_until_; }

  ami::SimCounters Counters() const { return model_.Counters(); }

  // When Advance is next due.
  engine::MonotonicTime NextDue() const;
  // Does all that is due now.
  void Advance();

 private:
  // On its way to the model. Without a frame: the connection was closed.
  struct Up {
    engine::MonotonicTime due;
    ami::SimSessionId session;
    std::optional<ami::AmiFrame> frame;
  };
  struct PlannedCut {
    CutPoint point;
    uint64_t spared;
    ami::SimClose how;
  };
  // On its way back, likewise.
  struct Down {
    engine::MonotonicTime due;
    ami::SimSessionId session;
    std::optional<ami::AmiFrame> frame;
  };

  engine::MonotonicTime Delayed(engine::MonotonicTime not_before);
  engine::Now now() const { return clock_->now(); }
  // As the gateway's process knows it.
  engine::Now server_now() const { return clock_->server_now(); }
  // The connection comes by at `point`. True: it is to be cut there.
  bool Reach(CutPoint point);

  bool AdvanceModel();
  void DeliverUp(const Up& up);
  bool AdvanceClient();

  // The node's side
  void OpenObserver();
  void TakeOutputs();
  void TakeOutput(const ami::SimOutput& output);
  void CutDown(ami::SimSessionId session, ami::SimClose how);
  bool CanDeliverUp() const;

  // The gateway's side
  void Connect();
  void OnDown(const Down& down);
  void MakeLink();
  void WriteBatch();
  // Closes the connection if the link has ended it.
  void CloseIfEnded();
  void CloseSocket();
  void LoseSight();
  void OnFact(ami::AmiFact fact);

  const std::string name_;
  const ami::SimAsteriskConfig config_;
  const VirtualClock* clock_;
  NodeObserver* observer_;
  FactSink on_fact_;
  ami::SimRandom random_;

  ami::AsteriskModel model_;
  bool listening_ = true;
  ami::SimSessionId last_session_ = 0;
  ami::SimSessionId observing_ = 0;
  engine::MonotonicTime stalled_until_;
  engine::MonotonicTime wire_held_until_;
  bool overloaded_ = false;
  engine::MonotonicTime disturbed_until_;
  std::deque<Up> up_;
  std::deque<Down> down_;
  std::optional<PlannedCut> cut_;
  ami::SimClose cut_how_ = ami::SimClose::kFin;  // of the cut that was reached last
  FaultTally* tally_;

  bool running_ = false;
  std::optional<ami::AsteriskLink> link_;  // of the present process
  engine::MonotonicTime connect_at_ = absl::InfiniteDuration();
  ami::SimSessionId session_id_ = 0;              // 0: not connected
  std::optional<ami::AmiFrameParser> up_parser_;  // of the present connection
  engine::MonotonicTime socket_free_at_;
  engine::MonotonicTime reachable_at_ = -absl::InfiniteDuration();
  std::optional<engine::MonotonicTime> in_sight_since_;
  engine::MonotonicTime lost_sight_at_;
  engine::MonotonicTime down_at_ = -absl::InfiniteDuration();
  std::vector<engine::MonotonicTime> losses_;
  std::set<std::string> handed_;
};

}  // namespace outdial::simulation
