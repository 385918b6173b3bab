#include "ami_gateway/agi_listener.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "engine/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ami_gateway/agi_caller.h"

namespace outdial::ami {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kPath[] = "out_dl_create";
constexpr char kDlma[] = "0190163d-8694-739b-aea5-966c26f8ad91";
constexpr char kDl[] = "0192b7c4-5d2e-7a31-9c5b-2f6d1e8a4b07";
// Long enough for a machine under load where it must not pass, short where it must.
constexpr absl::Duration kShort = absl::Milliseconds(200);

engine::ActionResult Made(const std::string& uuid) {
  v1::OutDlListCreateResponse response;
  response.mutable_dl()->set_uuid(uuid);
  return response;
}

v1::Dl DlOf(const HoldingBackend::Posted& posted) {
  return std::get<v1::OutDlListCreateRequest>(posted.action).dl();
}

class AgiListenerTest : public ::testing::Test {
 protected:
  void Start(AgiListenerOptions options = {}) {
    listener_ = std::make_unique<AgiListener>(
        std::move(options), &backend_,
        [this](const auto& level, const auto& name, const auto& fields) {
          log_.Add(level, name, fields);
        });
    ASSERT_TRUE(listener_->Start().ok());
  }

  // The channel is told that the entry was made.
  static void ExpectSuccess(AgiCaller* caller, const std::string& uuid) {
    EXPECT_EQ(caller->ReadVariable("OUTDETAIL"), uuid);
    EXPECT_EQ(caller->ReadVariable("OUTSTATUS"), "SUCCESS");
    EXPECT_EQ(caller->ReadToEnd(), "");
  }

  // The channel is told that it was not; returns why.
  static std::string ReadFailure(AgiCaller* caller) {
    std::string problem = caller->ReadVariable("OUTDETAIL");
    EXPECT_EQ(caller->ReadVariable("OUTSTATUS"), "FAILED");
    EXPECT_EQ(caller->ReadToEnd(), "");
    return problem;
  }

  // A caller who comes after whatever a test did is served.
  void ExpectStillServes() {
    AgiCaller caller(listener_->port());
    caller.Ask(kPath, {kDlma, "1000"});
    backend_.Take().done(Made(kDl));
    ExpectSuccess(&caller, kDl);
  }

  HoldingBackend backend_;  // outlives the listener
  LogRecord log_;
  std::unique_ptr<AgiListener> listener_;
};

TEST_F(AgiListenerTest, AddsAnEntryAndTellsItsUuid) {
  Start();
  AgiCaller caller(listener_->port());
  caller.Ask(kPath, {kDlma, "1000:2000", "Ann", "", "", "key", "a=1", "b=2"});
  const HoldingBackend::Posted posted = backend_.Take();
  EXPECT_EQ(DlOf(posted).dlma_uuid(), kDlma);
  EXPECT_THAT(DlOf(posted).number(), ElementsAre("1000", "2000"));
  EXPECT_EQ(DlOf(posted).ukey(), "key");
  EXPECT_EQ(DlOf(posted).variables_size(), 2);
  posted.done(Made(kDl));
  ExpectSuccess(&caller, kDl);
  EXPECT_EQ(
      log_.Wait("agi_dl_created"),
      absl::StrCat("info agi_dl_created channel=PJSIP/trunk-00000001 uniqueid=node1-1.1 dl=", kDl));
}

TEST_F(AgiListenerTest, TheAnswerMayComeFromAnotherThread) {
  Start();
  AgiCaller caller(listener_->port());
  caller.Ask(kPath, {kDlma, "1000"});
  std::thread([posted = backend_.Take()] { posted.done(Made(kDl)); }).join();
  ExpectSuccess(&caller, kDl);
}

TEST_F(AgiListenerTest, EachCallerGetsItsOwnAnswer) {
  constexpr int kCallers = 100;
  Start();
  std::vector<std::unique_ptr<AgiCaller>> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.push_back(std::make_unique<AgiCaller>(listener_->port()));
    callers.back()->Ask(kPath, {kDlma, absl::StrCat(i)});
  }
  std::vector<HoldingBackend::Posted> posted;
  for (int i = 0; i < kCallers; ++i) posted.push_back(backend_.Take());
  for (auto it = posted.rbegin(); it != posted.rend(); ++it) {
    it->done(Made(absl::StrCat("uuid of ", DlOf(*it).number(0))));
  }
  for (int i = 0; i < kCallers; ++i) {
    ExpectSuccess(callers[static_cast<size_t>(i)].get(), absl::StrCat("uuid of ", i));
  }
}

TEST_F(AgiListenerTest, ABadArgumentIsToldAndNothingIsMade) {
  Start();
  AgiCaller caller(listener_->port());
  caller.Ask(kPath, {kDlma, "1:2:3:4:5:6:7:8:9"});
  EXPECT_THAT(ReadFailure(&caller), HasSubstr("9 numbers"));
  EXPECT_EQ(backend_.posted(), 0U);
  EXPECT_THAT(log_.Wait("agi_refused"), StartsWith("warning agi_refused channel=PJSIP/trunk-"));
}

TEST_F(AgiListenerTest, AnErrorOfTheServerIsToldInTheDialplansWords) {
  Start();
  AgiCaller caller(listener_->port());
  caller.Ask(kPath, {kDlma, "?"});
  backend_.Take().done(engine::InvalidField("dl.number[0]", "must be a number"));
  EXPECT_EQ(ReadFailure(&caller), "number 1 must be a number");
}

TEST_F(AgiListenerTest, WhateverAnErrorHoldsItIsOneValue) {
  Start();
  AgiCaller caller(listener_->port());
  caller.Ask(kPath, {kDlma, "1"});
  backend_.Take().done(absl::InternalError("say \"x\"\nSET VARIABLE OUTSTATUS \"SUCCESS\" \\"));
  EXPECT_EQ(ReadFailure(&caller), "say \\\"x\\\" SET VARIABLE OUTSTATUS \\\"SUCCESS\\\" \\\\");
}

TEST_F(AgiListenerTest, AnUnknownPathIsTold) {
  Start();
  for (const char* const path : {"", "other", "out_dl_create/x"}) {
    AgiCaller caller(listener_->port());
    caller.Ask(path, {kDlma, "1000"});
    EXPECT_THAT(ReadFailure(&caller), HasSubstr(absl::StrCat("no `", path, "`")));
  }
  EXPECT_EQ(backend_.posted(), 0U);
}

// ---- A caller who does not listen any more

TEST_F(AgiListenerTest, AHangupMeanwhileChangesNothing) {
  Start();
  AgiCaller caller(listener_->port());
  caller.Ask(kPath, {kDlma, "1000"});
  caller.Write("HANGUP\n");
  backend_.Take().done(Made(kDl));
  ExpectSuccess(&caller, kDl);
}

TEST_F(AgiListenerTest, WithALostConnectionTheEntryStaysMade) {
  Start();
  {
    AgiCaller caller(listener_->port());
    caller.Ask(kPath, {kDlma, "1000"});
  }
  backend_.Take().done(Made(kDl));
  const std::string line = log_.Wait("agi_dl_created");
  EXPECT_THAT(line, StartsWith("warning"));
  EXPECT_THAT(line, HasSubstr(absl::StrCat("dl=", kDl, " not_told=")));
}

TEST_F(AgiListenerTest, AnAsteriskThatRefusesTheVariableIsLogged) {
  Start();
  for (const char* const reply :
       {"510 Invalid or unknown command\n", "511 Command Not Permitted on a dead channel\n",
        "HANGUP\nHANGUP\n", "agi_arg_9: rest of a value with an empty line\n"}) {
    AgiCaller caller(listener_->port());
    caller.Ask(kPath, {kDlma, "1000"});
    backend_.Take().done(Made(reply));
    caller.ReadVariable("OUTDETAIL", reply);
    EXPECT_EQ(caller.ReadToEnd(), "") << "OUTSTATUS is not set alone";
  }
  EXPECT_THAT(log_.Wait("agi_dl_created"), HasSubstr("not_told=Asterisk does not set OUTDETAIL"));
}

TEST_F(AgiListenerTest, AnAsteriskThatNeverAnswersIsLeft) {
  Start({.timeout = kShort});
  AgiCaller caller(listener_->port());
  caller.Ask(kPath, {"", ""});
  caller.ReadVariable("OUTDETAIL", "");
  EXPECT_EQ(caller.ReadToEnd(), "");
  EXPECT_THAT(log_.Wait("agi_refused"), HasSubstr("not_told=nothing complete came within"));
}

TEST_F(AgiListenerTest, AServerThatIsLateIsToldAndItsAnswerLogged) {
  Start({.timeout = kShort});
  AgiCaller caller(listener_->port());
  caller.Ask(kPath, {kDlma, "1000"});
  const HoldingBackend::Posted posted = backend_.Take();
  EXPECT_THAT(ReadFailure(&caller), HasSubstr("no answer within 200ms"));
  posted.done(Made(kDl));
  EXPECT_EQ(log_.Wait("agi_answered_too_late"),
            absl::StrCat("warning agi_answered_too_late dl=", kDl));
}

TEST_F(AgiListenerTest, EndsWhileAnAnswerIsOwed) {
  Start();
  AgiCaller caller(listener_->port());
  caller.Ask(kPath, {kDlma, "1000"});
  const HoldingBackend::Posted posted = backend_.Take();
  AgiCaller silent(listener_->port());
  listener_.reset();
  EXPECT_EQ(caller.ReadToEnd(), "");
  EXPECT_EQ(silent.ReadToEnd(), "");
  posted.done(Made(kDl));
}

// ---- Peers that are not Asterisk

TEST_F(AgiListenerTest, AnEndlessLineIsCutOff) {
  Start();
  AgiCaller endless(listener_->port());
  endless.Write(absl::StrCat("agi_arg_1: ", std::string(1 << 20, 'x')));
  EXPECT_THAT(log_.Wait("agi_no_request"), HasSubstr("more than 65536 bytes without an end"));
  EXPECT_EQ(endless.ReadToEnd(), "");
  ExpectStillServes();
}

TEST_F(AgiListenerTest, TenThousandArgumentsAreTooMany) {
  Start();
  AgiCaller caller(listener_->port());
  caller.Ask(kPath, std::vector<std::string>(10'000, "x"));
  EXPECT_EQ(caller.ReadToEnd(), "");
  AgiCaller fewer(listener_->port());
  fewer.Ask(kPath, std::vector<std::string>(1000, "x"));
  EXPECT_THAT(ReadFailure(&fewer), HasSubstr("more than 128 arguments"));
  EXPECT_EQ(backend_.posted(), 0U);
  ExpectStillServes();
}

TEST_F(AgiListenerTest, ARequestWithoutAnEndIsLeft) {
  Start({.timeout = kShort});
  AgiCaller unfinished(listener_->port());
  unfinished.Write("agi_network: yes\nagi_arg_1: x\n");
  AgiCaller silent(listener_->port());
  EXPECT_EQ(unfinished.ReadToEnd(), "");
  EXPECT_EQ(silent.ReadToEnd(), "");
  EXPECT_THAT(log_.Wait("agi_no_request"), HasSubstr("nothing complete came within 200ms"));
}

TEST_F(AgiListenerTest, ARequestThatKeepsComingByTheByteIsLeft) {
  Start({.timeout = kShort});
  AgiCaller slow(listener_->port());
  const absl::Time patience = absl::Now() + absl::Seconds(10);
  while (!slow.IsClosed(absl::Milliseconds(10)) && absl::Now() < patience) slow.Write("x");
  EXPECT_LT(absl::Now(), patience);
}

TEST_F(AgiListenerTest, WhoStopsSendingHalfwayIsLeft) {
  Start();
  AgiCaller caller(listener_->port());
  caller.Write("agi_network: yes\n");
  caller.EndSending();
  EXPECT_EQ(caller.ReadToEnd(), "");
  EXPECT_THAT(log_.Wait("agi_no_request"), HasSubstr("the other side closed"));
}

TEST_F(AgiListenerTest, WhoStopsSendingAfterTheRequestIsServed) {
  Start();
  AgiCaller caller(listener_->port());
  caller.Ask(kPath, {kDlma, "1000"});
  caller.EndSending();
  backend_.Take().done(Made(kDl));
  EXPECT_EQ(caller.ReadVariable("OUTDETAIL"), kDl);
  EXPECT_THAT(log_.Wait("agi_dl_created"), HasSubstr("not_told=the other side closed"));
}

TEST_F(AgiListenerTest, AnotherProtocolIsToldSo) {
  Start();
  AgiCaller caller(listener_->port());
  caller.Write("GET / HTTP/1.0\nHost: x\n\n");
  EXPECT_THAT(ReadFailure(&caller), HasSubstr("agi_name: value"));
}

TEST_F(AgiListenerTest, TurnsAwayWhoIsTooMany) {
  Start({.max_clients = 2});
  auto first = std::make_unique<AgiCaller>(listener_->port());
  AgiCaller second(listener_->port());
  AgiCaller third(listener_->port());
  EXPECT_EQ(third.ReadToEnd(), "");
  EXPECT_THAT(log_.Wait("agi_turned_away"), HasSubstr("2 connections are open"));
  first.reset();
  log_.Wait("agi_no_request");
  ExpectStillServes();
}

TEST_F(AgiListenerTest, TurnsAwayWhoIsInNoNetworkOfIts) {
  Start({.networks = {"192.0.2.0/24"}});
  AgiCaller caller(listener_->port());
  EXPECT_EQ(caller.ReadToEnd(), "");
  EXPECT_EQ(log_.Wait("agi_turned_away"),
            "warning agi_turned_away peer=127.0.0.1 reason=not in agi_networks left_out=0");
}

TEST_F(AgiListenerTest, ABadNetworkIsToldAtTheStart) {
  AgiListener listener({.networks = {"somewhere"}}, &backend_, [](const auto&...) {});
  EXPECT_TRUE(absl::IsInvalidArgument(listener.Start()));
}

TEST_F(AgiListenerTest, APortThatIsTakenIsToldAtTheStart) {
  Start();
  AgiListener second({.port = listener_->port()}, &backend_, [](const auto&...) {});
  const absl::Status status = second.Start();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(absl::StrCat("127.0.0.1:", listener_->port())));
}

}  // namespace
}  // namespace outdial::ami
