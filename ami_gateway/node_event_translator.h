// Turns what an Asterisk says into facts for the engine.
#pragma once

#include <optional>

#include "ami_gateway/ami_message.h"
#include "engine/node_event.h"

namespace outdial::ami {

// The fact that an event states; nullopt: none that the engine knows. Pure: the same event gives
// the same fact, live or as the item of a list. Events of channels that are not a dialing's are
// left out, but for the callers, members and agents of queues. Facts that take more than one
// event are made elsewhere: NodeConnected and its like by AmiSession, ParkingSeen by ParkingLots.
std::optional<engine::NodeFact> TranslateNodeEvent(const AmiMessage& event);

}  // namespace outdial::ami
