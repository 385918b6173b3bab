// What each option of the database is good for: the batches of an import and of dialling, recorded
// once, are given to RocksDB with the store's options and with one of them changed.
//
//   options_bench [--rows N] [--only VARIANT]
//
// The store's options come first, in the middle and at the end: how far those lines differ is what
// the machine adds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "engine/check.h"
#include "engine/random.h"
#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/rate_limiter.h"
#include "rocksdb/statistics.h"
#include "tests/bench/bare_database.h"
#include "tests/bench/batch_file.h"
#include "tests/bench/bench_import.h"
#include "tests/bench/bench_server.h"
#include "tests/bench/dialler.h"
#include "tests/bench/filled_store.h"

namespace outdial::bench {
namespace {

constexpr int kCallsAtOnce = 64;
constexpr auto kDialFor = std::chrono::seconds(3);
constexpr size_t kGets = 20'000;
constexpr double kMiB = 1 << 20;

// An option that is not as the store has it.
struct Variant {
  std::string name;
  std::function<void(BareOptions*)> change;
};

std::vector<Variant> Variants() {
  const Variant store{"as the store has it", [](BareOptions*) {}};
  return {
      store,
      {"write_buffer_size 4 MiB", [](BareOptions* o) { o->family.write_buffer_size = 4 << 20; }},
      {"write_buffer_size 64 MiB", [](BareOptions* o) { o->family.write_buffer_size = 64 << 20; }},
      {"max_write_buffer_number 4", [](BareOptions* o) { o->family.max_write_buffer_number = 4; }},
      {"max_total_wal_size 16 MiB",
       [](BareOptions* o) { o->database.max_total_wal_size = 16 << 20; }},
      {"max_total_wal_size 512 MiB",
       [](BareOptions* o) { o->database.max_total_wal_size = 512 << 20; }},
      {"db_write_buffer_size 64 MiB",
       [](BareOptions* o) { o->database.db_write_buffer_size = 64 << 20; }},
      {"max_background_jobs 1", [](BareOptions* o) { o->database.max_background_jobs = 1; }},
      {"max_background_jobs 4", [](BareOptions* o) { o->database.max_background_jobs = 4; }},
      store,
      {"bytes_per_sync off", [](BareOptions* o) { o->database.bytes_per_sync = 0; }},
      {"rate limiter 16 MiB/s",
       [](BareOptions* o) {
         o->database.rate_limiter.reset(rocksdb::NewGenericRateLimiter(16 << 20));
       }},
      {"no compression", [](BareOptions* o) { o->family.compression = rocksdb::kNoCompression; }},
      {"LZ4", [](BareOptions* o) { o->family.compression = rocksdb::kLZ4Compression; }},
      {"Zstandard in the last level",
       [](BareOptions* o) { o->family.bottommost_compression = rocksdb::kZSTD; }},
      {"levels not dynamic",
       [](BareOptions* o) { o->family.level_compaction_dynamic_level_bytes = false; }},
      {"no Bloom filter", [](BareOptions* o) { o->table.filter_policy = nullptr; }},
      {"block cache 16 MiB",
       [](BareOptions* o) { o->table.block_cache = rocksdb::NewLRUCache(16 << 20); }},
      {"indexes beside the cache",
       [](BareOptions* o) { o->table.cache_index_and_filter_blocks = false; }},
      store,
  };
}

void Check(const rocksdb::Status& status) { OUTDIAL_CHECK(status.ok(), status.ToString().c_str()); }

// What was committed, a file each.
struct Recording {
  std::string import;
  std::string dialling;
};

Recording Record(const std::string& directory, uint64_t rows) {
  const std::string store = directory + "/recorded";
  const Recording recording{directory + "/import", directory + "/dialling"};
  std::string dlma;
  {
    BenchServer server(store, kCallsAtOnce, recording.import);
    dlma = server.MakeList();
    ImportPeople(server.channel(), dlma, rows);
  }
  BenchServer server(store, kCallsAtOnce, recording.dialling);
  server.StartCampaign(dlma);
  std::this_thread::sleep_for(kDialFor);
  return recording;
}

// Of the commits of one recording.
struct Commits {
  double per_second = 0;
  double p99_ms = 0;
  double longest_ms = 0;
};

Commits Replay(const std::string& recording, const storage::OpenDatabase& database) {
  rocksdb::WriteOptions synced;
  synced.sync = true;
  BatchReader reader(recording);
  std::vector<double> seconds;
  for (storage::WriteBatch batch; reader.Next(&batch);) {
    rocksdb::WriteBatch writes = ToRocksDb(batch, database);
    const auto begin = std::chrono::steady_clock::now();
    Check(database.db->Write(synced, &writes));
    seconds.push_back(SecondsSince(begin));
  }
  std::sort(seconds.begin(), seconds.end());
  double sum = 0;
  for (const double each : seconds) sum += each;
  return {.per_second = static_cast<double>(seconds.size()) / sum,
          .p99_ms = 1e3 * seconds[seconds.size() * 99 / 100],
          .longest_ms = 1e3 * seconds.back()};
}

// Keys of entries, spread over all of an import.
std::vector<std::string> EntryKeys(const std::string& recording) {
  std::vector<std::string> keys;
  BatchReader reader(recording);
  for (storage::WriteBatch batch; reader.Next(&batch);) {
    size_t seen = 0;
    for (const storage::WriteBatch::Op& op : batch.ops()) {
      if (op.family == storage::Family::kDlStatic && seen++ % 16 == 0) keys.emplace_back(op.key);
    }
  }
  engine::Random random(1);
  for (size_t i = keys.size(); i > 1; --i) std::swap(keys[i - 1], keys[random.Below(i)]);
  keys.resize(std::min(keys.size(), kGets));
  return keys;
}

double MicrosecondsAGet(const storage::OpenDatabase& database, const std::vector<std::string>& keys,
                        bool found) {
  rocksdb::PinnableSlice value;
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string& key : keys) {
    value.Reset();
    const rocksdb::Status status = database.db->Get(
        rocksdb::ReadOptions(), database.Handle(storage::Family::kDlStatic), key, &value);
    OUTDIAL_CHECK(found ? status.ok() : status.IsNotFound(), status.ToString().c_str());
  }
  return 1e6 * SecondsSince(begin) / static_cast<double>(keys.size());
}

uint64_t TableBytes(const storage::OpenDatabase& database) {
  uint64_t all = 0;
  for (rocksdb::ColumnFamilyHandle* family : database.handles) {
    uint64_t bytes = 0;
    database.db->GetIntProperty(family, rocksdb::DB::Properties::kTotalSstFilesSize, &bytes);
    all += bytes;
  }
  return all;
}

void PrintHead() {
  std::printf("%-28s %9s %7s %7s | %9s %7s %7s | %8s %8s | %7s %6s %6s\n", "", "import", "99 %",
              "longest", "dialling", "99 %", "longest", "written", "on disk", "start", "there",
              "not");
  std::printf("%-28s %9s %7s %7s | %9s %7s %7s | %8s %8s | %7s %6s %6s\n", "", "commits/s", "ms",
              "ms", "commits/s", "ms", "ms", "MiB", "MiB", "s", "us", "us");
}

void Measure(const Variant& variant, const Recording& recording,
             const std::vector<std::string>& keys, const std::vector<std::string>& absent) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/database";
  BareOptions options = StoreOptions();
  options.database.statistics = rocksdb::CreateDBStatistics();
  variant.change(&options);
  Commits import, dialling;
  {
    const storage::OpenDatabase database = OpenBare(path, options);
    import = Replay(recording.import, database);
    dialling = Replay(recording.dialling, database);
  }
  // Nothing is flushed at an end: what is only in the log is read again, as after a kill.
  const auto begin = std::chrono::steady_clock::now();
  const storage::OpenDatabase database = OpenBare(path, options);
  const double start = SecondsSince(begin);
  rocksdb::Statistics& statistics = *options.database.statistics;
  const uint64_t written = statistics.getTickerCount(rocksdb::WAL_FILE_BYTES) +
                           statistics.getTickerCount(rocksdb::FLUSH_WRITE_BYTES) +
                           statistics.getTickerCount(rocksdb::COMPACT_WRITE_BYTES);
  const double there = MicrosecondsAGet(database, keys, true);
  const double not_there = MicrosecondsAGet(database, absent, false);
  std::printf("%-28s %9.0f %7.2f %7.1f | %9.0f %7.2f %7.1f | %8.0f %8.0f | %7.2f %6.1f %6.1f\n",
              variant.name.c_str(), import.per_second, import.p99_ms, import.longest_ms,
              dialling.per_second, dialling.p99_ms, dialling.longest_ms,
              static_cast<double>(written) / kMiB, static_cast<double>(TableBytes(database)) / kMiB,
              start, there, not_there);
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  uint64_t rows = 1'000'000;
  std::string only;
  CLI::App app("What each option of the database is good for", "options_bench");
  app.add_option("--rows", rows, "Of the import")->check(CLI::PositiveNumber);
  app.add_option("--only", only, "Only variants whose name begins so");
  CLI11_PARSE(app, argc, argv);
  const TemporaryDirectory directory;
  const Recording recording = Record(directory.path(), rows);
  const std::vector<std::string> keys = EntryKeys(recording.import);
  std::vector<std::string> absent = keys;
  for (std::string& key : absent) key.back() = static_cast<char>(key.back() ^ 1);
  std::printf("commits of an import of %llu rows, then of %d s of dialling; each synced\n",
              static_cast<unsigned long long>(rows), static_cast<int>(kDialFor.count()));
  PrintHead();
  for (const Variant& variant : Variants()) {
    if (variant.name.starts_with(only)) Measure(variant, recording, keys, absent);
  }
  return 0;
}

}  // namespace
}  // namespace outdial::bench

int main(int argc, char** argv) { return outdial::bench::Main(argc, argv); }
