#include "ami_gateway/node_event_translator.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ami_gateway/dial_action.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ami_gateway/fact_text.h"
#include "tests/ami_gateway/transcript.h"

namespace outdial::ami {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSupersetOf;

// The recorded ChannelIds are random uuids, and the ActionIDs the recorder's own. Makes both what
// Outdial would have sent: its ids are of version 7, its ActionIDs hold them.
std::string AsOutdialWouldHaveSent(const std::vector<TranscriptLine>& lines) {
  std::vector<std::pair<std::string, std::string>> replacements;
  for (const char* session : {"A", "B"}) {
    for (const AmiFrame& frame :
         ParseFrames(TranscriptBytes(lines, session, false), AmiFrameParser::Side::kFromClient)) {
      const std::string id(frame.message.Get("ChannelId"));
      if (frame.message.Get("Action") != "Originate" || id.empty()) continue;
      std::string version_7 = id;
      version_7[14] = '7';
      replacements.emplace_back(id, version_7);
      const std::string action_id(frame.message.Get("ActionID"));
      replacements.emplace_back(absl::StrCat("ActionID: ", action_id, "\r\n"),
                                absl::StrCat("ActionID: outdial-dialing-", version_7, "\r\n"));
    }
  }
  std::string bytes;
  for (const char* session : {"A", "B"}) bytes += TranscriptBytes(lines, session, true);
  return absl::StrReplaceAll(bytes, replacements);
}

// All facts of a whole recording.
std::vector<std::string> FactsOf(const std::string& transcript) {
  std::vector<std::string> facts;
  for (const AmiFrame& frame : ParseFrames(AsOutdialWouldHaveSent(ReadTranscript(transcript)),
                                           AmiFrameParser::Side::kFromServer)) {
    if (const auto fact = TranslateNodeEvent(frame.message)) facts.push_back(FactText(*fact));
  }
  return facts;
}

TEST(NodeEventTranslatorTest, AnsweredCallThatTheCalleeEnds) {
  EXPECT_THAT(FactsOf("01_app_answer_callee_bye.txt"),
              ElementsAre("ChannelCreated be38 PJSIP/trunk-00000004", "DialBegun be38",
                          "ChannelRinging be38", "ChannelRinging be38", "ChannelUp be38",
                          "DialEnded be38 ANSWER", "OriginateResponse be38 success reason=4",
                          "HangupRequested be38", "ChannelHungUp be38 cause=0 (Unknown)"));
}

TEST(NodeEventTranslatorTest, BusyCallee) {
  EXPECT_THAT(FactsOf("05_app_busy_486.txt"),
              ElementsAre("ChannelCreated 47fe PJSIP/trunk-00000008", "DialBegun 47fe",
                          "HangupRequested 47fe cause=17 tech=486", "DialEnded 47fe BUSY",
                          "OriginateResponse 47fe failure reason=0",
                          "ChannelHungUp 47fe cause=17 (User busy) tech=486"));
}

TEST(NodeEventTranslatorTest, CalleeThatRingsUntilTheTimeout) {
  EXPECT_THAT(FactsOf("08_app_noanswer_timeout.txt"),
              ElementsAre("ChannelCreated de25 PJSIP/trunk-0000000b", "DialBegun de25",
                          "ChannelRinging de25", "ChannelRinging de25",
                          "OriginateResponse de25 failure reason=3",
                          "ChannelHungUp de25 cause=19 (User alerting, no answer) tech=480"));
}

TEST(NodeEventTranslatorTest, CongestedTrunk) {
  EXPECT_THAT(FactsOf("10_app_503.txt"),
              ElementsAre("ChannelCreated 3bc9 PJSIP/trunk-0000000d", "DialBegun 3bc9",
                          "HangupRequested 3bc9 cause=34 tech=503", "DialEnded 3bc9 CONGESTION",
                          "OriginateResponse 3bc9 failure reason=0",
                          "ChannelHungUp 3bc9 cause=34 (Circuit/channel congestion) tech=503"));
}

TEST(NodeEventTranslatorTest, TrunkThatIsDead) {
  EXPECT_THAT(FactsOf("15_app_dead_port.txt"),
              ElementsAre("ChannelCreated c815 PJSIP/dead-00000016", "DialBegun c815",
                          "ChannelHungUp c815 cause=19 (User alerting, no answer) tech=480",
                          "OriginateResponse c815 failure reason=3"));
}

TEST(NodeEventTranslatorTest, EndpointThatDoesNotExistMakesNoChannel) {
  EXPECT_THAT(FactsOf("18_bad_endpoint.txt"),
              ElementsAre("OriginateResponse e8de failure reason=0"));
}

TEST(NodeEventTranslatorTest, ApplicationThatDoesNotExist) {
  EXPECT_THAT(FactsOf("21_bad_app.txt"),
              ElementsAre("ChannelCreated 068d PJSIP/trunk-00000019", "DialBegun 068d",
                          "ChannelRinging 068d", "ChannelRinging 068d", "ChannelUp 068d",
                          "DialEnded 068d ANSWER", "OriginateResponse 068d success reason=4",
                          "ChannelHungUp 068d cause=0 (Unknown)"));
}

TEST(NodeEventTranslatorTest, ParkedCall) {
  EXPECT_THAT(
      FactsOf("26_app_park.txt"),
      ElementsAre("ChannelCreated 01df PJSIP/trunk-0000001c", "DialBegun 01df",
                  "ChannelRinging 01df", "ChannelRinging 01df", "ChannelUp 01df",
                  "DialEnded 01df ANSWER", "OriginateResponse 01df success reason=4",
                  "CallParked 01df default", "ChannelHungUp 01df cause=16 (Normal Clearing)"));
}

TEST(NodeEventTranslatorTest, CallThatAnAgentTakes) {
  EXPECT_THAT(
      FactsOf("27_app_queue_agent.txt"),
      ElementsAre("ChannelCreated 350f PJSIP/trunk-0000001d", "DialBegun 350f",
                  "ChannelRinging 350f", "ChannelRinging 350f", "ChannelUp 350f",
                  "DialEnded 350f ANSWER", "QueueJoined 350f sales_1",
                  "OriginateResponse 350f success reason=4",
                  "QueueMemberSeen sales_1 Local/911@agents Agent911 state=2 wrapup=0",
                  "QueueLeft 350f sales_1", "AgentConnected 350f sales_1 Local/911@agents",
                  "AgentCompleted sales_1 Local/911@agents",
                  "QueueMemberSeen sales_1 Local/911@agents Agent911 state=1 called wrapup=0",
                  "ChannelHungUp 350f cause=16 (Normal Clearing)"));
}

TEST(NodeEventTranslatorTest, QueueThatTimesOut) {
  EXPECT_THAT(FactsOf("29_ext_emptyqueue_timeout.txt"),
              ElementsAre("ChannelCreated ff9d PJSIP/trunk-0000001f", "DialBegun ff9d",
                          "ChannelRinging ff9d", "ChannelRinging ff9d",
                          "OriginateResponse ff9d success reason=4", "ChannelUp ff9d",
                          "DialEnded ff9d ANSWER", "QueueJoined ff9d empty_1",
                          "QueueAbandoned ff9d empty_1", "QueueLeft ff9d empty_1",
                          "HangupRequested ff9d cause=16",
                          "ChannelHungUp ff9d cause=16 (Normal Clearing)"));
}

TEST(NodeEventTranslatorTest, LocalChannelCountsOnce) {
  EXPECT_THAT(
      FactsOf("32_local_channel.txt"),
      ElementsAre("ChannelCreated 4191 Local/1005550001@dialout-00000002;1", "DialBegun 4191",
                  "ChannelRinging 4191", "ChannelRinging 4191", "ChannelUp 4191",
                  "DialEnded 4191 ANSWER", "OriginateResponse 4191 success reason=4",
                  "HangupRequested 4191 cause=16", "HangupRequested 4191 cause=16",
                  "ChannelHungUp 4191 cause=16 (Normal Clearing)"));
}

// The Uniqueid of a refused duplicate is that of the call that is alive.
TEST(NodeEventTranslatorTest, MatchesOriginateResponseByActionId) {
  const AmiMessage event{{"Event", "OriginateResponse"},
                         {"ActionID", "outdial-dialing-01890a5d-ac96-774b-bcce-b302099a8057"},
                         {"Response", "Failure"},
                         {"Reason", "0"},
                         {"Uniqueid", "01890a5d-ac96-774b-bcce-b302099affff"}};
  EXPECT_EQ(FactText(TranslateNodeEvent(event).value()), "OriginateResponse 8057 failure reason=0");
}

TEST(NodeEventTranslatorTest, TellsTheStateThatListsHold) {
  const std::vector<std::string> facts = FactsOf("52_reconnect.txt");
  constexpr char kMember[] =
      "QueueMemberSeen sales_1 Local/912@agents Agent912 state=1 called wrapup=0";
  EXPECT_THAT(facts,
              IsSupersetOf({"ChannelListed b5a4", "ChannelListed 7b5c up", "QueueSeen sales_1",
                            "QueueSeen empty_1", "QueueJoined 4db0 empty_1", kMember}));
}

// Before its ids were made Outdial's, the same recording is one of strangers' calls.
TEST(NodeEventTranslatorTest, LeavesOutTheCallsOfOthers) {
  const std::string bytes = TranscriptBytes(ReadTranscript("27_app_queue_agent.txt"), "A", true);
  std::vector<std::string> facts;
  for (const AmiFrame& frame : ParseFrames(bytes, AmiFrameParser::Side::kFromServer)) {
    if (const auto fact = TranslateNodeEvent(frame.message)) facts.push_back(FactText(*fact));
  }
  EXPECT_THAT(facts,
              ElementsAre("QueueCallerSeen sales_1 830485af-365a-418d-93ad-c2e11823350f",
                          "QueueMemberSeen sales_1 Local/911@agents Agent911 state=2 wrapup=0",
                          "QueueCallerGone sales_1 830485af-365a-418d-93ad-c2e11823350f",
                          "AgentCompleted sales_1 Local/911@agents",
                          "QueueMemberSeen sales_1 Local/911@agents Agent911 state=1 called "
                          "wrapup=0"));
}

// A dialing that is up may dial a second leg; that leg's ringing is not its own.
TEST(NodeEventTranslatorTest, TakesTheDialledChannelNotTheDiallingOne) {
  const AmiMessage event{{"Event", "DialState"},
                         {"Uniqueid", "01890a5d-ac96-774b-bcce-b302099a8057"},
                         {"DestUniqueid", "1795373601.33"},
                         {"DialStatus", "RINGING"}};
  EXPECT_FALSE(TranslateNodeEvent(event).has_value());
}

TEST(NodeEventTranslatorTest, TellsProgressFromRinging) {
  const AmiMessage event{{"Event", "DialState"},
                         {"DestUniqueid", "01890a5d-ac96-774b-bcce-b302099a8057"},
                         {"DialStatus", "PROGRESS"}};
  EXPECT_EQ(FactText(TranslateNodeEvent(event).value()), "ChannelProgress 8057");
}

TEST(NodeEventTranslatorTest, ReadsAMember) {
  const AmiMessage event{{"Event", "QueueMemberPause"},
                         {"Queue", "q"},
                         {"MemberName", "Ann"},
                         {"Interface", "PJSIP/ann"},
                         {"LastCall", "1795373614"},
                         {"InCall", "1"},
                         {"Status", "2"},
                         {"Paused", "1"},
                         {"Wrapuptime", "30"}};
  const auto member = std::get<engine::QueueMemberSeen>(TranslateNodeEvent(event).value());
  EXPECT_EQ(FactText(member),
            "QueueMemberSeen q PJSIP/ann Ann state=2 paused in_call called wrapup=30");
  EXPECT_EQ(member.last_call, absl::FromUnixSeconds(1795373614));
}

TEST(NodeEventTranslatorTest, BearsEventsWithoutTheirHeaders) {
  for (const char* name :
       {"OriginateResponse", "Hangup", "Newstate", "DialEnd", "AgentConnect", "ParkedCall"}) {
    EXPECT_FALSE(TranslateNodeEvent({{"Event", name}}).has_value()) << name;
  }
  EXPECT_EQ(FactText(TranslateNodeEvent({{"Event", "QueueMemberStatus"}}).value()),
            "QueueMemberSeen    state=0 wrapup=0");
}

}  // namespace
}  // namespace outdial::ami
