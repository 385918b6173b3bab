// What the applications of the simulated Asterisk need of the calls that run them.
#pragma once

#include "ami_gateway/sim_channel.h"
#include "ami_gateway/sim_population.h"

namespace outdial::ami {

class SimApplicationHost {
 public:
  virtual ~SimApplicationHost() = default;
  // The application returned: the dialplan goes on. The channel may be gone afterwards.
  virtual void ApplicationDone(SimChannelKey caller) = 0;
  // The application ends the call. The channel is gone afterwards.
  virtual void EndCall(SimChannelKey caller, int cause) = 0;
  // The callee hangs up. The channel is gone afterwards.
  virtual void CalleeHangsUp(SimChannelKey caller) = 0;
  // The callee behind the channel talks to an agent from now on.
  virtual void ReachedAgent(SimChannelKey caller) = 0;
  virtual const CallFate& FateOf(SimChannelKey caller) const = 0;
};

}  // namespace outdial::ami
