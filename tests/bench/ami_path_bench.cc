// AMI events that become durable and reach a subscriber, a second: the whole server, against its
// commit path alone.
//
//   ami_path_bench [--quick] [--json FILE] [--store DIRECTORY] [--entries N] [--seconds N]
//
// The server is the one that runs: it reads AMI from a socket, steps the engine, commits, streams
// the events by gRPC, and logs to nowhere. Its node answers each Originate at once with a recorded
// call, and a client on a connection of its own reads every event; what is counted is what that
// client read. Node and client take their time from the same two cores.
//
// The yardstick is engine, run loop and store on one thread of the caller's: the facts that the
// gateway would make of the same calls are handed to the loop the moment that an Originate leaves,
// and nobody reads the events. It has as many calls in progress and a copy of the same store. Both
// measure in turns.
#include <sys/resource.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "server/daemon.h"
#include "spdlog/sinks/null_sink.h"
#include "tests/bench/bench_flags.h"
#include "tests/bench/bench_report.h"
#include "tests/bench/bench_world.h"
#include "tests/bench/recorded_call.h"
#include "tests/bench/scripted_asterisk.h"
#include "tests/bench/subscriber.h"

namespace outdial::bench {
namespace {

constexpr double kWanted = 0.7;
constexpr int kCallsAtOnce = 512;
constexpr int kRuns = 5;
constexpr int kQuickRuns = 3;
constexpr absl::Duration kWarmUp = absl::Seconds(1);

struct Rate {
  double per_second = 0;
  double cpu_us = 0;  // of this process, for each; nodes and clients included
};

absl::Duration CpuTime() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return absl::DurationFromTimeval(used.ru_utime) + absl::DurationFromTimeval(used.ru_stime);
}

// Of the events of calls: what comes of `count` calls, by the number that it gives, in `seconds`
// after a warm-up.
template <class Count>
Rate EventRate(const RecordedCall& call, absl::Duration seconds, Count count) {
  const auto run = [&](absl::Duration duration) {
    const absl::Time begin = absl::Now();
    const absl::Duration cpu = CpuTime();
    const uint64_t before = count(begin);
    uint64_t now = before;
    while (absl::Now() - begin < duration) now = count(begin + duration);
    const double events = static_cast<double>(now - before) * call.events();
    return Rate{events / absl::ToDoubleSeconds(absl::Now() - begin),
                absl::ToDoubleMicroseconds(CpuTime() - cpu) / events};
  };
  run(kWarmUp);
  return run(seconds);
}

server::Config ConfigOf(const std::string& data_dir, uint16_t port) {
  const engine::Cap open{.max_calls = kCallsAtOnce, .calls_per_second = 1e6};
  server::Config config;
  config.listen = {"127.0.0.1", 0};
  config.data_dir = data_dir;
  ami::NodeAddress& node = config.nodes.emplace_back();
  node.name = BenchWorld::kNode;
  node.host = "127.0.0.1";
  node.port = port;
  node.username = "outdial";
  node.secret = "outdial";
  node.plain_login = true;
  config.engine.nodes = {{BenchWorld::kNode, open}};
  config.engine.trunk_cap = open;
  config.engine.server_cap = open;
  return config;
}

// Of the whole server.
Rate MeasureServer(const std::string& filled, const RecordedCall& call, absl::Duration seconds) {
  const TemporaryDirectory directory;
  CopyStore(filled, directory.path() + "/store");
  ScriptedAsterisk asterisk(&call);
  server::Logger logger({}, std::make_shared<spdlog::sinks::null_sink_mt>());
  server::DaemonOptions options;
  options.logger = &logger;
  auto daemon = server::Daemon::Start(ConfigOf(directory.path() + "/store", asterisk.port()),
                                      std::move(options));
  OUTDIAL_CHECK(daemon.ok(), daemon.status().ToString().c_str());
  std::atomic<uint64_t> ended = 0;
  Rate rate;
  {
    Subscriber subscriber(absl::StrCat("127.0.0.1:", (*daemon)->port()),
                          [&ended](const v1::OutEventSubscribeResponse& message) {
                            for (const v1::Event& event : message.events()) {
                              if (event.kind() == v1::EVENT_KIND_OUT_DIALING_DELETE) ++ended;
                            }
                            return true;
                          });
    subscriber.AwaitFirst();
    rate = EventRate(call, seconds, [&ended](absl::Time until) {
      absl::SleepFor(until - absl::Now());
      return ended.load();
    });
  }
  const absl::Status stopped = (*daemon)->Stop();
  OUTDIAL_CHECK(stopped.ok(), stopped.ToString().c_str());
  return rate;
}

// Tells everything of a call as soon as it is originated.
class TellingNode : public engine::NodeTransport {
 public:
  explicit TellingNode(const RecordedCall* call) : call_(call) {}
  void Send(const engine::NodeCommand& command) override {
    const auto* originate = std::get_if<engine::Originate>(&command.command);
    if (originate == nullptr) return;
    ++calls_;
    for (engine::NodeFact& fact : call_->Facts(originate->dialing)) world_->Tell(std::move(fact));
  }
  void set_world(BenchWorld* world) { world_ = world; }
  uint64_t calls() const { return calls_; }

 private:
  const RecordedCall* const call_;
  BenchWorld* world_ = nullptr;
  uint64_t calls_ = 0;
};

// Of the commit path alone.
Rate MeasureCommits(const std::string& filled, const RecordedCall& call, absl::Duration seconds) {
  const TemporaryDirectory directory;
  CopyStore(filled, directory.path() + "/store");
  TellingNode node(&call);
  BenchWorld world(directory.path() + "/store", kCallsAtOnce, &node);
  node.set_world(&world);
  world.Start();
  // The calls of the second before a start are not known: none is placed in the first one.
  world.clock().Advance(absl::Seconds(2));
  return EventRate(call, seconds, [&](absl::Time) {
    world.clock().Advance(absl::Milliseconds(20));
    world.Round();
    return node.calls();
  });
}

int Main(int argc, char** argv) {
  BenchFlags flags;
  double seconds = 0;
  CLI::App app("AMI events to subscribers, against the commit path alone", "ami_path_bench");
  AddBenchFlags(&app, &flags);
  app.add_option("--seconds", seconds, "Of one run")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  const absl::Duration duration = absl::Seconds(seconds > 0 ? seconds : flags.quick ? 3 : 10);
  const int runs = flags.quick ? kQuickRuns : kRuns;
  const FilledStore filled(&flags);
  const RecordedCall call;
  std::vector<double> ratios, servers, commits;
  for (int run = 0; run < runs; ++run) {
    const Rate server = MeasureServer(filled.path(), call, duration);
    const Rate commit = MeasureCommits(filled.path(), call, duration);
    servers.push_back(server.per_second);
    commits.push_back(commit.per_second);
    ratios.push_back(server.per_second / commit.per_second);
    std::printf(
        "  run %d: server %.0f events a second, %.1f us of CPU each; commit path alone "
        "%.0f, %.1f us\n",
        run + 1, server.per_second, server.cpu_us, commit.per_second, commit.cpu_us);
    std::fflush(stdout);
  }
  Report({.row = "ami_to_subscriber",
          .what = "AMI events to durable state to a subscriber, against the commit path alone",
          .unit = "ratio",
          .value = Median(ratios),
          .wanted = kWanted,
          .measured = Median(servers),
          .yardstick = Median(commits),
          .of = "/s",
          .runs = runs,
          .how = absl::StrCat(flags.entries, " entries, ", kCallsAtOnce,
                              " calls at once, each busy at once with ", call.events(),
                              " events, synced")},
         flags.json);
  return 0;
}

}  // namespace
}  // namespace outdial::bench

int main(int argc, char** argv) { return outdial::bench::Main(argc, argv); }
