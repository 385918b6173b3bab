// The calls of the simulated Asterisk: from an Originate to the hangup.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_message.h"
#include "ami_gateway/sim_application.h"
#include "ami_gateway/sim_core.h"
#include "ami_gateway/sim_parking.h"
#include "ami_gateway/sim_queues.h"

namespace outdial::ami {

// What an Originate asks for.
struct SimOrder {
  std::string action_id;
  std::string channel;      // dial string: PJSIP/<number>@<endpoint>
  std::string channel_id;   // empty: Asterisk makes one
  std::string application;  // wins over exten
  std::string data;
  std::string context;
  std::string exten;
  int priority = 1;
  absl::Duration timeout;
  std::string caller_num;
  std::string caller_name;
  std::string account;
  std::vector<std::pair<std::string, std::string>> variables;
};

// One thread.
class SimCalls : public SimApplicationHost {
 public:
  explicit SimCalls(SimCore* core);

  // Never fails: what goes wrong is told by OriginateResponse and Hangup. `booted`: false as long
  // as the channel drivers are not loaded; such an order fails at once.
  void Originate(SimOrder order, bool booted);
  // As by action Hangup. A channel that is no call of ours is an agent's: its call ends.
  void HangUp(SimChannel& channel, int cause);
  // As by `core restart now`: each call is hung up and reported.
  void ShutDown();
  // As by SIGKILL: nothing is told.
  void Vanish();

  bool HasExtension(absl::string_view context, absl::string_view exten) const;
  // Variables of a channel; nullopt: not set.
  std::optional<std::string> Variable(const SimChannel& channel, absl::string_view name) const;

  SimQueues& queues() { return queues_; }
  SimParking& parking() { return parking_; }
  uint64_t processed() const { return processed_; }
  size_t up() const { return calls_.size(); }

  // SimApplicationHost
  void ApplicationDone(SimChannelKey caller) override;
  void EndCall(SimChannelKey caller, int cause) override;
  void CalleeHangsUp(SimChannelKey caller) override;
  void ReachedAgent(SimChannelKey caller) override;
  const CallFate& FateOf(SimChannelKey caller) const override;

 private:
  struct Call {
    SimOrder order;
    CallFate fate;
    bool up = false;
    bool reached_agent = false;
    // Steps of the dialplan; of an Application originate just the one.
    const std::vector<SimStep>* steps = nullptr;
    std::vector<SimStep> own_step;
    size_t next_step = 0;
    bool plays_music = false;
    std::map<std::string, std::string> variables;

    bool in_dialplan() const { return order.application.empty(); }
  };
  // Where an endpoint's name and the number stand in a dial string.
  struct Target {
    std::string endpoint;
    std::string number;
    std::string dial_string;  // what comes after the tech
  };

  void StartPaced(SimOrder order);
  void Start(SimOrder order);
  std::optional<Target> FindTarget(absl::string_view channel) const;
  const SimEndpoint* FindEndpoint(absl::string_view name) const;
  void Announce(Call& call, SimChannel& channel);
  void PlanOutcome(SimChannelKey key);
  // Runs `then` after `delay` if the call still waits for its outcome.
  void WhileDialling(SimChannelKey key, absl::Duration delay, std::function<void()> then);

  void RingNow(SimChannelKey key);
  void Progress(SimChannelKey key);
  void Answer(SimChannelKey key);
  void PlanCallee(SimChannelKey key);
  void Refuse(SimChannelKey key);
  void TimeOut(SimChannelKey key);
  void Fail(SimChannelKey key, absl::string_view dial_status, int cause, int sip_code);
  void RunFailedExtension(const SimOrder& order, int reason);

  void PrepareSteps(Call& call);
  void RunStep(SimChannelKey key);
  void RunApplication(SimChannelKey key, const SimStep& step);
  void RunUserEvent(SimChannel& channel, absl::string_view data);
  void RunAmd(SimChannelKey key);
  void RunConference(SimChannelKey key, absl::string_view name);
  void SetVariable(SimChannelKey key, absl::string_view name, absl::string_view value);
  // Goes on with the next step after `delay`.
  void DoneAfter(SimChannelKey key, absl::Duration delay);
  std::string Substitute(const SimChannel& channel, absl::string_view text) const;

  void LeaveApplications(Call& call, SimChannel& channel);
  void PublishQuality(const SimChannel& channel);
  void EndUp(SimChannelKey key, int cause);
  void Remove(SimChannelKey key);

  AmiMessage DescribeResponse(const SimOrder& order, absl::string_view channel,
                              absl::string_view uniqueid, int reason) const;
  void PublishResponse(const SimOrder& order, absl::string_view channel, absl::string_view uniqueid,
                       int reason);

  SimCore* core_;
  SimQueues queues_;
  SimParking parking_;
  std::map<SimChannelKey, Call> calls_;
  std::map<std::string, SimBridge> conferences_;
  uint64_t processed_ = 0;
  engine::MonotonicTime next_start_;  // under overload
};

}  // namespace outdial::ami
