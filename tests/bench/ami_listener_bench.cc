// What the AMI listener costs a client in transparent mode: the time that it adds to a Ping, and
// the events that it passes through for one second of CPU time. The node is a thread that answers
// at once; the client asks it directly and through the listener, in turns.
//
//   ami_listener_bench [PINGS [EVENTS]]
//
// Exits 1 when the listener adds more than 1 ms to the 99th percentile or passes through fewer than
// 20,000 events a second of CPU time.
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_listener.h"
#include "engine/check.h"

namespace outdial::ami {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr absl::Duration kMaxAdded = absl::Milliseconds(1);
constexpr double kMinEventsPerSecond = 20'000;
constexpr int kWarmUpPings = 200;

// Of a DialBegin, about as long as most events are.
std::string EventText() {
  std::string text = "Event: DialBegin\r\nPrivilege: call,all\r\n";
  for (int i = 0; i < 14; ++i)
    absl::StrAppend(&text, "DestChannelHeader", i, ": value-", i, "\r\n");
  return text + "\r\n";
}

absl::Duration CpuTime(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

// Nothing of Outdial's own is used here.
class NoBackend : public OutBackend {
 public:
  void Post(engine::Action, Done done) override { done(absl::UnimplementedError("bench")); }
  absl::StatusOr<std::unique_ptr<OutPages>> Show(const google::protobuf::Message&) override {
    return absl::UnimplementedError("bench");
  }
  uint64_t LastEvent() override { return 0; }
  uint64_t OldestEvent() override { return 1; }
  absl::StatusOr<std::vector<v1::Event>> Events(uint64_t, size_t) override {
    return std::vector<v1::Event>();
  }
};

// Serves each connection on a thread of its own: `Flood: N` brings N events, everything else a
// response.
class Node {
 public:
  Node() : accepting_([this] { Accept(); }) {}
  ~Node() {
    boost::system::error_code ignored;
    tcp::socket(io_).connect(acceptor_.local_endpoint(), ignored);  // ends the wait for the next
    accepting_.join();
    for (std::thread& thread : serving_) thread.join();
  }
  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  // Of the last flood.
  absl::Duration flood_cpu() const { return flood_cpu_; }

 private:
  static constexpr int kConnections = 2;

  void Accept() {
    for (int i = 0; i < kConnections; ++i) {
      serving_.emplace_back([this, socket = acceptor_.accept()]() mutable { Serve(&socket); });
    }
    acceptor_.accept();
  }

  void Serve(tcp::socket* socket) {
    socket->set_option(tcp::no_delay(true));
    boost::system::error_code error;
    asio::write(*socket, asio::buffer(std::string("Asterisk Call Manager/11.0.0\r\n")), error);
    std::string received;
    while (true) {
      const size_t size =
          asio::read_until(*socket, asio::dynamic_buffer(received), "\r\n\r\n", error);
      if (error) return;
      const std::string action = received.substr(0, size);
      received.erase(0, size);
      Answer(socket, action);
    }
  }

  void Answer(tcp::socket* socket, const std::string& action) {
    boost::system::error_code error;
    const std::string accepted =
        "Response: Success\r\nActionID: 1\r\nMessage: Authentication accepted\r\n\r\n";
    asio::write(*socket, asio::buffer(accepted), error);
    const size_t flood = action.find("Flood: ");
    if (flood == std::string::npos) return;
    int left = std::stoi(action.substr(flood + 7));
    const absl::Duration before = CpuTime(RUSAGE_THREAD);
    std::string batch;
    for (int i = 0; i < 50; ++i) batch += EventText();
    for (; left > 0 && !error; left -= 50) asio::write(*socket, asio::buffer(batch), error);
    flood_cpu_ = CpuTime(RUSAGE_THREAD) - before;
  }

  asio::io_context io_;
  tcp::acceptor acceptor_{io_, {asio::ip::make_address("127.0.0.1"), 0}};
  std::vector<std::thread> serving_;
  absl::Duration flood_cpu_;  // written before the last event is, read after it has come
  std::thread accepting_;
};

class Client {
 public:
  explicit Client(uint16_t port) {
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
    socket_.set_option(tcp::no_delay(true));
    ReadTo("\r\n");
    Ask("Action: Login\r\nActionID: 1\r\nUsername: u\r\nSecret: s\r\n\r\n");
  }

  absl::Duration Ping() {
    const auto begin = std::chrono::steady_clock::now();
    Ask("Action: Ping\r\nActionID: 1\r\n\r\n");
    return absl::FromChrono(std::chrono::steady_clock::now() - begin);
  }

  // Until all events have come.
  absl::Duration Flood(int events) {
    const auto begin = std::chrono::steady_clock::now();
    Ask(absl::StrCat("Action: Bench\r\nActionID: 1\r\nFlood: ", events, "\r\n\r\n"));
    size_t left = EventText().size() * static_cast<size_t>(events) - received_.size();
    received_.clear();
    std::vector<char> buffer(256 * 1024);
    while (left > 0) left -= std::min(left, socket_.read_some(asio::buffer(buffer)));
    return absl::FromChrono(std::chrono::steady_clock::now() - begin);
  }

 private:
  void Ask(const std::string& action) {
    asio::write(socket_, asio::buffer(action));
    ReadTo("\r\n\r\n");
  }
  void ReadTo(const char* end) {
    received_.erase(0, asio::read_until(socket_, asio::dynamic_buffer(received_), end));
  }

  asio::io_context io_;
  tcp::socket socket_{io_};
  std::string received_;
};

absl::Duration Percentile(std::vector<absl::Duration> values, double share) {
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<size_t>(at)];
}

// True: the bound holds.
bool MeasureLatency(Client* direct, Client* through, int pings) {
  std::vector<absl::Duration> direct_times;
  std::vector<absl::Duration> through_times;
  for (int i = -kWarmUpPings; i < pings; ++i) {
    const absl::Duration one = direct->Ping();
    const absl::Duration other = through->Ping();
    if (i < 0) continue;
    direct_times.push_back(one);
    through_times.push_back(other);
  }
  for (const auto& [name, times] :
       {std::pair("directly", &direct_times), std::pair("through the listener", &through_times)}) {
    std::printf("ping %-21s p50 %6.0f us  p99 %6.0f us\n", name,
                absl::ToDoubleMicroseconds(Percentile(*times, 0.5)),
                absl::ToDoubleMicroseconds(Percentile(*times, 0.99)));
  }
  const absl::Duration added = Percentile(through_times, 0.99) - Percentile(direct_times, 0.99);
  std::printf("added at p99: %.0f us, bound %.0f us\n", absl::ToDoubleMicroseconds(added),
              absl::ToDoubleMicroseconds(kMaxAdded));
  return added <= kMaxAdded;
}

// True: the bound holds.
bool MeasureEvents(const Node& node, Client* direct, Client* through, int events) {
  const absl::Duration direct_time = direct->Flood(events);
  const absl::Duration all_before = CpuTime(RUSAGE_SELF);
  const absl::Duration client_before = CpuTime(RUSAGE_THREAD);
  const absl::Duration through_time = through->Flood(events);
  through->Ping();  // the node has noted its own share
  const absl::Duration cpu = CpuTime(RUSAGE_SELF) - all_before -
                             (CpuTime(RUSAGE_THREAD) - client_before) - node.flood_cpu();
  const double rate = events / absl::ToDoubleSeconds(cpu);
  std::printf(
      "events directly: %.0f/s; through the listener: %.0f/s, %.2f s of CPU for %d of %zu "
      "bytes: %.0f per CPU second, bound %.0f\n",
      events / absl::ToDoubleSeconds(direct_time), events / absl::ToDoubleSeconds(through_time),
      absl::ToDoubleSeconds(cpu), events, EventText().size(), rate, kMinEventsPerSecond);
  return rate >= kMinEventsPerSecond;
}

int Number(int argc, char** argv, int index, int otherwise) {
  int number = otherwise;
  if (argc > index) OUTDIAL_CHECK(absl::SimpleAtoi(argv[index], &number), "not a number");
  return number;
}

int Main(int argc, char** argv) {
  const int pings = Number(argc, argv, 1, 5000);
  const int events = Number(argc, argv, 2, 400'000) / 50 * 50;
  Node node;
  NoBackend backend;
  AmiListenerOptions options;
  options.listen.emplace_back();
  NodeAddress address;
  address.name = "a";
  address.host = "127.0.0.1";
  address.port = node.port();
  options.nodes.push_back(address);
  options.max_waiting_bytes = 1024 * 1024 * 1024;  // the client is as slow as this machine
  options.max_total_waiting_bytes = options.max_waiting_bytes;
  AmiListener listener(options, &backend, [](const auto&, const auto&, const auto&) {});
  OUTDIAL_CHECK(listener.Start().ok(), "no port");
  Client direct(node.port());
  Client through(listener.ports()[0]);
  const bool fast = MeasureLatency(&direct, &through, pings);
  const bool cheap = MeasureEvents(node, &direct, &through, events);
  return fast && cheap ? 0 : 1;
}

}  // namespace
}  // namespace outdial::ami

int main(int argc, char** argv) { return outdial::ami::Main(argc, argv); }
