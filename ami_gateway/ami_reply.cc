#include "ami_gateway/ami_reply.h"

#include "absl/status/statusor.h"
#include "ami_gateway/ami_action_headers.h"
#include "ami_gateway/ami_encoder.h"
#include "engine/check.h"

namespace outdial::ami {

std::string AmiReply(const AmiMessage& action, absl::string_view response,
                     const std::vector<AmiHeader>& rest) {
  AmiMessage reply;
  reply.Add("Response", response);
  if (const std::optional<std::string> id = ActionId(action)) reply.Add("ActionID", *id);
  // What a client sent may come back, such as the name of an action with a CR in it.
  for (const AmiHeader& header : rest) reply.Add(header.name, WithoutLineEnds(header.value));
  const absl::StatusOr<std::string> bytes = EncodeAmiMessage(reply, AmiFrameLimits());
  OUTDIAL_CHECK(bytes.ok(), "a reply is made of clean values within the limits");
  return *bytes;
}

std::string AmiErrorReply(const AmiMessage& action, absl::string_view message) {
  return AmiReply(action, "Error", {{"Message", std::string(message)}});
}

std::optional<absl::string_view> AmiFrameError(const AmiFrame& frame) {
  switch (frame.fault) {
    case AmiFrame::Fault::kNone:
      if (ActionName(frame.message).empty()) return "Missing action in request";
      return std::nullopt;
    case AmiFrame::Fault::kLineTooLong:
      return "Failed to parse message: line too long";
    case AmiFrame::Fault::kTooManyLines:
    case AmiFrame::Fault::kMessageTooLong:
      return "Too many lines in message or allocation failure";
  }
  return std::nullopt;
}

}  // namespace outdial::ami
