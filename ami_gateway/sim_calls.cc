#include "ami_gateway/sim_calls.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/check.h"

namespace outdial::ami {
namespace {

// From the Originate to the channel, and from there to the first ringing, as seen on a real one.
constexpr absl::Duration kStartDelay = absl::Milliseconds(1);
constexpr absl::Duration kRingDelay = absl::Milliseconds(15);

constexpr int kReasonFailed = 0;
constexpr int kReasonTimeout = 3;
constexpr int kReasonAnswered = 4;

// What a SIP error becomes in Asterisk.
struct SipOutcome {
  int sip_code;
  int cause;
  absl::string_view dial_status;
};
constexpr std::array<SipOutcome, 10> kSipOutcomes = {{{403, 21, "NOANSWER"},
                                                      {404, 1, "NOANSWER"},
                                                      {408, 18, "NOANSWER"},
                                                      {480, 19, "NOANSWER"},
                                                      {484, 28, "NOANSWER"},
                                                      {486, 17, "BUSY"},
                                                      {488, 58, "NOANSWER"},
                                                      {500, 38, "NOANSWER"},
                                                      {503, 34, "CONGESTION"},
                                                      {603, 21, "NOANSWER"}}};

SipOutcome OutcomeOf(int sip_code) {
  for (const SipOutcome& outcome : kSipOutcomes) {
    if (outcome.sip_code == sip_code) return outcome;
  }
  return {sip_code, 0, "NOANSWER"};
}

}  // namespace

SimCalls::SimCalls(SimCore* core) : core_(core), queues_(core, this), parking_(core, this) {}

bool SimCalls::HasExtension(absl::string_view context, absl::string_view exten) const {
  for (const SimExtension& extension : core_->config.extensions) {
    if (extension.context == context && extension.exten == exten) return true;
  }
  return false;
}

// ---- Starting

void SimCalls::Originate(SimOrder order, bool booted) {
  core_->counter.CountOriginate();
  if (!booted) {
    core_->After(kStartDelay, [this, order = std::move(order)] {
      PublishResponse(order, order.channel, order.channel_id, kReasonFailed);
    });
    return;
  }
  StartPaced(std::move(order));
}

void SimCalls::StartPaced(SimOrder order) {
  const SimFaults& faults = core_->sessions.faults();
  engine::MonotonicTime start = core_->now.mono + kStartDelay;
  if (faults.starts_per_second > 0) {
    start = std::clamp(next_start_, start, start + faults.max_start_delay);
    next_start_ = start + absl::Seconds(1) / faults.starts_per_second;
  }
  core_->schedule.At(start, [this, order = std::move(order)] { Start(order); });
}

void SimCalls::Start(SimOrder order) {
  const std::optional<Target> target = FindTarget(order.channel);
  const SimEndpoint* endpoint = target.has_value() ? FindEndpoint(target->endpoint) : nullptr;
  const bool known = target.has_value() && (endpoint != nullptr || core_->config.any_endpoint);
  const SimEndpointKind kind = endpoint != nullptr ? endpoint->kind : SimEndpointKind::kPeople;
  const bool duplicate =
      !order.channel_id.empty() && core_->channels.FindByText(order.channel_id) != nullptr;
  if (!known || kind == SimEndpointKind::kNoContact || duplicate) {
    PublishResponse(order, order.channel, order.channel_id, kReasonFailed);
    return;
  }
  SimChannel channel;
  channel.name = core_->MakeChannelName(target->endpoint);
  channel.uniqueid = order.channel_id.empty() ? core_->MakeUniqueid() : order.channel_id;
  channel.linkedid = channel.uniqueid;
  channel.context = "from-trunk";
  channel.exten = "s";
  channel.created = core_->now.mono;
  SimChannel& added = core_->channels.Add(std::move(channel));
  ++processed_;
  Call& call = calls_[added.key];
  call.order = std::move(order);
  const uint64_t count = core_->counter.CountCall(target->number, core_->now.mono);
  call.fate = core_->population.FateOfCall(kind, target->number, count);
  PrepareSteps(call);
  Announce(call, added);
  core_->PublishDial(kAmiCall, "DialBegin", nullptr, added, {{"DialString", target->dial_string}});
  PlanOutcome(added.key);
}

std::optional<SimCalls::Target> SimCalls::FindTarget(absl::string_view channel) const {
  if (!absl::StartsWithIgnoreCase(channel, "PJSIP/")) return std::nullopt;
  Target target;
  const absl::string_view rest = channel.substr(6);
  target.dial_string = std::string(rest);
  // PJSIP/<number>@<endpoint>, PJSIP/<endpoint>/sip:<number>@<host>, PJSIP/<endpoint>
  if (const size_t slash = rest.find('/'); slash != absl::string_view::npos) {
    absl::string_view address = rest.substr(slash + 1);
    if (const size_t colon = address.find(':'); colon != absl::string_view::npos) {
      address.remove_prefix(colon + 1);
    }
    target.endpoint = std::string(rest.substr(0, slash));
    target.number = std::string(address.substr(0, address.find('@')));
  } else if (const size_t at = rest.find('@'); at != absl::string_view::npos) {
    target.number = std::string(rest.substr(0, at));
    target.endpoint = std::string(rest.substr(at + 1));
  } else {
    target.number = target.endpoint = std::string(rest);
  }
  return target;
}

const SimEndpoint* SimCalls::FindEndpoint(absl::string_view name) const {
  for (const SimEndpoint& endpoint : core_->config.endpoints) {
    if (endpoint.name == name) return &endpoint;
  }
  return nullptr;
}

// All that Asterisk says before it dials.
void SimCalls::Announce(Call& call, SimChannel& channel) {
  const SimOrder& order = call.order;
  core_->PublishChannel(kAmiCall, "Newchannel", channel);
  core_->PublishExtension(channel, "AppDial2", "(Outgoing Line)");
  for (auto variable = order.variables.rbegin(); variable != order.variables.rend(); ++variable) {
    call.variables[variable->first] = variable->second;
    core_->PublishVariable(channel, variable->first, variable->second);
  }
  if (!order.account.empty()) {
    channel.account_code = order.account;
    core_->PublishChannel(kAmiCall, "NewAccountCode", channel, {{"OldAccountCode", ""}});
  }
  if (order.caller_num.empty() && order.caller_name.empty()) return;
  channel.caller_num = order.caller_num;
  channel.caller_name = order.caller_name;
  core_->PublishChannel(kAmiCall, "NewCallerid", channel,
                        {{"CID-CallingPres", "0 (Presentation Allowed, Not Screened)"}});
  channel.connected_num = order.caller_num;
  channel.connected_name = order.caller_name;
  core_->PublishChannel(kAmiCall, "NewConnectedLine", channel);
}

void SimCalls::WhileDialling(SimChannelKey key, absl::Duration delay, std::function<void()> then) {
  core_->After(delay, [this, key, then = std::move(then)] {
    const auto call = calls_.find(key);
    if (call != calls_.end() && !call->second.up) then();
  });
}

void SimCalls::PlanOutcome(SimChannelKey key) {
  const Call& call = calls_.at(key);
  const CallFate& fate = call.fate;
  if (fate.early_media) {
    WhileDialling(key, kRingDelay, [this, key] { Progress(key); });
  } else if (fate.rings) {
    WhileDialling(key, kRingDelay, [this, key] { RingNow(key); });
  }
  // Never in the same moment as the ringing, which comes first.
  const absl::Duration decides = std::max(fate.decides_after, kRingDelay + kStartDelay);
  if (fate.kind == CallFate::Kind::kAnswers) {
    WhileDialling(key, decides, [this, key] { Answer(key); });
  } else if (fate.kind == CallFate::Kind::kRefuses) {
    WhileDialling(key, decides, [this, key] { Refuse(key); });
  }
  // Zero: Asterisk waits for ever.
  if (call.order.timeout > absl::ZeroDuration()) {
    WhileDialling(key, call.order.timeout, [this, key] { TimeOut(key); });
  }
}

// ---- The outcome

void SimCalls::RingNow(SimChannelKey key) {
  SimChannel& channel = *core_->channels.Find(key);
  const bool state_first = core_->random.Chance(0.5);
  if (state_first) core_->PublishState(channel, SimChannelState::kRinging);
  core_->PublishDial(kAmiCall, "DialState", nullptr, channel, {{"DialStatus", "RINGING"}});
  if (!state_first) core_->PublishState(channel, SimChannelState::kRinging);
}

void SimCalls::Progress(SimChannelKey key) {
  core_->PublishDial(kAmiCall, "DialState", nullptr, *core_->channels.Find(key),
                     {{"DialStatus", "PROGRESS"}});
}

// Three threads of the real Asterisk tell of the answer, in no fixed order.
void SimCalls::Answer(SimChannelKey key) {
  Call& call = calls_.at(key);
  SimChannel& channel = *core_->channels.Find(key);
  call.up = true;
  core_->counter.CountAnswer();
  const SimOrder order = call.order;
  const std::string name = channel.name;
  const std::string uniqueid = channel.uniqueid;
  const auto respond = [&] { PublishResponse(order, name, uniqueid, kReasonAnswered); };
  const uint64_t place = core_->random.Below(4);
  if (place == 0) respond();
  core_->PublishState(channel, SimChannelState::kUp);
  if (place == 1) respond();
  core_->PublishDial(kAmiCall, "DialEnd", nullptr, channel, {{"DialStatus", "ANSWER"}});
  if (place == 2) respond();
  PlanCallee(key);
  RunStep(key);
  if (place == 3) respond();
}

// When the callee will hang up by itself.
void SimCalls::PlanCallee(SimChannelKey key) {
  const CallFate& fate = calls_.at(key).fate;
  if (fate.stays_for < absl::InfiniteDuration()) {
    core_->After(fate.stays_for, [this, key] { CalleeHangsUp(key); });
  }
  if (fate.patience < absl::InfiniteDuration()) {
    core_->After(fate.patience, [this, key] {
      const auto call = calls_.find(key);
      if (call != calls_.end() && !call->second.reached_agent) CalleeHangsUp(key);
    });
  }
}

void SimCalls::Refuse(SimChannelKey key) {
  const SipOutcome outcome = OutcomeOf(calls_.at(key).fate.sip_code);
  core_->PublishChannel(
      kAmiCall, "HangupRequest", *core_->channels.Find(key),
      {{"Cause", absl::StrCat(outcome.cause)}, {"TechCause", absl::StrCat(outcome.sip_code)}});
  Fail(key, outcome.dial_status, outcome.cause, outcome.sip_code);
}

// DialEnd comes before Hangup; OriginateResponse anywhere.
void SimCalls::Fail(SimChannelKey key, absl::string_view dial_status, int cause, int sip_code) {
  const SimOrder order = calls_.at(key).order;
  const SimChannel& channel = *core_->channels.Find(key);
  const std::string uniqueid = order.channel_id;
  const auto respond = [&] { PublishResponse(order, order.channel, uniqueid, kReasonFailed); };
  const uint64_t place = core_->random.Below(3);
  if (place == 0) respond();
  core_->PublishDial(kAmiCall, "DialEnd", nullptr, channel,
                     {{"DialStatus", std::string(dial_status)}});
  if (place == 1) respond();
  core_->PublishHangup(channel, cause, sip_code);
  Remove(key);
  if (place == 2) respond();
  RunFailedExtension(order, kReasonFailed);
}

void SimCalls::TimeOut(SimChannelKey key) {
  const SimOrder order = calls_.at(key).order;
  const std::string uniqueid = order.channel_id;
  const bool hangup_first = core_->random.Chance(0.5);
  if (!hangup_first) PublishResponse(order, order.channel, uniqueid, kReasonTimeout);
  // Also when nothing was heard of the callee, as if it had rung.
  core_->PublishHangup(*core_->channels.Find(key), 19, 480);
  Remove(key);
  if (hangup_first) PublishResponse(order, order.channel, uniqueid, kReasonTimeout);
  RunFailedExtension(order, kReasonTimeout);
}

// An extension `failed` runs on a channel of its own, which is no call.
void SimCalls::RunFailedExtension(const SimOrder& order, int reason) {
  if (!order.application.empty() || order.exten.empty() || !HasExtension(order.context, "failed")) {
    return;
  }
  SimChannel channel;
  channel.name = "OutgoingSpoolFailed";
  channel.uniqueid = channel.linkedid = core_->MakeUniqueid();
  channel.context = order.context;
  channel.exten = "failed";
  core_->PublishChannel(kAmiCall, "Newchannel", channel);
  core_->PublishVariable(channel, "REASON", absl::StrCat(reason));
  core_->PublishChannel(kAmiCall, "SoftHangupRequest", channel, {{"Cause", "16"}});
  core_->PublishHangup(channel, 0);
}

// ---- The dialplan

void SimCalls::PrepareSteps(Call& call) {
  if (!call.in_dialplan()) {
    call.own_step = {{call.order.application, call.order.data}};
    call.steps = &call.own_step;
    return;
  }
  for (const SimExtension& extension : core_->config.extensions) {
    if (extension.context == call.order.context && extension.exten == call.order.exten) {
      call.steps = &extension.steps;
    }
  }
  call.next_step = static_cast<size_t>(std::max(call.order.priority, 1)) - 1;
}

void SimCalls::ApplicationDone(SimChannelKey caller) { DoneAfter(caller, absl::ZeroDuration()); }

void SimCalls::DoneAfter(SimChannelKey key, absl::Duration delay) {
  core_->After(delay, [this, key, step = calls_.at(key).next_step] {
    const auto call = calls_.find(key);
    if (call != calls_.end() && call->second.next_step == step) RunStep(key);
  });
}

void SimCalls::RunStep(SimChannelKey key) {
  Call& call = calls_.at(key);
  SimChannel& channel = *core_->channels.Find(key);
  if (call.steps == nullptr || call.next_step >= call.steps->size()) {
    // Nothing left, or nothing there at all: a moment later, after all that tells of the answer.
    core_->After(kStartDelay, [this, key] {
      if (calls_.contains(key)) EndUp(key, 0);
    });
    return;
  }
  const SimStep& step = (*call.steps)[call.next_step++];
  if (!step.unless_variable.empty() &&
      Variable(channel, step.unless_variable) == step.unless_value) {
    RunStep(key);
    return;
  }
  channel.application = step.application;
  channel.data = Substitute(channel, step.data);
  if (call.in_dialplan()) {
    channel.context = call.order.context;
    channel.exten = call.order.exten;
    channel.priority = static_cast<int>(call.next_step);
    core_->PublishExtension(channel, channel.application, channel.data);
  }
  RunApplication(key, {step.application, channel.data});
}

void SimCalls::RunApplication(SimChannelKey key, const SimStep& step) {
  SimChannel& channel = *core_->channels.Find(key);
  const std::string name = absl::AsciiStrToLower(step.application);
  if (name == "answer" || name == "noop" || name == "set" || name == "ringing" ||
      name == "progress" || name == "verbose") {
    RunStep(key);
  } else if (name == "userevent") {
    RunUserEvent(channel, step.data);
    RunStep(key);
  } else if (name == "wait") {
    double seconds = 0;
    if (!absl::SimpleAtod(step.data, &seconds)) seconds = 0;
    DoneAfter(key, absl::Seconds(std::max(seconds, 0.0)));
  } else if (name == "playback") {
    const std::vector<std::string> files = absl::StrSplit(step.data, '&');
    core_->After(absl::Milliseconds(1400) * files.size(), [this, key] {
      if (!calls_.contains(key)) return;
      SetVariable(key, "PLAYBACKSTATUS", "SUCCESS");
      RunStep(key);
    });
  } else if (name == "musiconhold") {
    calls_.at(key).plays_music = true;
    const std::vector<std::string> arguments = absl::StrSplit(step.data, ',');
    core_->PublishChannel(kAmiCall, "MusicOnHoldStart", channel,
                          {{"Class", arguments[0].empty() ? "default" : arguments[0]}});
  } else if (name == "amd") {
    RunAmd(key);
  } else if (name == "queue") {
    queues_.Join(channel, step.data);
  } else if (name == "park") {
    parking_.Park(channel);
  } else if (name == "confbridge") {
    RunConference(key, step.data);
  } else if (name == "hangup") {
    int cause = 16;
    if (!absl::SimpleAtoi(step.data, &cause)) cause = 16;
    core_->After(kStartDelay, [this, key, cause] {
      if (calls_.contains(key)) EndUp(key, cause);
    });
  } else if (name != "echo") {
    // No such application: the callee has answered, and that was it.
    core_->After(kStartDelay, [this, key] {
      if (calls_.contains(key)) EndUp(key, 0);
    });
  }
}

void SimCalls::RunUserEvent(SimChannel& channel, absl::string_view data) {
  const std::vector<absl::string_view> parts = absl::StrSplit(data, ',');
  AmiMessage event = core_->MakeEvent("UserEvent", kAmiUser);
  AppendSnapshot(channel, "", &event);
  event.Add("UserEvent", parts[0]);
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::pair<absl::string_view, absl::string_view> header =
        absl::StrSplit(parts[i], absl::MaxSplits(": ", 1));
    event.Add(header.first, header.second);
  }
  core_->sessions.Publish(kAmiUser, std::move(event));
}

// Times and causes as a real one gave them for speech, for many words, and for no sound at all.
void SimCalls::RunAmd(SimChannelKey key) {
  struct Result {
    absl::Duration after;
    const char* status;
    const char* cause;
  };
  Result result{absl::Milliseconds(1760), "HUMAN", "HUMAN-800-800"};
  switch (calls_.at(key).fate.listener) {
    case CallFate::Listener::kHuman:
      break;
    case CallFate::Listener::kMachine:
      result = {absl::Milliseconds(1540), "MACHINE", "MAXWORDS-3-2"};
      break;
    case CallFate::Listener::kNoSound:
      result = {absl::Milliseconds(5000), "NOTSURE", "TOOLONG-4900"};
      break;
  }
  core_->After(result.after, [this, key, result] {
    if (!calls_.contains(key)) return;
    SetVariable(key, "AMDSTATUS", result.status);
    SetVariable(key, "AMDCAUSE", result.cause);
    RunStep(key);
  });
}

void SimCalls::RunConference(SimChannelKey key, absl::string_view data) {
  const std::string name(data.substr(0, data.find(',')));
  SimBridge& bridge = conferences_[name];
  if (bridge.channels == 0) {
    bridge = {.id = core_->MakeUuid(),
              .type = "base",
              .technology = "softmix",
              .creator = "ConfBridge",
              .name = name};
    PublishBridge(*core_, "BridgeCreate", bridge);
  }
  EnterBridge(*core_, bridge, *core_->channels.Find(key));
}

void SimCalls::SetVariable(SimChannelKey key, absl::string_view name, absl::string_view value) {
  calls_.at(key).variables[std::string(name)] = std::string(value);
  core_->PublishVariable(*core_->channels.Find(key), name, value);
}

std::optional<std::string> SimCalls::Variable(const SimChannel& channel,
                                              absl::string_view name) const {
  if (name == "UNIQUEID") return channel.uniqueid;
  const auto call = calls_.find(channel.key);
  if (call == calls_.end()) return std::nullopt;
  const auto variable = call->second.variables.find(std::string(name));
  if (variable == call->second.variables.end()) return std::nullopt;
  return variable->second;
}

std::string SimCalls::Substitute(const SimChannel& channel, absl::string_view text) const {
  std::string result;
  while (true) {
    const size_t open = text.find("${");
    const size_t close = text.find('}', open == absl::string_view::npos ? 0 : open);
    if (open == absl::string_view::npos || close == absl::string_view::npos) break;
    absl::StrAppend(&result, text.substr(0, open),
                    Variable(channel, text.substr(open + 2, close - open - 2)).value_or(""));
    text.remove_prefix(close + 1);
  }
  absl::StrAppend(&result, text);
  return result;
}

// ---- The end

void SimCalls::CalleeHangsUp(SimChannelKey key) {
  const auto call = calls_.find(key);
  if (call == calls_.end()) return;
  core_->PublishChannel(kAmiCall, "HangupRequest", *core_->channels.Find(key));
  // Asterisk gives the cause of a normal end only when the call was bridged.
  EndUp(key, queues_.Talks(key) ? 16 : 0);
}

void SimCalls::EndCall(SimChannelKey caller, int cause) { EndUp(caller, cause); }

void SimCalls::ReachedAgent(SimChannelKey caller) { calls_.at(caller).reached_agent = true; }

const CallFate& SimCalls::FateOf(SimChannelKey caller) const { return calls_.at(caller).fate; }

void SimCalls::HangUp(SimChannel& channel, int cause) {
  const SimChannelKey key = channel.key;
  const auto call = calls_.find(key);
  if (call != calls_.end()) {
    if (call->second.up) {
      EndUp(key, cause);
    } else {
      Fail(key, "NOANSWER", cause, 0);
    }
    return;
  }
  // An agent's leg: its caller has the same linkedid.
  SimChannel* caller = core_->channels.FindByText(channel.linkedid);
  if (caller != nullptr && calls_.contains(caller->key)) EndUp(caller->key, cause);
}

void SimCalls::LeaveApplications(Call& call, SimChannel& channel) {
  queues_.CallerHangsUp(channel);
  parking_.GiveUp(channel);
  if (call.plays_music) core_->PublishChannel(kAmiCall, "MusicOnHoldStop", channel);
  for (auto& [name, bridge] : conferences_) {
    if (bridge.id != channel.bridge_id) continue;
    LeaveBridge(*core_, bridge, channel);
    if (bridge.channels == 0) PublishBridge(*core_, "BridgeDestroy", bridge);
    return;
  }
}

// What Asterisk knows about the sound of a call in which none was heard.
void SimCalls::PublishQuality(const SimChannel& channel) {
  core_->PublishVariable(channel, "RTPAUDIOQOS",
                         "ssrc=1;themssrc=0;lp=0;rxjitter=0.000000;rxcount=0;txjitter=0.000000;"
                         "txcount=0;rlp=0;rtt=0.000000;rxmes=0.000000;txmes=0.000000");
  for (const char* measure : {"JITTER", "LOSS", "RTT", "MES"}) {
    core_->PublishVariable(channel, absl::StrCat("RTPAUDIOQOS", measure), "");
  }
}

void SimCalls::EndUp(SimChannelKey key, int cause) {
  Call& call = calls_.at(key);
  SimChannel& channel = *core_->channels.Find(key);
  LeaveApplications(call, channel);
  PublishQuality(channel);
  if (call.in_dialplan()) {
    core_->PublishChannel(kAmiCall, "SoftHangupRequest", channel, {{"Cause", "16"}});
  }
  core_->PublishHangup(channel, cause);
  Remove(key);
}

void SimCalls::Remove(SimChannelKey key) {
  calls_.erase(key);
  core_->channels.Remove(key);
  core_->counter.EndCall();
}

void SimCalls::ShutDown() {
  for (const auto& [key, call] : calls_) {
    core_->PublishChannel(kAmiCall, "SoftHangupRequest", *core_->channels.Find(key),
                          {{"Cause", "4"}});
  }
  while (!calls_.empty()) {
    const SimChannelKey key = calls_.begin()->first;
    if (calls_.begin()->second.up) {
      EndUp(key, 0);
    } else {
      Fail(key, "NOANSWER", 0, 0);
    }
  }
}

void SimCalls::Vanish() {
  while (!calls_.empty()) Remove(calls_.begin()->first);
  queues_.Clear();
  parking_.Clear();
  conferences_.clear();
  processed_ = 0;
  next_start_ = core_->now.mono;
}

AmiMessage SimCalls::DescribeResponse(const SimOrder& order, absl::string_view channel,
                                      absl::string_view uniqueid, int reason) const {
  const auto or_unknown = [](absl::string_view text) {
    return text.empty() ? absl::string_view("<unknown>") : text;
  };
  AmiMessage event = core_->MakeEvent("OriginateResponse", kAmiCall);
  if (!order.action_id.empty()) event.Add("ActionID", order.action_id);
  event.Add("Response", reason == kReasonAnswered ? "Success" : "Failure");
  event.Add("Channel", channel);
  if (order.application.empty()) {
    event.Add("Context", order.context);
    event.Add("Exten", order.exten);
  } else {
    event.Add("Application", order.application);
    event.Add("Data", order.data);
  }
  event.Add("Reason", absl::StrCat(reason));
  event.Add("Uniqueid", or_unknown(uniqueid));
  event.Add("CallerIDNum", or_unknown(order.caller_num));
  event.Add("CallerIDName", or_unknown(order.caller_name));
  return event;
}

void SimCalls::PublishResponse(const SimOrder& order, absl::string_view channel,
                               absl::string_view uniqueid, int reason) {
  core_->sessions.Publish(kAmiCall, DescribeResponse(order, channel, uniqueid, reason));
}

}  // namespace outdial::ami
