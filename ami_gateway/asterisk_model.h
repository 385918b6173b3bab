// An Asterisk as its manager interface shows it: a step machine without I/O, clock or thread.
//
// Built from what Asterisk 22.10 was seen to do; simulated_asterisk.md tells what it covers.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_frame_parser.h"
#include "ami_gateway/ami_message.h"
#include "ami_gateway/sim_calls.h"
#include "ami_gateway/sim_config.h"
#include "ami_gateway/sim_core.h"
#include "ami_gateway/sim_faults.h"
#include "engine/now.h"

namespace outdial::ami {

// Deterministic: the same configuration, inputs and times give the same outputs. Times handed in
// never go back. The owner sends what TakeOutputs gives after each call, and calls Advance no
// later than NextWakeup. Belongs to one thread.
class AsteriskModel {
 public:
  AsteriskModel(SimAsteriskConfig config, const engine::Now& now);

  // A connection was made; the owner picks ids and never uses one again.
  void OpenSession(SimSessionId session, const engine::Now& now);
  // The peer has closed it.
  void CloseSession(SimSessionId session, const engine::Now& now);
  // What the peer sent, cut by an AmiFrameParser with kAmiActionLimits. Ignored for a session
  // that the model has closed.
  void Receive(SimSessionId session, const AmiFrame& frame, const engine::Now& now);
  // The same for a well-formed action.
  void Receive(SimSessionId session, const AmiMessage& action, const engine::Now& now);
  // Does what is due.
  void Advance(const engine::Now& now);
  // absl::InfiniteDuration(): nothing is planned.
  engine::MonotonicTime NextWakeup() const;
  // What is to be done since the last call, in order.
  std::vector<SimOutput> TakeOutputs() { return core_.sessions.TakeOutputs(); }

  // Faults, from now on. INVALID_ARGUMENT: see SimFaults::Check.
  absl::Status SetFaults(const SimFaults& faults);
  void DropConnections(SimClose how, const engine::Now& now);
  void Restart(const SimRestart& restart, const engine::Now& now);
  // Does and answers nothing for that long, then goes on; nothing is lost.
  void Stall(absl::Duration duration, const engine::Now& now);

  SimCounters Counters() const;

 private:
  enum class Phase { kUp, kShuttingDown, kDown, kBooting };
  using Handler = void (AsteriskModel::*)(SimSession& session, const AmiMessage& action);
  struct Action {
    absl::string_view name;
    AmiClasses classes;  // any of them permits it; none: everybody may
    Handler handler;
    absl::string_view description;
  };
  static const std::vector<Action>& Actions();

  void SetNow(const engine::Now& now);
  bool Stalled() const { return core_.now.mono < stalled_until_; }
  void Handle(SimSessionId session, const AmiFrame& frame);
  void Dispatch(SimSession& session, const AmiMessage& action);
  static void Respond(SimSessions& sessions, SimSessionId session, const AmiMessage& action,
                      absl::string_view response, std::vector<AmiHeader> rest);
  void Succeed(const SimSession& session, const AmiMessage& action, absl::string_view message);
  void Fail(const SimSession& session, const AmiMessage& action, absl::string_view message);
  // A list: the response, the items with the ActionID, and `<name>Complete` with `extra`.
  void SendList(const SimSession& session, const AmiMessage& action, absl::string_view message,
                absl::string_view complete, std::vector<AmiMessage> items,
                absl::string_view extra_count, bool id_first);

  // Actions
  void Login(SimSession& session, const AmiMessage& action);
  void Challenge(SimSession& session, const AmiMessage& action);
  void Logoff(SimSession& session, const AmiMessage& action);
  void Ping(SimSession& session, const AmiMessage& action);
  void Events(SimSession& session, const AmiMessage& action);
  void Filter(SimSession& session, const AmiMessage& action);
  void ListCommands(SimSession& session, const AmiMessage& action);
  void ModuleCheck(SimSession& session, const AmiMessage& action);
  void CoreStatus(SimSession& session, const AmiMessage& action);
  void CoreSettings(SimSession& session, const AmiMessage& action);
  void CoreShowChannels(SimSession& session, const AmiMessage& action);
  void Status(SimSession& session, const AmiMessage& action);
  void Getvar(SimSession& session, const AmiMessage& action);
  void QueueStatus(SimSession& session, const AmiMessage& action);
  void QueueSummary(SimSession& session, const AmiMessage& action);
  void QueuePause(SimSession& session, const AmiMessage& action);
  void ParkedCalls(SimSession& session, const AmiMessage& action);
  void Parkinglots(SimSession& session, const AmiMessage& action);
  void Originate(SimSession& session, const AmiMessage& action);
  void Hangup(SimSession& session, const AmiMessage& action);
  void UserEvent(SimSession& session, const AmiMessage& action);

  bool CredentialsFit(const SimSession& session, const SimUser& user,
                      const AmiMessage& action) const;
  void RefuseLogin(SimSession& session, const AmiMessage& action, absl::string_view message);
  void SendFullyBooted(const SimSession& session);
  void EndShutdown(const SimRestart& restart);
  void ComeBack();

  SimCore core_;
  SimCalls calls_;
  Phase phase_ = Phase::kUp;
  engine::MonotonicTime stalled_until_;
  std::deque<std::pair<SimSessionId, AmiFrame>> stalled_;  // what came in meanwhile
};

}  // namespace outdial::ami
