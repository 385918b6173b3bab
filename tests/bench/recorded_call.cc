#include "tests/bench/recorded_call.h"

#include <algorithm>
#include <iterator>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ami_gateway/ami_encoder.h"
#include "ami_gateway/dial_action.h"
#include "ami_gateway/needed_events.h"
#include "ami_gateway/node_event_translator.h"
#include "engine/check.h"
#include "tests/ami_gateway/transcript.h"

namespace outdial::bench {
namespace {

constexpr char kTranscript[] = "05_app_busy_486.txt";
constexpr absl::string_view kActionId = "act-05_app_busy_486";
constexpr absl::string_view kChannelId = "03ea6c95-3e17-4c98-803c-9659c00547fe";

bool IsOfCall(const ami::AmiMessage& message) {
  if (message.is_response()) return message.Get("ActionID") == kActionId;
  return message.Get("Event") != "FullyBooted" &&
         std::count(std::begin(ami::kNeededEvents), std::end(ami::kNeededEvents),
                    message.Get("Event")) > 0;
}

}  // namespace

RecordedCall::RecordedCall() {
  const std::string recorded =
      ami::TranscriptBytes(ami::ReadTranscript(kTranscript), "A", /*from_asterisk=*/true);
  std::string text;
  for (const ami::AmiFrame& frame :
       ami::ParseFrames(recorded, ami::AmiFrameParser::Side::kFromServer)) {
    if (frame.kind != ami::AmiFrame::Kind::kMessage || !IsOfCall(frame.message)) continue;
    events_ += frame.message.is_event() ? 1 : 0;
    absl::StrAppend(&text, *ami::EncodeAmiMessage(frame.message));
  }
  absl::string_view rest = text;
  while (!rest.empty()) {
    const size_t action = rest.find(kActionId), channel = rest.find(kChannelId);
    const size_t next = std::min({action, channel, rest.size()});
    const auto then = next == action    ? Piece::kActionId
                      : next == channel ? Piece::kChannelId
                                        : Piece::kNothing;
    pieces_.push_back({std::string(rest.substr(0, next)), then});
    rest.remove_prefix(next);
    rest.remove_prefix(then == Piece::kActionId    ? kActionId.size()
                       : then == Piece::kChannelId ? kChannelId.size()
                                                   : 0);
  }
  const auto dialing = *engine::DialingUuid::Parse("01900000-0000-7000-8000-000000000000");
  facts_.push_back(engine::OriginateAccepted{dialing});
  for (const ami::AmiFrame& frame :
       ami::ParseFrames(Text(ami::OriginateActionId(dialing), dialing.ToString()),
                        ami::AmiFrameParser::Side::kFromClient)) {
    if (auto fact = ami::TranslateNodeEvent(frame.message)) facts_.push_back(*std::move(fact));
  }
  OUTDIAL_CHECK(events_ > 0 && facts_.size() == static_cast<size_t>(events_) + 1,
                "every event of the recorded call is a fact");
}

std::string RecordedCall::Text(absl::string_view action_id, absl::string_view channel_id) const {
  std::string text;
  for (const Piece& piece : pieces_) {
    text += piece.text;
    if (piece.then == Piece::kActionId) absl::StrAppend(&text, action_id);
    if (piece.then == Piece::kChannelId) absl::StrAppend(&text, channel_id);
  }
  return text;
}

std::vector<engine::NodeFact> RecordedCall::Facts(const engine::DialingUuid& dialing) const {
  std::vector<engine::NodeFact> facts = facts_;
  for (engine::NodeFact& any : facts) {
    std::visit(
        [&dialing](auto& fact) {
          if constexpr (requires { fact.dialing; }) fact.dialing = dialing;
        },
        any);
  }
  return facts;
}

}  // namespace outdial::bench
