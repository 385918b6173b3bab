// What following the events costs: twenty clients that keep up with one writer, against a bare gRPC
// stream of the same messages; and what one client that stops reading does to the others and to
// the memory of the server.
//
//   event_bench [--quick] [--json FILE]
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "engine/check.h"
#include "storage/rocksdb_store.h"
#include "tests/bench/bare_event_stream.h"
#include "tests/bench/bench_report.h"
#include "tests/bench/event_writer.h"
#include "tests/bench/percentile.h"
#include "tests/bench/read_server.h"
#include "tests/bench/subscriber.h"
#include "tests/storage/temp_directory.h"

namespace outdial::bench {
namespace {

constexpr int kSubscribers = 20;
constexpr int kEventsPerRound = 128;
// A subscriber that is further behind holds the writer up: all of them keep up.
constexpr uint64_t kMaxBehind = 4096;
// Of the product's messages, so many bytes are kept for the yardstick.
constexpr size_t kKeptBytes = size_t{16} << 20;

// Rounds of the calm writer whose events' delays are measured.
constexpr int kCalmEvents = 16;
constexpr absl::Duration kCalmPause = absl::Milliseconds(5);

struct Settings {
  int runs = 3;
  uint64_t events = 50000;  // of one run of the writer
  int calm_rounds = 200;    // of one run of the calm writer
  std::string json_file;
};

// How far each of some subscribers got. Thread-safe.
class Progress {
 public:
  explicit Progress(size_t subscribers) : cursors_(subscribers) {}

  void Reached(size_t subscriber, uint64_t cursor) {
    absl::MutexLock lock(&mutex_);
    cursors_[subscriber] = cursor;
  }
  // Waits until all of them have all up to `cursor`.
  void AwaitAll(uint64_t cursor) {
    absl::MutexLock lock(&mutex_);
    wanted_ = cursor;
    mutex_.Await(absl::Condition(this, &Progress::AllAreThere));
  }

 private:
  bool AllAreThere() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return *std::min_element(cursors_.begin(), cursors_.end()) >= wanted_;
  }

  absl::Mutex mutex_;
  uint64_t wanted_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<uint64_t> cursors_ ABSL_GUARDED_BY(mutex_);
};

// A store, its writer and the server over it, in a directory of their own.
class World {
 public:
  World() {
    auto kv = storage::OpenRocksDbStore(directory_.path() + "/store", {});
    OUTDIAL_CHECK(kv.ok(), kv.status().ToString().c_str());
    auto store = storage::RecordStore::Open(*std::move(kv), {});
    OUTDIAL_CHECK(store.ok(), store.status().ToString().c_str());
    store_ = *std::move(store);
    writer_ = std::make_unique<EventWriter>(store_.get());
    server_ = std::make_unique<ReadServer>(store_.get());
  }

  // Gives the sequence of the last event.
  uint64_t WriteRound(int events) {
    const uint64_t last = writer_->WriteRound(events);
    server_->feed().Publish(last);
    return last;
  }
  std::string address() const { return server_->address(); }
  uint64_t last() const { return store_->LastEventSequence(); }

 private:
  storage::TempDirectory directory_;
  std::unique_ptr<storage::RecordStore> store_;
  std::unique_ptr<EventWriter> writer_;
  std::unique_ptr<ReadServer> server_;
};

// A client that reads what comes first and then no more.
std::unique_ptr<Subscriber> Stalled(const World& world) {
  auto stalled = std::make_unique<Subscriber>(
      world.address(), [](const v1::OutEventSubscribeResponse&) { return false; });
  stalled->AwaitFirst();
  return stalled;
}

using Subscribers = std::vector<std::unique_ptr<Subscriber>>;

// Clients of the product that do `on_message(index, message)`.
template <class OnMessage>
Subscribers Follow(const World& world, int count, OnMessage on_message) {
  Subscribers subscribers;
  for (int i = 0; i < count; ++i) {
    subscribers.push_back(std::make_unique<Subscriber>(
        world.address(), [i, on_message](const v1::OutEventSubscribeResponse& message) {
          on_message(static_cast<size_t>(i), message);
          return true;
        }));
    subscribers.back()->AwaitFirst();
  }
  return subscribers;
}

struct FanOut {
  double deliveries_per_second = 0;
  // What one of the subscribers got, from its beginning.
  std::vector<grpc::ByteBuffer> messages;
  uint64_t events_in_messages = 0;
};

// The writer writes as fast as all subscribers follow.
FanOut MeasureFanOut(World* world, uint64_t events) {
  FanOut result;
  Progress progress(kSubscribers);
  const uint64_t begin = world->last();
  size_t kept = 0;
  const Subscribers subscribers =
      Follow(*world, kSubscribers, [&](size_t i, const v1::OutEventSubscribeResponse& message) {
        const uint64_t cursor = *storage::ParsePosition(message.position());
        if (i == 0 && kept < kKeptBytes && cursor > begin) {
          const grpc::Slice bytes(message.SerializeAsString());
          kept += bytes.size();
          result.messages.emplace_back(&bytes, 1);
          result.events_in_messages = cursor - begin;
        }
        progress.Reached(i, cursor);
      });
  const absl::Time start = absl::Now();
  uint64_t last = begin;
  while (last < begin + events) {
    last = world->WriteRound(kEventsPerRound);
    if (last > begin + kMaxBehind) progress.AwaitAll(last - kMaxBehind);
  }
  progress.AwaitAll(last);
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  result.deliveries_per_second = kSubscribers * static_cast<double>(last - begin) / seconds;
  return result;
}

// The same messages without a writer, a store or anything else.
double MeasureBare(FanOut product, uint64_t events) {
  const int times = static_cast<int>(events / product.events_in_messages) + 1;
  const double deliveries = static_cast<double>(kSubscribers * product.events_in_messages) * times;
  const BareEventStream server(std::move(product.messages), times);
  const absl::Time start = absl::Now();
  Subscribers subscribers;
  for (int i = 0; i < kSubscribers; ++i) {
    subscribers.push_back(std::make_unique<Subscriber>(
        server.address(), [](const v1::OutEventSubscribeResponse& message) {
          return *storage::ParsePosition(message.position()) > 0;
        }));
  }
  for (const auto& subscriber : subscribers) subscriber->AwaitEnd();
  return deliveries / absl::ToDoubleSeconds(absl::Now() - start);
}

void FanOutRow(const Settings& settings) {
  std::vector<double> products;
  std::vector<double> bares;
  std::vector<double> ratios;
  World world;
  double batch = 0;
  for (int run = 0; run < settings.runs; ++run) {
    FanOut product = MeasureFanOut(&world, settings.events);
    batch = static_cast<double>(product.events_in_messages) /
            static_cast<double>(product.messages.size());
    products.push_back(product.deliveries_per_second);
    bares.push_back(MeasureBare(std::move(product), settings.events));
    ratios.push_back(products.back() / bares.back());
    std::printf("  run %d: %.0f deliveries a second, bare %.0f\n", run + 1, products.back(),
                bares.back());
  }
  Report(
      {.row = "event_fan_out",
       .what = "events to 20 subscribers that keep up, against a bare gRPC stream",
       .unit = "ratio",
       .value = Median(ratios),
       .wanted = 0.6,
       .measured = Median(products),
       .yardstick = Median(bares),
       .of = "/s",
       .runs = settings.runs,
       .how = std::to_string(settings.events) + " changes of dialings a run, synced in rounds of " +
              std::to_string(kEventsPerRound) + ", " + std::to_string(static_cast<int>(batch)) +
              " events a message"},
      settings.json_file);
}

// The 99th percentile of the milliseconds from a commit to each subscriber's reading of it, while
// little is going on.
double MeasureDelay(World* world, int rounds) {
  // By round; every event of a round is told at once.
  std::vector<absl::Time> committed(static_cast<size_t>(rounds));
  std::vector<std::vector<absl::Duration>> delays(kSubscribers - 1);
  const uint64_t begin = world->last();
  Progress progress(delays.size());
  const Subscribers subscribers =
      Follow(*world, kSubscribers - 1, [&](size_t i, const v1::OutEventSubscribeResponse& message) {
        const absl::Time now = absl::Now();
        const uint64_t cursor = *storage::ParsePosition(message.position());
        if (cursor > begin)
          delays[i].push_back(now - committed[(cursor - begin - 1) / kCalmEvents]);
        progress.Reached(i, cursor);
      });
  absl::Time due = absl::Now();
  for (absl::Time& at : committed) {
    absl::SleepFor((due += kCalmPause) - absl::Now());
    at = absl::Now();
    world->WriteRound(kCalmEvents);
  }
  progress.AwaitAll(world->last());
  std::vector<double> all;
  for (const auto& of_one : delays) {
    for (const absl::Duration delay : of_one) all.push_back(absl::ToDoubleMilliseconds(delay));
  }
  return Percentile(std::move(all), 99);
}

void StalledDelayRow(const Settings& settings) {
  std::vector<double> with;
  std::vector<double> without;
  World world;
  MeasureDelay(&world, settings.calm_rounds);  // warm
  for (int run = 0; run < 2 * settings.runs; ++run) {
    without.push_back(MeasureDelay(&world, settings.calm_rounds));
    const auto stalled = Stalled(world);
    with.push_back(MeasureDelay(&world, settings.calm_rounds));
  }
  Report({.row = "stalled_subscriber_delay",
          .what = "99th percentile of 19 subscribers' delay beside one that stopped reading, "
                  "against without",
          .unit = "ratio",
          .value = Median(with) / Median(without),
          .wanted = 1.1,
          .higher_is_better = false,
          .measured = Median(with),
          .yardstick = Median(without),
          .of = "ms",
          .runs = 2 * settings.runs,
          .how = "from before the commit of 16 events to the read, 3,200 events a second"},
         settings.json_file);
}

// Resident memory in MiB.
double Resident() {
  malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * 4096 / (1 << 20);
}

// By how many MiB the process grows while so many events are written and four subscribers follow.
double MeasureGrowth(World* world, uint64_t events) {
  Progress progress(4);
  const Subscribers subscribers =
      Follow(*world, 4, [&](size_t i, const v1::OutEventSubscribeResponse& message) {
        progress.Reached(i, *storage::ParsePosition(message.position()));
      });
  const double before = Resident();
  const uint64_t begin = world->last();
  uint64_t last = begin;
  while (last < begin + events) {
    last = world->WriteRound(kEventsPerRound);
    if (last > begin + kMaxBehind) progress.AwaitAll(last - kMaxBehind);
  }
  progress.AwaitAll(last);
  return Resident() - before;
}

void StalledMemoryRow(const Settings& settings) {
  std::vector<double> with;
  std::vector<double> without;
  World world;
  MeasureGrowth(&world, settings.events);  // fills caches and memtables
  for (int run = 0; run < settings.runs; ++run) {
    without.push_back(MeasureGrowth(&world, settings.events));
    const auto stalled = Stalled(world);
    with.push_back(MeasureGrowth(&world, settings.events));
    std::printf("  run %d: grew by %.1f MiB with one that stopped reading, by %.1f without\n",
                run + 1, with.back(), without.back());
  }
  Report({.row = "stalled_subscriber_memory",
          .what = "memory for a subscriber that stopped reading",
          .unit = "MiB",
          .value = std::max(0.0, Median(with) - Median(without)),
          .wanted = 8,
          .higher_is_better = false,
          .runs = settings.runs,
          .how = std::to_string(settings.events) +
                 " events that it did not take, server and clients together, against the same "
                 "without it"},
         settings.json_file);
}

int Main(int argc, char** argv) {
  Settings settings;
  bool quick = false;
  CLI::App app{"Measures how events reach those who follow them"};
  app.add_flag("--quick", quick, "short runs");
  app.add_option("--json", settings.json_file, "append the figures to this file");
  CLI11_PARSE(app, argc, argv);
  if (!quick) {
    settings.runs = 5;
    settings.events = 200000;
    settings.calm_rounds = 1000;
  }
  FanOutRow(settings);
  StalledDelayRow(settings);
  StalledMemoryRow(settings);
  return 0;
}

}  // namespace
}  // namespace outdial::bench

int main(int argc, char** argv) { return outdial::bench::Main(argc, argv); }
