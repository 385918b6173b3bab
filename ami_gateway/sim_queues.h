// The queues of the simulated Asterisk and their agents (application Queue).
#pragma once

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_message.h"
#include "ami_gateway/sim_application.h"
#include "ami_gateway/sim_core.h"

namespace outdial::ami {

// Callers wait in order; each rings one free member at a time, the members in turn. One thread.
class SimQueues {
 public:
  // Both outlive it.
  SimQueues(SimCore* core, SimApplicationHost* host);

  // `data` as the application takes it: name, options, url, announcement, timeout in seconds. An
  // unknown queue ends the application.
  void Join(SimChannel& caller, absl::string_view data);
  // The channel is about to hang up: it leaves the queue, or its agent.
  void CallerHangsUp(SimChannel& caller);
  // True while the channel talks to an agent.
  bool Talks(SimChannelKey caller) const;
  // Of every queue, or of one. False: no such member.
  bool Pause(absl::string_view queue, absl::string_view interface, bool paused,
             absl::string_view reason);
  // A reboot: callers are gone, statistics and members as configured.
  void Clear();

  // The items of QueueStatus and QueueSummary; an empty `queue` means all.
  std::vector<AmiMessage> ListStatus(absl::string_view queue);
  std::vector<AmiMessage> ListSummary(absl::string_view queue);

 private:
  struct Member {
    SimMemberConfig config;
    bool paused = false;
    std::string paused_reason;
    int64_t last_pause_s = 0;  // since 1970; 0: never
    int calls_taken = 0;
    int64_t last_call_s = 0;        // end of its last call, since 1970; 0: none
    engine::MonotonicTime free_at;  // end of its wrap-up
  };
  struct Waiting {
    SimChannelKey caller = 0;
    engine::MonotonicTime joined;
    size_t original_position = 1;
    bool rings = false;  // a member is being called for it, or will be after a retry delay
  };
  struct Queue {
    SimQueueConfig config;
    std::vector<Member> members;
    std::deque<Waiting> waiting;
    size_t next_member = 0;
    int completed = 0;
    int abandoned = 0;
    int64_t hold_s = 0;  // running averages, as Asterisk keeps them
    int64_t talk_s = 0;
  };
  // The telephone of an agent, who may be a member of several queues.
  struct Device {
    int status = 1;  // 1 not in use, 2 in use, 6 ringing
    bool in_call = false;
    uint64_t calls_offered = 0;
  };
  // A call to an agent, ringing or connected; by its caller.
  struct AgentCall {
    Queue* queue = nullptr;
    size_t member = 0;
    SimChannelKey leg = 0;         // what the caller is connected to
    SimChannelKey local_half = 0;  // the `;2` of a Local channel; 0: none
    engine::MonotonicTime began;
    engine::MonotonicTime connected;
    absl::Duration held;  // caller's time in the queue
    bool up = false;
    SimBridge bridge;
    AgentFate fate;
  };

  Queue* FindQueue(absl::string_view name);
  void LeaveWaiting(Queue& queue, SimChannelKey caller);
  void Offer(Queue& queue);
  Member* FreeMember(Queue& queue);
  void Ring(Queue& queue, Waiting& waiting, Member& member);
  void MakeLegs(SimChannel& caller, const Member& member, AgentCall* call);
  void MakeLocalHalf(SimChannel& caller, const SimChannel& leg, AgentCall* call);
  void Connect(SimChannelKey caller);
  void RingTimeout(SimChannelKey caller);
  void AgentHangsUp(SimChannelKey caller);
  void Disconnect(SimChannel& caller, bool by_agent);
  void DropLegs(const AgentCall& call);
  void Abandon(Queue& queue, SimChannel& caller);
  void QueueTimeout(SimChannelKey caller);
  void SetDevice(const std::string& interface, int status, bool in_call);
  void FreeMemberLater(Queue& queue, Member& member);

  void PublishMember(absl::string_view event, const Queue& queue, const Member& member);
  void PublishAgent(absl::string_view event, const AgentCall& call, SimChannel& caller,
                    std::initializer_list<AmiHeader> extra);
  void PublishDialTimes(const SimChannel& caller, absl::Duration answered);
  AmiMessage DescribeMember(const Queue& queue, const Member& member);

  SimCore* core_;
  SimApplicationHost* host_;
  std::deque<Queue> queues_;  // references stay valid
  std::map<std::string, Device> devices_;
  std::map<SimChannelKey, AgentCall> agent_calls_;
};

}  // namespace outdial::ami
