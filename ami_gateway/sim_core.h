// What the parts of the simulated Asterisk share.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_message.h"
#include "ami_gateway/sim_channel.h"
#include "ami_gateway/sim_config.h"
#include "ami_gateway/sim_counters.h"
#include "ami_gateway/sim_population.h"
#include "ami_gateway/sim_random.h"
#include "ami_gateway/sim_schedule.h"
#include "ami_gateway/sim_sessions.h"
#include "engine/now.h"

namespace outdial::ami {

// One thread. Not copied or moved: the parts point into it.
struct SimCore {
  explicit SimCore(SimAsteriskConfig the_config);
  SimCore(const SimCore&) = delete;
  SimCore& operator=(const SimCore&) = delete;

  const SimAsteriskConfig config;
  const SimPopulation population;
  engine::Now now;
  engine::Now booted;
  SimSchedule schedule;
  SimRandom random;
  SimSessions sessions;
  SimChannels channels;
  SimCallCounter counter;

  void After(absl::Duration delay, std::function<void()> run) {
    schedule.At(now.mono + delay, std::move(run));
  }

  // An id of Asterisk's own: `<start of the second>.<number>`.
  std::string MakeUniqueid();
  std::string MakeUuid();  // for bridges
  // `PJSIP/<endpoint>-0000001f`, numbered in the order of making.
  std::string MakeChannelName(absl::string_view endpoint);
  // `Local/911@agents-00000000`, without the `;1` or `;2` of its halves.
  std::string MakeLocalName(absl::string_view interface);
  // As after a start: nothing is there, numbers begin again. Counters and sessions stay.
  void Reboot();

  // An event with what all of them begin with.
  AmiMessage MakeEvent(absl::string_view event, AmiClasses event_class) const;
  // An event about one channel: its snapshot, then `extra`.
  void PublishChannel(AmiClasses event_class, absl::string_view event, const SimChannel& channel,
                      std::initializer_list<AmiHeader> extra = {});
  // An event about a call between two channels; null `source`: an Originate's, which has only the
  // called side.
  void PublishDial(AmiClasses event_class, absl::string_view event, const SimChannel* source,
                   const SimChannel& destination, std::initializer_list<AmiHeader> extra);
  void PublishVariable(const SimChannel& channel, absl::string_view name, absl::string_view value);
  void PublishExtension(const SimChannel& channel, absl::string_view application,
                        absl::string_view data);
  void PublishState(SimChannel& channel, SimChannelState state);
  void PublishHangup(const SimChannel& channel, int cause, int sip_code = 0);

 private:
  uint64_t next_uniqueid_ = 1;
  uint64_t next_channel_ = 0;
  uint64_t next_local_ = 0;
};

// A bridge, as the events about it describe it.
struct SimBridge {
  std::string id;
  std::string type = "basic";
  std::string technology = "simple_bridge";
  std::string creator = "<unknown>";
  std::string name = "<unknown>";
  int channels = 0;

  void AppendTo(AmiMessage* message) const;
};
void PublishBridge(SimCore& core, absl::string_view event, const SimBridge& bridge);
void EnterBridge(SimCore& core, SimBridge& bridge, SimChannel& channel);
void LeaveBridge(SimCore& core, SimBridge& bridge, SimChannel& channel);

// Seconds since 1970 with six digits of fraction, as Asterisk writes them.
std::string AmiTimestamp(absl::Time time);
// Q.850 cause in words.
absl::string_view HangupCauseText(int cause);

}  // namespace outdial::ami
