// The channels of the simulated Asterisk.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_message.h"
#include "engine/now.h"

namespace outdial::ami {

// Names a channel for as long as the model lives; never used again.
using SimChannelKey = uint64_t;

enum class SimChannelState { kDown = 0, kRing = 4, kRinging = 5, kUp = 6 };

struct SimChannel {
  SimChannelKey key = 0;
  std::string name;  // PJSIP/trunk-00000004
  std::string uniqueid;
  std::string linkedid;
  SimChannelState state = SimChannelState::kDown;
  // Empty prints as <unknown>.
  std::string caller_num;
  std::string caller_name;
  std::string connected_num;
  std::string connected_name;
  std::string account_code;
  std::string context;
  std::string exten;
  int priority = 1;
  // What runs on it, for CoreShowChannels.
  std::string application = "AppDial2";
  std::string data = "(Outgoing Line)";
  std::string bridge_id;  // empty: in none
  engine::MonotonicTime created;
};

// One thread.
class SimChannels {
 public:
  // The reference stays valid until the channel is removed.
  SimChannel& Add(SimChannel channel);
  void Remove(SimChannelKey key);
  void Clear();
  // Null: gone.
  SimChannel* Find(SimChannelKey key);
  // By name or by uniqueid, as actions give it. Null: no such channel.
  SimChannel* FindByText(absl::string_view text);
  size_t size() const { return channels_.size(); }
  const std::map<SimChannelKey, SimChannel>& all() const { return channels_; }

 private:
  std::map<SimChannelKey, SimChannel> channels_;
  std::map<std::string, SimChannelKey> by_text_;
  SimChannelKey next_key_ = 1;
};

// The fourteen headers that describe a channel, each with `prefix` in front ("", "Dest",
// "Parkee", "LocalOne").
void AppendSnapshot(const SimChannel& channel, absl::string_view prefix, AmiMessage* message);

}  // namespace outdial::ami
