#include "ami_gateway/sim_core.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace outdial::ami {

SimCore::SimCore(SimAsteriskConfig the_config)
    : config(std::move(the_config)),
      population(config.population),
      random(config.seed),
      sessions(config.seed + 1, &schedule, &now) {}

std::string SimCore::MakeUniqueid() {
  return absl::StrCat(absl::ToUnixSeconds(now.wall), ".", next_uniqueid_++);
}

std::string SimCore::MakeUuid() {
  const uint64_t high = random.Next();
  const uint64_t low = random.Next();
  return absl::StrFormat("%08x-%04x-4%03x-8%03x-%012x", high >> 32, (high >> 16) & 0xffff,
                         high & 0xfff, (low >> 48) & 0xfff, low & 0xffffffffffff);
}

std::string SimCore::MakeChannelName(absl::string_view endpoint) {
  return absl::StrFormat("PJSIP/%s-%08x", endpoint, next_channel_++);
}

std::string SimCore::MakeLocalName(absl::string_view interface) {
  return absl::StrFormat("%s-%08x", interface, next_local_++);
}

void SimCore::Reboot() {
  schedule.Clear();
  channels.Clear();
  booted = now;
  next_channel_ = 0;
  next_local_ = 0;
}

AmiMessage SimCore::MakeEvent(absl::string_view event, AmiClasses event_class) const {
  AmiMessage message;
  message.Add("Event", event);
  message.Add("Privilege", FormatAmiClasses(event_class));
  if (config.timestampevents) message.Add("Timestamp", AmiTimestamp(now.wall));
  return message;
}

std::string AmiTimestamp(absl::Time time) {
  const int64_t us = absl::ToUnixMicros(time);
  return absl::StrFormat("%d.%06d", us / 1000000, us % 1000000);
}

void SimCore::PublishChannel(AmiClasses event_class, absl::string_view event,
                             const SimChannel& channel, std::initializer_list<AmiHeader> extra) {
  if (!sessions.AnyReads(event_class)) return;
  AmiMessage message = MakeEvent(event, event_class);
  AppendSnapshot(channel, "", &message);
  for (const AmiHeader& header : extra) message.Add(header.name, header.value);
  sessions.Publish(event_class, std::move(message));
}

void SimCore::PublishDial(AmiClasses event_class, absl::string_view event, const SimChannel* source,
                          const SimChannel& destination, std::initializer_list<AmiHeader> extra) {
  if (!sessions.AnyReads(event_class)) return;
  AmiMessage message = MakeEvent(event, event_class);
  if (source != nullptr) AppendSnapshot(*source, "", &message);
  AppendSnapshot(destination, "Dest", &message);
  for (const AmiHeader& header : extra) message.Add(header.name, header.value);
  sessions.Publish(event_class, std::move(message));
}

void SimCore::PublishVariable(const SimChannel& channel, absl::string_view name,
                              absl::string_view value) {
  PublishChannel(kAmiDialplan, "VarSet", channel,
                 {{"Variable", std::string(name)}, {"Value", std::string(value)}});
}

void SimCore::PublishExtension(const SimChannel& channel, absl::string_view application,
                               absl::string_view data) {
  PublishChannel(kAmiDialplan, "Newexten", channel,
                 {{"Extension", channel.exten},
                  {"Application", std::string(application)},
                  {"AppData", std::string(data)}});
}

void SimCore::PublishState(SimChannel& channel, SimChannelState state) {
  channel.state = state;
  PublishChannel(kAmiCall, "Newstate", channel);
}

void SimCore::PublishHangup(const SimChannel& channel, int cause, int sip_code) {
  const std::string cause_number = absl::StrCat(cause);
  const std::string cause_text(HangupCauseText(cause));
  if (sip_code == 0) {
    PublishChannel(kAmiCall, "Hangup", channel,
                   {{"Cause", cause_number}, {"Cause-txt", cause_text}});
  } else {
    PublishChannel(kAmiCall, "Hangup", channel,
                   {{"Cause", cause_number},
                    {"Cause-txt", cause_text},
                    {"TechCause", absl::StrCat(sip_code)}});
  }
}

void SimBridge::AppendTo(AmiMessage* message) const {
  message->Add("BridgeUniqueid", id);
  message->Add("BridgeType", type);
  message->Add("BridgeTechnology", technology);
  message->Add("BridgeCreator", creator);
  message->Add("BridgeName", name);
  message->Add("BridgeNumChannels", absl::StrCat(channels));
  message->Add("BridgeVideoSourceMode", "none");
}

void PublishBridge(SimCore& core, absl::string_view event, const SimBridge& bridge) {
  AmiMessage message = core.MakeEvent(event, kAmiCall);
  bridge.AppendTo(&message);
  core.sessions.Publish(kAmiCall, std::move(message));
}

namespace {

void PublishMove(SimCore& core, absl::string_view event, const SimBridge& bridge,
                 const SimChannel& channel) {
  AmiMessage message = core.MakeEvent(event, kAmiCall);
  bridge.AppendTo(&message);
  AppendSnapshot(channel, "", &message);
  core.sessions.Publish(kAmiCall, std::move(message));
}

}  // namespace

void EnterBridge(SimCore& core, SimBridge& bridge, SimChannel& channel) {
  ++bridge.channels;
  channel.bridge_id = bridge.id;
  PublishMove(core, "BridgeEnter", bridge, channel);
}

void LeaveBridge(SimCore& core, SimBridge& bridge, SimChannel& channel) {
  --bridge.channels;
  channel.bridge_id.clear();
  PublishMove(core, "BridgeLeave", bridge, channel);
}

absl::string_view HangupCauseText(int cause) {
  switch (cause) {
    case 1:
      return "Unallocated (unassigned) number";
    case 16:
      return "Normal Clearing";
    case 17:
      return "User busy";
    case 18:
      return "No user responding";
    case 19:
      return "User alerting, no answer";
    case 21:
      return "Call Rejected";
    case 28:
      return "Invalid number format";
    case 34:
      return "Circuit/channel congestion";
    case 38:
      return "Network out of order";
    case 58:
      return "Bearer capability not available";
    default:
      return "Unknown";
  }
}

}  // namespace outdial::ami
