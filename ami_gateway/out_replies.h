// What an AMI client reads of Outdial: responses, list items and events, as bytes for the wire.
//
// Pure; any thread. `action_id` is the client's, absent where it sent none.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ami_gateway/out_actions.h"
#include "engine/action.h"
#include "outdial/v1/event.pb.h"

namespace outdial::ami {

using OptionalActionId = std::optional<absl::string_view>;

// `Response: Error` with what is wrong and how to put it right, fields named as AMI headers.
std::string OutErrorReply(OptionalActionId action_id, const absl::Status& status);

// The response to an action of kind kChange that succeeded.
std::string OutChangeReply(const OutAction& action, OptionalActionId action_id,
                           const engine::ActionResult& result);

// A list: its opening, the items of one page (their number is added to `count`), its end.
std::string OutListBegin(const OutAction& action, OptionalActionId action_id);
std::string OutListItems(const OutAction& action, OptionalActionId action_id,
                         const google::protobuf::Message& response, uint64_t* count);
std::string OutListEnd(const OutAction& action, OptionalActionId action_id, uint64_t count);

// An event of the log; empty: one of a kind that this version does not know.
std::string OutEventText(const v1::Event& event);

}  // namespace outdial::ami
