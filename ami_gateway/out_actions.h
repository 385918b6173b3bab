// The Out* actions of AMI: their names, and their headers as request messages of the API.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ami_gateway/ami_message.h"
#include "engine/action.h"

namespace outdial::ami {

// One action. Immutable; any thread.
struct OutAction {
  enum class Kind {
    kChange,   // posted to the loop; answered by one response
    kShow,     // read from the store; answered by a list
    kSummary,  // read from the store; answered by a list of one item
  };

  absl::string_view name;  // `OutCampaignCreate`
  Kind kind = Kind::kChange;
  absl::string_view description;  // for ListCommands: one sentence
  // Of the request and response messages of the RPC of the same name.
  const google::protobuf::Descriptor* request = nullptr;
  const google::protobuf::Descriptor* response = nullptr;
};

// All of them, by name.
const std::vector<OutAction>& OutActions();

// Null: no such action. Without regard to case, as Asterisk looks up its own.
const OutAction* FindOutAction(absl::string_view name);

// Whether an action's name belongs to Outdial, known or not: it begins with `Out`, without regard
// to case. Asterisk has none of its own that does.
bool IsOutActionName(absl::string_view name);

// The action's headers as its request message; unknown headers are left out, as Asterisk does.
// INVALID_ARGUMENT: every header at once that holds no number where there must be one, or a text
// that no record can hold, named with what it must be; the rest is the engine's to judge.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> ReadOutRequest(
    const OutAction& action, const AmiMessage& message);

// The request of an action of kind kChange as what the engine takes.
engine::Action ToEngineAction(const google::protobuf::Message& request);

}  // namespace outdial::ami
