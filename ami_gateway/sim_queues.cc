#include "ami_gateway/sim_queues.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace outdial::ami {
namespace {

constexpr int kNotInUse = 1;
constexpr int kInUse = 2;
constexpr int kDeviceRinging = 6;

std::string Seconds(absl::Duration duration) {
  return absl::StrCat(absl::ToInt64Seconds(duration));
}
std::string Milliseconds(absl::Duration duration) {
  return absl::StrCat(absl::ToInt64Milliseconds(duration));
}

// Asterisk's running average of a queue's times.
int64_t Averaged(int64_t average, int64_t value) { return (average * 3 + value) / 4; }

// What comes between the slash and the end: `911@agents`.
absl::string_view AddressOf(absl::string_view interface) {
  const size_t slash = interface.find('/');
  return slash == absl::string_view::npos ? interface : interface.substr(slash + 1);
}

bool IsLocal(absl::string_view interface) { return absl::StartsWith(interface, "Local/"); }

}  // namespace

SimQueues::SimQueues(SimCore* core, SimApplicationHost* host) : core_(core), host_(host) {
  Clear();
}

void SimQueues::Clear() {
  agent_calls_.clear();
  devices_.clear();
  queues_.clear();
  for (const SimQueueConfig& config : core_->config.queues) {
    Queue& queue = queues_.emplace_back();
    queue.config = config;
    for (const SimMemberConfig& member : config.members) {
      queue.members.emplace_back().config = member;
    }
  }
}

SimQueues::Queue* SimQueues::FindQueue(absl::string_view name) {
  for (Queue& queue : queues_) {
    if (queue.config.name == name) return &queue;
  }
  return nullptr;
}

bool SimQueues::Talks(SimChannelKey caller) const {
  const auto call = agent_calls_.find(caller);
  return call != agent_calls_.end() && call->second.up;
}

// ---- Callers

void SimQueues::Join(SimChannel& caller, absl::string_view data) {
  const std::vector<std::string> arguments = absl::StrSplit(data, ',');
  Queue* queue = FindQueue(arguments[0]);
  if (queue == nullptr) {
    host_->ApplicationDone(caller.key);
    return;
  }
  for (const char* name : {"ANSWEREDTIME", "ANSWEREDTIME_MS", "DIALEDTIME", "DIALEDTIME_MS",
                           "QUEUEWAIT", "QUEUEWAIT_MS"}) {
    core_->PublishVariable(caller, name, "");
  }
  queue->waiting.push_back({.caller = caller.key,
                            .joined = core_->now.mono,
                            .original_position = queue->waiting.size() + 1});
  const std::string count = absl::StrCat(queue->waiting.size());
  core_->PublishChannel(kAmiAgent, "QueueCallerJoin", caller,
                        {{"Queue", queue->config.name}, {"Position", count}, {"Count", count}});
  core_->PublishChannel(kAmiCall, "MusicOnHoldStart", caller, {{"Class", "default"}});
  int timeout_s = 0;
  if (arguments.size() > 4 && absl::SimpleAtoi(arguments[4], &timeout_s) && timeout_s > 0) {
    core_->After(absl::Seconds(timeout_s), [this, key = caller.key] { QueueTimeout(key); });
  }
  Offer(*queue);
}

void SimQueues::LeaveWaiting(Queue& queue, SimChannelKey caller) {
  std::erase_if(queue.waiting, [&](const Waiting& entry) { return entry.caller == caller; });
}

void SimQueues::CallerHangsUp(SimChannel& caller) {
  if (Talks(caller.key)) {
    Disconnect(caller, /*by_agent=*/false);
    return;
  }
  for (Queue& queue : queues_) {
    for (const Waiting& entry : queue.waiting) {
      if (entry.caller != caller.key) continue;
      Abandon(queue, caller);
      return;
    }
  }
}

// Both a caller that hangs up and one that waited too long: Asterisk calls either abandoned.
void SimQueues::Abandon(Queue& queue, SimChannel& caller) {
  const auto entry =
      std::find_if(queue.waiting.begin(), queue.waiting.end(),
                   [&](const Waiting& waiting) { return waiting.caller == caller.key; });
  const size_t position = static_cast<size_t>(entry - queue.waiting.begin()) + 1;
  const absl::Duration held = core_->now.mono - entry->joined;
  if (const auto call = agent_calls_.find(caller.key); call != agent_calls_.end()) {
    const AgentCall ringing = call->second;
    agent_calls_.erase(call);
    core_->PublishDial(kAmiCall, "DialEnd", &caller, *core_->channels.Find(ringing.leg),
                       {{"DialStatus", "CANCEL"}});
    DropLegs(ringing);
    SetDevice(ringing.queue->members[ringing.member].config.interface, kNotInUse, false);
  }
  core_->PublishChannel(kAmiCall, "MusicOnHoldStop", caller);
  core_->PublishVariable(caller, "QUEUEWAIT", Seconds(held));
  core_->PublishVariable(caller, "QUEUEWAIT_MS", Milliseconds(held));
  PublishDialTimes(caller, absl::ZeroDuration());
  core_->PublishVariable(caller, "ABANDONED", "TRUE");
  core_->PublishChannel(kAmiAgent, "QueueCallerAbandon", caller,
                        {{"Queue", queue.config.name},
                         {"Position", absl::StrCat(position)},
                         {"OriginalPosition", absl::StrCat(entry->original_position)},
                         {"HoldTime", Seconds(held)}});
  ++queue.abandoned;
  LeaveWaiting(queue, caller.key);
  core_->PublishChannel(kAmiAgent, "QueueCallerLeave", caller,
                        {{"Queue", queue.config.name},
                         {"Position", absl::StrCat(position)},
                         {"Count", absl::StrCat(queue.waiting.size())}});
  core_->PublishVariable(caller, "QUEUEPOSITION", absl::StrCat(position));
}

void SimQueues::QueueTimeout(SimChannelKey key) {
  for (Queue& queue : queues_) {
    for (const Waiting& entry : queue.waiting) {
      if (entry.caller != key) continue;
      SimChannel& caller = *core_->channels.Find(key);
      Abandon(queue, caller);
      core_->PublishVariable(caller, "QUEUESTATUS", "TIMEOUT");
      host_->ApplicationDone(key);
      for (Queue& other : queues_) Offer(other);
      return;
    }
  }
}

// ---- Calls to agents

void SimQueues::Offer(Queue& queue) {
  for (Waiting& entry : queue.waiting) {
    if (entry.rings) continue;
    Member* member = FreeMember(queue);
    if (member == nullptr) return;
    Ring(queue, entry, *member);
  }
}

SimQueues::Member* SimQueues::FreeMember(Queue& queue) {
  for (size_t i = 0; i < queue.members.size(); ++i) {
    const size_t index = (queue.next_member + i) % queue.members.size();
    Member& member = queue.members[index];
    if (member.paused || core_->now.mono < member.free_at ||
        devices_[member.config.interface].status != kNotInUse) {
      continue;
    }
    queue.next_member = index + 1;
    return &member;
  }
  return nullptr;
}

void SimQueues::Ring(Queue& queue, Waiting& waiting, Member& member) {
  waiting.rings = true;
  SimChannel& caller = *core_->channels.Find(waiting.caller);
  AgentCall& call = agent_calls_[caller.key];
  call.queue = &queue;
  call.member = static_cast<size_t>(&member - queue.members.data());
  call.began = core_->now.mono;
  Device& device = devices_[member.config.interface];
  call.fate = core_->population.FateOfAgent(member.config.interface, device.calls_offered++);
  MakeLegs(caller, member, &call);
  SimChannel& leg = *core_->channels.Find(call.leg);
  PublishAgent("AgentCalled", call, caller, {});
  core_->PublishDial(kAmiCall, "DialBegin", &caller, leg,
                     {{"DialString", member.config.interface}});
  core_->PublishState(leg, SimChannelState::kRinging);
  SetDevice(member.config.interface, IsLocal(member.config.interface) ? kInUse : kDeviceRinging,
            false);
  core_->PublishDial(kAmiCall, "DialState", &caller, leg, {{"DialStatus", "RINGING"}});
  // The call may be another one when the time comes: the leg tells.
  const auto still = [this, key = caller.key, leg_key = call.leg] {
    const auto found = agent_calls_.find(key);
    return found != agent_calls_.end() && found->second.leg == leg_key && !found->second.up;
  };
  if (call.fate.answers && call.fate.answers_after < queue.config.ring_timeout) {
    core_->After(call.fate.answers_after, [this, still, key = caller.key] {
      if (still()) Connect(key);
    });
  } else {
    core_->After(queue.config.ring_timeout, [this, still, key = caller.key] {
      if (still()) RingTimeout(key);
    });
  }
}

void SimQueues::MakeLegs(SimChannel& caller, const Member& member, AgentCall* call) {
  const bool local = IsLocal(member.config.interface);
  const absl::string_view address = AddressOf(member.config.interface);
  SimChannel leg;
  leg.name = local ? core_->MakeLocalName(member.config.interface) + ";1"
                   : core_->MakeChannelName(address);
  leg.uniqueid = core_->MakeUniqueid();
  leg.linkedid = caller.linkedid;
  const size_t at = address.find('@');
  leg.context = at == absl::string_view::npos ? "agents" : std::string(address.substr(at + 1));
  leg.exten = local ? std::string(address.substr(0, at)) : "s";
  leg.application = "AppQueue";
  leg.created = core_->now.mono;
  SimChannel& added = core_->channels.Add(std::move(leg));
  call->leg = added.key;
  core_->PublishChannel(kAmiCall, "Newchannel", added);
  if (local) MakeLocalHalf(caller, added, call);
  added.account_code = caller.account_code;
  added.caller_num = caller.caller_num;
  added.caller_name = caller.caller_name;
  core_->PublishExtension(added, "AppQueue", "(Outgoing Line)");
  core_->PublishChannel(kAmiCall, "NewCallerid", added,
                        {{"CID-CallingPres", "0 (Presentation Allowed, Not Screened)"}});
  core_->PublishVariable(added, "DIALEDPEERNUMBER", address);
  if (local) {
    AmiMessage bridge = core_->MakeEvent("LocalBridge", kAmiCall);
    AppendSnapshot(added, "LocalOne", &bridge);
    AppendSnapshot(*core_->channels.Find(call->local_half), "LocalTwo", &bridge);
    bridge.Add("Context", added.context);
    bridge.Add("Exten", added.exten);
    bridge.Add("LocalOptimization", "Yes");
    core_->sessions.Publish(kAmiCall, std::move(bridge));
  }
  added.connected_num = caller.connected_num;
  added.connected_name = caller.connected_name;
  added.exten = caller.exten;
}

void SimQueues::MakeLocalHalf(SimChannel& caller, const SimChannel& leg, AgentCall* call) {
  SimChannel half = leg;
  half.name = leg.name.substr(0, leg.name.size() - 1) + "2";
  half.uniqueid = core_->MakeUniqueid();
  half.state = SimChannelState::kRing;
  SimChannel& added = core_->channels.Add(std::move(half));
  call->local_half = added.key;
  core_->PublishChannel(kAmiCall, "Newchannel", added);
  added.account_code = caller.account_code;
  added.caller_num = added.connected_num = caller.caller_num;
  added.caller_name = added.connected_name = caller.caller_name;
}

void SimQueues::Connect(SimChannelKey key) {
  AgentCall& call = agent_calls_.at(key);
  Queue& queue = *call.queue;
  const Member& member = queue.members[call.member];
  SimChannel& caller = *core_->channels.Find(key);
  SimChannel& leg = *core_->channels.Find(call.leg);
  const auto entry = std::find_if(queue.waiting.begin(), queue.waiting.end(),
                                  [&](const Waiting& waiting) { return waiting.caller == key; });
  const size_t position = static_cast<size_t>(entry - queue.waiting.begin()) + 1;
  call.held = core_->now.mono - entry->joined;
  call.connected = core_->now.mono;
  call.up = true;
  if (SimChannel* half = core_->channels.Find(call.local_half)) {
    core_->PublishState(*half, SimChannelState::kUp);
  }
  core_->PublishState(leg, SimChannelState::kUp);
  core_->PublishDial(kAmiCall, "DialEnd", &caller, leg, {{"DialStatus", "ANSWER"}});
  core_->PublishChannel(kAmiCall, "MusicOnHoldStop", caller);
  LeaveWaiting(queue, key);
  core_->PublishChannel(kAmiAgent, "QueueCallerLeave", caller,
                        {{"Queue", queue.config.name},
                         {"Position", absl::StrCat(position)},
                         {"Count", absl::StrCat(queue.waiting.size())}});
  core_->PublishVariable(caller, "QUEUEPOSITION", absl::StrCat(position));
  core_->PublishVariable(caller, "QUEUEWAIT", Seconds(call.held));
  core_->PublishVariable(caller, "QUEUEWAIT_MS", Milliseconds(call.held));
  PublishAgent(
      "AgentConnect", call, caller,
      {{"HoldTime", Seconds(call.held)}, {"RingTime", Seconds(core_->now.mono - call.began)}});
  call.bridge.id = core_->MakeUuid();
  PublishBridge(*core_, "BridgeCreate", call.bridge);
  EnterBridge(*core_, call.bridge, leg);
  EnterBridge(*core_, call.bridge, caller);
  core_->PublishVariable(leg, "BRIDGEPEER", caller.name);
  core_->PublishVariable(caller, "BRIDGEPEER", leg.name);
  SetDevice(member.config.interface, kInUse, true);
  core_->counter.CountAgent();
  host_->ReachedAgent(key);
  const CallFate& fate = host_->FateOf(key);
  const auto still = [this, key, leg_key = call.leg] {
    const auto found = agent_calls_.find(key);
    return found != agent_calls_.end() && found->second.leg == leg_key;
  };
  const bool agent_ends = fate.agent_ends || call.fate.talks_for < fate.talks_for;
  core_->After(std::min(fate.talks_for, call.fate.talks_for), [this, still, key, agent_ends] {
    if (!still()) return;
    if (agent_ends) {
      AgentHangsUp(key);
    } else {
      host_->CalleeHangsUp(key);
    }
  });
}

void SimQueues::RingTimeout(SimChannelKey key) {
  const AgentCall call = agent_calls_.at(key);
  agent_calls_.erase(key);
  SimChannel& caller = *core_->channels.Find(key);
  SimChannel& leg = *core_->channels.Find(call.leg);
  const std::string& interface = call.queue->members[call.member].config.interface;
  core_->PublishDial(kAmiCall, "DialEnd", &caller, leg, {{"DialStatus", "NOANSWER"}});
  core_->PublishDial(kAmiAgent, "AgentRingNoAnswer", &caller, leg,
                     {{"Queue", call.queue->config.name},
                      {"Interface", interface},
                      {"MemberName", call.queue->members[call.member].config.name},
                      {"RingTime", Milliseconds(core_->now.mono - call.began)}});
  DropLegs(call);
  SetDevice(interface, kNotInUse, false);
  core_->After(call.queue->config.retry, [this, queue = call.queue, key] {
    for (Waiting& entry : queue->waiting) {
      if (entry.caller == key) entry.rings = false;
    }
    Offer(*queue);
  });
}

void SimQueues::AgentHangsUp(SimChannelKey key) {
  Disconnect(*core_->channels.Find(key), /*by_agent=*/true);
  host_->EndCall(key, 16);
}

void SimQueues::Disconnect(SimChannel& caller, bool by_agent) {
  AgentCall call = agent_calls_.at(caller.key);
  agent_calls_.erase(caller.key);
  Queue& queue = *call.queue;
  Member& member = queue.members[call.member];
  SimChannel& leg = *core_->channels.Find(call.leg);
  const absl::Duration talked = core_->now.mono - call.connected;
  if (by_agent) {
    core_->PublishChannel(kAmiCall, "HangupRequest", leg, {{"Cause", "16"}});
  }
  PublishAgent("AgentComplete", call, caller,
               {{"HoldTime", Seconds(call.held)},
                {"TalkTime", Seconds(talked)},
                {"Reason", by_agent ? "agent" : "caller"}});
  core_->PublishVariable(leg, "BRIDGEPEER", "");
  core_->PublishVariable(caller, "BRIDGEPEER", "");
  LeaveBridge(*core_, call.bridge, by_agent ? leg : caller);
  LeaveBridge(*core_, call.bridge, by_agent ? caller : leg);
  PublishBridge(*core_, "BridgeDestroy", call.bridge);
  PublishDialTimes(caller, talked);
  DropLegs(call);
  ++queue.completed;
  queue.hold_s = Averaged(queue.hold_s, absl::ToInt64Seconds(call.held));
  queue.talk_s = Averaged(queue.talk_s, absl::ToInt64Seconds(talked));
  ++member.calls_taken;
  member.last_call_s = absl::ToUnixSeconds(core_->now.wall);
  const absl::Duration own_wrapup = member.config.wrapup;
  member.free_at =
      core_->now.mono + (own_wrapup > absl::ZeroDuration() ? own_wrapup : queue.config.wrapup);
  SetDevice(member.config.interface, kNotInUse, false);
  FreeMemberLater(queue, member);
}

void SimQueues::DropLegs(const AgentCall& call) {
  for (const SimChannelKey key : {call.local_half, call.leg}) {
    const SimChannel* channel = core_->channels.Find(key);
    if (channel == nullptr) continue;
    core_->PublishHangup(*channel, call.up ? 16 : 0);
    core_->channels.Remove(key);
  }
}

void SimQueues::FreeMemberLater(Queue& queue, Member& member) {
  core_->schedule.At(member.free_at, [this, &queue] { Offer(queue); });
}

// ---- Members

bool SimQueues::Pause(absl::string_view queue_name, absl::string_view interface, bool paused,
                      absl::string_view reason) {
  bool found = false;
  for (Queue& queue : queues_) {
    if (!queue_name.empty() && queue.config.name != queue_name) continue;
    for (Member& member : queue.members) {
      if (member.config.interface != interface) continue;
      found = true;
      member.paused = paused;
      member.paused_reason = std::string(reason);
      if (paused) member.last_pause_s = absl::ToUnixSeconds(core_->now.wall);
      PublishMember("QueueMemberPause", queue, member);
    }
    if (!paused) Offer(queue);
  }
  return found;
}

void SimQueues::SetDevice(const std::string& interface, int status, bool in_call) {
  Device& device = devices_[interface];
  device.status = status;
  device.in_call = in_call;
  for (Queue& queue : queues_) {
    for (const Member& member : queue.members) {
      if (member.config.interface == interface) PublishMember("QueueMemberStatus", queue, member);
    }
  }
  if (status != kNotInUse) return;
  // Not from inside of an event that is still being told.
  core_->After(absl::ZeroDuration(), [this] {
    for (Queue& queue : queues_) Offer(queue);
  });
}

void SimQueues::PublishMember(absl::string_view name, const Queue& queue, const Member& member) {
  if (!core_->sessions.AnyReads(kAmiAgent)) return;
  AmiMessage event = core_->MakeEvent(name, kAmiAgent);
  const AmiMessage described = DescribeMember(queue, member);
  for (const AmiHeader& header : described.headers()) event.Add(header.name, header.value);
  core_->sessions.Publish(kAmiAgent, std::move(event));
}

AmiMessage SimQueues::DescribeMember(const Queue& queue, const Member& member) {
  const Device& device = devices_[member.config.interface];
  return {{"Queue", queue.config.name},
          {"MemberName", member.config.name},
          {"Interface", member.config.interface},
          {"StateInterface", member.config.interface},
          {"Membership", "static"},
          {"Penalty", "0"},
          {"CallsTaken", absl::StrCat(member.calls_taken)},
          {"LastCall", absl::StrCat(member.last_call_s)},
          {"LastPause", absl::StrCat(member.last_pause_s)},
          {"LoginTime", absl::StrCat(absl::ToUnixSeconds(core_->booted.wall))},
          {"InCall", device.in_call ? "1" : "0"},
          {"Status", absl::StrCat(device.status)},
          {"Paused", member.paused ? "1" : "0"},
          {"PausedReason", member.paused_reason},
          {"Ringinuse", "0"},
          {"Wrapuptime", Seconds(member.config.wrapup)}};
}

void SimQueues::PublishAgent(absl::string_view event, const AgentCall& call, SimChannel& caller,
                             std::initializer_list<AmiHeader> extra) {
  if (!core_->sessions.AnyReads(kAmiAgent)) return;
  const SimMemberConfig& member = call.queue->members[call.member].config;
  AmiMessage message = core_->MakeEvent(event, kAmiAgent);
  AppendSnapshot(caller, "", &message);
  AppendSnapshot(*core_->channels.Find(call.leg), "Dest", &message);
  message.Add("Queue", call.queue->config.name);
  message.Add("Interface", member.interface);
  message.Add("MemberName", member.name);
  for (const AmiHeader& header : extra) message.Add(header.name, header.value);
  core_->sessions.Publish(kAmiAgent, std::move(message));
}

void SimQueues::PublishDialTimes(const SimChannel& caller, absl::Duration answered) {
  const absl::Duration dialled = core_->now.mono - caller.created;
  core_->PublishVariable(caller, "ANSWEREDTIME", Seconds(answered));
  core_->PublishVariable(caller, "ANSWEREDTIME_MS", Milliseconds(answered));
  core_->PublishVariable(caller, "DIALEDTIME", Seconds(dialled));
  core_->PublishVariable(caller, "DIALEDTIME_MS", Milliseconds(dialled));
}

// ---- Lists

std::vector<AmiMessage> SimQueues::ListStatus(absl::string_view name) {
  std::vector<AmiMessage> items;
  for (Queue& queue : queues_) {
    if (!name.empty() && queue.config.name != name) continue;
    items.push_back({{"Event", "QueueParams"},
                     {"Queue", queue.config.name},
                     {"Max", "0"},
                     {"Strategy", "rrmemory"},
                     {"Calls", absl::StrCat(queue.waiting.size())},
                     {"Holdtime", absl::StrCat(queue.hold_s)},
                     {"TalkTime", absl::StrCat(queue.talk_s)},
                     {"Completed", absl::StrCat(queue.completed)},
                     {"Abandoned", absl::StrCat(queue.abandoned)},
                     {"ServiceLevel", "0"},
                     {"ServicelevelPerf", "0.0"},
                     {"ServicelevelPerf2", "0.0"},
                     {"Weight", "0"}});
    for (const Member& member : queue.members) {
      // The same as in QueueMemberStatus under two other names, without Ringinuse.
      AmiMessage item{{"Event", "QueueMember"}};
      const AmiMessage described = DescribeMember(queue, member);
      for (const AmiHeader& header : described.headers()) {
        if (header.name == "Ringinuse") continue;
        item.Add(header.name == "MemberName"  ? "Name"
                 : header.name == "Interface" ? "Location"
                                              : header.name,
                 header.value);
      }
      items.push_back(std::move(item));
    }
    int position = 0;
    for (const Waiting& entry : queue.waiting) {
      const SimChannel& caller = *core_->channels.Find(entry.caller);
      const auto or_unknown = [](const std::string& text) {
        return text.empty() ? "unknown" : text;
      };
      items.push_back({{"Event", "QueueEntry"},
                       {"Queue", queue.config.name},
                       {"Position", absl::StrCat(++position)},
                       {"Channel", caller.name},
                       {"Uniqueid", caller.uniqueid},
                       {"CallerIDNum", or_unknown(caller.caller_num)},
                       {"CallerIDName", or_unknown(caller.caller_name)},
                       {"ConnectedLineNum", or_unknown(caller.connected_num)},
                       {"ConnectedLineName", or_unknown(caller.connected_name)},
                       {"Wait", Seconds(core_->now.mono - entry.joined)},
                       {"Priority", "0"}});
    }
  }
  return items;
}

std::vector<AmiMessage> SimQueues::ListSummary(absl::string_view name) {
  std::vector<AmiMessage> items;
  for (Queue& queue : queues_) {
    if (!name.empty() && queue.config.name != name) continue;
    int available = 0;
    for (const Member& member : queue.members) {
      available += !member.paused && devices_[member.config.interface].status == kNotInUse ? 1 : 0;
    }
    const absl::Duration longest = queue.waiting.empty()
                                       ? absl::ZeroDuration()
                                       : core_->now.mono - queue.waiting.front().joined;
    items.push_back({{"Event", "QueueSummary"},
                     {"Queue", queue.config.name},
                     {"LoggedIn", absl::StrCat(queue.members.size())},
                     {"Available", absl::StrCat(available)},
                     {"Callers", absl::StrCat(queue.waiting.size())},
                     {"HoldTime", absl::StrCat(queue.hold_s)},
                     {"TalkTime", absl::StrCat(queue.talk_s)},
                     {"LongestHoldTime", Seconds(longest)}});
  }
  return items;
}

}  // namespace outdial::ami
