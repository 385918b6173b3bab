#include "ami_gateway/ami_transparent_mode.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ami_gateway/ami_action_headers.h"
#include "ami_gateway/ami_encoder.h"
#include "ami_gateway/ami_reply.h"

namespace outdial::ami {
namespace {

// A message that Asterisk accepts is no longer: 128 lines of up to 1024 bytes, and the blank one.
constexpr size_t kMaxHeldBytes = 128 * 1024 + 2;
// What a node says before login is a few lines.
constexpr size_t kMaxBannerBytes = 1024;
constexpr size_t kMaxAnswerBytes = 64 * 1024;
// While more of Outdial's own bytes wait for the node to end its message, no action is taken.
constexpr size_t kMaxWaitingBytes = 256 * 1024;

// All that Asterisk reads of an action before login, the action's name aside.
constexpr std::array<absl::string_view, 6> kHeadersBeforeLogin = {
    "ActionID", "Username", "AuthType", "Secret", "Key", "Events"};

constexpr absl::string_view kNoRight =
    "Permission denied. The Out actions need an entry with this login and `use: true` in "
    "ami_access "
    "of the configuration of Outdial";

// The action anew, each header once: whatever the client's own bytes could mean to Asterisk beyond
// what was read here does not get there. INVALID_ARGUMENT: it can't be written.
absl::StatusOr<std::string> RewriteBeforeLogin(const AmiMessage& action, absl::string_view name) {
  AmiMessage rewritten;
  rewritten.Add("Action", name);
  for (const absl::string_view header : kHeadersBeforeLogin) {
    if (const auto value = ActionHeader(action, header)) rewritten.Add(header, *value);
  }
  return EncodeAmiMessage(rewritten, kAmiActionLimits);
}

}  // namespace

AmiTransparentMode::AmiTransparentMode(AmiClientOptions options, const engine::Now& now)
    : options_(std::move(options)),
      auth_deadline_(now.mono + options_.auth_timeout),
      feed_(absl::StrCat("outdial-fence-", options_.fence_token)) {}

// ---- Steps

void AmiTransparentMode::Start(const engine::Now&, AmiClientOutput* out) {
  if (options_.banner.empty()) {
    node_ = Node::kConnecting;
    out->connect_node = true;
    return;
  }
  absl::StrAppend(&out->to_client, options_.banner, "\r\n");
  greeted_ = true;
}

void AmiTransparentMode::OnClientBytes(absl::string_view bytes, const engine::Now& now,
                                       AmiClientOutput* out) {
  if (ending_) return;
  reader_.Add(bytes);
  Serve(now, out);
}

void AmiTransparentMode::OnNodeConnected(const engine::Now&, AmiClientOutput* out) {
  node_ = Node::kConnected;
  if (asked_.has_value()) out->to_node += std::exchange(asked_->bytes, "");
}

void AmiTransparentMode::OnNodeBytes(absl::string_view bytes, const engine::Now& now,
                                     AmiClientOutput* out) {
  if (!node_greeted_) bytes = TakeBanner(bytes, out);
  while (phase_ == Phase::kBeforeLogin && !bytes.empty()) bytes = TakeAnswer(bytes, out);
  if (out->close.has_value()) return;
  out->to_client.reserve(out->to_client.size() + bytes.size());
  feed_.AddNodeBytes(bytes, &out->to_client);
  if (fenced_.has_value() && feed_.open_fences() == 0) EndFence(out);
  Serve(now, out);
}

void AmiTransparentMode::OnNodeLost(const engine::Now&, AmiClientOutput* out) {
  if (node_ == Node::kConnecting) {
    out->to_client += AmiErrorReply(asked_.has_value() ? asked_->action : AmiMessage(),
                                    "No Asterisk node can be reached; try again later");
    out->close = "no Asterisk node can be reached";
    return;
  }
  // As far as it came, as Asterisk's own end would leave it.
  out->to_client += answer_;
  // Asterisk ends the connection of a client that doesn't log in, too.
  const bool idle = phase_ == Phase::kBeforeLogin && !asked_.has_value();
  out->close = ending_ || idle ? "" : "the connection to the Asterisk node ended";
}

void AmiTransparentMode::OnCallBytes(absl::string_view bytes, bool complete, const engine::Now& now,
                                     AmiClientOutput* out) {
  feed_.AddOwnBytes(bytes, &out->to_client);
  if (!complete) return;
  in_call_ = false;
  Serve(now, out);
}

void AmiTransparentMode::OnOutEvent(absl::string_view bytes, AmiClientOutput* out) {
  if (wants_out_events()) feed_.AddOwnBytes(bytes, &out->to_client);
}

void AmiTransparentMode::OnTime(const engine::Now& now, AmiClientOutput* out) {
  if (now.mono < NextDeadline()) return;
  if (phase_ == Phase::kBeforeLogin) {
    out->close = "";
    return;
  }
  EndFence(out);
  Serve(now, out);
}

engine::MonotonicTime AmiTransparentMode::NextDeadline() const {
  if (phase_ == Phase::kBeforeLogin) return auth_deadline_;
  return fenced_.has_value() ? fenced_->deadline : absl::InfiniteDuration();
}

bool AmiTransparentMode::wants_out_events() const {
  return phase_ == Phase::kLoggedIn && !ending_ && rights_.see && (event_mask_ & kAmiMessage) != 0;
}

bool AmiTransparentMode::MayServe() const {
  return greeted_ && !ending_ && !asked_.has_value() && !fenced_.has_value() && !in_call_ &&
         feed_.waiting_bytes() <= kMaxWaitingBytes;
}

void AmiTransparentMode::Serve(const engine::Now& now, AmiClientOutput* out) {
  while (MayServe() && !out->close.has_value() && reader_.unread_bytes() > 0) {
    if (phase_ == Phase::kBeforeLogin) {
      if (const auto frame = reader_.NextFrame()) HandleBeforeLogin(*frame, out);
    } else if (const auto piece = reader_.NextPiece()) {
      ForwardPiece(*piece, now, out);
    }
  }
}

// ---- Before login

void AmiTransparentMode::HandleBeforeLogin(const AmiFrame& frame, AmiClientOutput* out) {
  const AmiMessage& action = frame.message;
  const absl::string_view name = ActionName(action);
  if (const auto error = AmiFrameError(frame)) {
    out->to_client += AmiErrorReply(action, *error);
    return;
  }
  if (IsOutActionName(name)) {
    out->to_client += AmiErrorReply(action, "Permission denied");
    return;
  }
  absl::StatusOr<std::string> bytes = RewriteBeforeLogin(action, name);
  if (!bytes.ok()) {
    out->to_client +=
        AmiErrorReply(action, absl::StrCat("Failed to parse message: ", bytes.status().message()));
    return;
  }
  Ask(action, *std::move(bytes), out);
}

void AmiTransparentMode::Ask(const AmiMessage& action, std::string bytes, AmiClientOutput* out) {
  asked_.emplace(Asked{action, std::nullopt, ""});
  if (absl::EqualsIgnoreCase(ActionName(action), "Login")) asked_->login = ReadAmiLogin(action);
  if (node_ == Node::kConnected) {
    out->to_node += bytes;
    return;
  }
  asked_->bytes = std::move(bytes);
  if (node_ == Node::kConnecting) return;
  node_ = Node::kConnecting;
  out->connect_node = true;
}

// Returns what comes after it.
absl::string_view AmiTransparentMode::TakeBanner(absl::string_view bytes, AmiClientOutput* out) {
  const size_t lf = bytes.find('\n');
  absl::StrAppend(&node_banner_, bytes.substr(0, lf));
  if (node_banner_.size() > kMaxBannerBytes) {
    out->close = "the Asterisk node's greeting has no end";
    return "";
  }
  if (lf == absl::string_view::npos) return "";
  node_greeted_ = true;
  const absl::string_view banner = absl::StripSuffix(node_banner_, "\r");
  out->learned_banner = std::string(banner);
  if (!greeted_) absl::StrAppend(&out->to_client, node_banner_, "\n");
  greeted_ = true;
  return bytes.substr(lf + 1);
}

// Returns what comes after it.
absl::string_view AmiTransparentMode::TakeAnswer(absl::string_view bytes, AmiClientOutput* out) {
  const size_t end = answer_splitter_.TakeToEnd(bytes);
  absl::StrAppend(&answer_, bytes.substr(0, end));
  if (answer_.size() > kMaxAnswerBytes) {
    out->close = "the Asterisk node's answer has no end";
    return "";
  }
  if (end == absl::string_view::npos) return "";
  HandleAnswer(out);
  return bytes.substr(end);
}

// Before login Asterisk sends answers only, one to each action, and one action is asked at a time:
// the answer at hand is that of the action at hand.
void AmiTransparentMode::HandleAnswer(AmiClientOutput* out) {
  const AmiMessage answer = ParseAmiFrame(answer_, AmiFrameLimits()).message;
  out->to_client += std::exchange(answer_, "");
  if (!asked_.has_value() || !answer.is_response()) return;
  const std::optional<AmiLogin> login = std::move(asked_->login);
  asked_.reset();
  const absl::string_view response = answer.Get("Response");
  const bool login_refused = login.has_value() && response == "Error";
  if (login_refused) out->login_failed = login->username;
  ending_ = login_refused || response == "Goodbye";
  if (login.has_value() && response == "Success" &&
      answer.Get("Message") == "Authentication accepted") {
    LogIn(*login, out);
  }
}

void AmiTransparentMode::LogIn(const AmiLogin& login, AmiClientOutput* out) {
  phase_ = Phase::kLoggedIn;
  event_mask_ = login.event_mask;
  if (options_.rights) rights_ = options_.rights(login.username);
  out->logged_in = login.username;
}

// ---- After login

void AmiTransparentMode::ForwardPiece(const AmiActionReader::Piece& piece, const engine::Now& now,
                                      AmiClientOutput* out) {
  if (!streaming_) {
    absl::StrAppend(&message_, piece.bytes);
    if (piece.ends_message) return HandleMessage(std::exchange(message_, ""), now, out);
    if (message_.size() <= kMaxHeldBytes) return;
    // Whatever it is, Asterisk refuses it.
    out->to_node += std::exchange(message_, "");
    unanswered_ = true;
    streaming_ = true;
    return;
  }
  absl::StrAppend(&out->to_node, piece.bytes);
  streaming_ = !piece.ends_message;
}

void AmiTransparentMode::HandleMessage(const std::string& bytes, const engine::Now& now,
                                       AmiClientOutput* out) {
  const AmiFrame frame = ParseAmiFrame(bytes, kAmiActionLimits);
  const absl::string_view name = ActionName(frame.message);
  if (IsOutActionName(name)) return HandleOutAction(frame, now, out);
  out->to_node += bytes;
  unanswered_ = true;
  if (frame.fault == AmiFrame::Fault::kNone) NoteForwarded(frame.message, name);
}

void AmiTransparentMode::NoteForwarded(const AmiMessage& action, absl::string_view name) {
  if (absl::EqualsIgnoreCase(name, "Logoff")) {
    ending_ = true;
  } else if (absl::EqualsIgnoreCase(name, "Events")) {
    event_mask_ =
        ParseAmiEventMask(ActionHeader(action, "EventMask").value_or("")).value_or(event_mask_);
  }
}

void AmiTransparentMode::HandleOutAction(const AmiFrame& frame, const engine::Now& now,
                                         AmiClientOutput* out) {
  fenced_.emplace(Fenced{
      rights_.use ? ReadOutCall(frame) : OutCallOrReply(AmiErrorReply(frame.message, kNoRight)),
      now.mono + options_.fence_timeout});
  if (!unanswered_) return EndFence(out);
  unanswered_ = false;
  out->to_node += feed_.AddFence();
}

void AmiTransparentMode::EndFence(AmiClientOutput* out) {
  OutCallOrReply result = std::move(fenced_->result);
  fenced_.reset();
  if (std::string* const reply = std::get_if<std::string>(&result)) {
    feed_.AddOwnBytes(*reply, &out->to_client);
    return;
  }
  out->call = std::get<OutCall>(std::move(result));
  in_call_ = true;
}

}  // namespace outdial::ami
