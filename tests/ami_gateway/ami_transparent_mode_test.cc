#include "ami_gateway/ami_transparent_mode.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ami_gateway/client_script.h"

namespace outdial::ami {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kBanner[] = "Asterisk Call Manager/11.0.0\r\n";
constexpr char kLogin[] = "Action: Login\r\nUsername: ann\r\nSecret: s\r\n\r\n";
constexpr char kAccepted[] = "Response: Success\r\nMessage: Authentication accepted\r\n\r\n";
constexpr char kRefused[] = "Response: Error\r\nMessage: Authentication failed\r\n\r\n";
constexpr char kDenied[] = "Response: Error\r\nMessage: Permission denied\r\n\r\n";
constexpr char kPing[] = "Action: Ping\r\nActionID: p\r\n\r\n";
constexpr char kPong[] = "Response: Success\r\nActionID: p\r\nPing: Pong\r\n\r\n";
constexpr char kShow[] = "Action: OutPlanShow\r\nActionID: s\r\n\r\n";
constexpr char kFence[] = "Action: Ping\r\nActionID: outdial-fence-t0ken\r\n\r\n";
constexpr char kFenceAnswer[] =
    "Response: Success\r\nActionID: outdial-fence-t0ken\r\nPing: Pong\r\nTimestamp: 1.2\r\n\r\n";
constexpr char kEvent[] = "Event: Hangup\r\nCause: 16\r\n\r\n";
constexpr char kOutEvent[] = "Event: OutPlanDelete\r\nPrivilege: message,all\r\nUuid: u\r\n\r\n";

// Ann may use and see all, Bob only see, nobody else anything.
AmiClientOptions Transparent() {
  AmiClientOptions options;
  options.rights = [](absl::string_view username) {
    return OutRights{.use = username == "ann", .see = username == "ann" || username == "bob"};
  };
  options.banner = "Asterisk Call Manager/11.0.0";
  options.fence_token = "t0ken";
  return options;
}

class AmiTransparentModeTest : public ::testing::Test {
 protected:
  // With the node connected and greeted, before login.
  void Connect() {
    script_.Client(kPing);
    script_.NodeConnected();
    script_.Node(absl::StrCat(kBanner, kDenied));
    script_.TakeToClient();
    script_.TakeToNode();
  }

  void LogIn(absl::string_view username = "ann") {
    script_.Client(absl::StrCat("Action: Login\r\nUsername: ", username, "\r\n\r\n"));
    script_.NodeConnected();
    script_.Node(absl::StrCat(kBanner, kAccepted));
    ASSERT_TRUE(script_.session().logged_in());
    script_.TakeToClient();
    script_.TakeToNode();
  }

  ClientScript script_{Transparent()};
};

// ---- Before login

TEST_F(AmiTransparentModeTest, GreetsAtOnceAndConnectsTheNodeLater) {
  EXPECT_EQ(script_.TakeToClient(), kBanner);
  EXPECT_FALSE(script_.TakeConnect());
  script_.Client(kLogin);
  EXPECT_TRUE(script_.TakeConnect());
  EXPECT_THAT(script_.TakeToNode(), IsEmpty());
  EXPECT_FALSE(script_.session().wants_client_bytes());
  script_.NodeConnected();
  EXPECT_EQ(script_.TakeToNode(), kLogin);
  script_.Node(absl::StrCat("Asterisk Call Manager/12.0.0\r\n", kAccepted));
  EXPECT_EQ(script_.TakeToClient(), kAccepted);
  EXPECT_EQ(script_.gathered().learned_banner, "Asterisk Call Manager/12.0.0");
  EXPECT_EQ(script_.gathered().logged_in, "ann");
  EXPECT_TRUE(script_.session().wants_out_events());
}

TEST_F(AmiTransparentModeTest, WithoutAKnownBannerTheNodesIsAwaited) {
  AmiClientOptions options = Transparent();
  options.banner = "";
  ClientScript script(options);
  EXPECT_TRUE(script.TakeConnect());
  EXPECT_FALSE(script.session().wants_client_bytes());
  script.NodeConnected();
  script.Node("Asterisk Call ");
  EXPECT_THAT(script.TakeToClient(), IsEmpty());
  script.Node("Manager/11.0.0\r\n");
  EXPECT_EQ(script.TakeToClient(), kBanner);
  EXPECT_EQ(script.gathered().learned_banner, "Asterisk Call Manager/11.0.0");
  EXPECT_TRUE(script.session().wants_client_bytes());
}

TEST_F(AmiTransparentModeTest, OneActionIsAskedAtATime) {
  Connect();
  script_.Client(absl::StrCat(kPing, kLogin, kPing));
  EXPECT_EQ(script_.TakeToNode(), kPing);
  script_.Node(kDenied);
  EXPECT_EQ(script_.TakeToClient(), kDenied);
  EXPECT_EQ(script_.TakeToNode(), kLogin);
  script_.Node(kAccepted);
  EXPECT_EQ(script_.TakeToNode(), kPing);
}

TEST_F(AmiTransparentModeTest, TheNodeHearsOnlyWhatWasReadOfAnAction) {
  Connect();
  constexpr char kHostile[] =
      "Variable: x\naction:\nACTION:\x01 Login\nUsername:\x02 bob\0ann\nUsername: ann\n"
      "Username : ann\nno colon\nSecret: s\nX\x01: y\n\n";
  script_.Client(absl::string_view(kHostile, sizeof(kHostile) - 1));
  EXPECT_EQ(script_.TakeToNode(), "Action: Login\r\nUsername: bob\r\nSecret: s\r\n\r\n");
  script_.Node(kAccepted);
  EXPECT_EQ(script_.gathered().logged_in, "bob");
  script_.Client(kShow);
  EXPECT_THAT(script_.TakeToClient(), HasSubstr("Permission denied."));
  EXPECT_THAT(script_.TakeCall(), IsEmpty());
}

TEST_F(AmiTransparentModeTest, WhatCantBeAnActionDoesNotReachTheNode) {
  Connect();
  std::string lines = "Action: Login\r\n";
  for (int i = 0; i < 128; ++i) lines += "X: y\r\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"\r\n", "Missing action in request"},
      {"Username: ann\r\n\r\n", "Missing action in request"},
      {absl::StrCat("Action: Login\r\nUsername: ann", std::string(1010, 'x'), "\r\n\r\n"),
       "Failed to parse message: line too long"},
      {lines + "\r\n", "Too many lines in message or allocation failure"},
      {"Action: OutPlanShow\r\n\r\n", "Permission denied"},
      {"Action: outfox\r\n\r\n", "Permission denied"},
      {"Action: Login\r\nUsername: ann\rSecret: x\r\n\r\n",
       "Failed to parse message: the value of Username has a CR, LF or NUL"},
      {absl::StrCat("Action: Login\r\nUsername:", std::string(1013, 'x'), "\r\n\r\n"),
       "Failed to parse message: the line of Username has 1023 bytes, at most 1022 are allowed"},
  };
  for (const auto& [bytes, message] : cases) {
    script_.Client(bytes);
    EXPECT_EQ(script_.TakeToClient(),
              absl::StrCat("Response: Error\r\nMessage: ", message, "\r\n\r\n"));
    EXPECT_THAT(script_.TakeToNode(), IsEmpty());
  }
  EXPECT_TRUE(script_.session().wants_client_bytes());
}

TEST_F(AmiTransparentModeTest, ALoginThatAsteriskRefusedGivesNothing) {
  Connect();
  script_.Client(absl::StrCat(kLogin, kLogin, kShow));
  script_.TakeToNode();
  script_.Node(kRefused);
  EXPECT_EQ(script_.TakeToClient(), kRefused);
  EXPECT_TRUE(script_.gathered().login_failed);
  // Asterisk reads nothing more either.
  EXPECT_THAT(script_.TakeToNode(), IsEmpty());
  script_.NodeLost();
  EXPECT_EQ(script_.gathered().close, "");
  EXPECT_FALSE(script_.session().logged_in());
  EXPECT_FALSE(script_.gathered().logged_in.has_value());
}

TEST_F(AmiTransparentModeTest, OnlyTheAnswerToALoginLogsIn) {
  Connect();
  for (const char* answer :
       {"Response: Success\r\nMessage: Already authenticated\r\n\r\n",
        "Response: Success\r\nX: y\r\n\r\n",
        "Response: Success\r\nActionID: Authentication accepted\r\nMessage: Queued\r\n\r\n"}) {
    script_.Client(kLogin);
    script_.Node(answer);
    EXPECT_FALSE(script_.session().logged_in()) << answer;
  }
  script_.Client(kPing);
  script_.Node(kAccepted);
  EXPECT_FALSE(script_.session().logged_in());
  script_.Node(kAccepted);  // to nothing that was asked
  EXPECT_FALSE(script_.session().logged_in());
}

TEST_F(AmiTransparentModeTest, AnAnswerCountsForTheLoginThatItAnswers) {
  Connect();
  script_.Client(
      "Action: Login\r\nUsername: eve\r\nActionID: 1\r\n\r\n"
      "Action: Login\r\nUsername: ann\r\nActionID: 1\r\n\r\n");
  script_.Node("Response: Success\r\nActionID: 1\r\nMessage: Authentication accepted\r\n\r\n");
  EXPECT_EQ(script_.gathered().logged_in, "eve");
  script_.Node("Response: Success\r\nActionID: 1\r\nMessage: Already authenticated\r\n\r\n");
  script_.Node("Response: Success\r\nActionID: 1\r\nMessage: Authentication accepted\r\n\r\n");
  EXPECT_EQ(script_.gathered().logged_in, "eve");
  script_.Client(kShow);
  EXPECT_THAT(script_.TakeCall(), IsEmpty());
  EXPECT_FALSE(script_.session().wants_out_events());
}

TEST_F(AmiTransparentModeTest, AnAnswerPassesAsItCameThoughInPieces) {
  Connect();
  script_.Client(kLogin);
  const std::string stream = absl::StrCat(kAccepted, kEvent, "Event: X\r\nA");
  for (const char byte : stream) script_.Node(std::string(1, byte));
  EXPECT_EQ(script_.TakeToClient(), stream);
  EXPECT_EQ(script_.gathered().logged_in, "ann");
}

TEST_F(AmiTransparentModeTest, ANodeWithoutEndIsLeft) {
  script_.Client(kLogin);
  script_.NodeConnected();
  script_.Node(std::string(2000, 'x'));
  EXPECT_EQ(script_.gathered().close, "the Asterisk node's greeting has no end");
}

TEST_F(AmiTransparentModeTest, ClosesSilentlyWithoutALoginInTime) {
  script_.TakeToClient();
  script_.Wait(absl::Seconds(29));
  script_.Client(kLogin);
  EXPECT_FALSE(script_.gathered().close.has_value());
  script_.Wait(absl::Seconds(1));
  EXPECT_EQ(script_.gathered().close, "");
  EXPECT_THAT(script_.TakeToClient(), IsEmpty());
}

TEST_F(AmiTransparentModeTest, TellsThatNoNodeCanBeReached) {
  script_.TakeToClient();
  script_.Client("Action: Login\r\nActionID: l\r\n\r\n");
  script_.NodeLost();
  EXPECT_EQ(script_.TakeToClient(),
            "Response: Error\r\nActionID: l\r\n"
            "Message: No Asterisk node can be reached; try again later\r\n\r\n");
  EXPECT_EQ(script_.gathered().close, "no Asterisk node can be reached");
  EXPECT_FALSE(script_.session().wants_client_bytes());
}

// ---- After login

TEST_F(AmiTransparentModeTest, AllButOutActionsPassByteForByte) {
  LogIn();
  const std::string stream =
      "Action:  Originate\nVariable: a=\x80\rb\r\nVariable : c\r\n\r\n\r\nno colon\r\n\r\n"
      "Action: Login\r\nUsername: eve\r\n\r\nAction:Ping\r\nAction: OutPlanShow\r\n\r\n";
  for (const char byte : stream) script_.Client(std::string(1, byte));
  EXPECT_EQ(script_.TakeToNode(), stream);
  EXPECT_THAT(script_.TakeCall(), IsEmpty());
  EXPECT_EQ(script_.gathered().logged_in, "ann");
}

TEST_F(AmiTransparentModeTest, BrokenLimitsAreLeftToAsterisk) {
  LogIn();
  const std::string too_long =
      absl::StrCat("Action: Ping\r\nX: ", std::string(1020, 'x'), "\r\n\r\n");
  std::string too_many = "Action: Ping\r\n";
  for (int i = 0; i < 40000; ++i) too_many += "X: y\r\n";
  too_many += "\r\n";
  const std::string endless = absl::StrCat("X: ", std::string(300000, 'x'));
  script_.Client(too_long);
  EXPECT_EQ(script_.TakeToNode(), too_long);
  script_.Client(too_many);
  EXPECT_EQ(script_.TakeToNode(), too_many);
  script_.Client(endless);
  EXPECT_EQ(script_.TakeToNode(), endless);
  // What belongs to an endless message is never an action of its own.
  script_.Client("\r\nAction: OutPlanShow\r\n\r\n");
  EXPECT_EQ(script_.TakeToNode(), "\r\nAction: OutPlanShow\r\n\r\n");
  EXPECT_THAT(script_.TakeCall(), IsEmpty());
  // The next message is one again.
  script_.Client(kShow);
  EXPECT_EQ(script_.TakeToNode(), kFence);
}

TEST_F(AmiTransparentModeTest, AMessageIsHeldOnlyAsLongAsAsteriskWouldTakeIt) {
  LogIn();
  std::string sent;
  const std::string piece(16 * 1024, 'x');
  while (sent.size() <= 128 * 1024) {
    EXPECT_THAT(script_.gathered().to_node, IsEmpty());
    script_.Client(piece);
    sent += piece;
  }
  EXPECT_EQ(script_.TakeToNode(), sent);
  script_.Client(piece);
  EXPECT_EQ(script_.TakeToNode(), piece);
}

TEST_F(AmiTransparentModeTest, AsteriskMayEndAMessageEarlierAndStillRunsNoOutAction) {
  LogIn();
  // Asterisk takes a line that begins with NUL for a blank one, and so the rest of a line whose CR
  // its buffer held last: what follows would be a message of its own there.
  constexpr char kNul[] = "Action: Ping\r\n\0\r\nAction: OutPlanShow\r\n\r\n";
  const std::string nul(kNul, sizeof(kNul) - 1);
  const std::string full = absl::StrCat("Action: Ping\r\nX: ", std::string(1020, 'x'),
                                        "\r\nAction: OutPlanShow\r\n\r\n");
  script_.Client(nul + full);
  EXPECT_EQ(script_.TakeToNode(), nul + full);
  EXPECT_THAT(script_.TakeCall(), IsEmpty());
  // The other way round nothing of it reaches the node.
  script_.Client(absl::StrCat("Action: OutPlanShow\r\nX: ", std::string(1020, 'x'),
                              "\r\nAction: Originate\r\n\r\n"));
  EXPECT_EQ(script_.TakeToNode(), kFence);
  script_.Node(kFenceAnswer);
  EXPECT_EQ(script_.TakeToClient(),
            "Response: Error\r\nMessage: Failed to parse message: line too long\r\n\r\n");
}

TEST_F(AmiTransparentModeTest, AnOutActionWithNothingBeforeItIsCalledAtOnce) {
  LogIn();
  script_.Client(kShow);
  EXPECT_THAT(script_.TakeToNode(), IsEmpty());
  EXPECT_EQ(script_.TakeCall(), "OutPlanShow");
  script_.Call("Response: Success\r\n\r\n", true);
  EXPECT_EQ(script_.TakeToClient(), "Response: Success\r\n\r\n");
}

TEST_F(AmiTransparentModeTest, AnOutActionWaitsForTheAnswersBeforeIt) {
  LogIn();
  script_.Client(absl::StrCat(kPing, kShow, kPing));
  EXPECT_EQ(script_.TakeToNode(), absl::StrCat(kPing, kFence));
  EXPECT_FALSE(script_.session().wants_client_bytes());
  script_.Node(kPong);
  EXPECT_EQ(script_.TakeToClient(), kPong);
  EXPECT_THAT(script_.TakeCall(), IsEmpty());
  script_.Node(kFenceAnswer);
  EXPECT_THAT(script_.TakeToClient(), IsEmpty());
  EXPECT_EQ(script_.TakeCall(), "OutPlanShow");
  EXPECT_THAT(script_.TakeToNode(), IsEmpty());
  script_.Call("answer\r\n\r\n", true);
  EXPECT_EQ(script_.TakeToClient(), "answer\r\n\r\n");
  EXPECT_EQ(script_.TakeToNode(), kPing);
  EXPECT_TRUE(script_.session().wants_client_bytes());
}

TEST_F(AmiTransparentModeTest, TheFencesAnswerIsSwallowedHoweverItComes) {
  const std::string stream = absl::StrCat(kPong, kEvent, kFenceAnswer, kEvent);
  for (size_t piece_bytes = 1; piece_bytes <= stream.size(); ++piece_bytes) {
    ClientScript script(Transparent());
    script.Client(kLogin);
    script.NodeConnected();
    script.Node(absl::StrCat(kBanner, kAccepted));
    script.Client(absl::StrCat(kPing, kShow));
    script.TakeToClient();
    for (size_t at = 0; at < stream.size(); at += piece_bytes) {
      script.Node(absl::string_view(stream).substr(at, piece_bytes));
    }
    EXPECT_EQ(script.TakeToClient(), absl::StrCat(kPong, kEvent, kEvent)) << piece_bytes;
    EXPECT_EQ(script.TakeCall(), "OutPlanShow") << piece_bytes;
  }
}

TEST_F(AmiTransparentModeTest, AHangingNodeHoldsAnOutActionOnlySoLong) {
  LogIn();
  script_.Client(absl::StrCat(kPing, kShow));
  EXPECT_EQ(script_.session().NextDeadline(), script_.now().mono + absl::Seconds(30));
  script_.Wait(absl::Seconds(30));
  EXPECT_EQ(script_.TakeCall(), "OutPlanShow");
  script_.Call("answer\r\n\r\n", true);
  EXPECT_EQ(script_.TakeToClient(), "answer\r\n\r\n");
  // The late answer is still no business of the client's, and ends no later fence by itself.
  script_.Client(absl::StrCat(kPing, kShow));
  script_.Node(absl::StrCat(kPong, kFenceAnswer));
  EXPECT_EQ(script_.TakeToClient(), kPong);
  EXPECT_THAT(script_.TakeCall(), IsEmpty());
  script_.Node(absl::StrCat(kPong, kFenceAnswer));
  EXPECT_EQ(script_.TakeToClient(), kPong);
  EXPECT_EQ(script_.TakeCall(), "OutPlanShow");
}

TEST_F(AmiTransparentModeTest, ARefusalKeepsItsPlaceAmongTheAnswers) {
  LogIn("bob");
  script_.Client(absl::StrCat(kPing, kShow));
  EXPECT_EQ(script_.TakeToNode(), absl::StrCat(kPing, kFence));
  EXPECT_THAT(script_.TakeToClient(), IsEmpty());
  script_.Node(absl::StrCat(kPong, kFenceAnswer));
  EXPECT_THAT(script_.TakeToClient(),
              AllOf(StartsWith(absl::StrCat(kPong,
                                            "Response: Error\r\nActionID: s\r\n"
                                            "Message: Permission denied.")),
                    HasSubstr("ami_access")));
  EXPECT_THAT(script_.TakeCall(), IsEmpty());
  EXPECT_TRUE(script_.session().wants_client_bytes());
}

TEST_F(AmiTransparentModeTest, AnUnknownOutActionDoesNotReachTheNode) {
  LogIn();
  script_.Client("Action: outfox\r\n\r\n");
  EXPECT_THAT(script_.TakeToNode(), IsEmpty());
  EXPECT_THAT(
      script_.TakeToClient(),
      StartsWith("Response: Error\r\nMessage: Invalid/unknown command: outfox. Use one of "));
}

TEST_F(AmiTransparentModeTest, OwnBytesGoOutBetweenMessagesOnly) {
  LogIn();
  script_.OutEvent(kOutEvent);
  EXPECT_EQ(script_.TakeToClient(), kOutEvent);
  script_.Client(kShow);
  script_.Node("Event: Hangup\r\nCause");
  script_.OutEvent(kOutEvent);
  script_.Call("answer\r\n\r\n", true);
  EXPECT_EQ(script_.session().waiting_bytes(), std::string(kOutEvent).size() + 10);
  script_.Node(": 16\r\n\r");
  EXPECT_EQ(script_.TakeToClient(), "Event: Hangup\r\nCause: 16\r\n\r");
  script_.Node(absl::StrCat("\n", kEvent, "Event"));
  EXPECT_EQ(script_.TakeToClient(),
            absl::StrCat("\n", kOutEvent, "answer\r\n\r\n", kEvent, "Event"));
  EXPECT_EQ(script_.session().waiting_bytes(), 0);
}

TEST_F(AmiTransparentModeTest, NoActionIsTakenWhileTooMuchWaits) {
  LogIn();
  script_.Node("Event: ");
  script_.OutEvent(std::string(300000, 'x'));
  EXPECT_FALSE(script_.session().wants_client_bytes());
  script_.Client(kPing);
  EXPECT_THAT(script_.TakeToNode(), IsEmpty());
  script_.Node("X\r\n\r\n");
  EXPECT_EQ(script_.TakeToNode(), kPing);
  EXPECT_TRUE(script_.session().wants_client_bytes());
}

TEST_F(AmiTransparentModeTest, EventsDecidesAboutOutEventsToo) {
  LogIn("bob");
  EXPECT_TRUE(script_.session().wants_out_events());
  for (const auto& [mask, wanted] : std::vector<std::pair<std::string, bool>>{
           {"off", false}, {"", false}, {"on", true}, {"call,agent", false}, {"message", true}}) {
    script_.Client(absl::StrCat("Action: Events\r\nEventMask: ", mask, "\r\n\r\n"));
    EXPECT_EQ(script_.session().wants_out_events(), wanted) << mask;
  }
}

TEST_F(AmiTransparentModeTest, ALoginWithEventsOffSeesNone) {
  script_.Client("Action: Login\r\nUsername: ann\r\nEvents: off\r\n\r\n");
  script_.NodeConnected();
  EXPECT_EQ(script_.TakeToNode(), "Action: Login\r\nUsername: ann\r\nEvents: off\r\n\r\n");
  script_.Node(absl::StrCat(kBanner, kAccepted));
  EXPECT_FALSE(script_.session().wants_out_events());
}

TEST_F(AmiTransparentModeTest, NobodySeesOutEventsWithoutTheRight) {
  LogIn("eve");
  script_.OutEvent(kOutEvent);
  EXPECT_THAT(script_.TakeToClient(), IsEmpty());
}

TEST_F(AmiTransparentModeTest, NothingOfOutdialsComesAfterALogoff) {
  LogIn();
  script_.Client(absl::StrCat("Action: Logoff\r\n\r\n", kShow));
  EXPECT_EQ(script_.TakeToNode(), "Action: Logoff\r\n\r\n");
  EXPECT_THAT(script_.TakeCall(), IsEmpty());
  EXPECT_FALSE(script_.session().wants_out_events());
  script_.OutEvent(kOutEvent);
  script_.Node("Response: Goodbye\r\n\r\n");
  EXPECT_EQ(script_.TakeToClient(), "Response: Goodbye\r\n\r\n");
  script_.NodeLost();
  EXPECT_EQ(script_.gathered().close, "");
}

TEST_F(AmiTransparentModeTest, ANodeThatIsLostEndsTheClientAfterWhatCame) {
  LogIn();
  script_.Client(kShow);
  script_.Node("Event: Hangup\r\nCa");
  script_.Call("answer\r\n\r\n", true);
  script_.NodeLost();
  EXPECT_EQ(script_.TakeToClient(), "Event: Hangup\r\nCa");
  EXPECT_EQ(script_.gathered().close, "the connection to the Asterisk node ended");
  script_.Call("more\r\n\r\n", true);
  script_.Client(kPing);
  script_.Node(kEvent);
  script_.OutEvent(kOutEvent);
  EXPECT_THAT(script_.TakeToClient(), IsEmpty());
  EXPECT_THAT(script_.TakeToNode(), IsEmpty());
  EXPECT_EQ(script_.session().NextDeadline(), absl::InfiniteDuration());
}

}  // namespace
}  // namespace outdial::ami
