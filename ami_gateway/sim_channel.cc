#include "ami_gateway/sim_channel.h"

#include "absl/strings/str_cat.h"

namespace outdial::ami {
namespace {

absl::string_view StateText(SimChannelState state) {
  switch (state) {
    case SimChannelState::kDown:
      return "Down";
    case SimChannelState::kRing:
      return "Ring";
    case SimChannelState::kRinging:
      return "Ringing";
    case SimChannelState::kUp:
      return "Up";
  }
  return "Unknown";
}

absl::string_view OrUnknown(absl::string_view text) { return text.empty() ? "<unknown>" : text; }

}  // namespace

SimChannel& SimChannels::Add(SimChannel channel) {
  channel.key = next_key_++;
  by_text_[channel.name] = channel.key;
  by_text_[channel.uniqueid] = channel.key;
  return channels_[channel.key] = std::move(channel);
}

void SimChannels::Remove(SimChannelKey key) {
  const auto found = channels_.find(key);
  if (found == channels_.end()) return;
  by_text_.erase(found->second.name);
  by_text_.erase(found->second.uniqueid);
  channels_.erase(found);
}

void SimChannels::Clear() {
  channels_.clear();
  by_text_.clear();
}

SimChannel* SimChannels::Find(SimChannelKey key) {
  const auto found = channels_.find(key);
  return found == channels_.end() ? nullptr : &found->second;
}

SimChannel* SimChannels::FindByText(absl::string_view text) {
  const auto found = by_text_.find(std::string(text));
  return found == by_text_.end() ? nullptr : Find(found->second);
}

void AppendSnapshot(const SimChannel& channel, absl::string_view prefix, AmiMessage* message) {
  const auto add = [&](absl::string_view name, absl::string_view value) {
    message->Add(absl::StrCat(prefix, name), value);
  };
  add("Channel", channel.name);
  add("ChannelState", absl::StrCat(static_cast<int>(channel.state)));
  add("ChannelStateDesc", StateText(channel.state));
  add("CallerIDNum", OrUnknown(channel.caller_num));
  add("CallerIDName", OrUnknown(channel.caller_name));
  add("ConnectedLineNum", OrUnknown(channel.connected_num));
  add("ConnectedLineName", OrUnknown(channel.connected_name));
  add("Language", "en");
  add("AccountCode", channel.account_code);
  add("Context", channel.context);
  add("Exten", channel.exten);
  add("Priority", absl::StrCat(channel.priority));
  add("Uniqueid", channel.uniqueid);
  add("Linkedid", channel.linkedid);
}

}  // namespace outdial::ami
