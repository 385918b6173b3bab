// What a destination means for dialling. Pure.
#pragma once

#include <string>

#include "outdial/v1/destination.pb.h"

namespace outdial::engine {

// The queue whose agents limit calls to this destination: agent_queue, else for application Queue
// the queue that its data names. Empty: it has no agents.
std::string AgentQueueOf(const v1::Destination& destination);

// The parking lot of application Park; empty: the destination parks nothing.
std::string ParkingLotOf(const v1::Destination& destination);

}  // namespace outdial::engine
