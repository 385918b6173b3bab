// libFuzzer target: whatever an AMI client sends, however it is cut, and whenever the node answers
// or goes, the session gives Out* rights to nobody but the login that the node itself accepted,
// lets no Out* action reach the node, loses or bends no message of the node's, and mixes nothing
// into one.
//
// Structure-aware: the input is a list of steps (see Step), of which the client's and the node's
// bytes are put together from pieces that AMI messages are made of.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ami_gateway/ami_client_session.h"
#include "ami_gateway/ami_encoder.h"
#include "ami_gateway/ami_frame_parser.h"
#include "engine/check.h"

namespace {

using namespace outdial::ami;  // NOLINT(google-build-using-namespace): one program, one subject
using outdial::engine::Now;

// What clients' bytes are put together from: one byte of input names one.
constexpr absl::string_view kPieces[] = {
    "\r\n",
    "\n",
    "\r",
    "\r\n\r\n",
    absl::string_view("\0", 1),
    "Action: ",
    "action:",
    "Action : ",
    "Login",
    "Challenge",
    "Ping",
    "Events",
    "Logoff",
    "Command",
    "OutPlanCreate",
    "outcampaignshow",
    "OutNoSuch",
    "ActionID: 1\r\n",
    "ActionID: 2\r\n",
    "Username: boss\r\n",
    "Username: clerk\r\n",
    "Username : boss\r\n",
    "Secret: right-boss\r\n",
    "Secret: right-clerk\r\n",
    "AuthType: MD5\r\n",
    "Key: 0\r\n",
    "EventMask: on\r\n",
    "EventMask: off\r\n",
    "Events: off\r\n",
    "Name: a plan\r\n",
    "DialTimeout: x\r\n",
    "Action: Login\r\nUsername: boss\r\nSecret: right-boss\r\n\r\n",
    "Action: Login\r\nUsername: clerk\r\nSecret: right-clerk\r\n\r\n",
    "Action: Login\r\nUsername: boss\r\nSecret: wrong\r\n\r\n",
    "Action: OutPlanCreate\r\nActionID: 1\r\n\r\n",
    "Action: Ping\r\n\r\n",
};
constexpr size_t kLongPiece = std::size(kPieces);      // 1023 times `x`
constexpr size_t kManyLines = std::size(kPieces) + 1;  // 130 short headers
constexpr size_t kPieceCount = std::size(kPieces) + 2;

std::string Piece(uint8_t which) {
  const size_t index = which % kPieceCount;
  if (index == kLongPiece) return std::string(1023, 'x');
  if (index != kManyLines) return std::string(kPieces[index]);
  std::string lines;
  for (int i = 0; i < 130; ++i) absl::StrAppend(&lines, "H", i, ": v\r\n");
  return lines;
}

// The input as numbers; zeros once it is used up.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), left_(size) {}
  bool empty() const { return left_ == 0; }
  uint8_t Next() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }

 private:
  const uint8_t* data_;
  size_t left_;
};

// An Asterisk as far as logins go, and what it said.
class NodeModel {
 public:
  NodeModel() : waiting_(std::string("Asterisk Call Manager/11.0.0\r\n")) {}

  void Receive(absl::string_view bytes) {
    std::vector<AmiFrame> frames;
    parser_.Consume(bytes, &frames);
    for (const AmiFrame& frame : frames) Answer(frame);
  }

  void SayEvent() {
    Say({{"Event", "NodeEvent"}, {"Number", absl::StrCat(++events_)}}, /*may_vanish=*/false);
  }

  // The next bytes on their way to the session.
  std::string Take(size_t most) {
    const size_t size = std::min(most, waiting_.size());
    std::string bytes = waiting_.substr(0, size);
    waiting_.erase(0, size);
    return bytes;
  }
  bool wants_to_close() const { return closing_ && waiting_.empty(); }

  const std::string& login() const { return login_; }

  struct Said {
    AmiMessage message;
    bool may_vanish;  // the answer to a Ping, which may be the session's own
  };
  std::deque<Said>& said() { return said_; }

 private:
  void Answer(const AmiFrame& frame) {
    if (closing_) return;
    const AmiMessage& action = frame.message;
    const absl::string_view name = action.Get("Action");
    if (frame.fault != AmiFrame::Fault::kNone || name.empty()) {
      return Respond(action, "Error", "Missing action in request");
    }
    OUTDIAL_CHECK(!absl::StartsWithIgnoreCase(name, "Out"), "an Out* action reached the node");
    if (absl::EqualsIgnoreCase(name, "Login")) return Login(action);
    if (absl::EqualsIgnoreCase(name, "Challenge")) return Respond(action, "Success", "123456789");
    if (login_.empty()) return Respond(action, "Error", "Permission denied");
    if (absl::EqualsIgnoreCase(name, "Logoff")) {
      Respond(action, "Goodbye", "Thanks for all the fish.");
      closing_ = true;
      return;
    }
    Respond(action, "Success", name, absl::EqualsIgnoreCase(name, "Ping"));
  }

  void Login(const AmiMessage& action) {
    if (!login_.empty()) return Respond(action, "Success", "Already authenticated");
    const std::string username(action.Get("Username"));
    if (!username.empty() && action.Get("Secret") == absl::StrCat("right-", username)) {
      login_ = username;
      return Respond(action, "Success", "Authentication accepted");
    }
    Respond(action, "Error", "Authentication failed");
    closing_ = true;
  }

  void Respond(const AmiMessage& action, absl::string_view response, absl::string_view text,
               bool may_vanish = false) {
    AmiMessage message;
    message.Add("Response", response);
    if (const auto id = action.Find("ActionID")) message.Add("ActionID", *id);
    message.Add("Message", text);
    Say(message, may_vanish);
  }

  void Say(const AmiMessage& message, bool may_vanish) {
    // As Asterisk: whatever bytes a value holds.
    for (const AmiHeader& header : message.headers()) {
      absl::StrAppend(&waiting_, header.name, ": ", header.value, "\r\n");
    }
    absl::StrAppend(&waiting_, "\r\n");
    said_.push_back({message, may_vanish});
  }

  AmiFrameParser parser_{AmiFrameParser::Side::kFromClient, kAmiActionLimits};
  std::string waiting_;
  std::deque<Said> said_;
  std::string login_;
  bool closing_ = false;
  int events_ = 0;
};

class Drive {
 public:
  Drive(Input input, bool standalone)
      : input_(input), standalone_(standalone), session_(Options(standalone), now_) {}

  void Run() {
    Apply(session_.Start(now_));
    while (!input_.empty() && !closed_) Step();
    OUTDIAL_CHECK(session_.NextDeadline() > -absl::InfiniteDuration(), "a deadline is a time");
  }

 private:
  static AmiClientOptions Options(bool standalone) {
    AmiClientOptions options;
    options.challenge = "123456789";
    options.fence_token = "0123456789abcdef";
    if (standalone) {
      options.banner = "Asterisk Call Manager/11.0.0";
      options.users = {{"boss", "right-boss", kAmiAllClasses, kAmiAllClasses},
                       {"clerk", "right-clerk", kAmiCall, kAmiCall}};
    }
    options.rights = [](absl::string_view username) {
      const bool boss = absl::EqualsIgnoreCase(username, "boss");
      return OutRights{.use = boss, .see = boss};
    };
    return options;
  }

  void Step() {
    switch (input_.Next() % 8) {
      case 0:
      case 1:
      case 2:
        return SendClientBytes();
      case 3:
        if (!standalone_) node_.SayEvent();
        return;
      case 4:
        return SendNodeBytes();
      case 5:
        ++events_;
        return Apply(session_.OnOutEvent(
            absl::StrCat("Event: OutMark\r\nNumber: ", events_, "\r\n\r\n"), now_));
      case 6:
        return FinishCall();
      default:
        now_.mono += absl::Milliseconds(100) * input_.Next();
        return Apply(session_.OnTime(now_));
    }
  }

  void SendClientBytes() {
    if (!session_.wants_client_bytes()) return FinishCall();
    std::string bytes;
    for (int pieces = input_.Next() % 8; pieces >= 0; --pieces) bytes += Piece(input_.Next());
    Apply(session_.OnClientBytes(bytes, now_));
  }

  void SendNodeBytes() {
    if (!node_connected_) return;
    const std::string bytes = node_.Take(1 + size_t{input_.Next()} * 4);
    if (!bytes.empty()) Apply(session_.OnNodeBytes(bytes, now_));
    if (closed_ || !node_.wants_to_close()) return;
    node_connected_ = false;
    Apply(session_.OnNodeLost(now_));
  }

  void FinishCall() {
    if (!call_under_way_) return;
    call_under_way_ = false;
    Apply(session_.OnCallBytes("Response: Success\r\nMessage: carried out\r\n\r\n",
                               /*complete=*/true, now_));
  }

  void Apply(AmiClientOutput output) {
    OUTDIAL_CHECK(!standalone_ || (output.to_node.empty() && !output.connect_node), "no node");
    std::vector<AmiFrame> frames;
    client_.Consume(output.to_client, &frames);
    for (const AmiFrame& frame : frames) CheckForClient(frame);
    if (!output.to_node.empty()) {
      OUTDIAL_CHECK(node_connected_, "nothing is written to a node that is not there");
      node_.Receive(output.to_node);
    }
    if (output.call.has_value()) CheckCall(*output.call);
    closed_ = output.close.has_value();
    if (!output.connect_node || closed_) return;
    node_connected_ = true;
    Apply(session_.OnNodeConnected(now_));
  }

  void CheckCall(const OutCall& call) {
    OUTDIAL_CHECK(!call_under_way_, "one call at a time");
    OUTDIAL_CHECK(call.action != nullptr && call.request != nullptr, "a call is whole");
    if (!standalone_) {
      OUTDIAL_CHECK(absl::EqualsIgnoreCase(node_.login(), "boss"), "rights of another's login");
    }
    if (call.action->kind == OutAction::Kind::kChange) ToEngineAction(*call.request);
    call_under_way_ = true;
  }

  // Each message is one of the node's, in its order and unchanged, or one of Outdial's own.
  void CheckForClient(const AmiFrame& frame) {
    if (frame.kind == AmiFrame::Kind::kBanner) return;
    if (frame.message.Get("Event") == "OutMark") {
      OUTDIAL_CHECK(frame.message.headers().size() == 2, "an Out* event is whole");
      return;
    }
    std::deque<NodeModel::Said>& said = node_.said();
    auto found = said.begin();
    while (found != said.end() && found->may_vanish && found->message != frame.message) ++found;
    if (found != said.end() && found->message == frame.message) {
      said.erase(said.begin(), found + 1);
      return;
    }
    OUTDIAL_CHECK(frame.message.is_response() || frame.message.Get("Event") == "FullyBooted",
                  "a message that nobody said");
  }

  Input input_;
  const bool standalone_;
  Now now_;
  AmiClientSession session_;
  NodeModel node_;
  AmiFrameParser client_{AmiFrameParser::Side::kFromServer};
  bool node_connected_ = false;
  bool call_under_way_ = false;
  bool closed_ = false;
  int events_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const bool standalone = input.Next() % 4 == 0;
  Drive(input, standalone).Run();
  return 0;
}
