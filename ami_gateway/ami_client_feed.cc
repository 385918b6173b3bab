#include "ami_gateway/ami_client_feed.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace outdial::ami {
namespace {

void Append(absl::string_view bytes, std::string* to) { to->append(bytes.data(), bytes.size()); }

}  // namespace

AmiClientFeed::AmiClientFeed(absl::string_view fence_action_id)
    : fence_action_id_(fence_action_id),
      fence_answer_(absl::StrCat("Response: Success\r\nActionID: ", fence_action_id, "\r\n")) {}

std::string AmiClientFeed::AddFence() {
  ++open_fences_;
  return absl::StrCat("Action: Ping\r\nActionID: ", fence_action_id_, "\r\n\r\n");
}

void AmiClientFeed::AddNodeBytes(absl::string_view bytes, std::string* to_client) {
  while (!bytes.empty()) {
    if (message_ == Message::kNone) {
      message_ = open_fences_ > 0 ? Message::kMaybe : Message::kNode;
      matched_ = 0;
    }
    if (message_ == Message::kMaybe && !JudgeStart(bytes, to_client)) {
      // It can't end here: no beginning of an answer holds a blank line.
      splitter_.TakeToEnd(bytes);
      return;
    }
    const size_t end = splitter_.TakeToEnd(bytes);
    const absl::string_view piece = bytes.substr(0, end);
    if (message_ == Message::kNode) Append(piece, to_client);
    if (end != absl::string_view::npos) EndMessage(to_client);
    bytes.remove_prefix(piece.size());
  }
}

// False: it can't be told yet, and all of `bytes` is held.
bool AmiClientFeed::JudgeStart(absl::string_view bytes, std::string* to_client) {
  const absl::string_view expected = absl::string_view(fence_answer_).substr(matched_);
  const size_t compared = std::min(expected.size(), bytes.size());
  if (bytes.substr(0, compared) != expected.substr(0, compared)) {
    Append(absl::string_view(fence_answer_).substr(0, matched_), to_client);
    message_ = Message::kNode;
    return true;
  }
  if (compared == expected.size()) {
    message_ = Message::kFence;
    return true;
  }
  matched_ += compared;
  return false;
}

void AmiClientFeed::EndMessage(std::string* to_client) {
  if (message_ == Message::kFence) --open_fences_;
  message_ = Message::kNone;
  to_client->append(waiting_);
  waiting_.clear();
}

void AmiClientFeed::AddOwnBytes(absl::string_view bytes, std::string* to_client) {
  Append(bytes, message_ == Message::kNone ? to_client : &waiting_);
}

}  // namespace outdial::ami
