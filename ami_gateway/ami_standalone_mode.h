// An AMI client without an Asterisk: the few actions that every AMI client uses are answered here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_action_reader.h"
#include "ami_gateway/ami_classes.h"
#include "ami_gateway/ami_client_mode.h"
#include "ami_gateway/ami_frame_parser.h"
#include "ami_gateway/ami_message.h"
#include "engine/now.h"

namespace outdial::ami {

// Belongs to one thread.
class AmiStandaloneMode : public AmiClientMode {
 public:
  AmiStandaloneMode(AmiClientOptions options, const engine::Now& now);

  void Start(const engine::Now& now, AmiClientOutput* out) override;
  void OnClientBytes(absl::string_view bytes, const engine::Now& now,
                     AmiClientOutput* out) override;
  void OnCallBytes(absl::string_view bytes, bool complete, const engine::Now& now,
                   AmiClientOutput* out) override;
  void OnOutEvent(absl::string_view bytes, AmiClientOutput* out) override;
  void OnTime(const engine::Now& now, AmiClientOutput* out) override;
  engine::MonotonicTime NextDeadline() const override;

  bool wants_client_bytes() const override;
  bool wants_out_events() const override { return Reads(kAmiMessage); }
  bool logged_in() const override { return user_ != nullptr; }

 private:
  struct Action;

  // A login that was wrong, answered when it is due.
  struct Refusal {
    std::string reply;
    engine::MonotonicTime due;
  };

  static const std::vector<Action>& Actions();
  static const Action* FindAction(absl::string_view name);
  bool Reads(AmiClasses event_class) const {
    return user_ != nullptr && (user_->read & event_mask_ & event_class) != 0;
  }

  void Serve(const engine::Now& now, AmiClientOutput* out);
  void Handle(const AmiFrame& frame, const engine::Now& now, AmiClientOutput* out);
  void HandleOutAction(const AmiFrame& frame, AmiClientOutput* out);

  void Challenge(const AmiMessage& action, const engine::Now& now, AmiClientOutput* out);
  void Events(const AmiMessage& action, const engine::Now& now, AmiClientOutput* out);
  void ListCommands(const AmiMessage& action, const engine::Now& now, AmiClientOutput* out);
  void Login(const AmiMessage& action, const engine::Now& now, AmiClientOutput* out);
  void Logoff(const AmiMessage& action, const engine::Now& now, AmiClientOutput* out);
  void Ping(const AmiMessage& action, const engine::Now& now, AmiClientOutput* out);

  const AmiClientOptions options_;
  const engine::MonotonicTime auth_deadline_;
  AmiActionReader reader_;
  std::optional<std::string> challenge_;  // once it was given
  std::optional<Refusal> refusal_;
  const AmiUser* user_ = nullptr;  // null: not logged in
  AmiClasses event_mask_ = kAmiAllClasses;
  bool in_call_ = false;
};

}  // namespace outdial::ami
