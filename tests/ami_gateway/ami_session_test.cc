#include "ami_gateway/ami_session.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ami_gateway/needed_events.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ami_gateway/fact_text.h"
#include "tests/ami_gateway/transcript.h"

namespace outdial::ami {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kBanner[] = "Asterisk Call Manager/11.0.0\r\n";
constexpr char kDialing[] = "01890a5d-ac96-774b-bcce-b302099a8057";
constexpr char kFullyBooted[] = "Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 185\r\n";
// What ListCommands shows a login with write = originate,call,reporting.
const std::vector<std::string> kRights = {"Originate",   "Hangup",      "CoreShowChannels",
                                          "QueueStatus", "Parkinglots", "ParkedCalls"};

engine::Originate MakeOriginate() {
  engine::Originate originate;
  originate.dialing = engine::DialingUuid::Parse(kDialing).value();
  originate.channel = "PJSIP/100@trunk";
  originate.application = "Wait";
  originate.timeout = absl::Seconds(30);
  return originate;
}

// Plays the Asterisk, by script.
class AmiSessionTest : public ::testing::Test {
 protected:
  void Start(AmiSessionOptions options = {.username = "lab", .secret = "labpass"}) {
    session_.emplace(options, now_);
  }

  void Receive(absl::string_view bytes) {
    std::vector<AmiFrame> frames;
    parser_.Consume(bytes, &frames);
    for (const AmiFrame& frame : frames) {
      if (!end().has_value()) session_->OnFrame(frame, now_, &out_);
    }
    TakeWrites();
  }

  void Wait(absl::Duration duration) {
    now_.mono += duration;
    now_.wall += duration;
    session_->OnTimer(now_, &out_);
    TakeWrites();
  }

  void Command(std::variant<engine::Originate, engine::Hangup, engine::ListChannels, engine::Resync>
                   command) {
    session_->OnCommand({"node", std::move(command)}, now_, &out_);
    TakeWrites();
  }

  // Takes the oldest unanswered action of this name out of what was sent.
  AmiMessage Sent(absl::string_view name) {
    const auto action = std::find_if(sent_.begin(), sent_.end(), [&](const AmiMessage& message) {
      return message.Get("Action") == name;
    });
    EXPECT_NE(action, sent_.end()) << name;
    if (action == sent_.end()) return {};
    AmiMessage message = std::move(*action);
    sent_.erase(action);
    return message;
  }

  void Answer(absl::string_view name, absl::string_view headers) {
    Receive(absl::StrCat(headers, "ActionID: ", Sent(name).Get("ActionID"), "\r\n\r\n"));
  }

  void AnswerList(absl::string_view name, const std::vector<std::string>& items = {}) {
    const std::string id = absl::StrCat("ActionID: ", Sent(name).Get("ActionID"), "\r\n\r\n");
    Receive(absl::StrCat("Response: Success\r\nEventList: start\r\n", id));
    for (const std::string& item : items) Receive(absl::StrCat(item, id));
    Receive(absl::StrCat("Event: ", name, "Complete\r\nEventList: Complete\r\n", id));
  }

  void LogIn() {
    Receive(kBanner);
    Answer("Challenge", "Response: Success\r\nChallenge: 701703760\r\n");
    Answer("Login", "Response: Success\r\nMessage: Authentication accepted\r\n");
  }

  void AnswerRights(const std::vector<std::string>& actions) {
    std::string headers = "Response: Success\r\n";
    for (const std::string& action : actions) {
      absl::StrAppend(&headers, action, ": Does it.  (Priv: some,all)\r\n");
    }
    Answer("ListCommands", headers);
  }

  void AnswerState() {
    AnswerList("Parkinglots");
    AnswerList("ParkedCalls");
    AnswerList("QueueStatus");
    AnswerList("CoreShowChannels");
  }

  void GetReady() {
    Start();
    LogIn();
    Receive(absl::StrCat(kFullyBooted, "\r\n"));
    AnswerRights(kRights);
    AnswerState();
    ASSERT_TRUE(session_->ready());
    out_.facts.clear();
  }

  std::vector<std::string> TakeFacts() {
    std::vector<std::string> texts;
    for (const AmiFact& fact : std::exchange(out_.facts, {})) texts.push_back(FactText(fact.fact));
    return texts;
  }
  const std::optional<AmiSessionEnd>& end() const { return out_.end; }

  engine::Now now_{absl::Seconds(1000), absl::FromUnixSeconds(1800000000)};
  std::optional<AmiSession> session_;
  AmiSessionOutput out_;
  std::vector<AmiMessage> sent_;

 private:
  void TakeWrites() {
    for (const AmiWrite& write : std::exchange(out_.writes, {})) {
      for (AmiFrame& frame : ParseFrames(write.bytes, AmiFrameParser::Side::kFromClient)) {
        sent_.push_back(std::move(frame.message));
      }
    }
  }

  AmiFrameParser parser_{AmiFrameParser::Side::kFromServer};
};

TEST_F(AmiSessionTest, AnswersTheChallengeAsTheRecordedLoginDid) {
  Start();
  Receive(kBanner);
  EXPECT_EQ(sent_.at(0).Get("AuthType"), "MD5");
  Answer("Challenge", "Response: Success\r\nChallenge: 701703760\r\n");
  const AmiMessage login = Sent("Login");
  EXPECT_EQ(login.Get("Username"), "lab");
  EXPECT_EQ(login.Get("Key"), "92c077becbb16233f72eacd3d091b7d5");
  EXPECT_EQ(login.Get("Events"), "system,call,agent");
  EXPECT_FALSE(login.Find("Secret").has_value());
}

TEST_F(AmiSessionTest, LogsInPlainlyWhereSoSet) {
  Start({.username = "lab", .secret = "labpass", .plain_login = true});
  Receive(kBanner);
  EXPECT_EQ(Sent("Login").Get("Secret"), "labpass");
}

TEST_F(AmiSessionTest, RefusedLoginIsTheOperators) {
  Start();
  Receive(kBanner);
  Answer("Challenge", "Response: Success\r\nChallenge: 1\r\n");
  Answer("Login", "Response: Error\r\nMessage: Authentication failed\r\n");
  ASSERT_TRUE(end().has_value());
  EXPECT_TRUE(end()->refused);
  EXPECT_EQ(end()->reason, "login refused: Authentication failed");
}

TEST_F(AmiSessionTest, LoginToAnAsteriskThatStopsIsTriedAgain) {
  Start();
  Receive(kBanner);
  Answer("Challenge", "Response: Error\r\nMessage: Asterisk is shutting down\r\n");
  ASSERT_TRUE(end().has_value());
  EXPECT_FALSE(end()->refused);
}

TEST_F(AmiSessionTest, EndsWhenThePeerIsNoAsterisk) {
  Start();
  Receive("SSH-2.0-OpenSSH_9.2\r\n");
  ASSERT_TRUE(end().has_value());
  EXPECT_THAT(end()->reason, HasSubstr("not a manager interface"));
  EXPECT_THAT(sent_, IsEmpty());
}

TEST_F(AmiSessionTest, EndsWhenNoBannerComes) {
  Start();
  EXPECT_EQ(session_->NextDeadline(), now_.mono + absl::Seconds(10));
  Wait(absl::Seconds(9));
  EXPECT_FALSE(end().has_value());
  Wait(absl::Seconds(1));
  EXPECT_TRUE(end().has_value());
}

TEST_F(AmiSessionTest, TellsTheStateThenThatItIsSynced) {
  Start();
  LogIn();
  EXPECT_THAT(TakeFacts(), IsEmpty());
  Receive(absl::StrCat(kFullyBooted, "\r\n"));
  AnswerRights(kRights);
  EXPECT_THAT(TakeFacts(), ElementsAre("NodeConnected version= originates calls queues boot"));
  AnswerList("Parkinglots",
             {"Event: Parkinglot\r\nName: default\r\nStartSpace: 701\r\nStopSpace: 720\r\n"});
  AnswerList("ParkedCalls", {"Event: ParkedCall\r\nParkinglot: default\r\nParkingSpace: 701\r\n"});
  AnswerList("QueueStatus", {"Event: QueueParams\r\nQueue: sales\r\n"});
  EXPECT_FALSE(session_->ready());
  AnswerList(
      "CoreShowChannels",
      {absl::StrCat("Event: CoreShowChannel\r\nChannelState: 6\r\nUniqueid: ", kDialing, "\r\n"),
       "Event: CoreShowChannel\r\nChannelState: 6\r\nUniqueid: 1795373601.33\r\n"});
  EXPECT_THAT(TakeFacts(), ElementsAre("QueueSeen sales", "ChannelListed 8057 up",
                                       "ParkingSeen default free=19", "NodeSynced"));
  EXPECT_TRUE(session_->ready());
}

TEST_F(AmiSessionTest, ReckonsTheBootFromTheUptime) {
  Start();
  LogIn();
  Receive(absl::StrCat(kFullyBooted, "\r\n"));
  AnswerRights(kRights);
  EXPECT_EQ(std::get<engine::NodeConnected>(out_.facts.at(0).fact).boot_time,
            now_.wall - absl::Seconds(185));
}

TEST_F(AmiSessionTest, AsksForNothingBeforeTheNodeHasStarted) {
  Start();
  LogIn();
  EXPECT_THAT(sent_, IsEmpty());
  Receive(absl::StrCat(kFullyBooted, "\r\n"));
  Sent("ListCommands");
}

TEST_F(AmiSessionTest, NoticesThatItMayNotSeeFullyBooted) {
  Start();
  LogIn();
  EXPECT_EQ(session_->NextDeadline(), now_.mono + absl::Seconds(3));
  Wait(absl::Seconds(3));
  AnswerRights(kRights);
  const auto connected = std::get<engine::NodeConnected>(out_.facts.at(0).fact);
  EXPECT_FALSE(connected.boot_time.has_value());
  EXPECT_THAT(connected.problems, ElementsAre(HasSubstr("add `system` to `read`")));
}

TEST_F(AmiSessionTest, BeginsAnewWhenTheNodeStartedLateAfterAll) {
  Start();
  LogIn();
  Wait(absl::Seconds(3));
  AnswerRights(kRights);
  Receive(absl::StrCat(kFullyBooted, "\r\n"));
  ASSERT_TRUE(end().has_value());
  EXPECT_FALSE(end()->refused);
}

TEST_F(AmiSessionTest, HasEventsFilteredWhereItMay) {
  Start();
  LogIn();
  Receive(absl::StrCat(kFullyBooted, "\r\n"));
  std::vector<std::string> rights = kRights;
  rights.push_back("Filter");
  AnswerRights(rights);
  std::vector<std::string> criteria;
  for (const AmiMessage& action : sent_) {
    EXPECT_EQ(action.Get("Operation"), "Add");
    criteria.emplace_back(action.Get("MatchCriteria"));
  }
  EXPECT_EQ(criteria.size(), std::size(kNeededEvents));
  EXPECT_THAT(criteria, IsSupersetOf({"name(Hangup)", "name(HangupRequest)", "name(FullyBooted)",
                                      "name(QueueMemberStatus)", "name(OriginateResponse)"}));
  for (size_t i = 0; i < std::size(kNeededEvents); ++i) {
    EXPECT_THAT(TakeFacts(), IsEmpty());
    Answer("Filter", "Response: Success\r\n");
  }
  EXPECT_THAT(TakeFacts(), ElementsAre(StartsWith("NodeConnected")));
}

TEST_F(AmiSessionTest, TellsVersionMissingReadClassesAndMissingDriver) {
  Start();
  LogIn();
  Receive(absl::StrCat(kFullyBooted, "\r\n"));
  std::vector<std::string> rights = kRights;
  rights.insert(rights.end(), {"CoreSettings", "GetConfig", "ModuleCheck"});
  AnswerRights(rights);
  Answer("CoreSettings", "Response: Success\r\nAsteriskVersion: 22.10.1\r\n");
  Answer("GetConfig",
         "Response: Success\r\nCategory-000000: lab\r\nLine-000000-000000: secret=labpass\r\n"
         "Line-000000-000001: read=system, call\r\n");
  Answer("ModuleCheck", "Response: Error\r\nMessage: Module not loaded\r\n");
  const auto connected = std::get<engine::NodeConnected>(out_.facts.at(0).fact);
  EXPECT_EQ(connected.version, "22.10.1");
  EXPECT_TRUE(connected.sees_calls);
  EXPECT_FALSE(connected.sees_queues);
  EXPECT_THAT(connected.problems, ElementsAre(HasSubstr("add `agent` to `read`"),
                                              HasSubstr("chan_pjsip is not loaded")));
}

TEST_F(AmiSessionTest, LoginThatCannotListChannelsIsRefused) {
  Start();
  LogIn();
  Receive(absl::StrCat(kFullyBooted, "\r\n"));
  AnswerRights({"Originate", "Hangup", "QueueStatus"});
  ASSERT_TRUE(end().has_value());
  EXPECT_TRUE(end()->refused);
  EXPECT_THAT(end()->reason, HasSubstr("add `reporting` to `write`"));
}

TEST_F(AmiSessionTest, TellsFactsFromBeforeTheConnectionWasToldAfterIt) {
  Start();
  LogIn();
  Receive(absl::StrCat("Event: Hangup\r\nCause: 16\r\nCause-txt: Normal Clearing\r\nUniqueid: ",
                       kDialing, "\r\n\r\n", kFullyBooted, "\r\n"));
  EXPECT_THAT(TakeFacts(), IsEmpty());
  AnswerRights(kRights);
  EXPECT_THAT(TakeFacts(), ElementsAre(StartsWith("NodeConnected"),
                                       "ChannelHungUp 8057 cause=16 (Normal Clearing)"));
}

TEST_F(AmiSessionTest, SendsAnOriginateWhenReady) {
  GetReady();
  engine::Originate originate = MakeOriginate();
  originate.caller_id = "\"Lab\" <5550001>";
  originate.data = "600";
  originate.variables = {{"A", "1"}, {"PJSIP_HEADER(add,X-UUI)", R"(x,"\)"}};
  Command(originate);
  EXPECT_THAT(sent_.at(0).headers(),
              ElementsAre(AmiHeader{"Action", "Originate"},
                          AmiHeader{"ActionID", absl::StrCat("outdial-dialing-", kDialing)},
                          AmiHeader{"Async", "true"}, AmiHeader{"ChannelId", kDialing},
                          AmiHeader{"Channel", "PJSIP/100@trunk"}, AmiHeader{"Application", "Wait"},
                          AmiHeader{"Data", "600"}, AmiHeader{"Timeout", "30000"},
                          AmiHeader{"CallerID", "\"Lab\" <5550001>"}, AmiHeader{"Variable", "A=1"},
                          AmiHeader{"Variable", R"h(PJSIP_HEADER(add,X-UUI)=x\,\"\\)h"}));
  Answer("Originate", "Response: Success\r\nMessage: Originate successfully queued\r\n");
  EXPECT_THAT(TakeFacts(), ElementsAre("OriginateAccepted 8057"));
}

TEST_F(AmiSessionTest, SendsAnExtensionWithItsContext) {
  GetReady();
  engine::Originate originate = MakeOriginate();
  originate.application.clear();
  originate.exten = "100";
  originate.context = "outbound";
  Command(originate);
  const AmiMessage action = Sent("Originate");
  EXPECT_EQ(action.Get("Exten"), "100");
  EXPECT_EQ(action.Get("Context"), "outbound");
  EXPECT_EQ(action.Get("Priority"), "1");
  EXPECT_FALSE(action.Find("Application").has_value());
}

TEST_F(AmiSessionTest, TellsWhyAnOriginateWasRefused) {
  GetReady();
  Command(MakeOriginate());
  Answer("Originate", "Response: Error\r\nMessage: Extension does not exist.\r\n");
  EXPECT_THAT(TakeFacts(), ElementsAre("OriginateRefused 8057 Extension does not exist."));
}

TEST_F(AmiSessionTest, OriginateThatCannotBeWrittenIsRefusedHere) {
  GetReady();
  engine::Originate originate = MakeOriginate();
  originate.caller_id = "Bob\r\nVariable: INJ=1";
  Command(originate);
  EXPECT_THAT(TakeFacts(), ElementsAre(StartsWith("OriginateRefused 8057 the value of CallerID")));
  EXPECT_THAT(sent_, IsEmpty());
}

TEST_F(AmiSessionTest, OriginateBeforeTheNodeIsSyncedIsUnsent) {
  Start();
  LogIn();
  Command(MakeOriginate());
  Receive(absl::StrCat(kFullyBooted, "\r\n"));
  AnswerRights(kRights);
  TakeFacts();
  Command(MakeOriginate());
  EXPECT_THAT(TakeFacts(), ElementsAre("OriginateUnsent 8057"));
  EXPECT_THAT(sent_, Not(Contains(testing::ResultOf(
                         [](const AmiMessage& m) { return m.Get("Action"); }, "Originate"))));
}

// The event names the Originate's ActionID too, and is no answer to it.
TEST_F(AmiSessionTest, OriginateResponseDoesNotAnswerTheOriginate) {
  GetReady();
  Command(MakeOriginate());
  Receive(absl::StrCat("Event: OriginateResponse\r\nResponse: Failure\r\nReason: 0\r\nActionID: ",
                       "outdial-dialing-", kDialing, "\r\n\r\n"));
  EXPECT_THAT(TakeFacts(), ElementsAre("OriginateResponse 8057 failure reason=0"));
  Answer("Originate", "Response: Success\r\n");
  EXPECT_THAT(TakeFacts(), ElementsAre("OriginateAccepted 8057"));
}

TEST_F(AmiSessionTest, HangsUpByUniqueidAndBearsThatItIsGone) {
  GetReady();
  Command(engine::Hangup{engine::DialingUuid::Parse(kDialing).value(), 16});
  const AmiMessage action = sent_.at(0);
  EXPECT_EQ(action.Get("Channel"), kDialing);
  EXPECT_EQ(action.Get("Cause"), "16");
  Answer("Hangup", "Response: Error\r\nMessage: No such channel\r\n");
  EXPECT_THAT(TakeFacts(), IsEmpty());
  EXPECT_FALSE(end().has_value());
}

TEST_F(AmiSessionTest, ListsChannelsOnCommandAndStaysReady) {
  GetReady();
  Command(engine::ListChannels{});
  EXPECT_TRUE(session_->ready());
  AnswerList("CoreShowChannels",
             {absl::StrCat("Event: CoreShowChannel\r\nUniqueid: ", kDialing, "\r\n")});
  EXPECT_THAT(TakeFacts(), ElementsAre("ChannelListed 8057", "NodeSynced"));
}

TEST_F(AmiSessionTest, TellsEverythingAgainOnResync) {
  GetReady();
  Command(engine::Resync{});
  EXPECT_FALSE(session_->ready());
  AnswerState();
  EXPECT_THAT(TakeFacts(), ElementsAre(StartsWith("NodeConnected"), "NodeSynced"));
  EXPECT_TRUE(session_->ready());
}

TEST_F(AmiSessionTest, ResyncDuringTheListsIsSyncedOnceBySecondLists) {
  GetReady();
  Command(engine::Resync{});
  Command(engine::Resync{});
  TakeFacts();
  AnswerState();
  EXPECT_THAT(TakeFacts(), IsEmpty());
  AnswerState();
  EXPECT_THAT(TakeFacts(), ElementsAre("NodeSynced"));
}

TEST_F(AmiSessionTest, ResyncBeforeTheLoginIsThroughSaysNothing) {
  Start();
  Receive(kBanner);
  Command(engine::Resync{});
  EXPECT_THAT(TakeFacts(), IsEmpty());
}

TEST_F(AmiSessionTest, EndsWhenTheStateIsRefused) {
  GetReady();
  Command(engine::ListChannels{});
  Answer("CoreShowChannels", "Response: Error\r\nMessage: Permission denied\r\n");
  EXPECT_TRUE(end().has_value());
  EXPECT_THAT(TakeFacts(), IsEmpty());
}

TEST_F(AmiSessionTest, TellsFreeParkingSpacesAsTheyChange) {
  Start();
  LogIn();
  Receive(absl::StrCat(kFullyBooted, "\r\n"));
  AnswerRights(kRights);
  AnswerList("Parkinglots",
             {"Event: Parkinglot\r\nName: default\r\nStartSpace: 701\r\nStopSpace: 702\r\n"});
  AnswerList("ParkedCalls");
  AnswerList("QueueStatus");
  AnswerList("CoreShowChannels");
  TakeFacts();
  Receive("Event: ParkedCall\r\nParkinglot: default\r\nParkingSpace: 701\r\n\r\n");
  Receive("Event: ParkedCallGiveUp\r\nParkinglot: default\r\nParkingSpace: 701\r\n\r\n");
  EXPECT_THAT(TakeFacts(), ElementsAre("ParkingSeen default free=1", "ParkingSeen default free=2"));
}

TEST_F(AmiSessionTest, PingsAndEndsWithoutAnAnswer) {
  GetReady();
  const engine::MonotonicTime ping = session_->NextDeadline();
  Wait(ping - now_.mono);
  Answer("Ping", "Response: Success\r\nPing: Pong\r\n");
  EXPECT_EQ(session_->NextDeadline(), ping + absl::Seconds(15));
  Wait(absl::Seconds(15));
  Sent("Ping");
  EXPECT_EQ(session_->NextDeadline(), now_.mono + absl::Seconds(10));
  Wait(absl::Seconds(10));
  ASSERT_TRUE(end().has_value());
  EXPECT_EQ(end()->reason, "no answer within 10s");
}

TEST_F(AmiSessionTest, EventHappenedAfterTheLastActionThatWasAnsweredBeforeIt) {
  GetReady();
  const std::string event = absl::StrCat(
      "Event: Newchannel\r\nTimestamp: 1800000007.250000\r\nUniqueid: ", kDialing, "\r\n\r\n");
  Wait(absl::Seconds(3));
  Command(engine::ListChannels{});
  const engine::MonotonicTime asked = now_.mono;
  Wait(absl::Seconds(4));
  Receive(event);
  Answer("CoreShowChannels", "Response: Success\r\nEventList: start\r\n");
  Receive(event);
  ASSERT_EQ(out_.facts.size(), 2u);
  const engine::Moment before = out_.facts[0].happened.value();
  EXPECT_EQ(before.latest, asked + absl::Seconds(4));
  EXPECT_EQ(before.earliest, asked - absl::Seconds(3));
  EXPECT_EQ(before.stamp, absl::FromUnixMillis(1800000007250));
  EXPECT_EQ(out_.facts[1].happened.value().earliest, asked);
}

TEST_F(AmiSessionTest, PingsMoreOftenWhereEventsAreNotStamped) {
  GetReady();
  Receive("Event: Newstate\r\nTimestamp: 1800000000.000000\r\n\r\n");
  EXPECT_GE(session_->NextDeadline(), now_.mono + absl::Seconds(10));
  Receive("Event: Newstate\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(session_->NextDeadline(), now_.mono + absl::Milliseconds(500));
    Wait(absl::Milliseconds(500));
    Answer("Ping", "Response: Success\r\nPing: Pong\r\n");
  }
}

TEST_F(AmiSessionTest, ItemsOfAListSayNothingOfStamps) {
  GetReady();
  Command(engine::ListChannels{});
  AnswerList("CoreShowChannels", {"Event: CoreShowChannel\r\nUniqueid: 1.1\r\n"});
  EXPECT_GE(session_->NextDeadline(), now_.mono + absl::Seconds(10));
}

TEST_F(AmiSessionTest, LongListsStayAliveItemByItem) {
  GetReady();
  Command(engine::ListChannels{});
  const std::string id = absl::StrCat("ActionID: ", Sent("CoreShowChannels").Get("ActionID"));
  Receive(absl::StrCat("Response: Success\r\nEventList: start\r\n", id, "\r\n\r\n"));
  for (int i = 0; i < 5; ++i) {
    Wait(absl::Seconds(9));
    if (i == 1) Answer("Ping", "Response: Success\r\n");
    if (i == 3) Answer("Ping", "Response: Success\r\n");
    Receive(absl::StrCat("Event: CoreShowChannel\r\nUniqueid: 1.1\r\n", id, "\r\n\r\n"));
  }
  EXPECT_FALSE(end().has_value());
}

TEST_F(AmiSessionTest, AChannelListThatTheStateOvertookIsNoAnswerOfItsOwn) {
  GetReady();
  Command(engine::ListChannels{});
  const AmiMessage overtaken = Sent("CoreShowChannels");
  Command(engine::Resync{});
  TakeFacts();
  const std::string id = absl::StrCat("ActionID: ", overtaken.Get("ActionID"), "\r\n\r\n");
  Receive(absl::StrCat("Response: Success\r\nEventList: start\r\n", id));
  Receive(absl::StrCat("Event: CoreShowChannelsComplete\r\nEventList: Complete\r\n", id));
  EXPECT_THAT(TakeFacts(), IsEmpty());
  // While the state is told, its own list of channels will do.
  Command(engine::ListChannels{});
  AnswerState();
  EXPECT_THAT(TakeFacts(), ElementsAre("NodeSynced"));
  EXPECT_THAT(sent_, IsEmpty());
}

TEST_F(AmiSessionTest, BearsGarbageAndLogsItOnce) {
  GetReady();
  Receive("\xff\xfe garbage\r\n\r\nnothing: here\r\n\r\n\r\n\r\n");
  Receive("Response: Error\r\nMessage: Missing action in request\r\n\r\n");
  EXPECT_FALSE(end().has_value());
  EXPECT_EQ(out_.log.size(), 2u);  // and that events are not filtered
  EXPECT_THAT(TakeFacts(), IsEmpty());
}

TEST_F(AmiSessionTest, EndsWhenEventsFloodItBeforeTheLoginIsThrough) {
  Start();
  LogIn();
  const std::string event = absl::StrCat("Event: Newchannel\r\nUniqueid: ", kDialing, "\r\n\r\n");
  for (int i = 0; i < 10'000; ++i) Receive(event);
  EXPECT_FALSE(end().has_value());
  Receive(event);
  EXPECT_TRUE(end().has_value());
}

TEST_F(AmiSessionTest, RemembersThatTheNodeSaidGoodbye) {
  GetReady();
  EXPECT_EQ(session_->PeerCloseReason(), "the node closed the connection");
  Receive("Event: Shutdown\r\nShutdown: Cleanly\r\nRestart: True\r\n\r\n");
  EXPECT_EQ(session_->PeerCloseReason(), "Asterisk is shutting down");
}

// What a real Asterisk says after a reconnect, fed as it was recorded.
TEST_F(AmiSessionTest, FollowsARecordedCallAfterItIsReady) {
  GetReady();
  std::string bytes = TranscriptBytes(ReadTranscript("05_app_busy_486.txt"), "A", true);
  bytes = bytes.substr(bytes.find("Event: Newchannel"));
  Receive(bytes);
  EXPECT_FALSE(end().has_value());
  EXPECT_THAT(TakeFacts(), IsEmpty());  // its ids are not Outdial's
}

}  // namespace
}  // namespace outdial::ami
