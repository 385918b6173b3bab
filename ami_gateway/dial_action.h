// The actions that make and end the call of a dialing.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_message.h"
#include "engine/node_command.h"
#include "engine/uuid.h"

namespace outdial::ami {

// ActionID of a dialing's Originate. OriginateResponse brings it back, to this connection or to a
// later one, also when its Uniqueid is that of another call (a ChannelId that was taken).
std::string OriginateActionId(const engine::DialingUuid& dialing);
// The other way round; nullopt: no such ActionID.
std::optional<engine::DialingUuid> DialingOfActionId(absl::string_view action_id);

// The dialing whose channel has this Uniqueid; nullopt: the id is not one that Outdial gives.
std::optional<engine::DialingUuid> DialingOfUniqueid(absl::string_view uniqueid);

// Asynchronous, so that the connection is not blocked until the answer. Without EarlyMedia, which
// would report an answer that is none.
AmiMessage OriginateAction(const engine::Originate& originate);

// Names the channel by its Uniqueid. Without an ActionID.
AmiMessage HangupAction(const engine::Hangup& hangup);

}  // namespace outdial::ami
