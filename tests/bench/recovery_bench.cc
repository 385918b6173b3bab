// How long a start takes on a store with many entries and many calls in progress: the process ends
// without a word, the store is opened, the engine loaded, and the calls compared with the node's
// channels.
//
//   recovery_bench [--dialings N] [--sizes A,B,...]
//
// Prints one line a size; exits 1 when one took longer than 10 s.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/bench/bench_world.h"

namespace outdial {
namespace {

constexpr double kMaxSeconds = 10;

// A node on which everybody answers and goes on talking.
class TalkingNode : public engine::NodeTransport {
 public:
  explicit TalkingNode(server::Inbox* inbox) : inbox_(inbox) {}
  void Send(const engine::NodeCommand& command) override {
    const auto* originate = std::get_if<engine::Originate>(&command.command);
    if (originate == nullptr) return;
    calls_.push_back(originate->dialing);
    Tell(engine::ChannelCreated{originate->dialing, NameOf(calls_.size())});
    Tell(engine::OriginateResponse{originate->dialing, true, 4, ""});
  }
  void TellState() {
    Tell(bench::NodeReady());
    for (size_t i = 0; i < calls_.size(); ++i) {
      Tell(engine::ChannelListed{calls_[i], NameOf(i + 1), true});
    }
    Tell(engine::NodeSynced{});
  }
  size_t calls() const { return calls_.size(); }

 private:
  static std::string NameOf(size_t number) { return absl::StrCat("PJSIP/gw-", number); }
  void Tell(engine::NodeFact fact) {
    inbox_->Post(engine::NodeEvent{bench::BenchWorld::kNode, std::move(fact)});
  }

  server::Inbox* inbox_;
  std::vector<engine::DialingUuid> calls_;
};

double SecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Seconds until every call is accounted for.
double Measure(int entries, int dialings) {
  server::Inbox inbox;
  TalkingNode node(&inbox);
  bench::BenchWorld world(dialings, &node, &inbox);
  world.OpenStore();
  world.StartLoop();
  world.MakeCampaign(entries);
  while (node.calls() < static_cast<size_t>(dialings) || inbox.size() > 0) {
    world.clock().Advance(absl::Milliseconds(20));
    world.Round();
  }
  world.Close();

  const auto begin = std::chrono::steady_clock::now();
  world.OpenStore();
  const double open = SecondsSince(begin);
  world.StartLoop();
  const double load = SecondsSince(begin) - open;
  node.TellState();
  while (inbox.size() > 0) world.Round();
  const double all = SecondsSince(begin);
  std::printf(
      "%9d entries, %d dialings: %.2f s (store opened %.2f, engine loaded %.2f, calls adopted "
      "%.2f)\n",
      entries, dialings, all, open, load, all - open - load);
  std::fflush(stdout);
  return all;
}

int Main(const std::vector<std::string>& args) {
  int dialings = 1000;
  std::vector<int> sizes = {10000, 1000000};
  for (size_t i = 0; i + 1 < args.size(); i += 2) {
    if (args[i] == "--dialings" && absl::SimpleAtoi(args[i + 1], &dialings)) continue;
    if (args[i] == "--sizes") {
      sizes.clear();
      for (const absl::string_view text : absl::StrSplit(args[i + 1], ',')) {
        int size = 0;
        if (absl::SimpleAtoi(text, &size) && size > 0) sizes.push_back(size);
      }
      if (!sizes.empty()) continue;
    }
    std::fprintf(stderr, "usage: recovery_bench [--dialings N] [--sizes A,B,...]\n");
    return 2;
  }
  bool fast = true;
  for (const int size : sizes) {
    if (Measure(size, std::min(dialings, size)) > kMaxSeconds) fast = false;
  }
  return fast ? 0 : 1;
}

}  // namespace
}  // namespace outdial

int main(int argc, char** argv) {
  return outdial::Main(std::vector<std::string>(argv + 1, argv + argc));
}
