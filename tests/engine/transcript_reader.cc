#include "tests/engine/transcript_reader.h"

#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

// One action, response or event. Headers that repeat keep their first value.
struct Message {
  MonotonicTime at;
  bool sent = false;
  std::map<std::string, std::string> headers;

  std::string Get(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
  std::optional<int> Number(const std::string& name) const {
    const std::string text = Get(name);
    return text.empty() ? std::nullopt : std::optional<int>(std::atoi(text.c_str()));
  }
};

// A line is `seconds session direction raw\r\n`, where `\r\n` are those four characters. The
// messages of both directions may be mixed, line by line never.
std::vector<Message> ReadMessages(const std::string& name) {
  const std::string path = absl::StrCat(OUTDIAL_TEST_DATA, "/ami_transcripts/", name, ".txt");
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  std::vector<Message> messages;
  std::map<std::string, Message> open;  // by direction
  std::string first_session;
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    double seconds = 0;
    std::string session;
    std::string direction;
    fields >> seconds >> session >> direction;
    if (first_session.empty()) first_session = session;
    if (session != first_session || direction == "--") continue;
    std::string raw;
    std::getline(fields, raw);
    const std::string text(absl::StripSuffix(absl::StripPrefix(raw, " "), "\\r\\n"));
    Message& message = open[direction];
    if (text.empty()) {
      if (!message.headers.empty()) messages.push_back(message);
      message = Message();
      continue;
    }
    message.at = absl::Seconds(seconds);
    message.sent = direction == ">";
    const size_t colon = text.find(": ");
    if (colon != std::string::npos) {
      message.headers.emplace(text.substr(0, colon), text.substr(colon + 2));
    }
  }
  return messages;
}

// Facts of events that are about one channel; absent: it tells nothing.
std::optional<NodeFact> FactOfEvent(const Message& event, const DialingUuid& dialing) {
  const std::string name = event.Get("Event");
  if (name == "Newchannel") return ChannelCreated{dialing, event.Get("Channel")};
  if (name == "DialBegin") return DialBegun{dialing};
  if (name == "DialState") {
    if (event.Get("DialStatus") == "RINGING") return ChannelRinging{dialing};
    return ChannelProgress{dialing};
  }
  if (name == "DialEnd") return DialEnded{dialing, event.Get("DialStatus")};
  if (name == "Newstate" && event.Get("ChannelStateDesc") == "Ringing") {
    return ChannelRinging{dialing};
  }
  if (name == "Newstate" && event.Get("ChannelStateDesc") == "Up") return ChannelUp{dialing};
  if (name == "HangupRequest" || name == "SoftHangupRequest") {
    return HangupRequested{dialing, event.Number("Cause"), event.Number("TechCause")};
  }
  if (name == "Hangup") {
    return ChannelHungUp{dialing, event.Number("Cause").value_or(0), event.Get("Cause-txt"),
                         event.Number("TechCause")};
  }
  if (name == "QueueCallerJoin") return QueueJoined{dialing, event.Get("Queue")};
  if (name == "QueueCallerLeave") return QueueLeft{dialing, event.Get("Queue")};
  if (name == "QueueCallerAbandon") return QueueAbandoned{dialing, event.Get("Queue")};
  if (name == "AgentConnect") {
    return AgentConnected{dialing, event.Get("Queue"), event.Get("Interface")};
  }
  if (name == "ParkedCall") return CallParked{dialing, event.Get("Parkinglot")};
  return std::nullopt;
}

// The channel that an event is about, where it may be a dialing's.
std::string ChannelOf(const Message& event) {
  const std::string name = event.Get("Event");
  if (absl::StartsWith(name, "Dial")) return event.Get("DestUniqueid");
  if (name == "ParkedCall") return event.Get("ParkeeUniqueid");
  return event.Get("Uniqueid");
}

}  // namespace

std::map<std::string, std::vector<TimedFact>> ReadTranscript(const std::string& name) {
  std::map<std::string, std::vector<TimedFact>> facts;
  std::map<std::string, std::string> channel_of_action;
  for (const Message& message : ReadMessages(name)) {
    if (message.sent) {
      if (message.Get("Action") == "Originate") {
        channel_of_action[message.Get("ActionID")] = message.Get("ChannelId");
        facts[message.Get("ChannelId")];
      }
      continue;
    }
    const bool is_event = message.headers.count("Event") > 0;
    const bool is_answer = !is_event || message.Get("Event") == "OriginateResponse";
    std::string channel;
    if (is_answer) {
      const auto action = channel_of_action.find(message.Get("ActionID"));
      if (action != channel_of_action.end()) channel = action->second;
    } else {
      channel = ChannelOf(message);
    }
    const auto dialing = DialingUuid::Parse(channel);
    if (!dialing.has_value() || facts.count(channel) == 0) continue;
    std::optional<NodeFact> fact;
    if (!is_answer) {
      fact = FactOfEvent(message, *dialing);
    } else if (is_event) {
      fact = OriginateResponse{*dialing, message.Get("Response") == "Success",
                               message.Number("Reason").value_or(0), message.Get("Channel")};
    } else if (message.Get("Response") == "Error") {
      fact = OriginateRefused{*dialing, message.Get("Message")};
    } else {
      fact = OriginateAccepted{*dialing};
    }
    if (fact.has_value()) facts[channel].push_back({message.at, *std::move(fact)});
  }
  return facts;
}

}  // namespace outdial::engine
