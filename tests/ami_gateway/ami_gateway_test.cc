// The gateway over real TCP, against peers that misbehave.
#include "ami_gateway/ami_gateway.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ami_gateway/dial_action.h"
#include "ami_gateway/sim_asterisk_server.h"
#include "ami_gateway/system_now.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ami_gateway/fact_text.h"
#include "tests/ami_gateway/scripted_peer.h"

namespace outdial::ami {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class FixedClock : public engine::Clock {
 public:
  engine::Now Read() override { return {absl::ZeroDuration(), absl::FromUnixSeconds(1800000000)}; }
  absl::Duration RealDuration(absl::Duration duration) override { return duration; }
};

// `factor` times as fast as the real one.
class RealClock : public engine::Clock {
 public:
  explicit RealClock(int factor = 1) : factor_(factor) {}
  engine::Now Read() override {
    const engine::Now now = SystemNow();
    return {now.mono * factor_, now.wall};
  }
  absl::Duration RealDuration(absl::Duration duration) override { return duration / factor_; }

 private:
  const int factor_;
};

// What the gateway told, in order, as `node: fact`. Thread-safe, by a mutex that
// ThreadSanitizer knows: the packaged Abseil's is not instrumented.
class ToldFacts {
 public:
  void Add(const engine::NodeEvent& event) {
    const std::lock_guard lock(mutex_);
    facts_.push_back(absl::StrCat(event.node, ": ", FactText(event.fact)));
    if (event.happened.has_value()) last_happened_ = event.happened;
    told_.notify_one();
  }

  // Waits for a fact that begins so, and takes it and all before it.
  std::vector<std::string> TakeUntil(const std::string& prefix) {
    std::unique_lock lock(mutex_);
    auto found = facts_.end();
    const bool told = told_.wait_for(lock, std::chrono::seconds(10), [&] {
      found = std::find_if(facts_.begin(), facts_.end(),
                           [&](const std::string& fact) { return absl::StartsWith(fact, prefix); });
      return found != facts_.end();
    });
    EXPECT_TRUE(told) << "never told: " << prefix;
    const auto end = told ? found + 1 : facts_.end();
    std::vector<std::string> taken(facts_.begin(), end);
    facts_.erase(facts_.begin(), end);
    return taken;
  }

  // Of the last fact that told it.
  std::optional<engine::Moment> last_happened() {
    const std::lock_guard lock(mutex_);
    return last_happened_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable told_;
  std::vector<std::string> facts_;               // guarded by mutex_
  std::optional<engine::Moment> last_happened_;  // guarded by mutex_
};

engine::DialingUuid Dialing(int number) {
  const std::string digits = absl::StrCat(10000 + number);
  return engine::DialingUuid::Parse(absl::StrCat("01890a5d-ac96-774b-bcce-b302099", digits))
      .value();
}

std::string ShortId(int number) { return Dialing(number).ToString().substr(32); }

class AmiGatewayTest : public ::testing::Test {
 protected:
  AmiGatewayTest() {
    options_.clock = &clock_;
    options_.backoff_min = absl::Milliseconds(2);
    options_.backoff_max = absl::Milliseconds(10);
  }

  void AddNode(const std::string& name, const ScriptedPeer& peer, TlsOptions tls = {}) {
    AddNode(name, peer.port(), std::move(tls));
  }
  void AddNode(const std::string& name, uint16_t port, TlsOptions tls = {}) {
    options_.nodes.push_back({.name = name,
                              .host = "127.0.0.1",
                              .port = port,
                              .username = "outdial",
                              .secret = "hunter2",
                              .tls = std::move(tls),
                              .answer_timeout = answer_timeout_});
  }

  void Start() {
    gateway_.emplace(
        options_,
        [this](const std::vector<engine::NodeEvent>& events) {
          for (const engine::NodeEvent& event : events) told_.Add(event);
        },
        [](const std::string&, const std::string&, const auto&) {});
    gateway_->Start();
  }

  void Originate(const std::string& node, int number, const std::string& data = "") {
    engine::Originate originate;
    originate.dialing = Dialing(number);
    originate.channel = "PJSIP/100@trunk";
    originate.application = "Wait";
    originate.data = data;
    originate.timeout = absl::Seconds(30);
    gateway_->Send({node, originate});
  }

  FixedClock clock_;
  RealClock fast_clock_{100};
  GatewayOptions options_;
  absl::Duration answer_timeout_ = absl::Seconds(10);  // of the nodes that are added next
  ToldFacts told_;
  std::optional<AmiGateway> gateway_;  // after what its callbacks use
};

TEST_F(AmiGatewayTest, CarriesACall) {
  ScriptedPeer peer;
  AddNode("a", peer);
  Start();
  PeerConnection connection = peer.Accept();
  connection.GetReady({absl::StrCat(
      "Event: CoreShowChannel\r\nChannelState: 6\r\nUniqueid: ", Dialing(7).ToString(), "\r\n")});
  EXPECT_THAT(
      told_.TakeUntil("a: NodeSynced"),
      testing::ElementsAre("a: NodeConnected version= originates calls queues boot",
                           "a: QueueSeen sales", "a: ChannelListed 0007 up", "a: NodeSynced"));
  Originate("a", 1);
  connection.Answer("Originate");
  told_.TakeUntil("a: OriginateAccepted 0001");
  connection.Write(absl::StrCat("Event: Hangup\r\nCause: 17\r\nCause-txt: User busy\r\nUniqueid: ",
                                Dialing(1).ToString(), "\r\n\r\n"));
  told_.TakeUntil("a: ChannelHungUp 0001 cause=17");
  gateway_->Send({"a", engine::Hangup{Dialing(7), 16}});
  EXPECT_EQ(connection.Read("Hangup").Get("Channel"), Dialing(7).ToString());
}

TEST_F(AmiGatewayTest, OriginateIsUnsentWhileThereIsNoConnection) {
  ScriptedPeer peer;
  AddNode("a", peer);
  Start();
  Originate("a", 1);
  told_.TakeUntil("a: OriginateUnsent 0001");
  PeerConnection connection = peer.Accept();
  connection.LogIn();
  Originate("a", 2);
  told_.TakeUntil("a: OriginateUnsent 0002");
}

TEST_F(AmiGatewayTest, OriginateOnAnUnknownNodeIsUnsent) {
  Start();
  Originate("gone", 1);
  told_.TakeUntil("gone: OriginateUnsent 0001");
}

TEST_F(AmiGatewayTest, OriginateThatWasWrittenIsNeverCalledUnsent) {
  ScriptedPeer peer;
  AddNode("a", peer);
  Start();
  {
    PeerConnection connection = peer.Accept();
    connection.GetReady();
    told_.TakeUntil("a: NodeSynced");
    Originate("a", 1);
    connection.Read("Originate");
  }
  EXPECT_THAT(told_.TakeUntil("a: NodeDisconnected"), Not(Contains(HasSubstr("Originate"))));
  // It connects again, and repeats nothing.
  PeerConnection connection = peer.Accept();
  connection.GetReady();
  EXPECT_THAT(told_.TakeUntil("a: NodeSynced"), Not(Contains(HasSubstr("Originate"))));
}

TEST_F(AmiGatewayTest, NodeThatStopsReadingEndsInTimeAndUnsentOriginatesAreTold) {
  answer_timeout_ = absl::Seconds(2);
  ScriptedPeer peer;
  AddNode("a", peer);
  Start();
  PeerConnection connection = peer.Accept();
  connection.GetReady();
  told_.TakeUntil("a: NodeSynced");
  constexpr int kOriginates = 9000;  // more than the buffers of both sockets hold
  for (int i = 0; i < kOriginates; ++i) Originate("a", i, std::string(900, 'x'));
  std::set<std::string> unsent;
  for (const std::string& fact : told_.TakeUntil("a: NodeDisconnected")) {
    if (absl::StartsWith(fact, "a: OriginateUnsent ")) {
      EXPECT_TRUE(unsent.insert(fact.substr(fact.size() - 4)).second) << fact;
    }
  }
  EXPECT_FALSE(unsent.empty());
  // What did reach the node is none of those that were called unsent.
  size_t arrived = 0;
  for (const AmiMessage& action : connection.Drain()) {
    const auto dialing = DialingOfActionId(action.Get("ActionID"));
    if (!dialing.has_value()) continue;
    ++arrived;
    EXPECT_EQ(unsent.count(dialing->ToString().substr(32)), 0u);
  }
  EXPECT_GT(arrived, 0u);
  EXPECT_LE(arrived + unsent.size(), static_cast<size_t>(kOriginates));
}

TEST_F(AmiGatewayTest, NodeThatNeverAnswersIsLeftInTime) {
  answer_timeout_ = absl::Seconds(2);
  ScriptedPeer peer;
  AddNode("a", peer);
  Start();
  PeerConnection stuck = peer.Accept();
  stuck.GetReady();
  told_.TakeUntil("a: NodeSynced");
  Originate("a", 1);
  stuck.Read("Originate");
  EXPECT_THAT(told_.TakeUntil("a: NodeDisconnected: no answer within 2s"),
              Not(Contains(HasSubstr("Originate"))));
  peer.Accept().LogIn();
}

TEST_F(AmiGatewayTest, NodeThatSaysNothingAtAllIsLeftInTime) {
  answer_timeout_ = absl::Milliseconds(100);
  ScriptedPeer peer;
  AddNode("a", peer);
  Start();
  PeerConnection silent = peer.Accept();
  told_.TakeUntil("a: NodeDisconnected: no banner");
  silent.WaitForEnd();
}

TEST_F(AmiGatewayTest, SimulatedAsteriskThatStallsIsLeftInTimeAndComesBack) {
  RealClock clock;
  SimServerOptions server;
  server.clock = &clock;
  SimAsteriskConfig config;
  config.users.push_back({.name = "outdial", .secret = "hunter2"});
  SimAsteriskServer asterisk(config, server);
  ASSERT_TRUE(asterisk.Start().ok());
  answer_timeout_ = absl::Milliseconds(500);
  AddNode("a", asterisk.port());
  options_.nodes.back().ping_interval = absl::Milliseconds(50);
  Start();
  told_.TakeUntil("a: NodeSynced");
  asterisk.Stall(absl::Milliseconds(1500));
  told_.TakeUntil("a: NodeDisconnected: no answer within 500ms");
  told_.TakeUntil("a: NodeSynced");
}

TEST_F(AmiGatewayTest, TellsWhenEventsHappenedByTheEnginesClock) {
  options_.clock = &fast_clock_;
  ScriptedPeer peer;
  AddNode("a", peer);
  Start();
  PeerConnection connection = peer.Accept();
  connection.GetReady();
  told_.TakeUntil("a: NodeSynced");
  Originate("a", 1);
  connection.Answer("Originate", "Response: Success\r\n");
  const engine::MonotonicTime said = fast_clock_.Read().mono;
  connection.Write(absl::StrCat("Event: Newchannel\r\nTimestamp: 1800000000.500000\r\nUniqueid: ",
                                Dialing(1).ToString(), "\r\n\r\n"));
  told_.TakeUntil("a: ChannelCreated");
  const engine::Moment happened = told_.last_happened().value();
  EXPECT_LE(happened.earliest, said);
  EXPECT_GE(happened.earliest, said - 100 * absl::Seconds(10));
  EXPECT_GE(happened.latest, said - absl::Milliseconds(1));  // what reckoning between clocks costs
  EXPECT_LE(happened.latest, fast_clock_.Read().mono);
  EXPECT_EQ(happened.stamp, absl::FromUnixMillis(1800000000500));
}

TEST_F(AmiGatewayTest, WhatANodeRecordedIsToldBeforeItsListIsComplete) {
  std::string path = testing::TempDir() + "cdr-XXXXXX";
  const int file = mkstemp(path.data());
  ASSERT_NE(file, -1);
  const std::string line =
      absl::StrCat(",,,,,,,,,,,,,,BUSY,DOCUMENTATION,", Dialing(1).ToString(), ",\n");
  ASSERT_EQ(write(file, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  close(file);
  ScriptedPeer peer;
  AddNode("a", peer);
  options_.nodes.back().cdr_csv = path;
  Start();
  PeerConnection connection = peer.Accept();
  connection.GetReady();
  EXPECT_THAT(told_.TakeUntil("a: NodeSynced"),
              Contains(absl::StrCat("a: CallRecorded ", ShortId(1), " BUSY")));
  unlink(path.c_str());
}

TEST_F(AmiGatewayTest, WhoAsksForTheStateLearnsWhyThereIsNone) {
  answer_timeout_ = absl::Milliseconds(100);
  ScriptedPeer peer;
  AddNode("a", peer);
  Start();
  PeerConnection silent = peer.Accept();
  told_.TakeUntil("a: NodeDisconnected: no banner");
  // The second connection is under way, or fails for the same reason, which is told once.
  gateway_->Send({"a", engine::Resync{}});
  told_.TakeUntil("a: NodeDisconnected: no banner");
}

TEST_F(AmiGatewayTest, EventThatIsCutOffIsForgotten) {
  ScriptedPeer peer;
  AddNode("a", peer);
  Start();
  {
    PeerConnection connection = peer.Accept();
    connection.GetReady();
    told_.TakeUntil("a: NodeSynced");
    connection.Write(absl::StrCat("Event: Hangup\r\nUniqueid: ", Dialing(1).ToString(), "\r\nCau"));
  }
  EXPECT_THAT(told_.TakeUntil("a: NodeDisconnected: the node closed"),
              Not(Contains(HasSubstr("HungUp"))));
  PeerConnection connection = peer.Accept();
  connection.GetReady();
  EXPECT_THAT(told_.TakeUntil("a: NodeSynced"), Not(Contains(HasSubstr("HungUp"))));
}

TEST_F(AmiGatewayTest, BearsGarbageAndEndlessLines) {
  ScriptedPeer peer;
  AddNode("a", peer);
  Start();
  PeerConnection connection = peer.Accept();
  connection.GetReady();
  told_.TakeUntil("a: NodeSynced");
  std::string garbage;
  for (uint64_t i = 0; i < 1'000'000; ++i) garbage += static_cast<char>(i * 7919 % 251);
  connection.Write(garbage);
  connection.Write(absl::StrCat("\r\n\r\n", std::string(1'000'000, 'x'), "\r\n\r\n"));
  Originate("a", 1);
  connection.Answer("Originate");
  told_.TakeUntil("a: OriginateAccepted 0001");
}

TEST_F(AmiGatewayTest, PeerThatIsNoAsteriskIsLeft) {
  ScriptedPeer peer;
  AddNode("a", peer);
  Start();
  peer.Accept().Write("HTTP/1.1 400 Bad Request\r\n\r\n");
  told_.TakeUntil("a: NodeDisconnected: no AMI banner");
}

TEST_F(AmiGatewayTest, FollowsAFloodOfEventsInOrder) {
  ScriptedPeer peer;
  AddNode("a", peer);
  Start();
  PeerConnection connection = peer.Accept();
  connection.GetReady();
  told_.TakeUntil("a: NodeSynced");
  std::string events;
  for (int i = 0; i < 20'000; ++i) {
    absl::StrAppend(&events, "Event: VarSet\r\nUniqueid: 1.1\r\nVariable: A\r\n\r\n");
    if (i % 10 == 0) {
      absl::StrAppend(&events, "Event: Newchannel\r\nChannel: PJSIP/t-", i,
                      "\r\nUniqueid: ", Dialing(i / 10).ToString(), "\r\n\r\n");
    }
  }
  connection.Write(events);
  const std::vector<std::string> facts =
      told_.TakeUntil(absl::StrCat("a: ChannelCreated ", ShortId(1999)));
  ASSERT_EQ(facts.size(), 2000u);
  for (int i = 0; i < 2000; ++i) EXPECT_THAT(facts[static_cast<size_t>(i)], HasSubstr(ShortId(i)));
}

TEST_F(AmiGatewayTest, NodeThatHangsHoldsUpNoOther) {
  ScriptedPeer hanging;
  ScriptedPeer working;
  AddNode("hangs", hanging);
  AddNode("works", working);
  Start();
  PeerConnection silent = hanging.Accept();
  PeerConnection connection = working.Accept();
  connection.GetReady();
  told_.TakeUntil("works: NodeSynced");
  Originate("hangs", 1);
  Originate("works", 2);
  connection.Answer("Originate");
  told_.TakeUntil("works: OriginateAccepted 0002");
}

TEST_F(AmiGatewayTest, WrongPasswordIsToldAsRefusedOnce) {
  ScriptedPeer peer;
  AddNode("a", peer);
  Start();
  const auto refuse = [&peer] {
    PeerConnection connection = peer.Accept();
    connection.Write("Asterisk Call Manager/11.0.0\r\n");
    connection.Answer("Challenge", "Response: Success\r\nChallenge: 1\r\n");
    connection.Answer("Login", "Response: Error\r\nMessage: Authentication failed\r\n");
    connection.WaitForEnd();
  };
  refuse();
  told_.TakeUntil("a: NodeDisconnected refused: login refused: Authentication failed");
  refuse();
  PeerConnection connection = peer.Accept();
  connection.GetReady();
  EXPECT_THAT(told_.TakeUntil("a: NodeSynced"), Not(Contains(HasSubstr("NodeDisconnected"))));
}

TEST_F(AmiGatewayTest, AddressWhereNobodyListensIsTriedAgain) {
  std::optional<ScriptedPeer> nobody(std::in_place);
  AddNode("a", *nobody);
  nobody.reset();
  Start();
  told_.TakeUntil("a: NodeDisconnected: can't connect to 127.0.0.1: Connection refused");
}

TEST_F(AmiGatewayTest, TakesAHostByItsName) {
  ScriptedPeer peer;
  AddNode("a", peer);
  options_.nodes[0].host = "localhost";
  Start();
  PeerConnection connection = peer.Accept();
  connection.GetReady();
  told_.TakeUntil("a: NodeSynced");
}

TEST_F(AmiGatewayTest, SpeaksTlsWithAPeerThatItTrusts) {
  const SelfSignedCertificate certificate;
  ScriptedPeer peer;
  AddNode("a", peer, {.enabled = true, .ca_file = certificate.file()});
  Start();
  PeerConnection connection = peer.Accept(certificate.context());
  connection.GetReady();
  told_.TakeUntil("a: NodeSynced");
  Originate("a", 1);
  connection.Answer("Originate");
  told_.TakeUntil("a: OriginateAccepted 0001");
}

TEST_F(AmiGatewayTest, SendsTlsRecordsThatAsteriskTakesInOneRead) {
  const SelfSignedCertificate certificate;
  ScriptedPeer peer;
  AddNode("a", peer, {.enabled = true, .ca_file = certificate.file()});
  Start();
  PeerConnection connection = peer.Accept(certificate.context());
  connection.GetReady();
  told_.TakeUntil("a: NodeSynced");
  for (int i = 0; i < 50; ++i) Originate("a", i, std::string(static_cast<size_t>(1016 - i), 'x'));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(connection.Read("Originate").Get("Data").size(), static_cast<size_t>(1016 - i));
  }
}

TEST_F(AmiGatewayTest, RefusesAPeerThatItDoesNotTrust) {
  const SelfSignedCertificate certificate;
  ScriptedPeer peer;
  AddNode("a", peer, {.enabled = true, .ca_file = ""});
  Start();
  PeerConnection connection = peer.Accept(certificate.context());
  told_.TakeUntil("a: NodeDisconnected refused: the certificate of 127.0.0.1 is not trusted");
}

TEST_F(AmiGatewayTest, RefusesACertificateForAnotherName) {
  const SelfSignedCertificate certificate;
  ScriptedPeer peer;
  AddNode("a", peer, {.enabled = true, .ca_file = certificate.file()});
  options_.nodes[0].host = "localhost";
  Start();
  PeerConnection connection = peer.Accept(certificate.context());
  told_.TakeUntil("a: NodeDisconnected refused: the certificate of localhost is not trusted");
}

TEST_F(AmiGatewayTest, TakesAnyCertificateWhereSoSet) {
  const SelfSignedCertificate certificate;
  ScriptedPeer peer;
  AddNode("a", peer, {.enabled = true, .ca_file = "", .verify = false});
  Start();
  PeerConnection connection = peer.Accept(certificate.context());
  connection.GetReady();
  told_.TakeUntil("a: NodeSynced");
}

TEST_F(AmiGatewayTest, ClosesItsConnectionsWhenItEnds) {
  ScriptedPeer ready;
  ScriptedPeer silent;
  AddNode("ready", ready);
  AddNode("silent", silent);
  Start();
  PeerConnection connection = ready.Accept();
  connection.GetReady();
  PeerConnection other = silent.Accept();
  told_.TakeUntil("ready: NodeSynced");
  gateway_.reset();
  connection.WaitForEnd();
  other.WaitForEnd();
}

}  // namespace
}  // namespace outdial::ami
