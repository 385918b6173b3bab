// What goes to a client of transparent mode: the node's bytes, and Outdial's own between its
// messages.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_message_splitter.h"

namespace outdial::ami {

// Belongs to one thread. The node's bytes pass as they come, unbounded and uncopied but for the
// output itself; Outdial's own wait for the next end of a message.
//
// A fence is a Ping of Outdial's own to the node: its answer, which the client must not see, says
// that all actions before it are answered.
class AmiClientFeed {
 public:
  // `fence_action_id`: what no client can guess, since an answer under it is never shown.
  explicit AmiClientFeed(absl::string_view fence_action_id);

  // The next bytes of the node, which begins with a message.
  void AddNodeBytes(absl::string_view bytes, std::string* to_client);
  // Whole messages.
  void AddOwnBytes(absl::string_view bytes, std::string* to_client);

  // The action to be sent to the node now. Its answer is swallowed, however late.
  std::string AddFence();
  // Of which the answer has not come.
  size_t open_fences() const { return open_fences_; }

  // Own bytes that wait.
  size_t waiting_bytes() const { return waiting_.size(); }

 private:
  enum class Message {
    kNone,   // between two
    kMaybe,  // it may be a fence's answer: the first matched_ bytes are held
    kNode,   // goes to the client
    kFence,  // is swallowed
  };

  bool JudgeStart(absl::string_view bytes, std::string* to_client);
  void EndMessage(std::string* to_client);

  const std::string fence_action_id_;
  const std::string fence_answer_;  // how it begins
  AmiMessageSplitter splitter_{AmiMessageSplitter::LineEnds::kCrLf};
  Message message_ = Message::kNone;
  size_t matched_ = 0;
  size_t open_fences_ = 0;
  std::string waiting_;
};

}  // namespace outdial::ami
