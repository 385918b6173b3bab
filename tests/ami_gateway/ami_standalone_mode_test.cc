#include "ami_gateway/ami_standalone_mode.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "ami_gateway/md5_login.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ami_gateway/client_script.h"

namespace outdial::ami {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kLogin[] = "Action: Login\r\nUsername: ann\r\nSecret: s3cret\r\nActionID: l\r\n\r\n";
constexpr char kAccepted[] =
    "Response: Success\r\nActionID: l\r\nMessage: Authentication accepted\r\n\r\n";
constexpr char kShow[] = "Action: OutPlanShow\r\nActionID: s\r\n\r\n";
constexpr char kEvent[] = "Event: OutPlanDelete\r\nPrivilege: message,all\r\nUuid: u\r\n\r\n";

std::string Error(absl::string_view id, absl::string_view message) {
  return absl::StrCat("Response: Error\r\n",
                      id.empty() ? "" : absl::StrCat("ActionID: ", id, "\r\n"),
                      "Message: ", message, "\r\n\r\n");
}

AmiClientOptions Standalone(AmiClasses read = kAmiMessage, AmiClasses write = kAmiMessage) {
  AmiClientOptions options;
  options.users = {{"other", "x", kAmiAllClasses, kAmiAllClasses}, {"ann", "s3cret", read, write}};
  options.challenge = "701703760";
  options.server_start = absl::Seconds(881);
  return options;
}

class AmiStandaloneModeTest : public ::testing::Test {
 protected:
  void LogIn() {
    script_.Client(kLogin);
    script_.TakeToClient();
  }

  ClientScript script_{Standalone()};
};

TEST_F(AmiStandaloneModeTest, GreetsAsAsteriskUnlessToldOtherwise) {
  EXPECT_EQ(script_.TakeToClient(), "Asterisk Call Manager/11.0.0\r\n");
  AmiClientOptions options = Standalone();
  options.banner = "Asterisk Call Manager/12.0.0";
  EXPECT_EQ(ClientScript(options).TakeToClient(), "Asterisk Call Manager/12.0.0\r\n");
}

TEST_F(AmiStandaloneModeTest, AcceptsALogin) {
  script_.TakeToClient();
  script_.Client(kLogin);
  EXPECT_EQ(script_.TakeToClient(), kAccepted);
  EXPECT_EQ(script_.gathered().logged_in, "ann");
  EXPECT_TRUE(script_.session().logged_in());
  EXPECT_EQ(script_.session().NextDeadline(), absl::InfiniteDuration());
}

TEST_F(AmiStandaloneModeTest, TellsOfTheBootToThoseWhoReadSystem) {
  ClientScript script(Standalone(kAmiSystem));
  script.TakeToClient();
  script.Client(kLogin);
  EXPECT_EQ(script.TakeToClient(),
            absl::StrCat(kAccepted,
                         "Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 119\r\n"
                         "LastReload: 119\r\nStatus: Fully Booted\r\n\r\n"));
}

TEST_F(AmiStandaloneModeTest, NoBootEventForALoginWithEventsOff) {
  ClientScript script(Standalone(kAmiAllClasses));
  script.TakeToClient();
  script.Client(
      "Action: Login\r\nUsername: ann\r\nSecret: s3cret\r\nActionID: l\r\nEvents: off\r\n\r\n");
  EXPECT_EQ(script.TakeToClient(), kAccepted);
  EXPECT_FALSE(script.session().wants_out_events());
}

TEST_F(AmiStandaloneModeTest, AnswersAWrongLoginLateAndClosesAfterOneTry) {
  script_.TakeToClient();
  script_.Client(absl::StrCat(
      "Action: Login\r\nUsername: ann\r\nSecret: s3cres\r\nActionID: l\r\n\r\n", kLogin));
  EXPECT_TRUE(script_.gathered().login_failed);
  EXPECT_FALSE(script_.session().wants_client_bytes());
  EXPECT_EQ(script_.session().NextDeadline(), script_.now().mono + absl::Seconds(1));
  script_.Wait(absl::Milliseconds(999));
  EXPECT_THAT(script_.TakeToClient(), IsEmpty());
  script_.Wait(absl::Milliseconds(1));
  EXPECT_EQ(script_.TakeToClient(), Error("l", "Authentication failed"));
  EXPECT_EQ(script_.gathered().close, "");
  script_.Client(kLogin);
  EXPECT_THAT(script_.TakeToClient(), IsEmpty());
  EXPECT_FALSE(script_.session().logged_in());
}

TEST_F(AmiStandaloneModeTest, RefusesWhatProvesNoSecret) {
  AmiClientOptions options = Standalone();
  options.users.push_back({"open", "", kAmiAllClasses, kAmiAllClasses});
  for (const char* headers :
       {"Username: nobody\r\nSecret: s3cret", "Username: ann", "Username: ann\r\nSecret:",
        "Username: open\r\nSecret:", "Username: ann\r\nSecret: s3cret1", "Secret: s3cret",
        "Username : ann\r\nSecret: s3cret", "Username: ann\r\nSecret: s3cret\r\nAuthType: MD5"}) {
    ClientScript script(options);
    script.Client(absl::StrCat("Action: Login\r\n", headers, "\r\n\r\n"));
    EXPECT_TRUE(script.gathered().login_failed) << headers;
    EXPECT_FALSE(script.session().logged_in()) << headers;
  }
}

TEST_F(AmiStandaloneModeTest, TheAnswerToAChallengeLogsIn) {
  script_.TakeToClient();
  script_.Client("Action: Challenge\r\nAuthType: md5\r\nActionID: c\r\n\r\n");
  EXPECT_EQ(script_.TakeToClient(),
            "Response: Success\r\nActionID: c\r\nChallenge: 701703760\r\n\r\n");
  script_.Client(absl::StrCat("Action: Login\r\nUsername: ann\r\nAuthType: MD5\r\nKey: ",
                              ChallengeKey("701703760", "s3cret").value(),
                              "\r\nActionID: l\r\n\r\n"));
  EXPECT_EQ(script_.TakeToClient(), kAccepted);
}

TEST_F(AmiStandaloneModeTest, AKeyWithoutAChallengeProvesNothing) {
  script_.Client(absl::StrCat("Action: Login\r\nUsername: ann\r\nAuthType: MD5\r\nKey: ",
                              ChallengeKey("701703760", "s3cret").value(), "\r\n\r\n"));
  EXPECT_TRUE(script_.gathered().login_failed);
}

TEST_F(AmiStandaloneModeTest, AChallengeIsOfMd5Only) {
  script_.TakeToClient();
  script_.Client("Action: Challenge\r\nAuthType: SHA256\r\nActionID: c\r\n\r\n");
  EXPECT_EQ(script_.TakeToClient(), Error("c", "Must specify AuthType"));
}

TEST_F(AmiStandaloneModeTest, ClosesSilentlyWithoutALoginInTime) {
  script_.TakeToClient();
  script_.Wait(absl::Seconds(29));
  EXPECT_FALSE(script_.gathered().close.has_value());
  script_.Wait(absl::Seconds(1));
  EXPECT_EQ(script_.gathered().close, "");
  EXPECT_THAT(script_.TakeToClient(), IsEmpty());
}

TEST_F(AmiStandaloneModeTest, NothingIsPermittedBeforeLogin) {
  for (const char* name :
       {"Ping", "Events", "ListCommands", "OutPlanShow", "OutNoSuch", "NoSuch"}) {
    script_.TakeToClient();
    script_.Client(absl::StrCat("Action: ", name, "\r\nActionID: p\r\n\r\n"));
    EXPECT_EQ(script_.TakeToClient(), Error("p", "Permission denied"));
  }
  EXPECT_THAT(script_.TakeCall(), IsEmpty());
}

TEST_F(AmiStandaloneModeTest, AnswersTheActionsOfAsterisk) {
  LogIn();
  script_.Client("Action: Ping\r\nActionID: p\r\n\r\n");
  EXPECT_EQ(
      script_.TakeToClient(),
      "Response: Success\r\nActionID: p\r\nPing: Pong\r\nTimestamp: 1795373816.267582\r\n\r\n");
  script_.Client(kLogin);
  EXPECT_EQ(script_.TakeToClient(),
            "Response: Success\r\nActionID: l\r\nMessage: Already authenticated\r\n\r\n");
  script_.Client("Action: CoreStatus\r\nActionID: x\r\n\r\n");
  EXPECT_EQ(script_.TakeToClient(),
            Error("x",
                  "Invalid/unknown command: CoreStatus. Use Action: ListCommands to show "
                  "available commands."));
  script_.Client("Action: Logoff\r\n\r\nAction: Ping\r\n\r\n");
  EXPECT_EQ(script_.TakeToClient(),
            "Response: Goodbye\r\nMessage: Thanks for all the fish.\r\n\r\n");
  EXPECT_EQ(script_.gathered().close, "");
}

TEST_F(AmiStandaloneModeTest, ReadsActionsAsAsteriskDoes) {
  LogIn();
  for (const char* action :
       {"Action:Ping\r\nActionID:a\r\n\r\n", "action:   ping\nACTIONID:   a\n\n",
        "Action: Ping\r\nno colon\r\nActionID: a\r\nActionID: b\r\nAction: Logoff\r\n\r\n",
        "Action:\r\nAction: \x01Ping\r\nActionID: a\r\n\r\n"}) {
    script_.Client(action);
    EXPECT_THAT(script_.TakeToClient(), StartsWith("Response: Success\r\nActionID: a\r\nPing: "));
  }
  constexpr char kWithNul[] = "Action: Ping\0ignored\r\nActionID: a\0b\r\n\r\n";
  script_.Client(absl::string_view(kWithNul, sizeof(kWithNul) - 1));
  EXPECT_THAT(script_.TakeToClient(), StartsWith("Response: Success\r\nActionID: a\r\nPing: "));
}

TEST_F(AmiStandaloneModeTest, TakesAnActionByteByByte) {
  LogIn();
  for (const char byte : std::string("Action: Ping\r\n\r\n")) {
    EXPECT_THAT(script_.TakeToClient(), IsEmpty());
    script_.Client(std::string(1, byte));
  }
  EXPECT_THAT(script_.TakeToClient(), HasSubstr("Pong"));
}

TEST_F(AmiStandaloneModeTest, AFrameBeyondTheLimitsIsRefusedAndTheConnectionKept) {
  LogIn();
  script_.Client(
      absl::StrCat("Action: Ping\r\nX: ", std::string(70000, 'x'), "\r\nActionID: a\r\n\r\n"));
  EXPECT_EQ(script_.TakeToClient(), Error("a", "Failed to parse message: line too long"));
  std::string lines = "Action: Ping\r\nActionID: a\r\n";
  for (int i = 0; i < 127; ++i) lines += "X: y\r\n";
  script_.Client(lines + "\r\n");
  EXPECT_EQ(script_.TakeToClient(), Error("a", "Too many lines in message or allocation failure"));
  script_.Client("\r\nX: y\r\nActionID: a\r\n\r\n");
  EXPECT_EQ(script_.TakeToClient(),
            Error("", "Missing action in request") + Error("a", "Missing action in request"));
  EXPECT_FALSE(script_.gathered().close.has_value());
}

TEST_F(AmiStandaloneModeTest, ACrInAnActionIdDoesNotComeBack) {
  LogIn();
  script_.Client("Action: No\rSuch\r\nActionID: a\rb\r\n\r\n");
  EXPECT_THAT(script_.TakeToClient(),
              StartsWith("Response: Error\r\nActionID: a b\r\nMessage: Invalid/unknown command: "
                         "No Such. "));
}

TEST_F(AmiStandaloneModeTest, EventsDecidesWhatIsSeen) {
  LogIn();
  script_.OutEvent(kEvent);
  EXPECT_EQ(script_.TakeToClient(), kEvent);
  script_.Client("Action: Events\r\nEventMask: call\r\n\r\n");
  EXPECT_EQ(script_.TakeToClient(), "Response: Success\r\nEvents: On\r\n\r\n");
  script_.OutEvent(kEvent);
  EXPECT_THAT(script_.TakeToClient(), IsEmpty());
  script_.Client("Action: Events\r\nEventMask: message\r\n\r\n");
  EXPECT_EQ(script_.TakeToClient(), "Response: Success\r\nEvents: On\r\n\r\n");
  script_.OutEvent(kEvent);
  EXPECT_EQ(script_.TakeToClient(), kEvent);
  script_.Client("Action: Events\r\nEventMask: off\r\n\r\n");
  EXPECT_EQ(script_.TakeToClient(), "Response: Success\r\nEvents: Off\r\n\r\n");
  EXPECT_FALSE(script_.session().wants_out_events());
  script_.Client("Action: Events\r\nEventMask:\r\n\r\n");
  EXPECT_EQ(script_.TakeToClient(), Error("", "Invalid event mask"));
}

TEST_F(AmiStandaloneModeTest, NobodySeesEventsOfAClassThatHeMayNotRead) {
  ClientScript script(Standalone(kAmiSystem | kAmiCall));
  EXPECT_FALSE(script.session().wants_out_events());
  script.Client(kLogin);
  script.TakeToClient();
  EXPECT_FALSE(script.session().wants_out_events());
  script.OutEvent(kEvent);
  EXPECT_THAT(script.TakeToClient(), IsEmpty());
}

TEST_F(AmiStandaloneModeTest, ListsTheCommandsThatTheUserMayUse) {
  LogIn();
  script_.Client("Action: ListCommands\r\nActionID: a\r\n\r\n");
  EXPECT_THAT(script_.TakeToClient(),
              AllOf(StartsWith("Response: Success\r\nActionID: a\r\nChallenge: Generate Challenge "
                               "for MD5 Auth.  (Priv: <none>)\r\nEvents: "),
                    HasSubstr("\r\nLogoff: Logoff Manager.  (Priv: <none>)\r\nOutCampaignCreate: "),
                    HasSubstr(".  (Priv: message,all)\r\n")));
  ClientScript reader(Standalone(kAmiAllClasses, kAmiCall));
  reader.Client(kLogin);
  reader.TakeToClient();
  reader.Client("Action: ListCommands\r\n\r\n");
  EXPECT_THAT(reader.TakeToClient(), Not(HasSubstr("\r\nOut")));
}

TEST_F(AmiStandaloneModeTest, AnOutActionIsCalledAndItsBytesAreTheAnswer) {
  LogIn();
  script_.Client(kShow);
  EXPECT_EQ(script_.gathered().call->action_id, "s");
  EXPECT_EQ(script_.TakeCall(), "OutPlanShow");
  EXPECT_THAT(script_.TakeToClient(), IsEmpty());
  script_.Call("Response: Success\r\n\r\n", true);
  EXPECT_EQ(script_.TakeToClient(), "Response: Success\r\n\r\n");
}

TEST_F(AmiStandaloneModeTest, OneCallAtATime) {
  LogIn();
  script_.Client(absl::StrCat(kShow, "Action: OutDlmaShow\r\n\r\nAction: Ping\r\n\r\n"));
  EXPECT_EQ(script_.TakeCall(), "OutPlanShow");
  EXPECT_FALSE(script_.session().wants_client_bytes());
  script_.Call("one\r\n\r\n", false);
  EXPECT_THAT(script_.TakeCall(), IsEmpty());
  script_.Call("two\r\n\r\n", true);
  EXPECT_EQ(script_.TakeCall(), "OutDlmaShow");
  EXPECT_EQ(script_.TakeToClient(), "one\r\n\r\ntwo\r\n\r\n");
  script_.Call("", true);
  EXPECT_THAT(script_.TakeToClient(), HasSubstr("Pong"));
  EXPECT_TRUE(script_.session().wants_client_bytes());
}

TEST_F(AmiStandaloneModeTest, AnOutActionNeedsTheWriteClass) {
  ClientScript script(Standalone(kAmiAllClasses, kAmiAllClasses & ~kAmiMessage));
  script.Client(kLogin);
  script.TakeToClient();
  script.Client(kShow);
  EXPECT_THAT(script.TakeToClient(),
              AllOf(StartsWith("Response: Error\r\nActionID: s\r\nMessage: Permission denied."),
                    HasSubstr("ami_users")));
  EXPECT_THAT(script.TakeCall(), IsEmpty());
}

TEST_F(AmiStandaloneModeTest, AnUnknownOutActionIsToldTheKnownOnes) {
  LogIn();
  script_.Client("Action: outfox\r\nActionID: a\r\n\r\n");
  EXPECT_THAT(
      script_.TakeToClient(),
      AllOf(StartsWith("Response: Error\r\nActionID: a\r\nMessage: Invalid/unknown command: "
                       "outfox. Use one of "),
            HasSubstr("OutCampaignCreate, "), HasSubstr("OutPlanShow")));
}

TEST_F(AmiStandaloneModeTest, AHeaderThatCantBeReadIsRefusedWithoutACall) {
  LogIn();
  script_.Client("Action: OutPlanCreate\r\nActionID: a\r\nDialTimeout: soon\r\n\r\n");
  EXPECT_THAT(
      script_.TakeToClient(),
      AllOf(StartsWith("Response: Error\r\nActionID: a\r\nMessage: "), HasSubstr("DialTimeout")));
  EXPECT_THAT(script_.TakeCall(), IsEmpty());
  EXPECT_TRUE(script_.session().wants_client_bytes());
}

TEST_F(AmiStandaloneModeTest, AnOutActionBeyondTheLimitsIsNotCalled) {
  LogIn();
  script_.Client(absl::StrCat("Action: OutPlanShow\r\nUuid: ", std::string(1017, 'x'),
                              "\r\nActionID: a\r\n\r\n"));
  EXPECT_EQ(script_.TakeToClient(), Error("a", "Failed to parse message: line too long"));
  EXPECT_THAT(script_.TakeCall(), IsEmpty());
}

}  // namespace
}  // namespace outdial::ami
