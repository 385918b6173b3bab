// The listener over real sockets: what its clients see.
#include "ami_gateway/ami_listener.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ami_gateway/ami_encoder.h"
#include "ami_gateway/md5_login.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ami_gateway/ami_listener_fixture.h"
#include "tests/ami_gateway/scripted_peer.h"

namespace outdial::ami {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A port where nobody listens.
uint16_t ClosedPort() { return ScriptedPeer().port(); }

// The plans that these events are of, in order.
std::vector<std::string> PlansOf(const AmiProbe& client) {
  std::vector<std::string> uuids;
  for (const AmiMessage& message : client.got()) {
    if (message.Get("Event") == "OutPlanCreate") uuids.emplace_back(message.Get("Uuid"));
  }
  return uuids;
}

class AmiListenerTest : public AmiListenerFixture {
 protected:
  // Logs in, sends one action and reads up to its answer, all over TLS.
  std::string AskOverTls(const SelfSignedCertificate& certificate, const AmiMessage& action) {
    asio::io_context io;
    asio::ssl::context context(asio::ssl::context::tls_client);
    context.load_verify_file(certificate.file());
    context.set_verify_mode(asio::ssl::verify_peer);
    asio::ssl::stream<tcp::socket> stream(io, context);
    stream.lowest_layer().connect({asio::ip::make_address("127.0.0.1"), port()});
    boost::system::error_code error;
    stream.handshake(asio::ssl::stream_base::client, error);
    EXPECT_FALSE(error) << error.message();
    asio::write(stream, asio::buffer(*EncodeAmiMessage(LoginAction())), error);
    asio::write(stream, asio::buffer(*EncodeAmiMessage(action)), error);
    std::string text;
    const std::string id = absl::StrCat("ActionID: ", action.Get("ActionID"), "\r\n");
    asio::read_until(stream, asio::dynamic_buffer(text), id, error);
    EXPECT_FALSE(error) << error.message();
    return text;
  }
};

// ---- Standalone mode

TEST_F(AmiListenerTest, StandaloneUserLogsInAndUsesOutActions) {
  UseStandaloneUsers();
  Start();
  const auto client = LogIn();
  EXPECT_TRUE(absl::StartsWith(client->banner(), "Asterisk Call Manager/"));
  Ping(client.get(), "p");
  const AmiMessage made = client->Ask(CreatePlan("c"));
  EXPECT_EQ(made.Get("Message"), "Plan created successfully");
  EXPECT_EQ(made.Get("Uuid"), PlanUuid(1));
  lines_.Wait("info ami_client_logged_in source=127.0.0.1 login=wallboard");
}

TEST_F(AmiListenerTest, ServesOverTls) {
  const SelfSignedCertificate certificate;
  UseStandaloneUsers();
  options_.listen = {{.tls = true}};
  options_.tls_cert_file = certificate.file();
  options_.tls_key_file = certificate.key_file();
  Start();
  EXPECT_THAT(AskOverTls(certificate, CreatePlan("c")), HasSubstr("Response: Success"));
}

TEST_F(AmiListenerTest, AnswerComesBeforeTheEventOfItsChange) {
  UseStandaloneUsers();
  Start();
  const auto client = LogIn();
  constexpr int kChanges = 200;
  std::string burst;
  for (int i = 0; i < kChanges; ++i) burst += *EncodeAmiMessage(CreatePlan(absl::StrCat(i)));
  client->SendRaw(burst);
  client->WaitEvent("OutPlanCreate", "Uuid", PlanUuid(kChanges));
  int answers = 0;
  int events = 0;
  for (const AmiMessage& message : client->got()) {
    if (message.is_response() && message.Get("ActionID") == absl::StrCat(answers)) ++answers;
    if (message.Get("Event") != "OutPlanCreate") continue;
    EXPECT_EQ(message.Get("Uuid"), PlanUuid(static_cast<uint64_t>(++events)));
    EXPECT_GE(answers, events);
  }
  EXPECT_EQ(answers, kChanges);
  EXPECT_EQ(events, kChanges);
}

TEST_F(AmiListenerTest, EventsAreReadWhileSomebodyWantsThemAndFromThenOn) {
  UseStandaloneUsers();
  Start();
  const auto blind = LogIn(0, "blind");
  backend_.AddEvents(3, 0);
  Ping(blind.get(), "p");
  EXPECT_EQ(backend_.event_reads(), 0);
  const auto client = LogIn();
  backend_.AddEvents(2, 0);
  client->WaitEvent("OutPlanCreate", "Uuid", PlanUuid(5));
  EXPECT_THAT(PlansOf(*client), ElementsAre(PlanUuid(4), PlanUuid(5)));
  Ping(blind.get(), "q");
  EXPECT_THAT(PlansOf(*blind), IsEmpty());
}

TEST_F(AmiListenerTest, EventsThatWereReadForOthersAreNotToldToWhoComesLater) {
  UseStandaloneUsers();
  Start();
  const auto blind = LogIn(0, "blind");
  auto earlier = LogIn();
  backend_.HoldReads();
  backend_.AddEvents(2, 0);
  backend_.WaitForRead();
  backend_.AddEvents(2, 0);
  earlier.reset();
  lines_.Wait("ami_client_closed");
  const auto client = LogIn();
  backend_.ReleaseReads();
  backend_.AddEvents(1, 0);
  client->WaitEvent("OutPlanCreate", "Uuid", PlanUuid(5));
  EXPECT_THAT(PlansOf(*client), ElementsAre(PlanUuid(5)));
}

TEST_F(AmiListenerTest, EventsDontWaitForLists) {
  constexpr int kClients = 4;
  UseStandaloneUsers();
  backend_.SetPages(/*pages=*/1, /*plans_each=*/1, /*detail_bytes=*/0);
  backend_.HoldPages();
  Start();
  std::vector<std::unique_ptr<AmiProbe>> listing;
  for (int i = 0; i < kClients; ++i) {
    listing.push_back(LogIn());
    listing.back()->Send({{"Action", "OutPlanShow"}, {"ActionID", "s"}});
  }
  const auto client = LogIn();
  backend_.AddEvents(1, 0);
  client->WaitEvent("OutPlanCreate", "Uuid", PlanUuid(1));
  backend_.ReleasePages();
  for (const auto& other : listing) other->WaitEvent("OutPlanListComplete", "ActionID", "s");
}

TEST_F(AmiListenerTest, TrimmedEventsArePassedOverWithALogLine) {
  UseStandaloneUsers();
  Start();
  const auto client = LogIn();
  backend_.TrimBefore(4);
  backend_.AddEvents(5, 0);
  client->WaitEvent("OutPlanCreate", "Uuid", PlanUuid(5));
  EXPECT_THAT(PlansOf(*client), ElementsAre(PlanUuid(4), PlanUuid(5)));
  listener_.reset();
  EXPECT_EQ(lines_.Count("error ami_events_skipped from=1 to=3"), 1u);
  lines_.Clear();
}

TEST_F(AmiListenerTest, LongListComesWhole) {
  UseStandaloneUsers();
  backend_.SetPages(/*pages=*/40, /*plans_each=*/100, /*detail_bytes=*/500);
  Start();
  const auto client = LogIn();
  client->Send({{"Action", "OutPlanShow"}, {"ActionID", "s"}});
  const AmiMessage end = client->WaitEvent("OutPlanListComplete", "ActionID", "s");
  EXPECT_EQ(end.Get("ListItems"), "4000");
  EXPECT_EQ(client->Events("OutPlanEntry", "ActionID", "s").size(), 4000u);
}

TEST_F(AmiListenerTest, UnknownRecordIsAnErrorWithoutAList) {
  UseStandaloneUsers();
  Start();
  const auto client = LogIn();
  const AmiMessage answer = client->Ask({{"Action", "OutPlanShow"}, {"ActionID", "s"}});
  EXPECT_EQ(answer.Get("Response"), "Error");
  EXPECT_THAT(std::string(answer.Get("Message")), HasSubstr("No such plan"));
}

TEST_F(AmiListenerTest, ClientThatClosedItsSideGetsAllAnswers) {
  UseStandaloneUsers();
  backend_.HoldAnswers();
  Start();
  asio::io_context io;
  tcp::socket socket(io);
  socket.connect({asio::ip::make_address("127.0.0.1"), port()});
  asio::write(socket, asio::buffer(*EncodeAmiMessage(LoginAction()) +
                                   *EncodeAmiMessage(CreatePlan("held")) +
                                   *EncodeAmiMessage({{"Action", "Ping"}, {"ActionID", "last"}})));
  socket.shutdown(tcp::socket::shutdown_send);
  std::string text;
  asio::read_until(socket, asio::dynamic_buffer(text), "FullyBooted");
  backend_.Release();
  boost::system::error_code error;
  asio::read(socket, asio::dynamic_buffer(text), error);
  EXPECT_EQ(error, asio::error::eof);
  EXPECT_THAT(text, HasSubstr("ActionID: held"));
  EXPECT_THAT(text, HasSubstr("ActionID: last"));
}

// ---- Transparent mode

TEST_F(AmiListenerTest, PassesPlainLoginAndActionsToAsterisk) {
  AddAsterisk("a");
  Start();
  const auto client = LogIn();
  client->WaitEvent("FullyBooted", "Status", "Fully Booted");
  Ping(client.get(), "p");
  client->Send({{"Action", "CoreShowChannels"}, {"ActionID", "l"}});
  client->WaitEvent("CoreShowChannelsComplete", "ActionID", "l");
  lines_.Wait("ami_client_logged_in source=127.0.0.1 login=wallboard node=a");
}

TEST_F(AmiListenerTest, PassesMd5LoginToAsterisk) {
  AddAsterisk("a");
  Start();
  const auto client = Connect();
  const AmiMessage challenge =
      client->Ask({{"Action", "Challenge"}, {"ActionID", "c"}, {"AuthType", "MD5"}});
  const std::string key = *ChallengeKey(challenge.Get("Challenge"), kSecret);
  const AmiMessage login = client->Ask({{"Action", "Login"},
                                        {"ActionID", "l"},
                                        {"AuthType", "MD5"},
                                        {"Username", kUser},
                                        {"Key", key}});
  EXPECT_EQ(login.Get("Message"), "Authentication accepted");
  EXPECT_EQ(client->Ask(CreatePlan("o")).Get("Response"), "Success");
}

TEST_F(AmiListenerTest, PassesLoginOverTlsOnBothSides) {
  const SelfSignedCertificate certificate;
  ScriptedPeer node;
  AddNode("a", node.port());
  options_.nodes[0].tls = {.enabled = true, .ca_file = certificate.file()};
  options_.listen = {{.tls = true}};
  options_.tls_cert_file = certificate.file();
  options_.tls_key_file = certificate.key_file();
  Start();
  std::thread asterisk([&] {
    PeerConnection peer = node.Accept(certificate.context());
    peer.Write("Asterisk Call Manager/11.0.0\r\n");
    peer.Answer("Login", "Response: Success\r\nMessage: Authentication accepted\r\n");
    peer.Answer("Ping", "Response: Success\r\nPing: Pong\r\n");
    peer.WaitForEnd();
  });
  EXPECT_THAT(AskOverTls(certificate, {{"Action", "Ping"}, {"ActionID", "p"}}),
              HasSubstr("Ping: Pong"));
  asterisk.join();
}

TEST_F(AmiListenerTest, OutEventsAreMixedInAsTheMaskSays) {
  AddAsterisk("a");
  Start();
  const auto client = LogIn();
  backend_.AddEvents(1, 0);
  client->WaitEvent("OutPlanCreate", "Uuid", PlanUuid(1));
  client->Ask({{"Action", "Events"}, {"ActionID", "off"}, {"EventMask", "off"}});
  const auto watcher = LogIn();
  backend_.AddEvents(1, 0);
  watcher->WaitEvent("OutPlanCreate", "Uuid", PlanUuid(2));
  client->Ask({{"Action", "Events"}, {"ActionID", "on"}, {"EventMask", "on"}});
  backend_.AddEvents(1, 0);
  client->WaitEvent("OutPlanCreate", "Uuid", PlanUuid(3));
  EXPECT_THAT(PlansOf(*client), ElementsAre(PlanUuid(1), PlanUuid(3)));
}

TEST_F(AmiListenerTest, LoginWithoutAccessNeitherUsesNorSeesOutdial) {
  AddAsterisk("a");
  Start();
  const auto guest = LogIn(0, "guest");
  const auto client = LogIn();
  EXPECT_EQ(guest->Ask(CreatePlan("g")).Get("Response"), "Error");
  EXPECT_EQ(backend_.posts(), 0);
  client->Ask(CreatePlan("c"));
  client->WaitEvent("OutPlanCreate", "Uuid", PlanUuid(1));
  Ping(guest.get(), "p");
  EXPECT_THAT(PlansOf(*guest), IsEmpty());
}

TEST_F(AmiListenerTest, AddressIsPinnedToItsNode) {
  AddAsterisk("a");
  AddAsterisk("b");
  options_.listen = {{}, {.node = "b"}};
  Start();
  const auto any = LogIn(0);
  const auto pinned = LogIn(1);
  lines_.Wait("ami_client_logged_in source=127.0.0.1 login=wallboard node=a");
  lines_.Wait("ami_client_logged_in source=127.0.0.1 login=wallboard node=b");
}

TEST_F(AmiListenerTest, NodeThatIsInUseIsPreferred) {
  AddAsterisk("a");
  AddAsterisk("b");
  options_.node_is_ready = [](const std::string& name) { return name == "b"; };
  Start();
  const auto client = LogIn();
  lines_.Wait("ami_client_logged_in source=127.0.0.1 login=wallboard node=b");
}

TEST_F(AmiListenerTest, NodeThatCantBeReachedIsPassedOver) {
  AddNode("down", ClosedPort());
  AddAsterisk("b");
  Start();
  const auto client = LogIn();
  lines_.Wait("ami_client_logged_in source=127.0.0.1 login=wallboard node=b");
}

TEST_F(AmiListenerTest, NodeThatAcceptsNobodyIsPassedOverInTime) {
  // A queue of one that is full: connecting to it hangs.
  asio::io_context io;
  tcp::acceptor full(io, {asio::ip::make_address("127.0.0.1"), 0});
  full.listen(0);
  std::vector<tcp::socket> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back(io).async_connect(full.local_endpoint(), [](const auto&) {});
  }
  io.poll();
  AddNode("full", full.local_endpoint().port());
  AddAsterisk("b");
  options_.node_connect_timeout = absl::Milliseconds(50);
  Start();
  const auto client = LogIn();
  lines_.Wait("ami_client_logged_in source=127.0.0.1 login=wallboard node=b");
}

TEST_F(AmiListenerTest, WithoutANodeTheClientIsToldAndClosed) {
  AddNode("down", ClosedPort());
  Start();
  const auto client = Connect();
  // Nothing greets it, so that the first line of the answer stands where the greeting would.
  client->WaitBanner();
  EXPECT_EQ(client->banner(), "Response: Error");
  EXPECT_TRUE(client->WaitClosed(absl::Seconds(15)));
  ASSERT_EQ(client->got().size(), 1u);
  EXPECT_THAT(std::string(client->got()[0].Get("Message")), HasSubstr("No Asterisk node"));
  lines_.Wait("ami_client_node_lost source=127.0.0.1 why=node down: ");
}

TEST_F(AmiListenerTest, ClientIsClosedWhenItsNodeDies) {
  SimAsteriskServer& dying = AddAsterisk("a");
  AddAsterisk("b");
  options_.listen = {{.node = "a"}, {.node = "b"}};
  Start();
  const auto client = LogIn(0);
  const auto other = LogIn(1);
  dying.DropConnections(SimClose::kRst);
  EXPECT_TRUE(client->WaitClosed(absl::Seconds(15)));
  Ping(other.get(), "p");
}

TEST_F(AmiListenerTest, BannerOfAnEarlierConnectionSparesTheNodeAConnection) {
  ScriptedPeer node;
  AddNode("a", node.port());
  Start();
  const auto first = Connect();
  PeerConnection peer = node.Accept();
  peer.Write("Asterisk Call Manager/47.11\r\n");
  first->Send(LoginAction());
  peer.Read("Login");
  const auto second = Connect();
  second->Send({{"Action", "Ping"}, {"ActionID", "p"}});
  // Only now the second connection is made, and the banner that came before it was not its own.
  PeerConnection second_peer = node.Accept();
  second->WaitBanner();
  EXPECT_EQ(second->banner(), "Asterisk Call Manager/47.11");
}

// ---- Start

TEST_F(AmiListenerTest, StartNamesWhatCantBeUsed) {
  UseStandaloneUsers();
  options_.networks = {"localhost"};
  EXPECT_EQ(TryStart().code(), absl::StatusCode::kInvalidArgument);

  options_.networks = {"127.0.0.0/8"};
  options_.listen = {{.tls = true}};
  options_.tls_cert_file = "/nonexistent/cert.pem";
  const absl::Status no_file = TryStart();
  EXPECT_EQ(no_file.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(no_file.message()), HasSubstr("/nonexistent/cert.pem"));

  options_.listen = {{.node = "nowhere"}};
  EXPECT_EQ(TryStart().code(), absl::StatusCode::kInvalidArgument);

  const ScriptedPeer taken;
  options_.listen = {{.port = taken.port()}};
  EXPECT_EQ(TryStart().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace outdial::ami
