// The whole server as AMI clients and dialplans reach it, beside gRPC.
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/read_until.hpp"
#include "boost/asio/write.hpp"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "outdial/v1/dl_list_service.grpc.pb.h"
#include "outdial/v1/dlma_service.grpc.pb.h"
#include "outdial/v1/plan_service.grpc.pb.h"
#include "server/daemon.h"
#include "spdlog/sinks/ringbuffer_sink.h"
#include "storage/memory_store.h"
#include "tests/ami_gateway/ami_probe.h"

namespace outdial::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kNoPlan[] = "0190163d-8694-739b-aea5-966c26f8ad91";

class AmiDoorTest : public testing::Test {
 protected:
  AmiDoorTest()
      : log_(std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(1000)), logger_({}, log_) {
    config_.listen = {"127.0.0.1", 0};
    config_.ami.listen = ListenAddress{"127.0.0.1", 0};
  }

  absl::StatusOr<std::unique_ptr<Daemon>> TryStart() {
    EXPECT_EQ(CheckConfig(config_), absl::OkStatus());
    DaemonOptions options;
    options.logger = &logger_;
    options.store = std::make_unique<storage::MemoryStore>();
    return Daemon::Start(config_, std::move(options));
  }

  void Start() {
    auto daemon = TryStart();
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_ = *std::move(daemon);
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channel_ = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", daemon_->port()),
                                         grpc::InsecureChannelCredentials(), arguments);
  }
  // Clients log in here; there is no Asterisk.
  void StartStandalone() {
    config_.ami.users = {{"ann", "secret", ami::kAmiMessage, ami::kAmiMessage}};
    Start();
  }

  std::unique_ptr<ami::AmiProbe> LogIn(const std::string& username, const std::string& secret) {
    auto probe = std::make_unique<ami::AmiProbe>("127.0.0.1", daemon_->ami_port());
    const ami::AmiMessage answer = probe->Ask(
        {{"Action", "Login"}, {"ActionID", "login"}, {"Username", username}, {"Secret", secret}});
    EXPECT_EQ(answer.Get("Message"), "Authentication accepted");
    return probe;
  }

  static void SetDeadline(grpc::ClientContext* context) {
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  }

  std::string MakeDlma() {
    grpc::ClientContext context;
    SetDeadline(&context);
    v1::OutDlmaCreateResponse response;
    EXPECT_TRUE(v1::OutDlmaService::NewStub(channel_)->OutDlmaCreate(&context, {}, &response).ok());
    return response.dlma().uuid();
  }

  v1::Plan PlanOverGrpc(const std::string& uuid) {
    grpc::ClientContext context;
    SetDeadline(&context);
    v1::OutPlanShowRequest request;
    request.set_uuid(uuid);
    auto stub = v1::OutPlanService::NewStub(channel_);
    auto reader = stub->OutPlanShow(&context, request);
    v1::OutPlanShowResponse response;
    EXPECT_TRUE(reader->Read(&response));
    context.TryCancel();
    reader->Finish();
    return response.plans_size() == 1 ? response.plans(0) : v1::Plan();
  }

  std::string LogText() { return absl::StrJoin(log_->last_formatted(), ""); }

  std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> log_;
  Logger logger_;
  Config config_;
  std::unique_ptr<Daemon> daemon_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(AmiDoorTest, APlanIsMadeToldShownAndTheSameOverGrpc) {
  StartStandalone();
  auto probe = LogIn("ann", "secret");
  const ami::AmiMessage made = probe->Ask({{"Action", "OutPlanCreate"},
                                           {"ActionID", "make"},
                                           {"Name", "sales_plan"},
                                           {"MaxRetry1", "3"},
                                           {"TechName", "sip/"}});
  EXPECT_EQ(made.Get("Response"), "Success");
  EXPECT_EQ(made.Get("Message"), "Plan created successfully");
  const std::string uuid(made.Get("Uuid"));
  const ami::AmiMessage event = probe->WaitEvent("OutPlanCreate", "Uuid", uuid);
  EXPECT_EQ(event.Get("Privilege"), "message,all");
  EXPECT_EQ(event.Get("Name"), "sales_plan");
  const auto& got = probe->got();
  EXPECT_LT(std::find(got.begin(), got.end(), made), std::find(got.begin(), got.end(), event));

  EXPECT_EQ(
      probe->Ask({{"Action", "OutPlanShow"}, {"ActionID", "show"}, {"Uuid", uuid}}).Get("Message"),
      "Plan List will follow");
  const ami::AmiMessage end = probe->WaitEvent("OutPlanListComplete", "ActionID", "show");
  EXPECT_EQ(end.Get("ListItems"), "1");
  const auto entries = probe->Events("OutPlanEntry", "ActionID", "show");
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].Get("MaxRetryCnt1"), "3");

  const v1::Plan plan = PlanOverGrpc(uuid);
  EXPECT_EQ(plan.name(), "sales_plan");
  EXPECT_EQ(plan.max_retry(0), 3u);
  EXPECT_EQ(plan.tm_create(), entries[0].Get("TmCreate"));
}

TEST_F(AmiDoorTest, WhatIsWrongIsToldAndTheConnectionKept) {
  StartStandalone();
  auto probe = LogIn("ann", "secret");
  const ami::AmiMessage unknown =
      probe->Ask({{"Action", "OutPlanShow"}, {"ActionID", "1"}, {"Uuid", kNoPlan}});
  EXPECT_EQ(unknown.Get("Response"), "Error");
  EXPECT_EQ(unknown.Get("Message"), "No such plan");
  const ami::AmiMessage bad =
      probe->Ask({{"Action", "OutPlanCreate"}, {"ActionID", "2"}, {"DialTimeout", "1"}});
  EXPECT_EQ(bad.Get("Response"), "Error");
  EXPECT_THAT(std::string(bad.Get("Message")), HasSubstr("DialTimeout"));
  EXPECT_EQ(probe->Ask({{"Action", "Ping"}, {"ActionID", "3"}}).Get("Response"), "Success");
}

TEST_F(AmiDoorTest, AChangeOverGrpcIsTold) {
  StartStandalone();
  auto probe = LogIn("ann", "secret");
  const std::string dlma = MakeDlma();
  probe->WaitEvent("OutDlmaCreate", "Uuid", dlma);
}

TEST_F(AmiDoorTest, ADialplanAddsAnEntry) {
  config_.ami.agi_listen = ListenAddress{"127.0.0.1", 0};
  StartStandalone();
  const std::string dlma = MakeDlma();
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket(io);
  socket.connect(
      {boost::asio::ip::make_address("127.0.0.1"), static_cast<uint16_t>(daemon_->agi_port())});
  const auto send = [&](const std::string& text) {
    boost::asio::write(socket, boost::asio::buffer(text));
  };
  send(absl::StrCat("agi_network: yes\nagi_network_script: out_dl_create\nagi_arg_1: ", dlma,
                    "\nagi_arg_2: 5551234\nagi_arg_3: ann\n\n"));
  std::string read;
  std::vector<std::string> lines;
  while (lines.size() < 2) {
    const size_t size = boost::asio::read_until(socket, boost::asio::dynamic_buffer(read), '\n');
    lines.push_back(read.substr(0, size));
    read.erase(0, size);
    send("200 result=1\n");
  }
  EXPECT_THAT(lines, testing::Contains(HasSubstr("OUTSTATUS \"SUCCESS\"")));

  grpc::ClientContext context;
  SetDeadline(&context);
  v1::OutDlListShowRequest request;
  request.set_dlma_uuid(dlma);
  auto stub = v1::OutDlListService::NewStub(channel_);
  auto reader = stub->OutDlListShow(&context, request);
  v1::OutDlListShowResponse response;
  ASSERT_TRUE(reader->Read(&response));
  ASSERT_EQ(response.dls_size(), 1);
  EXPECT_EQ(response.dls(0).name(), "ann");
  EXPECT_THAT(lines, testing::Contains(HasSubstr(response.dls(0).uuid())));
  context.TryCancel();
  reader->Finish();
}

TEST_F(AmiDoorTest, InFrontOfAnAsteriskItsLoginsCountAndAccessAddsTheActions) {
  config_.simulate.enabled = true;
  config_.ami.access = {{{"DEMO"}, {}, true, true}};
  Start();
  auto probe = LogIn(Simulation::kUser, Simulation::kSecret);
  EXPECT_EQ(probe->Ask({{"Action", "CoreStatus"}, {"ActionID", "1"}}).Get("Response"), "Success");
  const ami::AmiMessage made = probe->Ask({{"Action", "OutPlanCreate"}, {"ActionID", "2"}});
  EXPECT_EQ(made.Get("Message"), "Plan created successfully");
  probe->WaitEvent("OutPlanCreate", "Uuid", made.Get("Uuid"));
  EXPECT_THAT(LogText(), HasSubstr("mode=transparent"));
  EXPECT_THAT(LogText(), Not(HasSubstr("ami_access_missing")));
}

TEST_F(AmiDoorTest, WithoutAccessNobodyUsesTheActionsAndTheLogSaysSo) {
  config_.simulate.enabled = true;
  Start();
  EXPECT_THAT(LogText(), HasSubstr("ami_access_missing"));
  auto probe = LogIn(Simulation::kUser, Simulation::kSecret);
  EXPECT_EQ(probe->Ask({{"Action", "OutPlanCreate"}, {"ActionID", "1"}}).Get("Response"), "Error");
  EXPECT_EQ(probe->Ask({{"Action", "Ping"}, {"ActionID", "2"}}).Get("Response"), "Success");
}

TEST_F(AmiDoorTest, RightsWithoutADoorAreSaidToHaveNoEffect) {
  config_.simulate.enabled = true;
  config_.ami.listen.reset();
  config_.ami.access = {{{"demo"}, {}, true, true}};
  Start();
  EXPECT_THAT(LogText(), HasSubstr("ami_not_listening detail=\"ami_access has no effect"));
}

TEST_F(AmiDoorTest, AnAddressInUseIsRefusedAtTheStart) {
  StartStandalone();
  config_.ami.listen->port = static_cast<uint16_t>(daemon_->ami_port());
  const absl::Status second = TryStart().status();
  EXPECT_EQ(second.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.message()), HasSubstr("AMI clients: can't listen on 127.0.0.1:"));
}

TEST_F(AmiDoorTest, AStopEndsItsClientsWithinSecondsAlsoWhileTheyAct) {
  StartStandalone();
  auto idle = LogIn("ann", "secret");
  auto probe = LogIn("ann", "secret");
  std::string actions;
  for (int i = 0; i < 500; ++i) absl::StrAppend(&actions, "Action: OutPlanCreate\r\n\r\n");
  probe->SendRaw(actions);
  const absl::Time begin = absl::Now();
  EXPECT_EQ(daemon_->Stop(), absl::OkStatus());
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  EXPECT_TRUE(probe->WaitClosed(absl::Seconds(5)));
  EXPECT_TRUE(idle->WaitClosed(absl::Seconds(5)));
}

}  // namespace
}  // namespace outdial::server
