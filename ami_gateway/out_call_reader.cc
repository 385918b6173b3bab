#include "ami_gateway/out_call_reader.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ami_gateway/ami_action_headers.h"
#include "ami_gateway/ami_reply.h"
#include "ami_gateway/out_replies.h"

namespace outdial::ami {
namespace {

constexpr size_t kMaxNameShown = 80;

// In transparent mode ListCommands is Asterisk's and doesn't know them, so that they are named
// here.
std::string UnknownAction(absl::string_view name) {
  return absl::StrCat(
      "Invalid/unknown command: ", name.substr(0, kMaxNameShown), ". Use one of ",
      absl::StrJoin(OutActions(), ", ", [](std::string* text, const OutAction& action) {
        absl::StrAppend(text, action.name);
      }));
}

}  // namespace

OutCallOrReply ReadOutCall(const AmiFrame& frame) {
  if (const auto error = AmiFrameError(frame)) return AmiErrorReply(frame.message, *error);
  const absl::string_view name = ActionName(frame.message);
  OutCall call;
  call.action = FindOutAction(name);
  call.action_id = ActionId(frame.message);
  if (call.action == nullptr) return AmiErrorReply(frame.message, UnknownAction(name));
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> request =
      ReadOutRequest(*call.action, frame.message);
  if (!request.ok()) return OutErrorReply(call.action_id, request.status());
  call.request = *std::move(request);
  return call;
}

}  // namespace outdial::ami
