#include "ami_gateway/asterisk_model.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ami_gateway/sim_driver.h"
#include "tests/ami_gateway/transcript.h"

namespace outdial::ami {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

SimAsteriskConfig LabConfig(uint64_t seed = 1) {
  SimAsteriskConfig config = LabSimConfig();
  config.seed = seed;
  return config;
}

// ---- The same as recorded

// The Asterisk of the recordings.
SimAsteriskConfig RecordedConfig(uint64_t seed) {
  SimAsteriskConfig config = LabConfig(seed);
  config.timestampevents = false;
  config.users = {{.name = "lab", .secret = "labpass"}};
  config.queues = {
      {.name = "sales_1",
       .members = {{"Local/911@agents", "Agent911"}, {"Local/912@agents", "Agent912"}}},
      {.name = "empty_1"}};
  config.parking.timeout = absl::Seconds(45);
  config.extensions = {
      {"outbound", "queue", {{"Answer", ""}, {"Queue", "sales_1,,,,8"}, {"Hangup", ""}}},
      {"outbound", "emptyqueue", {{"Answer", ""}, {"Queue", "empty_1,,,,4"}, {"Hangup", ""}}}};
  return config;
}

bool IsCompared(const AmiMessage& message, const std::set<std::string>& channel_ids) {
  // Left out: what the dialplan and the sound files make, and what a debug build adds.
  static const std::set<std::string> kLeftOut = {
      "VarSet",    "Newexten",  "MusicOnHoldStart",  "MusicOnHoldStop",
      "UserEvent", "TestEvent", "HangupHandlerPush", "HangupHandlerRun"};
  const std::string name(message.Get("Event"));
  if (name.empty() || kLeftOut.contains(name)) return false;
  for (const char* header : {"Uniqueid", "DestUniqueid", "ParkeeUniqueid"}) {
    if (channel_ids.contains(std::string(message.Get(header)))) return true;
  }
  return false;
}

// An event as far as it must agree: its header names in order, and the values that tell facts.
std::string Outline(const AmiMessage& message) {
  static const std::set<std::string> kFacts = {"Event",
                                               "Privilege",
                                               "Response",
                                               "ActionID",
                                               "Application",
                                               "Data",
                                               "Context",
                                               "Reason",
                                               "Cause",
                                               "Cause-txt",
                                               "TechCause",
                                               "DialStatus",
                                               "Queue",
                                               "Position",
                                               "Count",
                                               "Interface",
                                               "MemberName",
                                               "Parkinglot",
                                               "ParkingSpace",
                                               "OriginalPosition",
                                               "BridgeType",
                                               "BridgeTechnology",
                                               "BridgeNumChannels",
                                               "Uniqueid"};
  std::string outline;
  for (const AmiHeader& header : message.headers()) {
    absl::StrAppend(&outline, header.name, ":");
    // An agent's leg has an id of Asterisk's own, and takes turns.
    const bool agent_turn = header.name == "Interface" || header.name == "MemberName";
    const bool bridge_order = header.name == "BridgeNumChannels";
    if (kFacts.contains(header.name) && !agent_turn && !bridge_order) {
      absl::StrAppend(&outline, " ", header.value);
    }
    absl::StrAppend(&outline, "\n");
  }
  return outline;
}

struct Trace {
  std::vector<std::string> events;     // in order
  std::vector<std::string> responses;  // OriginateResponse, whose place is free
};

Trace TraceOf(const std::vector<AmiMessage>& messages, const std::set<std::string>& ids) {
  Trace trace;
  for (const AmiMessage& message : messages) {
    if (!IsCompared(message, ids)) continue;
    if (message.Get("Event") == "OriginateResponse") {
      trace.responses.push_back(Outline(message));
    } else {
      trace.events.push_back(Outline(message));
    }
  }
  // These two come in either order.
  for (size_t i = 1; i < trace.events.size(); ++i) {
    if (absl::StartsWith(trace.events[i - 1], "Event: Newstate") &&
        absl::StartsWith(trace.events[i], "Event: DialState")) {
      std::swap(trace.events[i - 1], trace.events[i]);
    }
  }
  return trace;
}

class RecordedScenarioTest : public ::testing::TestWithParam<std::string> {};

TEST_P(RecordedScenarioTest, TellsWhatARealAsteriskTold) {
  const std::vector<TranscriptLine> lines = ReadTranscript(GetParam());
  std::vector<AmiMessage> recorded;
  for (const AmiFrame& frame : ParseFrames(TranscriptBytes(lines, "A", /*from_asterisk=*/true),
                                           AmiFrameParser::Side::kFromServer)) {
    if (frame.kind == AmiFrame::Kind::kMessage) recorded.push_back(frame.message);
  }
  for (const uint64_t seed : {1, 2, 3, 4, 5}) {
    SCOPED_TRACE(seed);
    SimDriver driver(RecordedConfig(seed));
    const absl::Duration start = driver.now().mono;
    const SimSessionId session = driver.Open();
    AmiFrameParser parser(AmiFrameParser::Side::kFromClient, kAmiActionLimits);
    std::set<std::string> ids;
    for (const TranscriptLine& line : lines) {
      if (line.from_asterisk) continue;
      std::vector<AmiFrame> frames;
      parser.Consume(line.bytes, &frames);
      for (const AmiFrame& frame : frames) {
        driver.RunUntil(start + absl::Seconds(line.seconds));
        // The recorded name of the channel is not the simulated one.
        AmiMessage action;
        for (const AmiHeader& header : frame.message.headers()) {
          const bool by_name =
              header.name == "Channel" && frame.message.Get("Action") == "Hangup" && !ids.empty();
          action.Add(header.name, by_name ? *ids.begin() : header.value);
        }
        if (action.Find("ChannelId")) ids.emplace(action.Get("ChannelId"));
        driver.Send(session, action);
      }
    }
    driver.Run(absl::Seconds(30));
    const Trace expected = TraceOf(recorded, ids);
    const Trace actual = TraceOf(driver.Got(session), ids);
    ASSERT_THAT(expected.responses, ::testing::Not(IsEmpty()));
    EXPECT_EQ(actual.responses, expected.responses);
    EXPECT_EQ(actual.events, expected.events);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Transcripts, RecordedScenarioTest,
    ::testing::Values("01_app_answer_callee_bye.txt", "05_app_busy_486.txt",
                      "08_app_noanswer_timeout.txt", "10_app_503.txt", "11_app_404.txt",
                      "18_bad_endpoint.txt", "20_sip_tech.txt", "21_bad_app.txt", "26_app_park.txt",
                      "27_app_queue_agent.txt", "28_ext_queue_caller_hangs.txt",
                      "29_ext_emptyqueue_timeout.txt", "50_duplicate_channelid.txt"),
    [](const auto& test) { return test.param.substr(0, test.param.find('.')); });

// ---- Order

TEST(AsteriskModelTest, OrderOfHangupAndOriginateResponseVaries) {
  std::set<bool> response_first;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SimDriver driver(LabConfig(seed));
    const SimSessionId session = driver.Login("lab", "lab-secret");
    driver.Send(session, OriginateAction("4865550001", "id-1"));
    driver.Run(absl::Seconds(1));
    const std::vector<AmiMessage>& got = driver.Got(session);
    const auto place = [&](absl::string_view event) {
      return std::find_if(got.begin(), got.end(),
                          [&](const AmiMessage& message) { return message.Get("Event") == event; });
    };
    ASSERT_NE(place("OriginateResponse"), got.end());
    EXPECT_LT(place("DialEnd"), place("Hangup"));
    response_first.insert(place("OriginateResponse") < place("Hangup"));
  }
  EXPECT_THAT(response_first, SizeIs(2));
}

TEST(AsteriskModelTest, SameSeedInputsAndTimesGiveTheSameOutputs) {
  const auto run = [] {
    SimAsteriskConfig config = CallCenterSimConfig("u", "s", "sales", 5, absl::Seconds(2));
    SimDriver driver(config);
    const SimSessionId session = driver.Login("u", "s");
    SimFaults faults{
        .lose_event = 0.1, .duplicate_event = 0.1, .delay_event = 0.1, .reorder_event = 0.1};
    EXPECT_TRUE(driver.model().SetFaults(faults).ok());
    for (int i = 0; i < 50; ++i) {
      driver.Send(session, OriginateAction(absl::StrCat("+49", i), absl::StrCat("id-", i), "Queue",
                                           "sales"));
      driver.Run(absl::Milliseconds(300));
    }
    driver.Run(absl::Minutes(10));
    return driver.Got(session);
  };
  EXPECT_EQ(run(), run());
}

// ---- Sessions

TEST(AsteriskModelTest, RefusedLoginIsAnsweredAfterASecondAndClosed) {
  SimDriver driver(LabConfig());
  const SimSessionId session = driver.Login("lab", "wrong");
  driver.Run(absl::Milliseconds(900));
  EXPECT_THAT(driver.Got(session), IsEmpty());
  driver.Run(absl::Milliseconds(200));
  ASSERT_THAT(driver.Got(session), SizeIs(1));
  EXPECT_EQ(driver.Got(session)[0].Get("Message"), "Authentication failed");
  EXPECT_TRUE(driver.Closed(session));
}

TEST(AsteriskModelTest, SessionWithoutLoginIsClosedInTheEnd) {
  SimDriver driver(LabConfig());
  const SimSessionId session = driver.Open();
  driver.Run(absl::Seconds(29));
  EXPECT_FALSE(driver.Closed(session));
  driver.Run(absl::Seconds(2));
  EXPECT_TRUE(driver.Closed(session));
}

TEST(AsteriskModelTest, FullyBootedTellsTheUptimeToThoseWhoReadSystem) {
  SimDriver driver(LabConfig());
  driver.Run(absl::Seconds(42));
  const SimSessionId lab = driver.Login("lab", "lab-secret");
  ASSERT_THAT(driver.Events(lab, "FullyBooted"), SizeIs(1));
  EXPECT_EQ(driver.Events(lab, "FullyBooted")[0].Get("Uptime"), "42");
  EXPECT_THAT(driver.Events(driver.Login("watcher", "lab-secret"), "FullyBooted"), IsEmpty());
}

TEST(AsteriskModelTest, TooLongLineIsAnErrorThatKeepsTheSession) {
  SimDriver driver(LabConfig());
  const SimSessionId session = driver.Login("lab", "lab-secret");
  AmiFrame frame;
  frame.fault = AmiFrame::Fault::kLineTooLong;
  frame.message.Add("ActionID", "x");
  driver.model().Receive(session, frame, driver.now());
  driver.Collect();
  EXPECT_EQ(driver.Got(session).back().Get("Message"), "Failed to parse message: line too long");
  EXPECT_EQ(driver.Got(session).back().Get("ActionID"), "x");
  EXPECT_FALSE(driver.Closed(session));
}

// ---- Calls

TEST(AsteriskModelTest, AmdTellsByVariables) {
  SimDriver driver(LabConfig());
  const SimSessionId session = driver.Login("lab", "lab-secret");
  AmiMessage action{{"Action", "Originate"}, {"Channel", "PJSIP/2225550001@trunk"},
                    {"Context", "outbound"}, {"Exten", "amd"},
                    {"Priority", "1"},       {"ChannelId", "id-1"}};
  driver.Send(session, action);
  driver.Run(absl::Seconds(5));
  std::string status;
  for (const AmiMessage& event : driver.Events(session, "VarSet")) {
    if (event.Get("Variable") == "AMDSTATUS") status = std::string(event.Get("Value"));
  }
  EXPECT_EQ(status, "MACHINE");
  EXPECT_THAT(driver.Events(session, "QueueCallerJoin"), IsEmpty());
  EXPECT_THAT(driver.Events(session, "Hangup"), SizeIs(1));
}

TEST(AsteriskModelTest, AgentWhoDoesNotAnswerIsFollowedByTheNext) {
  SimAsteriskConfig config = LabConfig();
  config.queues = {{.name = "sales",
                    .ring_timeout = absl::Seconds(3),
                    .members = {{"PJSIP/921", "never"}, {"PJSIP/911", "always"}}}};
  SimDriver driver(config);
  const SimSessionId session = driver.Login("lab", "lab-secret");
  driver.Send(session, OriginateAction("2005550001", "id-1", "Queue", "sales"));
  driver.Run(absl::Seconds(20));
  EXPECT_THAT(driver.Events(session, "AgentRingNoAnswer"), SizeIs(1));
  ASSERT_THAT(driver.Events(session, "AgentConnect"), SizeIs(1));
  EXPECT_EQ(driver.Events(session, "AgentConnect")[0].Get("Interface"), "PJSIP/911");
  EXPECT_EQ(driver.model().Counters().channels, 0u);
}

TEST(AsteriskModelTest, AgentInWrapUpGetsNoCall) {
  SimAsteriskConfig config = LabConfig();
  config.queues = {
      {.name = "sales", .wrapup = absl::Seconds(20), .members = {{"PJSIP/911", "only"}}}};
  SimDriver driver(config);
  const SimSessionId session = driver.Login("lab", "lab-secret");
  driver.Send(session, OriginateAction("2005550001", "id-1", "Queue", "sales"));
  driver.Send(session, OriginateAction("2005550002", "id-2", "Queue", "sales"));
  driver.Run(absl::Seconds(20));  // 0.5 s to the answer, 1 s ringing, 4 s talk, 20 s wrap-up
  EXPECT_THAT(driver.Events(session, "AgentConnect"), SizeIs(1));
  driver.Run(absl::Seconds(10));
  EXPECT_THAT(driver.Events(session, "AgentConnect"), SizeIs(2));
}

TEST(AsteriskModelTest, PausedAgentGetsNoCallUntilHeIsBack) {
  SimAsteriskConfig config = LabConfig();
  config.queues = {{.name = "sales", .members = {{"PJSIP/911", "only"}}}};
  SimDriver driver(config);
  const SimSessionId session = driver.Login("lab", "lab-secret");
  const AmiMessage pause{{"Action", "QueuePause"}, {"Interface", "PJSIP/911"}, {"Paused", "true"}};
  driver.Send(session, pause);
  driver.Send(session, OriginateAction("2005550001", "id-1", "Queue", "sales"));
  driver.Run(absl::Seconds(10));
  EXPECT_THAT(driver.Events(session, "AgentCalled"), IsEmpty());
  driver.Send(session, {{"Action", "QueuePause"}, {"Interface", "PJSIP/911"}, {"Paused", "false"}});
  driver.Run(absl::Seconds(2));
  EXPECT_THAT(driver.Events(session, "AgentConnect"), SizeIs(1));
}

TEST(AsteriskModelTest, ParkedCallThatNobodyTakesTimesOut) {
  SimDriver driver(LabConfig());
  const SimSessionId session = driver.Login("lab", "lab-secret");
  driver.Send(session, OriginateAction("2005550001", "id-1", "Park", ""));
  driver.Run(absl::Seconds(10));
  EXPECT_THAT(driver.Events(session, "ParkedCall"), SizeIs(1));
  EXPECT_THAT(driver.Events(session, "ParkedCallTimeOut"), SizeIs(1));
  EXPECT_THAT(driver.Events(session, "Hangup"), SizeIs(1));
}

TEST(AsteriskModelTest, EveryCallOfACallCenterEndsAndIsCounted) {
  SimDriver driver(CallCenterSimConfig("u", "s", "sales", 3, absl::Seconds(2)));
  const SimSessionId session = driver.Login("u", "s");
  for (int i = 0; i < 200; ++i) {
    driver.Send(session, OriginateAction(absl::StrCat("+4930", i % 100), absl::StrCat("id-", i),
                                         "Queue", "sales"));
    driver.Run(absl::Milliseconds(500));
  }
  driver.Run(absl::Minutes(30));
  const SimCounters counters = driver.model().Counters();
  EXPECT_EQ(counters.calls, 200u);
  EXPECT_EQ(counters.calls_by_number.at("+493042"), 2u);
  EXPECT_EQ(counters.calls_up, 0u);
  EXPECT_EQ(counters.channels, 0u);
  EXPECT_EQ(counters.peak_calls_per_second, 2u);
  EXPECT_GT(counters.reached_agent, 5u);
  EXPECT_THAT(driver.Events(session, "OriginateResponse"), SizeIs(200));
}

// ---- Faults

TEST(AsteriskModelTest, OverloadAcceptsAllAndDelays) {
  SimDriver driver(LabConfig());
  const SimSessionId session = driver.Login("lab", "lab-secret");
  ASSERT_TRUE(driver.model().SetFaults({.starts_per_second = 10}).ok());
  for (int i = 0; i < 400; ++i) {
    driver.Send(session, OriginateAction("4865550001", absl::StrCat("id-", i)));
  }
  driver.Run(absl::Seconds(20));
  EXPECT_NEAR(static_cast<double>(driver.Events(session, "Newchannel").size()), 200, 2);
  driver.Run(absl::Seconds(11));
  EXPECT_THAT(driver.Events(session, "OriginateResponse"), SizeIs(400));  // 30 s at most
}

TEST(AsteriskModelTest, StalledOneAnswersEverythingLater) {
  SimDriver driver(LabConfig());
  const SimSessionId session = driver.Login("lab", "lab-secret");
  driver.model().Stall(absl::Seconds(10), driver.now());
  const size_t before = driver.Got(session).size();
  driver.Send(session, {{"Action", "Ping"}});
  driver.Run(absl::Seconds(9));
  EXPECT_THAT(driver.Got(session), SizeIs(before));
  driver.Run(absl::Seconds(2));
  ASSERT_THAT(driver.Got(session), SizeIs(before + 1));
  EXPECT_EQ(driver.Got(session).back().Get("Ping"), "Pong");
}

TEST(AsteriskModelTest, GracefulRestartReportsCallsAndComesBackWithUptimeZero) {
  SimDriver driver(LabConfig());
  const SimSessionId session = driver.Login("lab", "lab-secret");
  driver.Send(session, OriginateAction("2005550001", "up"));
  driver.Send(session, OriginateAction("1805550001", "ringing"));
  driver.Run(absl::Seconds(2));
  driver.model().Restart({}, driver.now());
  driver.Collect();
  EXPECT_THAT(driver.Events(session, "Hangup"), SizeIs(2));
  const SimSessionId refused = driver.Login("lab", "lab-secret");
  driver.Run(absl::Milliseconds(10));
  EXPECT_EQ(driver.Got(refused).back().Get("Message"), "Asterisk is shutting down");
  driver.Run(absl::Milliseconds(1095));
  EXPECT_THAT(driver.Events(session, "Shutdown"), SizeIs(1));
  EXPECT_TRUE(driver.Closed(session));
  EXPECT_FALSE(driver.listening());
  driver.Run(absl::Milliseconds(100));
  EXPECT_TRUE(driver.listening());
  const SimSessionId back = driver.Login("lab", "lab-secret");
  EXPECT_THAT(driver.Events(back, "FullyBooted"), IsEmpty());
  driver.Run(absl::Milliseconds(100));
  ASSERT_THAT(driver.Events(back, "FullyBooted"), SizeIs(1));
  EXPECT_EQ(driver.Events(back, "FullyBooted")[0].Get("Uptime"), "0");
  EXPECT_EQ(driver.model().Counters().channels, 0u);
}

TEST(AsteriskModelTest, KilledOneTellsNothing) {
  SimDriver driver(LabConfig());
  const SimSessionId session = driver.Login("lab", "lab-secret");
  driver.Send(session, OriginateAction("2005550001", "up"));
  driver.Run(absl::Seconds(2));
  driver.model().Restart({.graceful = false}, driver.now());
  driver.Collect();
  EXPECT_TRUE(driver.Closed(session));
  EXPECT_THAT(driver.Events(session, "Hangup"), IsEmpty());
  EXPECT_EQ(driver.model().Counters().channels, 0u);
}

TEST(AsteriskModelTest, LostEventsAreNeverAnswersToActions) {
  SimDriver driver(LabConfig());
  const SimSessionId session = driver.Login("lab", "lab-secret");
  ASSERT_TRUE(driver.model().SetFaults({.lose_event = 1}).ok());
  const size_t before = driver.Got(session).size();
  driver.Send(session, OriginateAction("4865550001", "id-1"));
  driver.Run(absl::Seconds(2));
  driver.Send(session, {{"Action", "QueueStatus"}});
  // The Response, then Response, 2 queues, 4 members and the end of the list.
  EXPECT_THAT(driver.Got(session), SizeIs(before + 1 + 8));
}

TEST(AsteriskModelTest, ReorderedEventsAllArrive) {
  SimDriver driver(LabConfig());
  const SimSessionId session = driver.Login("lab", "lab-secret");
  ASSERT_TRUE(driver.model().SetFaults({.reorder_event = 0.5}).ok());
  driver.Send(session, OriginateAction("4865550001", "id-1"));
  driver.Run(absl::Seconds(2));
  SimDriver calm(LabConfig());
  const SimSessionId other = calm.Login("lab", "lab-secret");
  calm.Send(other, OriginateAction("4865550001", "id-1"));
  calm.Run(absl::Seconds(2));
  EXPECT_EQ(driver.Got(session).size(), calm.Got(other).size());
  EXPECT_NE(driver.Got(session), calm.Got(other));
}

TEST(AsteriskModelTest, BadFaultsAreRefused) {
  SimDriver driver(LabConfig());
  EXPECT_FALSE(driver.model().SetFaults({.lose_event = 1.5}).ok());
}

}  // namespace
}  // namespace outdial::ami
