// What the dialler relies on in an Asterisk, checked over the wire. Runs against the simulated
// Asterisk, or with --lab against a real one, so that the first cannot drift from the second.
//
// --lab takes the address from OUTDIAL_LAB_AMI (host:port), else from what `./dev lab up` wrote to
// lab.env in OUTDIAL_LAB_DIR (default build/lab). Without either every test fails.

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "ami_gateway/md5_login.h"
#include "ami_gateway/sim_asterisk_server.h"
#include "ami_gateway/sim_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ami_gateway/ami_probe.h"

namespace outdial::ami {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kSecret[] = "lab-secret";

bool use_lab = false;

struct Address {
  std::string host;
  uint16_t port = 0;
};

// Port 0: not told.
Address LabAddress() {
  Address address{"127.0.0.1"};
  int port = 0;
  if (const char* told = std::getenv("OUTDIAL_LAB_AMI")) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(told, ':');
    address.host = parts.first;
    if (!absl::SimpleAtoi(parts.second, &port)) port = 0;
  } else {
    const char* folder = std::getenv("OUTDIAL_LAB_DIR");
    std::ifstream file(std::string(folder != nullptr ? folder : OUTDIAL_LAB_DEFAULT_DIR) +
                       "/lab.env");
    for (std::string line; std::getline(file, line);) {
      if (absl::StartsWith(line, "OUTDIAL_LAB_AMI_PORT=") &&
          !absl::SimpleAtoi(line.substr(line.find('=') + 1), &port)) {
        port = 0;
      }
    }
  }
  address.port = static_cast<uint16_t>(port);
  return address;
}

class AsteriskBehaviourTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (use_lab) {
      address_ = LabAddress();
      ASSERT_NE(address_.port, 0) << "no lab: run ./dev lab up, or set OUTDIAL_LAB_AMI";
    } else {
      clock_ = std::make_unique<SimClock>(5);
      server_ = std::make_unique<SimAsteriskServer>(LabSimConfig(),
                                                    SimServerOptions{.clock = clock_.get()});
      ASSERT_TRUE(server_->Start().ok());
      address_ = {"127.0.0.1", server_->port()};
    }
  }

  std::unique_ptr<AmiProbe> Connect() {
    return std::make_unique<AmiProbe>(address_.host, address_.port);
  }

  std::unique_ptr<AmiProbe> LogIn(const std::string& user = "lab") {
    auto probe = Connect();
    const AmiMessage answer = probe->Ask(
        {{"Action", "Login"}, {"ActionID", "login"}, {"Username", user}, {"Secret", kSecret}});
    EXPECT_EQ(answer.Get("Response"), "Success");
    if (user != "watcher") probe->WaitEvent("FullyBooted", "Status", "Fully Booted");
    return probe;
  }

  // Of a call that no other run has made.
  std::string NewId() {
    static const int64_t kStart = absl::ToUnixNanos(absl::Now());
    static int count = 0;
    return absl::StrCat("behaviour-", kStart, "-", ++count);
  }

  AmiMessage Order(const std::string& id, const std::string& channel,
                   const std::string& application = "Wait", const std::string& data = "60",
                   int timeout_ms = 20000) {
    return {{"Action", "Originate"},
            {"ActionID", "order-" + id},
            {"Async", "true"},
            {"Channel", channel},
            {"Application", application},
            {"Data", data},
            {"Timeout", absl::StrCat(timeout_ms)},
            {"ChannelId", id}};
  }

  void ExpectQueued(const AmiMessage& answer) {
    EXPECT_EQ(answer.Get("Response"), "Success");
    EXPECT_EQ(answer.Get("Message"), "Originate successfully queued");
  }

  // Waits until all that follows an instant failure would have come.
  void Settle(AmiProbe& probe) {
    const std::string id = NewId();
    probe.Ask(Order(id, "PJSIP/1@nowhere"));
    probe.WaitEvent("OriginateResponse", "ActionID", "order-" + id);
  }

  AmiMessage HangUp(AmiProbe& probe, const std::string& id) {
    return probe.Ask(
        {{"Action", "Hangup"}, {"ActionID", "hangup-" + id}, {"Channel", id}, {"Cause", "16"}});
  }

  Address address_;
  std::unique_ptr<SimClock> clock_;
  std::unique_ptr<SimAsteriskServer> server_;
};

// ---- Sessions

TEST_F(AsteriskBehaviourTest, GreetsAndAcceptsAPlainLogin) {
  auto probe = LogIn();
  EXPECT_TRUE(absl::StartsWith(probe->banner(), "Asterisk Call Manager/")) << probe->banner();
  EXPECT_NE(probe->WaitEvent("FullyBooted", "Privilege", "system,all").Find("Uptime"),
            std::nullopt);
}

TEST_F(AsteriskBehaviourTest, AcceptsAnMd5Login) {
  auto probe = Connect();
  const AmiMessage challenge =
      probe->Ask({{"Action", "Challenge"}, {"ActionID", "c"}, {"AuthType", "MD5"}});
  const absl::StatusOr<std::string> key = ChallengeKey(challenge.Get("Challenge"), kSecret);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(probe
                ->Ask({{"Action", "Login"},
                       {"ActionID", "l"},
                       {"AuthType", "MD5"},
                       {"Username", "lab"},
                       {"Key", *key}})
                .Get("Message"),
            "Authentication accepted");
}

TEST_F(AsteriskBehaviourTest, RefusesAWrongSecretAndCloses) {
  auto probe = Connect();
  const AmiMessage answer = probe->Ask(
      {{"Action", "Login"}, {"ActionID", "l"}, {"Username", "lab"}, {"Secret", "wrong"}});
  EXPECT_EQ(answer.Get("Response"), "Error");
  EXPECT_EQ(answer.Get("Message"), "Authentication failed");
  EXPECT_TRUE(probe->WaitClosed(absl::Seconds(5)));
}

TEST_F(AsteriskBehaviourTest, DeniesActionsBeforeTheLogin) {
  auto probe = Connect();
  EXPECT_EQ(probe->Ask({{"Action", "Ping"}, {"ActionID", "p"}}).Get("Message"),
            "Permission denied");
}

TEST_F(AsteriskBehaviourTest, AnswersPingAndRefusesTheUnknown) {
  auto probe = LogIn();
  EXPECT_EQ(probe->Ask({{"Action", "Ping"}, {"ActionID", "p"}}).Get("Ping"), "Pong");
  EXPECT_TRUE(absl::StartsWith(probe->Ask({{"Action", "NoSuch"}, {"ActionID", "n"}}).Get("Message"),
                               "Invalid/unknown command: NoSuch."));
  EXPECT_EQ(probe->Ask({{"Action", ""}, {"ActionID", "m"}}).Get("Message"),
            "Missing action in request");
}

TEST_F(AsteriskBehaviourTest, TooLongLineIsRefusedAndTheSessionGoesOn) {
  auto probe = LogIn();
  probe->SendRaw(
      absl::StrCat("Action: Ping\r\nActionID: long\r\nX: ", std::string(2000, 'x'), "\r\n\r\n"));
  const AmiMessage answer = probe->Wait(
      "answer", [](const AmiMessage& message) { return message.Get("ActionID") == "long"; });
  EXPECT_EQ(answer.Get("Message"), "Failed to parse message: line too long");
  EXPECT_EQ(probe->Ask({{"Action", "Ping"}, {"ActionID", "p"}}).Get("Ping"), "Pong");
}

TEST_F(AsteriskBehaviourTest, ListsTheCommandsThatTheLoginMayUse) {
  EXPECT_NE(LogIn()->Ask({{"Action", "ListCommands"}, {"ActionID", "l"}}).Find("Originate"),
            std::nullopt);
  auto watcher = LogIn("watcher");
  EXPECT_EQ(watcher->Ask({{"Action", "ListCommands"}, {"ActionID", "l"}}).Find("Originate"),
            std::nullopt);
  EXPECT_EQ(watcher->Ask(Order(NewId(), "PJSIP/1@nowhere")).Get("Message"), "Permission denied");
}

TEST_F(AsteriskBehaviourTest, KnowsItsModules) {
  auto probe = LogIn();
  EXPECT_EQ(probe->Ask({{"Action", "ModuleCheck"}, {"ActionID", "1"}, {"Module", "chan_pjsip"}})
                .Get("Response"),
            "Success");
  EXPECT_EQ(probe->Ask({{"Action", "ModuleCheck"}, {"ActionID", "2"}, {"Module", "chan_sip"}})
                .Get("Message"),
            "Module not loaded");
}

TEST_F(AsteriskBehaviourTest, LogoffSaysGoodbyeAndCloses) {
  auto probe = LogIn();
  EXPECT_EQ(probe->Ask({{"Action", "Logoff"}, {"ActionID", "o"}}).Get("Response"), "Goodbye");
  EXPECT_TRUE(probe->WaitClosed(absl::Seconds(5)));
}

TEST_F(AsteriskBehaviourTest, EventsOffKeepsEventsAndNotAnswers) {
  auto probe = LogIn();
  EXPECT_EQ(
      probe->Ask({{"Action", "Events"}, {"ActionID", "e"}, {"EventMask", "off"}}).Get("Events"),
      "Off");
  auto other = LogIn();
  const std::string id = NewId();
  ExpectQueued(probe->Ask(Order(id, "PJSIP/1@nowhere")));
  other->WaitEvent("OriginateResponse", "ActionID", "order-" + id);
  probe->Ask({{"Action", "CoreShowChannels"}, {"ActionID", "c"}});
  probe->WaitEvent("CoreShowChannelsComplete", "ActionID", "c");
  EXPECT_THAT(probe->Events("OriginateResponse", "ActionID", "order-" + id), IsEmpty());
}

TEST_F(AsteriskBehaviourTest, FilterByNameLetsOnlyThatEventThrough) {
  auto probe = LogIn();
  EXPECT_EQ(probe
                ->Ask({{"Action", "Filter"},
                       {"ActionID", "f"},
                       {"Operation", "Add"},
                       {"MatchCriteria", "name(Hangup)"},
                       {"Filter", ""}})
                .Get("Response"),
            "Success");
  const std::string id = NewId();
  probe->Ask(Order(id, "PJSIP/4865550001@trunk"));
  probe->WaitEvent("Hangup", "Uniqueid", id);
  EXPECT_THAT(probe->Events("Newchannel", "Uniqueid", id), IsEmpty());
  EXPECT_THAT(probe->Events("HangupRequest", "Uniqueid", id), IsEmpty());
}

// ---- Outcomes

struct Refusal {
  std::string number;
  std::string dial_status;
  std::string cause;
  std::string sip_code;
};

class RefusalTest : public AsteriskBehaviourTest, public ::testing::WithParamInterface<Refusal> {};

TEST_P(RefusalTest, IsTold) {
  auto probe = LogIn();
  const std::string id = NewId();
  ExpectQueued(probe->Ask(Order(id, absl::StrCat("PJSIP/", GetParam().number, "@trunk"))));
  const AmiMessage hangup = probe->WaitEvent("Hangup", "Uniqueid", id);
  EXPECT_EQ(hangup.Get("Cause"), GetParam().cause);
  EXPECT_EQ(hangup.Get("TechCause"), GetParam().sip_code);
  const AmiMessage request = probe->WaitEvent("HangupRequest", "Uniqueid", id);
  EXPECT_EQ(request.Get("Cause"), GetParam().cause);
  EXPECT_EQ(request.Get("TechCause"), GetParam().sip_code);
  EXPECT_EQ(probe->WaitEvent("DialEnd", "DestUniqueid", id).Get("DialStatus"),
            GetParam().dial_status);
  const AmiMessage response = probe->WaitEvent("OriginateResponse", "ActionID", "order-" + id);
  EXPECT_EQ(response.Get("Response"), "Failure");
  EXPECT_EQ(response.Get("Reason"), "0");  // whatever the failure
  EXPECT_EQ(response.Get("Uniqueid"), id);
}

INSTANTIATE_TEST_SUITE_P(SipCodes, RefusalTest,
                         ::testing::Values(Refusal{"4865550001", "BUSY", "17", "486"},
                                           Refusal{"5035550001", "CONGESTION", "34", "503"},
                                           Refusal{"4045550001", "NOANSWER", "1", "404"},
                                           Refusal{"6035550001", "NOANSWER", "21", "603"},
                                           Refusal{"4035550001", "NOANSWER", "21", "403"},
                                           Refusal{"4805550001", "NOANSWER", "19", "480"},
                                           Refusal{"5005550001", "NOANSWER", "38", "500"},
                                           Refusal{"4845550001", "NOANSWER", "28", "484"},
                                           Refusal{"4085550001", "NOANSWER", "18", "408"},
                                           Refusal{"4885550001", "NOANSWER", "58", "488"}),
                         [](const auto& test) { return "Sip" + test.param.sip_code; });

TEST_F(AsteriskBehaviourTest, AnsweredCallTellsChannelDialAndResponse) {
  auto probe = LogIn();
  const std::string id = NewId();
  AmiMessage order = Order(id, "PJSIP/2005550001@trunk");
  order.Add("CallerID", "\"Lab\" <5550001>");
  order.Add("Variable", "ONE=1");
  order.Add("Variable", "TWO=2");
  ExpectQueued(probe->Ask(order));
  const AmiMessage response = probe->WaitEvent("OriginateResponse", "ActionID", "order-" + id);
  EXPECT_EQ(response.Get("Response"), "Success");
  EXPECT_EQ(response.Get("Reason"), "4");
  EXPECT_EQ(response.Get("Uniqueid"), id);
  EXPECT_EQ(response.Get("CallerIDNum"), "5550001");
  EXPECT_TRUE(absl::StartsWith(response.Get("Channel"), "PJSIP/trunk-"));
  EXPECT_EQ(probe->WaitEvent("Newchannel", "Uniqueid", id).Get("Linkedid"), id);
  EXPECT_EQ(probe->WaitEvent("DialBegin", "DestUniqueid", id).Find("Channel"), std::nullopt);
  EXPECT_EQ(probe->WaitEvent("DialState", "DestUniqueid", id).Get("DialStatus"), "RINGING");
  EXPECT_EQ(probe->WaitEvent("DialEnd", "DestUniqueid", id).Get("DialStatus"), "ANSWER");
  probe->Wait("Newstate Up", [&](const AmiMessage& message) {
    return message.Get("Event") == "Newstate" && message.Get("Uniqueid") == id &&
           message.Get("ChannelStateDesc") == "Up";
  });
  EXPECT_EQ(
      probe->Ask({{"Action", "Getvar"}, {"ActionID", "g"}, {"Channel", id}, {"Variable", "TWO"}})
          .Get("Value"),
      "2");
  EXPECT_EQ(HangUp(*probe, id).Get("Message"), "Channel Hungup");
  EXPECT_EQ(probe->WaitEvent("Hangup", "Uniqueid", id).Get("Cause"), "16");
  EXPECT_EQ(HangUp(*probe, NewId()).Get("Message"), "No such channel");
}

TEST_F(AsteriskBehaviourTest, CalleeThatHangsUpLeavesCauseZeroAndARequest) {
  auto probe = LogIn();
  const std::string id = NewId();
  probe->Ask(Order(id, "PJSIP/1005550001@trunk"));
  const AmiMessage hangup = probe->WaitEvent("Hangup", "Uniqueid", id);
  EXPECT_EQ(hangup.Get("Cause"), "0");
  EXPECT_EQ(hangup.Find("TechCause"), std::nullopt);
  EXPECT_EQ(probe->WaitEvent("HangupRequest", "Uniqueid", id).Find("Cause"), std::nullopt);
}

TEST_F(AsteriskBehaviourTest, TimeoutGivesReasonThreeAndNoDialEnd) {
  auto probe = LogIn();
  const std::string id = NewId();
  probe->Ask(Order(id, "PJSIP/1805550001@trunk", "Wait", "60", 1500));
  const AmiMessage response = probe->WaitEvent("OriginateResponse", "ActionID", "order-" + id);
  EXPECT_EQ(response.Get("Reason"), "3");
  const AmiMessage hangup = probe->WaitEvent("Hangup", "Uniqueid", id);
  EXPECT_EQ(hangup.Get("Cause"), "19");
  EXPECT_EQ(hangup.Get("TechCause"), "480");
  EXPECT_THAT(probe->Events("DialState", "DestUniqueid", id), SizeIs(1));
  EXPECT_THAT(probe->Events("HangupRequest", "Uniqueid", id), IsEmpty());
  EXPECT_THAT(probe->Events("DialEnd", "DestUniqueid", id), IsEmpty());
}

TEST_F(AsteriskBehaviourTest, SilenceDiffersFromNoAnswerOnlyByTheMissingRinging) {
  auto probe = LogIn();
  const std::string id = NewId();
  probe->Ask(Order(id, "PJSIP/9995550001@trunk", "Wait", "60", 1500));
  EXPECT_EQ(probe->WaitEvent("OriginateResponse", "ActionID", "order-" + id).Get("Reason"), "3");
  EXPECT_EQ(probe->WaitEvent("Hangup", "Uniqueid", id).Get("Cause"), "19");
  EXPECT_THAT(probe->Events("DialBegin", "DestUniqueid", id), SizeIs(1));
  EXPECT_THAT(probe->Events("DialState", "DestUniqueid", id), IsEmpty());
}

TEST_F(AsteriskBehaviourTest, EarlyMediaIsProgressAndNoRinging) {
  auto probe = LogIn();
  const std::string id = NewId();
  probe->Ask(Order(id, "PJSIP/1835550001@trunk"));
  EXPECT_EQ(probe->WaitEvent("OriginateResponse", "ActionID", "order-" + id).Get("Reason"), "4");
  EXPECT_EQ(probe->WaitEvent("DialState", "DestUniqueid", id).Get("DialStatus"), "PROGRESS");
  HangUp(*probe, id);
  probe->WaitEvent("Hangup", "Uniqueid", id);
}

TEST_F(AsteriskBehaviourTest, WhatMakesNoChannelTellsOnlyTheResponse) {
  auto probe = LogIn();
  for (const char* channel : {"PJSIP/1@nowhere", "PJSIP/1@nocontact", "SIP/trunk/2005550001"}) {
    SCOPED_TRACE(channel);
    const std::string id = NewId();
    ExpectQueued(probe->Ask(Order(id, channel)));
    const AmiMessage response = probe->WaitEvent("OriginateResponse", "ActionID", "order-" + id);
    EXPECT_EQ(response.Get("Response"), "Failure");
    EXPECT_EQ(response.Get("Reason"), "0");
    EXPECT_EQ(response.Get("Channel"), channel);
    Settle(*probe);
    EXPECT_THAT(probe->Events("Newchannel", "Uniqueid", id), IsEmpty());
    EXPECT_THAT(probe->Events("Hangup", "Uniqueid", id), IsEmpty());
  }
}

TEST_F(AsteriskBehaviourTest, DuplicateChannelIdFailsAndLeavesTheFirstCallAlone) {
  auto probe = LogIn();
  const std::string id = NewId();
  probe->Ask(Order(id, "PJSIP/2005550001@trunk"));
  probe->WaitEvent("OriginateResponse", "ActionID", "order-" + id);
  AmiMessage second = {{"Action", "Originate"}, {"ActionID", "second-" + id},
                       {"Async", "true"},       {"Channel", "PJSIP/2005550002@trunk"},
                       {"Application", "Wait"}, {"Data", "60"},
                       {"ChannelId", id}};
  ExpectQueued(probe->Ask(second));
  const AmiMessage response = probe->WaitEvent("OriginateResponse", "ActionID", "second-" + id);
  EXPECT_EQ(response.Get("Response"), "Failure");
  EXPECT_EQ(response.Get("Uniqueid"), id);  // that of the call that lives
  EXPECT_THAT(probe->Events("Newchannel", "Uniqueid", id), SizeIs(1));
  EXPECT_EQ(HangUp(*probe, id).Get("Response"), "Success");
  probe->WaitEvent("Hangup", "Uniqueid", id);
}

TEST_F(AsteriskBehaviourTest, UnknownApplicationIsAnsweredAndEndsAtOnce) {
  auto probe = LogIn();
  const std::string id = NewId();
  ExpectQueued(probe->Ask(Order(id, "PJSIP/2005550001@trunk", "NoSuchApplication", "")));
  EXPECT_EQ(probe->WaitEvent("Hangup", "Uniqueid", id).Get("Cause"), "0");
  EXPECT_EQ(probe->WaitEvent("OriginateResponse", "ActionID", "order-" + id).Get("Reason"), "4");
  EXPECT_THAT(probe->Events("HangupRequest", "Uniqueid", id), IsEmpty());
}

TEST_F(AsteriskBehaviourTest, EventsTellWhenTheyHappenedListsDoNot) {
  auto probe = LogIn();
  const std::string id = NewId();
  ExpectQueued(probe->Ask(Order(id, "PJSIP/2005550001@trunk")));
  double answered = 0;
  double ended = 0;
  EXPECT_TRUE(absl::SimpleAtod(
      probe->WaitEvent("OriginateResponse", "Uniqueid", id).Get("Timestamp"), &answered));
  probe->Send({{"Action", "CoreShowChannels"}, {"ActionID", "list"}});
  EXPECT_EQ(probe->WaitEvent("CoreShowChannel", "Uniqueid", id).Find("Timestamp"), std::nullopt);
  HangUp(*probe, id);
  EXPECT_TRUE(
      absl::SimpleAtod(probe->WaitEvent("Hangup", "Uniqueid", id).Get("Timestamp"), &ended));
  EXPECT_GT(ended, answered);
  EXPECT_EQ(probe->WaitEvent("FullyBooted", "Status", "Fully Booted").Find("Timestamp"),
            std::nullopt);
}

TEST_F(AsteriskBehaviourTest, BadOrdersAreRefusedUpFront) {
  auto probe = LogIn();
  const std::string id = NewId();
  EXPECT_EQ(probe
                ->Ask({{"Action", "Originate"},
                       {"ActionID", "exten"},
                       {"Async", "true"},
                       {"Channel", "PJSIP/2005550001@trunk"},
                       {"Context", "outbound"},
                       {"Exten", "nosuch"},
                       {"Priority", "1"}})
                .Get("Message"),
            "Extension does not exist.");
  EXPECT_EQ(probe->Ask({{"Action", "Originate"}, {"ActionID", "channel"}, {"Async", "true"}})
                .Get("Message"),
            "Channel not specified");
  EXPECT_EQ(probe->Ask(Order(std::string(150, 'x'), "PJSIP/1@nowhere")).Get("Message"),
            "Uniqueid length exceeds maximum of 149");
}

TEST_F(AsteriskBehaviourTest, HangupWhileRinging) {
  auto probe = LogIn();
  const std::string id = NewId();
  probe->Ask(Order(id, "PJSIP/1805550001@trunk"));
  probe->WaitEvent("DialState", "DestUniqueid", id);
  EXPECT_EQ(HangUp(*probe, id).Get("Response"), "Success");
  EXPECT_EQ(probe->WaitEvent("Hangup", "Uniqueid", id).Get("Cause"), "16");
  EXPECT_EQ(probe->WaitEvent("OriginateResponse", "ActionID", "order-" + id).Get("Reason"), "0");
  EXPECT_EQ(probe->WaitEvent("DialEnd", "DestUniqueid", id).Get("DialStatus"), "NOANSWER");
}

// ---- Lost connections

TEST_F(AsteriskBehaviourTest, CallOutlivesTheConnectionAndIsFoundAgain) {
  auto first = LogIn();
  const std::string id = NewId();
  first->Ask(Order(id, "PJSIP/1805550001@trunk"));
  first->WaitEvent("DialState", "DestUniqueid", id);
  first->Reset();
  auto second = LogIn();
  second->Ask({{"Action", "CoreShowChannels"}, {"ActionID", "c"}});
  second->WaitEvent("CoreShowChannelsComplete", "ActionID", "c");
  const std::vector<AmiMessage> rows = second->Events("CoreShowChannel", "Uniqueid", id);
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].Get("ChannelStateDesc"), "Ringing");
  EXPECT_EQ(rows[0].Get("ActionID"), "c");
  HangUp(*second, id);
  // Of the order that another session gave.
  EXPECT_EQ(second->WaitEvent("OriginateResponse", "ActionID", "order-" + id).Get("Response"),
            "Failure");
}

TEST_F(AsteriskBehaviourTest, ResponseGoesToEverySessionThatReadsCalls) {
  auto dialler = LogIn();
  auto watcher = LogIn("watcher");
  const std::string id = NewId();
  dialler->Ask(Order(id, "PJSIP/4865550001@trunk"));
  watcher->WaitEvent("OriginateResponse", "ActionID", "order-" + id);
  watcher->WaitEvent("Hangup", "Uniqueid", id);
  EXPECT_THAT(watcher->Events("VarSet", "Uniqueid", id), IsEmpty());
}

// ---- Queue, parking

TEST_F(AsteriskBehaviourTest, QueueConnectsTheCallerToAnAgent) {
  auto probe = LogIn();
  const std::string id = NewId();
  probe->Ask(Order(id, "PJSIP/2005550001@trunk", "Queue", "sales"));
  EXPECT_EQ(probe->WaitEvent("QueueCallerJoin", "Uniqueid", id).Get("Queue"), "sales");
  const AmiMessage called = probe->WaitEvent("AgentCalled", "Uniqueid", id);
  EXPECT_TRUE(absl::StartsWith(called.Get("Interface"), "PJSIP/agent"));
  probe->WaitEvent("QueueCallerLeave", "Uniqueid", id);
  const AmiMessage connected = probe->WaitEvent("AgentConnect", "Uniqueid", id);
  EXPECT_TRUE(connected.Find("HoldTime").has_value());
  EXPECT_EQ(connected.Get("DestLinkedid"), id);
  const AmiMessage completed = probe->WaitEvent("AgentComplete", "Uniqueid", id);
  EXPECT_EQ(completed.Get("Interface"), connected.Get("Interface"));
  EXPECT_EQ(completed.Get("Reason"), "agent");
  EXPECT_EQ(probe->WaitEvent("Hangup", "Uniqueid", id).Get("Cause"), "16");
}

TEST_F(AsteriskBehaviourTest, AgentsDeviceStateIsTold) {
  auto probe = LogIn();
  const std::string id = NewId();
  probe->Ask(Order(id, "PJSIP/2005550001@trunk", "Queue", "sales"));
  const AmiMessage connected = probe->WaitEvent("AgentConnect", "Uniqueid", id);
  const std::string interface(connected.Get("Interface"));
  const auto told = [&](absl::string_view status) {
    return [interface, status](const AmiMessage& message) {
      return message.Get("Event") == "QueueMemberStatus" && message.Get("Interface") == interface &&
             message.Get("Status") == status;
    };
  };
  probe->Wait("ringing", told("6"));
  probe->Wait("in use", told("2"));
  probe->WaitEvent("Hangup", "Uniqueid", id);
  probe->Wait("not in use", told("1"));
}

TEST_F(AsteriskBehaviourTest, CallerWhoLeavesAQueueAbandonsIt) {
  auto probe = LogIn();
  const std::string id = NewId();
  probe->Ask(Order(id, "PJSIP/1005550001@trunk", "Queue", "nobody"));
  EXPECT_EQ(probe->WaitEvent("QueueCallerAbandon", "Uniqueid", id).Get("Queue"), "nobody");
  probe->WaitEvent("QueueCallerLeave", "Uniqueid", id);
  EXPECT_EQ(probe->WaitEvent("Hangup", "Uniqueid", id).Get("Cause"), "0");
}

TEST_F(AsteriskBehaviourTest, QueueStatusListsQueuesMembersAndCallers) {
  auto probe = LogIn();
  const std::string id = NewId();
  probe->Ask(Order(id, "PJSIP/2005550001@trunk", "Queue", "nobody"));
  probe->WaitEvent("QueueCallerJoin", "Uniqueid", id);
  const AmiMessage answer = probe->Ask({{"Action", "QueueStatus"}, {"ActionID", "q"}});
  EXPECT_EQ(answer.Get("EventList"), "start");
  probe->WaitEvent("QueueStatusComplete", "ActionID", "q");
  EXPECT_THAT(probe->Events("QueueParams", "Queue", "sales"), SizeIs(1));
  const std::vector<AmiMessage> members = probe->Events("QueueMember", "Queue", "sales");
  ASSERT_THAT(members, SizeIs(4));
  for (const char* header :
       {"Name", "Location", "Status", "Paused", "InCall", "LastCall", "Wrapuptime", "ActionID"}) {
    EXPECT_TRUE(members[0].Find(header).has_value()) << header;
  }
  // The member's own; that of the queue, which holds for members without one, no event tells.
  EXPECT_EQ(members[0].Get("Wrapuptime"), "1");
  EXPECT_THAT(probe->Events("QueueEntry", "Uniqueid", id), SizeIs(1));
  HangUp(*probe, id);
  probe->WaitEvent("Hangup", "Uniqueid", id);
}

TEST_F(AsteriskBehaviourTest, ParkedCallIsToldAndListed) {
  auto probe = LogIn();
  probe->Ask({{"Action", "Parkinglots"}, {"ActionID", "lots"}});
  const AmiMessage lot = probe->WaitEvent("Parkinglot", "Name", "default");
  EXPECT_EQ(lot.Get("StartSpace"), "701");
  EXPECT_EQ(lot.Get("StopSpace"), "750");
  probe->WaitEvent("ParkinglotsComplete", "ActionID", "lots");
  const std::string id = NewId();
  probe->Ask(Order(id, "PJSIP/2005550001@trunk", "Park", ""));
  EXPECT_EQ(probe->WaitEvent("ParkedCall", "ParkeeUniqueid", id).Get("Parkinglot"), "default");
  HangUp(*probe, id);
  probe->WaitEvent("ParkedCallGiveUp", "ParkeeUniqueid", id);
  EXPECT_EQ(probe->WaitEvent("Hangup", "Uniqueid", id).Get("Cause"), "16");
}

TEST_F(AsteriskBehaviourTest, ExtensionRuns) {
  auto probe = LogIn();
  const std::string id = NewId();
  ExpectQueued(probe->Ask({{"Action", "Originate"},
                           {"ActionID", "order-" + id},
                           {"Async", "true"},
                           {"Channel", "PJSIP/2005550001@trunk"},
                           {"Context", "outbound"},
                           {"Exten", "play"},
                           {"Priority", "1"},
                           {"ChannelId", id}}));
  const AmiMessage response = probe->WaitEvent("OriginateResponse", "ActionID", "order-" + id);
  EXPECT_EQ(response.Get("Exten"), "play");
  EXPECT_EQ(response.Find("Application"), std::nullopt);
  EXPECT_EQ(probe->WaitEvent("Hangup", "Uniqueid", id).Get("Cause"), "16");
}

}  // namespace
}  // namespace outdial::ami

int main(int argc, char** argv) {
  ::testing::InitGoogleMock(&argc, argv);
  outdial::ami::use_lab = argc > 1 && std::string(argv[1]) == "--lab";
  return RUN_ALL_TESTS();
}
