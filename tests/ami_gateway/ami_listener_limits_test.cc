// The listener against clients that misbehave, and against its own end.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "ami_gateway/ami_encoder.h"
#include "ami_gateway/ami_listener.h"
#include "gtest/gtest.h"
#include "tests/ami_gateway/ami_listener_fixture.h"
#include "tests/ami_gateway/scripted_peer.h"

namespace outdial::ami {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr absl::Duration kPatience = absl::Seconds(15);

// A client that sends, and reads nothing at all.
class DeafClient {
 public:
  explicit DeafClient(uint16_t port) {
    socket_.open(tcp::v4());
    socket_.set_option(asio::socket_base::receive_buffer_size(4096));
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
  }
  void Send(const AmiMessage& action) {
    asio::write(socket_, asio::buffer(*EncodeAmiMessage(action)));
  }
  // Until the listener takes no more for now: how much that was.
  size_t SendAsMuchAsGoes(const std::string& bytes) {
    socket_.non_blocking(true);
    size_t sent = 0;
    boost::system::error_code error;
    while (!error && sent < 256 * 1024 * 1024) {
      sent += socket_.write_some(asio::buffer(bytes), error);
    }
    return sent;
  }

 private:
  asio::io_context io_;
  tcp::socket socket_{io_};
};

class AmiListenerLimitsTest : public AmiListenerFixture {
 protected:
  void ExpectClosedWithoutAWord() {
    const auto client = Connect();
    EXPECT_TRUE(client->WaitClosed(kPatience));
    EXPECT_EQ(client->banner(), "");
  }

  void StartWithADeafClient() {
    UseStandaloneUsers();
    Start();
    deaf_ = std::make_unique<DeafClient>(port());
    deaf_->Send(LoginAction());
    lines_.Wait("ami_client_logged_in");
  }

  std::unique_ptr<DeafClient> deaf_;
};

TEST_F(AmiListenerLimitsTest, SourceOutsideTheNetworksIsClosed) {
  UseStandaloneUsers();
  options_.networks = {"192.0.2.0/24"};
  Start();
  ExpectClosedWithoutAWord();
  lines_.Wait("ami_client_refused source=127.0.0.1 why=not from an allowed network");
}

TEST_F(AmiListenerLimitsTest, UnauthenticatedClientsAreLimitedUntilTheyLogIn) {
  UseStandaloneUsers();
  options_.max_unauthenticated = 2;
  Start();
  const auto first = Connect();
  first->WaitBanner();
  const auto second = Connect();
  second->WaitBanner();
  ExpectClosedWithoutAWord();
  first->Ask(LoginAction());
  const auto third = Connect();
  third->WaitBanner();
  ExpectClosedWithoutAWord();
}

TEST_F(AmiListenerLimitsTest, PlaceOfAClientThatLeftIsFree) {
  UseStandaloneUsers();
  options_.max_clients = 1;
  Start();
  auto first = LogIn();
  ExpectClosedWithoutAWord();
  first->Ask({{"Action", "Logoff"}, {"ActionID", "bye"}});
  EXPECT_TRUE(first->WaitClosed(kPatience));
  first.reset();
  lines_.Wait("ami_client_closed");
  LogIn();
}

TEST_F(AmiListenerLimitsTest, ClientWithoutALoginIsClosedInTime) {
  UseStandaloneUsers();
  options_.auth_timeout = absl::Milliseconds(100);
  Start();
  const auto idle = Connect();
  EXPECT_TRUE(idle->WaitClosed(kPatience));
  EXPECT_NE(idle->banner(), "");
  EXPECT_TRUE(idle->got().empty());
}

TEST_F(AmiListenerLimitsTest, ClientWithoutALoginKeepsNoPlaceByNotReading) {
  UseStandaloneUsers();
  options_.auth_timeout = absl::Milliseconds(100);
  options_.write_timeout = absl::Hours(1);
  Start();
  DeafClient deaf(port());
  std::string pings;
  for (int i = 0; i < 1000; ++i) pings += "Action: Ping\r\n\r\n";
  deaf.SendAsMuchAsGoes(pings);
  lines_.Wait("ami_client_closed");
}

TEST_F(AmiListenerLimitsTest, TlsHandshakeHasADeadlineAndCountsAsUnauthenticated) {
  const SelfSignedCertificate certificate;
  UseStandaloneUsers();
  options_.listen = {{.tls = true}, {}};
  options_.tls_cert_file = certificate.file();
  options_.tls_key_file = certificate.key_file();
  options_.max_unauthenticated = 1;
  options_.auth_timeout = absl::Milliseconds(300);
  Start();
  const auto silent = Connect(0);
  lines_.Wait("ami_client_connected");
  const auto other = Connect(1);
  EXPECT_TRUE(other->WaitClosed(kPatience));
  EXPECT_EQ(other->banner(), "");
  EXPECT_TRUE(silent->WaitClosed(kPatience));
  lines_.Wait("why=no TLS handshake in time");
}

TEST_F(AmiListenerLimitsTest, SourceWithTooManyFailedLoginsIsBanned) {
  UseStandaloneUsers();
  options_.max_failed_logins = 3;
  options_.login_ban = absl::Hours(1);
  Start();
  std::vector<std::unique_ptr<AmiProbe>> guessing;
  for (int i = 0; i < 4; ++i) {
    guessing.push_back(Connect());
    guessing.back()->Send(LoginAction(kUser, absl::StrCat("guess", i)));
  }
  for (const auto& client : guessing) EXPECT_TRUE(client->WaitClosed(kPatience));
  lines_.Wait("warning ami_source_banned source=127.0.0.1 for=1h");
  lines_.Wait(absl::StrCat("info ami_login_failed source=127.0.0.1 login=", kUser));
  ExpectClosedWithoutAWord();
  EXPECT_EQ(lines_.Count("ami_source_banned"), 1u);
}

TEST_F(AmiListenerLimitsTest, FailedLoginAtTheNodeCountsToo) {
  AddAsterisk("a");
  options_.max_failed_logins = 1;
  Start();
  const auto client = Connect();
  EXPECT_EQ(client->Ask(LoginAction(kUser, "guess")).Get("Message"), "Authentication failed");
  EXPECT_TRUE(client->WaitClosed(kPatience));
  ExpectClosedWithoutAWord();
}

TEST_F(AmiListenerLimitsTest, SlowReaderIsDroppedWhileOthersGoOn) {
  options_.max_waiting_bytes = 512 * 1024;
  StartWithADeafClient();
  const auto client = LogIn();
  uint64_t events = 0;
  while (lines_.Count("ami_client_dropped") == 0 && events < 100'000) {
    backend_.AddEvents(100, 800);
    events += 100;
    client->WaitEvent("OutPlanCreate", "Uuid", PlanUuid(events));
  }
  lines_.Wait(
      "warning ami_client_dropped source=127.0.0.1 login=wallboard why=it reads too slowly");
  Ping(client.get(), "p");
  uint64_t next = 1;
  for (const AmiMessage& message : client->got()) {
    if (message.Get("Event") != "OutPlanCreate") continue;
    ASSERT_EQ(message.Get("Uuid"), PlanUuid(next++));
  }
  EXPECT_EQ(next, events + 1);
}

TEST_F(AmiListenerLimitsTest, ReaderThatStoppedIsDroppedInTime) {
  options_.write_timeout = absl::Milliseconds(200);
  options_.max_waiting_bytes = 64 * 1024 * 1024;
  StartWithADeafClient();
  backend_.AddEvents(20'000, 800);
  lines_.Wait("ami_client_dropped source=127.0.0.1 login=wallboard why=it read nothing for 200ms");
}

TEST_F(AmiListenerLimitsTest, TooMuchForAllTogetherDropsTheSlowest) {
  options_.max_waiting_bytes = 1024 * 1024 * 1024;
  options_.max_total_waiting_bytes = 512 * 1024;
  StartWithADeafClient();
  backend_.AddEvents(20'000, 800);
  lines_.Wait("why=too much waits for all clients together");
}

TEST_F(AmiListenerLimitsTest, ClientThatSendsFasterThanItReadsIsPaused) {
  StartWithADeafClient();
  std::string pings;
  for (int i = 0; i < 1000; ++i) pings += "Action: Ping\r\n\r\n";
  EXPECT_LT(deaf_->SendAsMuchAsGoes(pings), 128u * 1024 * 1024);
  EXPECT_EQ(lines_.Count("ami_client_dropped"), 0u);
  const auto client = LogIn();
  Ping(client.get(), "p");
}

TEST_F(AmiListenerLimitsTest, ListIsReadNoFasterThanItsClientTakesIt) {
  constexpr int kPages = 100'000;
  backend_.SetPages(kPages, /*plans_each=*/20, /*detail_bytes=*/800);
  StartWithADeafClient();
  deaf_->Send({{"Action", "OutPlanShow"}, {"ActionID", "s"}});
  const auto client = LogIn();
  for (int i = 0; i < 1000; ++i) Ping(client.get(), absl::StrCat(i));
  EXPECT_LT(backend_.pages_read(), kPages / 10);
  EXPECT_EQ(lines_.Count("ami_client_dropped"), 0u);
}

TEST_F(AmiListenerLimitsTest, EndsAtOnceWithStuckClients) {
  const SelfSignedCertificate certificate;
  options_.listen = {{}, {.tls = true}};
  options_.tls_cert_file = certificate.file();
  options_.tls_key_file = certificate.key_file();
  backend_.SetPages(100'000, /*plans_each=*/20, /*detail_bytes=*/800);
  StartWithADeafClient();
  deaf_->Send({{"Action", "OutPlanShow"}, {"ActionID", "s"}});
  const auto silent = Connect(1);
  const auto waiting = LogIn();
  backend_.HoldAnswers();
  waiting->Send(CreatePlan("c"));
  backend_.WaitForPost();
  const absl::Time begin = absl::Now();
  listener_.reset();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(1));
  EXPECT_TRUE(waiting->WaitClosed(kPatience));
  EXPECT_TRUE(silent->WaitClosed(kPatience));
}

TEST_F(AmiListenerLimitsTest, AnswerThatCameBeforeTheEndGetsToItsClient) {
  constexpr int kRounds = 50;
  UseStandaloneUsers();
  for (int round = 0; round < kRounds; ++round) {
    Start();
    const auto client = LogIn();
    backend_.HoldAnswers();
    client->Send(CreatePlan("c"));
    backend_.WaitForPost(round + 1);
    backend_.Release();
    listener_.reset();
    ASSERT_TRUE(client->WaitClosed(kPatience));
    const auto answers =
        std::count_if(client->got().begin(), client->got().end(),
                      [](const AmiMessage& message) { return message.Get("ActionID") == "c"; });
    ASSERT_EQ(answers, 1);
  }
}

TEST_F(AmiListenerLimitsTest, AnswerMayComeAfterTheEnd) {
  UseStandaloneUsers();
  Start();
  const auto client = LogIn();
  backend_.HoldAnswers();
  client->Send(CreatePlan("c"));
  backend_.WaitForPost();
  listener_.reset();
  backend_.OnPublish([](uint64_t) {});
  backend_.Release();
}

}  // namespace
}  // namespace outdial::ami
