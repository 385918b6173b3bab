// What one decision costs at several list lengths: pick an entry, record the dialing durably, take
// in what the node tells, record the outcome durably. The real engine, run loop and RocksDB store;
// only the node is missing: each Originate is answered at once with a busy line.
//
//   decision_bench [--decisions N] [--sizes A,B,...]
//
// Prints one line a size and the ratio of the last to the first; exits 1 when it is above 1.5.
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "tests/bench/bench_world.h"

namespace outdial {
namespace {

constexpr double kMaxRatio = 1.5;
constexpr int kCallsAtOnce = 64;

// A node on which every line is busy.
class BusyNode : public engine::NodeTransport {
 public:
  explicit BusyNode(server::Inbox* inbox) : inbox_(inbox) {}
  void Send(const engine::NodeCommand& command) override {
    const auto* originate = std::get_if<engine::Originate>(&command.command);
    if (originate == nullptr) return;
    ++originates_;
    const engine::DialingUuid& dialing = originate->dialing;
    Tell(engine::ChannelCreated{dialing, "PJSIP/gw-1"});
    Tell(engine::OriginateResponse{dialing, false, 0, ""});
    Tell(engine::ChannelHungUp{dialing, 17, "User busy", 486});
  }
  void Tell(engine::NodeFact fact) {
    inbox_->Post(engine::NodeEvent{bench::BenchWorld::kNode, std::move(fact)});
  }
  int originates() const { return originates_; }

 private:
  server::Inbox* inbox_;
  int originates_ = 0;
};

// One list of `entries`, one campaign in robo mode.
class Bench {
 public:
  explicit Bench(int entries) {
    world_.OpenStore();
    world_.StartLoop();
    world_.MakeCampaign(entries);
  }

  // Seconds that so many decisions took.
  double Decide(int decisions) {
    const int until = node_.originates() + decisions;
    const auto begin = std::chrono::steady_clock::now();
    while (node_.originates() < until) {
      world_.clock().Advance(absl::Milliseconds(20));
      world_.Round();
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }

 private:
  server::Inbox inbox_;
  BusyNode node_{&inbox_};
  bench::BenchWorld world_{kCallsAtOnce, &node_, &inbox_};
};

// Microseconds a decision, everything included.
double Measure(int entries, int decisions) {
  Bench bench(entries);
  bench.Decide(decisions / 5);  // warm
  const double seconds = bench.Decide(decisions);
  const double micros = seconds * 1e6 / decisions;
  std::printf(
      "%9d entries: %7.1f us a decision with its outcome, %6.0f a second, synced in groups "
      "of %d\n",
      entries, micros, decisions / seconds, kCallsAtOnce);
  std::fflush(stdout);
  return micros;
}

int Run(int decisions, const std::vector<int>& sizes) {
  std::vector<double> costs;
  for (const int size : sizes) costs.push_back(Measure(size, decisions));
  const double ratio = costs.back() / costs.front();
  std::printf("cost at %d entries against %d: %.2f (wanted: at most %.1f)\n", sizes.back(),
              sizes.front(), ratio, kMaxRatio);
  return ratio <= kMaxRatio ? 0 : 1;
}

int Main(const std::vector<std::string>& args) {
  int decisions = 50000;
  std::vector<int> sizes = {10000, 1000000};
  for (size_t i = 0; i + 1 < args.size(); i += 2) {
    if (args[i] == "--decisions" && absl::SimpleAtoi(args[i + 1], &decisions)) continue;
    if (args[i] == "--sizes") {
      sizes.clear();
      for (const absl::string_view text : absl::StrSplit(args[i + 1], ',')) {
        int size = 0;
        if (absl::SimpleAtoi(text, &size) && size > 0) sizes.push_back(size);
      }
      if (!sizes.empty()) continue;
    }
    std::fprintf(stderr, "usage: decision_bench [--decisions N] [--sizes A,B,...]\n");
    return 2;
  }
  return Run(decisions, sizes);
}

}  // namespace
}  // namespace outdial

int main(int argc, char** argv) {
  return outdial::Main(std::vector<std::string>(argv + 1, argv + argc));
}
