#include "ami_gateway/ami_standalone_mode.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ami_gateway/ami_action_headers.h"
#include "ami_gateway/ami_login.h"
#include "ami_gateway/ami_reply.h"
#include "ami_gateway/out_call_reader.h"

namespace outdial::ami {
namespace {

// AMI clients look for its beginning.
constexpr absl::string_view kDefaultBanner = "Asterisk Call Manager/11.0.0";

constexpr absl::string_view kNoRight =
    "Permission denied. The Out actions need the class message in the user's write classes "
    "(ami_users in the configuration of Outdial)";

std::string DescribeCommand(absl::string_view description, AmiClasses classes) {
  return absl::StrCat(description, "  (Priv: ", FormatAmiClasses(classes), ")");
}

}  // namespace

struct AmiStandaloneMode::Action {
  absl::string_view name;
  absl::string_view description;
  bool before_login;
  void (AmiStandaloneMode::*handler)(const AmiMessage& action, const engine::Now& now,
                                     AmiClientOutput* out);
};

AmiStandaloneMode::AmiStandaloneMode(AmiClientOptions options, const engine::Now& now)
    : options_(std::move(options)), auth_deadline_(now.mono + options_.auth_timeout) {}

const AmiStandaloneMode::Action* AmiStandaloneMode::FindAction(absl::string_view name) {
  const std::vector<Action>& actions = Actions();
  const auto found = std::find_if(actions.begin(), actions.end(), [name](const Action& action) {
    return absl::EqualsIgnoreCase(action.name, name);
  });
  return found == actions.end() ? nullptr : &*found;
}

const std::vector<AmiStandaloneMode::Action>& AmiStandaloneMode::Actions() {
  using M = AmiStandaloneMode;
  static const std::vector<Action>* const kActions = new std::vector<Action>{
      {"Challenge", "Generate Challenge for MD5 Auth.", true, &M::Challenge},
      {"Events", "Control Event Flow.", false, &M::Events},
      {"ListCommands", "List available manager commands.", false, &M::ListCommands},
      {"Login", "Login Manager.", true, &M::Login},
      {"Logoff", "Logoff Manager.", true, &M::Logoff},
      {"Ping", "Keepalive command.", false, &M::Ping},
  };
  return *kActions;
}

// ---- Steps

void AmiStandaloneMode::Start(const engine::Now&, AmiClientOutput* out) {
  const absl::string_view banner = options_.banner.empty() ? kDefaultBanner : options_.banner;
  absl::StrAppend(&out->to_client, banner, "\r\n");
}

void AmiStandaloneMode::OnClientBytes(absl::string_view bytes, const engine::Now& now,
                                      AmiClientOutput* out) {
  reader_.Add(bytes);
  Serve(now, out);
}

void AmiStandaloneMode::OnCallBytes(absl::string_view bytes, bool complete, const engine::Now& now,
                                    AmiClientOutput* out) {
  absl::StrAppend(&out->to_client, bytes);
  if (!complete) return;
  in_call_ = false;
  Serve(now, out);
}

void AmiStandaloneMode::OnOutEvent(absl::string_view bytes, AmiClientOutput* out) {
  if (wants_out_events()) absl::StrAppend(&out->to_client, bytes);
}

void AmiStandaloneMode::OnTime(const engine::Now& now, AmiClientOutput* out) {
  if (now.mono < NextDeadline()) return;
  if (refusal_.has_value()) out->to_client += refusal_->reply;
  out->close = "";
}

engine::MonotonicTime AmiStandaloneMode::NextDeadline() const {
  if (refusal_.has_value()) return refusal_->due;
  return user_ == nullptr ? auth_deadline_ : absl::InfiniteDuration();
}

bool AmiStandaloneMode::wants_client_bytes() const { return !in_call_ && !refusal_.has_value(); }

// ---- Messages

void AmiStandaloneMode::Serve(const engine::Now& now, AmiClientOutput* out) {
  while (wants_client_bytes() && !out->close.has_value() && reader_.unread_bytes() > 0) {
    if (const std::optional<AmiFrame> frame = reader_.NextFrame()) Handle(*frame, now, out);
  }
}

void AmiStandaloneMode::Handle(const AmiFrame& frame, const engine::Now& now,
                               AmiClientOutput* out) {
  const absl::string_view name = ActionName(frame.message);
  if (user_ != nullptr && IsOutActionName(name)) return HandleOutAction(frame, out);
  const Action* const action = FindAction(name);
  if (const auto error = AmiFrameError(frame)) {
    out->to_client += AmiErrorReply(frame.message, *error);
  } else if (user_ == nullptr && (action == nullptr || !action->before_login)) {
    out->to_client += AmiErrorReply(frame.message, "Permission denied");
  } else if (action == nullptr) {
    out->to_client += AmiErrorReply(
        frame.message, absl::StrCat("Invalid/unknown command: ", name,
                                    ". Use Action: ListCommands to show available commands."));
  } else {
    (this->*action->handler)(frame.message, now, out);
  }
}

void AmiStandaloneMode::HandleOutAction(const AmiFrame& frame, AmiClientOutput* out) {
  if ((user_->write & kAmiMessage) == 0) {
    out->to_client += AmiErrorReply(frame.message, kNoRight);
    return;
  }
  OutCallOrReply asked = ReadOutCall(frame);
  if (std::string* const refusal = std::get_if<std::string>(&asked)) {
    out->to_client += *refusal;
    return;
  }
  out->call = std::get<OutCall>(std::move(asked));
  in_call_ = true;
}

// ---- Actions

void AmiStandaloneMode::Challenge(const AmiMessage& action, const engine::Now&,
                                  AmiClientOutput* out) {
  if (!absl::EqualsIgnoreCase(ActionHeader(action, "AuthType").value_or(""), "MD5")) {
    out->to_client += AmiErrorReply(action, "Must specify AuthType");
    return;
  }
  challenge_ = options_.challenge;
  out->to_client += AmiReply(action, "Success", {{"Challenge", *challenge_}});
}

void AmiStandaloneMode::Events(const AmiMessage& action, const engine::Now&, AmiClientOutput* out) {
  const std::optional<AmiClasses> mask =
      ParseAmiEventMask(ActionHeader(action, "EventMask").value_or(""));
  if (!mask.has_value()) {
    out->to_client += AmiErrorReply(action, "Invalid event mask");
    return;
  }
  event_mask_ = *mask;
  out->to_client += AmiReply(action, "Success", {{"Events", *mask == 0 ? "Off" : "On"}});
}

void AmiStandaloneMode::ListCommands(const AmiMessage& action, const engine::Now&,
                                     AmiClientOutput* out) {
  std::vector<AmiHeader> commands;
  for (const Action& known : Actions()) {
    commands.push_back({std::string(known.name), DescribeCommand(known.description, 0)});
  }
  if ((user_->write & kAmiMessage) != 0) {
    for (const OutAction& known : OutActions()) {
      commands.push_back(
          {std::string(known.name), DescribeCommand(known.description, kAmiMessage)});
    }
  }
  std::sort(commands.begin(), commands.end(),
            [](const AmiHeader& a, const AmiHeader& b) { return a.name < b.name; });
  out->to_client += AmiReply(action, "Success", commands);
}

void AmiStandaloneMode::Login(const AmiMessage& action, const engine::Now& now,
                              AmiClientOutput* out) {
  if (user_ != nullptr) {
    out->to_client += AmiReply(action, "Success", {{"Message", "Already authenticated"}});
    return;
  }
  const AmiLogin login = ReadAmiLogin(action);
  const auto user =
      std::find_if(options_.users.begin(), options_.users.end(), [&login](const AmiUser& known) {
        return absl::EqualsIgnoreCase(known.username, login.username);
      });
  if (user == options_.users.end() || !ProvesSecret(login, user->secret, challenge_)) {
    refusal_ = {AmiErrorReply(action, "Authentication failed"),
                now.mono + options_.refused_login_delay};
    out->login_failed = login.username;
    return;
  }
  user_ = &*user;
  event_mask_ = login.event_mask;
  out->logged_in = user_->username;
  out->to_client += AmiReply(action, "Success", {{"Message", "Authentication accepted"}});
  if (!Reads(kAmiSystem)) return;
  const int64_t uptime_s = absl::ToInt64Seconds(now.mono - options_.server_start);
  absl::StrAppend(&out->to_client,
                  "Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: ", uptime_s,
                  "\r\nLastReload: ", uptime_s, "\r\nStatus: Fully Booted\r\n\r\n");
}

void AmiStandaloneMode::Logoff(const AmiMessage& action, const engine::Now&, AmiClientOutput* out) {
  out->to_client += AmiReply(action, "Goodbye", {{"Message", "Thanks for all the fish."}});
  out->close = "";
}

void AmiStandaloneMode::Ping(const AmiMessage& action, const engine::Now& now,
                             AmiClientOutput* out) {
  const int64_t us = absl::ToUnixMicros(now.wall);
  out->to_client += AmiReply(
      action, "Success",
      {{"Ping", "Pong"}, {"Timestamp", absl::StrFormat("%d.%06d", us / 1000000, us % 1000000)}});
}

}  // namespace outdial::ami
