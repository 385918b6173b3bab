// The parking lot of the simulated Asterisk (application Park).
#pragma once

#include <map>
#include <vector>

#include "ami_gateway/ami_message.h"
#include "ami_gateway/sim_application.h"
#include "ami_gateway/sim_core.h"

namespace outdial::ami {

// One thread.
class SimParking {
 public:
  // Both outlive it.
  SimParking(SimCore* core, SimApplicationHost* host) : core_(core), host_(host) {}

  // Parks the channel in the first free space; with none left the application returns.
  void Park(SimChannel& caller);
  // The channel is about to hang up: it leaves its space.
  void GiveUp(SimChannel& caller);
  // A reboot: all channels are gone.
  void Clear();

  // The items of ParkedCalls and Parkinglots.
  std::vector<AmiMessage> ListCalls();
  std::vector<AmiMessage> ListLots() const;

 private:
  struct Parked {
    SimChannelKey caller = 0;
    engine::MonotonicTime since;
  };

  AmiMessage Describe(absl::string_view event, int space, const Parked& parked,
                      const SimChannel& caller) const;
  void TimeOut(int space, SimChannelKey caller);

  SimCore* core_;
  SimApplicationHost* host_;
  std::map<int, Parked> spaces_;  // those taken
  SimBridge bridge_;              // without id: nobody was parked yet
};

}  // namespace outdial::ami
