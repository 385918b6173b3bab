// An AMI client with an Asterisk node behind: Out* actions are Outdial's, all else is the node's.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_action_reader.h"
#include "ami_gateway/ami_classes.h"
#include "ami_gateway/ami_client_feed.h"
#include "ami_gateway/ami_client_mode.h"
#include "ami_gateway/ami_frame_parser.h"
#include "ami_gateway/ami_login.h"
#include "ami_gateway/ami_message_splitter.h"
#include "ami_gateway/out_call_reader.h"
#include "engine/now.h"

namespace outdial::ami {

// Belongs to one thread.
//
// Where messages end: Outdial sees an end only where Asterisk sees one too (Asterisk sees more of
// them, in lines that are too long or begin with NUL). So what Outdial puts between two messages
// never lands inside one, and what an Out* action says was never a part of something else.
class AmiTransparentMode : public AmiClientMode {
 public:
  AmiTransparentMode(AmiClientOptions options, const engine::Now& now);

  void Start(const engine::Now& now, AmiClientOutput* out) override;
  void OnClientBytes(absl::string_view bytes, const engine::Now& now,
                     AmiClientOutput* out) override;
  void OnNodeConnected(const engine::Now& now, AmiClientOutput* out) override;
  void OnNodeBytes(absl::string_view bytes, const engine::Now& now, AmiClientOutput* out) override;
  void OnNodeLost(const engine::Now& now, AmiClientOutput* out) override;
  void OnCallBytes(absl::string_view bytes, bool complete, const engine::Now& now,
                   AmiClientOutput* out) override;
  void OnOutEvent(absl::string_view bytes, AmiClientOutput* out) override;
  void OnTime(const engine::Now& now, AmiClientOutput* out) override;
  engine::MonotonicTime NextDeadline() const override;

  bool wants_client_bytes() const override { return MayServe() || ending_; }
  bool wants_out_events() const override;
  bool logged_in() const override { return phase_ != Phase::kBeforeLogin; }
  size_t waiting_bytes() const override { return feed_.waiting_bytes(); }

 private:
  enum class Phase { kBeforeLogin, kLoggedIn };
  enum class Node { kNone, kConnecting, kConnected };

  // An action before login, until the node has answered it.
  struct Asked {
    AmiMessage action;
    std::optional<AmiLogin> login;
    std::string bytes;  // not sent yet
  };
  // What an Out* message led to, until the answers to the actions before it have come.
  struct Fenced {
    OutCallOrReply result;
    engine::MonotonicTime deadline;
  };

  bool MayServe() const;
  void Serve(const engine::Now& now, AmiClientOutput* out);

  // Before login
  void HandleBeforeLogin(const AmiFrame& frame, AmiClientOutput* out);
  void Ask(const AmiMessage& action, std::string bytes, AmiClientOutput* out);
  absl::string_view TakeBanner(absl::string_view bytes, AmiClientOutput* out);
  absl::string_view TakeAnswer(absl::string_view bytes, AmiClientOutput* out);
  void HandleAnswer(AmiClientOutput* out);
  void LogIn(const AmiLogin& login, AmiClientOutput* out);

  // After login
  void ForwardPiece(const AmiActionReader::Piece& piece, const engine::Now& now,
                    AmiClientOutput* out);
  void HandleMessage(const std::string& bytes, const engine::Now& now, AmiClientOutput* out);
  void NoteForwarded(const AmiMessage& action, absl::string_view name);
  void HandleOutAction(const AmiFrame& frame, const engine::Now& now, AmiClientOutput* out);
  void EndFence(AmiClientOutput* out);

  const AmiClientOptions options_;
  const engine::MonotonicTime auth_deadline_;
  Phase phase_ = Phase::kBeforeLogin;
  // Asterisk is about to end the connection and reads nothing more: a login was refused, or the
  // client logs off.
  bool ending_ = false;
  Node node_ = Node::kNone;
  AmiActionReader reader_;

  bool greeted_ = false;       // the client has its banner
  bool node_greeted_ = false;  // the node has sent its own
  std::string node_banner_;    // as far as it came
  std::optional<Asked> asked_;
  std::string answer_;  // of the node before login, as far as it came
  AmiMessageSplitter answer_splitter_{AmiMessageSplitter::LineEnds::kCrLf};

  OutRights rights_;
  AmiClasses event_mask_ = kAmiAllClasses;
  AmiClientFeed feed_;
  std::string message_;      // of the client, as far as it came
  bool streaming_ = false;   // the rest of the message goes through as it comes
  bool unanswered_ = false;  // something was forwarded since the last fence
  std::optional<Fenced> fenced_;
  bool in_call_ = false;
};

}  // namespace outdial::ami
