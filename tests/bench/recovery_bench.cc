// Starts: after a kill -9, from the opening of the store until every call in progress is accounted
// for, against opening the same files with RocksDB alone; and the first seconds of dialling when
// the machine has none of the store's files in memory, against the same when it has them.
//
//   recovery_bench [--quick] [--json FILE] [--store DIRECTORY] [--entries N] [--decisions N]
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/bench/bare_replay.h"
#include "tests/bench/bench_flags.h"
#include "tests/bench/bench_report.h"
#include "tests/bench/dialler.h"

namespace outdial::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kWantedOfBareOpen = 2;
constexpr double kWantedBeyondSeconds = 1;
constexpr double kWantedOfWarm = 0.5;
constexpr int kCalls = 1000;
constexpr int kRuns = 5;
constexpr int kColdRuns = 3;
// The first seconds of a start.
constexpr double kFirstSeconds = 3;

// A node on which everybody answers and goes on talking.
class TalkingNode : public engine::NodeTransport {
 public:
  void Send(const engine::NodeCommand& command) override {
    const auto* originate = std::get_if<engine::Originate>(&command.command);
    if (originate == nullptr) return;
    calls_.push_back(originate->dialing);
    world_->Tell(engine::ChannelCreated{calls_.back(), NameOf(calls_.size())});
    world_->Tell(engine::OriginateResponse{calls_.back(), true, 4, ""});
  }
  void set_world(BenchWorld* world) { world_ = world; }
  // Of the calls that another node object began.
  void TellState(const std::vector<engine::DialingUuid>& calls) {
    world_->Tell(NodeReady());
    for (size_t i = 0; i < calls.size(); ++i) {
      world_->Tell(engine::ChannelListed{calls[i], NameOf(i + 1), true});
    }
    world_->Tell(engine::NodeSynced{});
  }
  const std::vector<engine::DialingUuid>& calls() const { return calls_; }

 private:
  static std::string NameOf(size_t number) { return absl::StrCat("PJSIP/gw-", number); }

  BenchWorld* world_ = nullptr;
  std::vector<engine::DialingUuid> calls_;
};

void Dial(const std::string& directory, int decisions) {
  // Decisions fill the log as a running server's is; then come the calls that go on.
  { Dialler(directory).Decide(decisions); }
  TalkingNode node;
  BenchWorld world(directory, kCalls, &node);
  node.set_world(&world);
  world.Start();
  world.clock().Advance(absl::Seconds(2));
  // Those that were in progress before have their places still.
  while (node.calls().size() < kCalls - Dialler::kCallsAtOnce || world.inbox().size() > 0) {
    world.clock().Advance(absl::Milliseconds(20));
    world.Round();
  }
  OUTDIAL_CHECK(kill(getpid(), SIGKILL) == 0, "a process can kill itself");
}

// Dials in a process of its own until it is killed.
void DialAndBeKilled(const std::string& directory, int decisions) {
  const pid_t child = fork();
  OUTDIAL_CHECK(child >= 0, "a process can be made");
  if (child == 0) Dial(directory, decisions);
  int status = 0;
  OUTDIAL_CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status), "it was killed");
}

// Seconds until every call is accounted for.
double Recover(const std::string& directory) {
  const auto begin = std::chrono::steady_clock::now();
  TalkingNode node;
  BenchWorld world(directory, kCalls, &node);
  node.set_world(&world);
  world.OpenStore();
  world.StartLoop();
  const auto live = world.store().LiveDialings(engine::DialingUuid(), kCalls + 1);
  OUTDIAL_CHECK(live.ok() && live->size() == kCalls, "every call in progress is in the store");
  std::vector<engine::DialingUuid> calls;
  for (const v1::Dialing& dialing : *live) {
    calls.push_back(*engine::DialingUuid::Parse(dialing.uuid()));
  }
  node.TellState(calls);
  while (world.inbox().size() > 0) world.Round();
  return SecondsSince(begin);
}

double BareOpen(const std::string& directory) {
  const auto begin = std::chrono::steady_clock::now();
  const BareReplay database(directory);
  return SecondsSince(begin);
}

void MeasureKill(const std::string& filled, const BenchFlags& flags) {
  const TemporaryDirectory directory;
  const std::string killed = directory.path() + "/killed";
  CopyStore(filled, killed);
  DialAndBeKilled(killed, flags.decisions);
  std::vector<double> starts, opens;
  for (int run = 0; run < kRuns; ++run) {
    const std::string copy = directory.path() + "/copy";
    CopyStore(killed, copy);
    opens.push_back(BareOpen(copy));
    fs::remove_all(copy);
    CopyStore(killed, copy);
    starts.push_back(Recover(copy));
    fs::remove_all(copy);
  }
  const double start = Median(starts), open = Median(opens);
  Report({.row = "start_after_kill",
          .what = "start after kill -9 beyond twice a bare reopening of the same files",
          .unit = "s",
          .value = start - kWantedOfBareOpen * open,
          .wanted = kWantedBeyondSeconds,
          .higher_is_better = false,
          .runs = kRuns,
          .how = absl::StrCat(flags.entries, " entries, ", kCalls,
                              " calls in progress, until all are accounted for: ", start,
                              " s; RocksDB alone: ", open, " s")},
         flags.json);
}

// Has the kernel forget the files of a store.
void Forget(const std::string& directory) {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    const int file = open(entry.path().c_str(), O_RDONLY);
    OUTDIAL_CHECK(file >= 0, "a file of the store can be read");
    OUTDIAL_CHECK(fdatasync(file) == 0 && posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0,
                  "the kernel can be told to forget a file");
    close(file);
  }
}

void Remember(const std::string& directory) {
  std::vector<char> buffer(size_t{1} << 20);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    const int file = open(entry.path().c_str(), O_RDONLY);
    while (read(file, buffer.data(), buffer.size()) > 0) {
    }
    close(file);
  }
}

// Decisions a second in the first seconds, the start included neither way.
double FirstRate(const std::string& filled, bool cold) {
  const TemporaryDirectory directory;
  const std::string copy = directory.path() + "/copy";
  CopyStore(filled, copy);
  cold ? Forget(copy) : Remember(copy);
  Dialler dialler(copy);
  const auto begin = std::chrono::steady_clock::now();
  int decisions = 0;
  while (SecondsSince(begin) < kFirstSeconds) {
    dialler.Decide(Dialler::kCallsAtOnce);
    decisions += Dialler::kCallsAtOnce;
  }
  return decisions / SecondsSince(begin);
}

// On a list that is dialled in no order, so that each entry lies in a block of its own.
void MeasureCold(const std::string& filled, const BenchFlags& flags) {
  std::vector<double> ratios, colds, warms;
  for (int run = 0; run < kColdRuns; ++run) {
    warms.push_back(FirstRate(filled, false));
    colds.push_back(FirstRate(filled, true));
    ratios.push_back(colds.back() / warms.back());
    std::printf("  cold %.0f, warm %.0f decisions a second\n", colds.back(), warms.back());
  }
  Report({.row = "cold_start",
          .what = "decisions in the first seconds with a cold page cache, against a warm one",
          .unit = "ratio",
          .value = Median(ratios),
          .wanted = kWantedOfWarm,
          .measured = Median(colds),
          .yardstick = Median(warms),
          .of = "/s",
          .runs = kColdRuns,
          .how = absl::StrCat(flags.entries, " entries dialled in no order, the first ",
                              kFirstSeconds, " s, every commit synced")},
         flags.json);
}

int Main(int argc, char** argv) {
  BenchFlags flags;
  CLI::App app("Starts after a kill, and with a cold page cache", "recovery_bench");
  AddBenchFlags(&app, &flags);
  CLI11_PARSE(app, argc, argv);
  const FilledStore filled(&flags);
  MeasureKill(filled.path(), flags);
  MeasureCold(filled.Another({.entries = flags.entries, .shuffled = true}), flags);
  return 0;
}

}  // namespace
}  // namespace outdial::bench

int main(int argc, char** argv) { return outdial::bench::Main(argc, argv); }
