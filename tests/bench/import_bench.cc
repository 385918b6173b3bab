// What an import costs: rows a second through gRPC and through outdialctl, the disk that they take,
// and what dialling notices of an import at full speed.
//
//   import_bench [--quick] [--rows N] [--runs N] [--json FILE] [--outdialctl PROGRAM]
//
// Without --quick ten times as many rows are imported once besides, whose figures are rows of their
// own. Rows have a key, a name and a number, in no order. Every batch is synced.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "engine/check.h"
#include "storage/rocksdb_store.h"
#include "tests/bench/bare_put.h"
#include "tests/bench/bare_sync.h"
#include "tests/bench/bench_import.h"
#include "tests/bench/bench_report.h"
#include "tests/bench/bench_server.h"

namespace outdial::bench {
namespace {

namespace fs = std::filesystem;

// Enough for the dialling of a measurement, and dialled over and over.
constexpr uint64_t kDialledRows = 100'000;
constexpr int kCallsAtOnce = 64;
// Imported where each row is looked for in the list.
constexpr uint64_t kCheckedRows = 200'000;
// More than an import can take in the time of a measurement.
constexpr uint64_t kEndlessRows = uint64_t{1} << 32;

struct Options {
  uint64_t rows = 1'000'000;
  int runs = 5;
  absl::Duration dial_for = absl::Seconds(5);
  std::string json;
  std::string outdialctl;
};

// A folder that goes with its contents.
class Folder {
 public:
  Folder() : path_((fs::temp_directory_path() / "outdial-bench-XXXXXX").string()) {
    OUTDIAL_CHECK(mkdtemp(path_.data()) != nullptr, "a directory for the stores");
  }
  ~Folder() { fs::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Everything in a store's directory, once a start has put what was in the log into tables.
uint64_t BytesAfterRestart(const std::string& directory) {
  const auto kv = storage::OpenRocksDbStore(directory, storage::RocksDbOptions());
  OUTDIAL_CHECK(kv.ok(), kv.status().ToString().c_str());
  uint64_t bytes = 0;
  for (const auto& file : fs::recursive_directory_iterator(directory)) {
    if (file.is_regular_file()) bytes += file.file_size();
  }
  return bytes;
}

template <class Work>
double SecondsOf(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// What one import costs, and the bare put of the same.
struct ImportRun {
  double rows_per_second = 0;
  double bare_rows_per_second = 0;
  double checked_rows_per_second = 0;  // more rows into the same list, looked up by their ukeys
  double row_bytes = 0;
  double bare_row_bytes = 0;
};

double CheckedRowsPerSecond(const std::string& directory, const std::string& dlma, uint64_t rows) {
  BenchServer server(directory, kCallsAtOnce);
  return static_cast<double>(kCheckedRows) / SecondsOf([&] {
           ImportPeople(server.channel(), dlma, kCheckedRows,
                        {.duplicates = v1::DUPLICATE_RULE_REFUSE, .first_person = rows});
         });
}

ImportRun RunImport(uint64_t rows) {
  const Folder folder;
  const auto count = static_cast<double>(rows);
  std::string dlma;
  ImportRun run;
  {
    BenchServer server(folder / "store", kCallsAtOnce, folder / "batches");
    dlma = server.MakeList();
    run.rows_per_second = count / SecondsOf([&] { ImportPeople(server.channel(), dlma, rows); });
  }
  run.row_bytes = static_cast<double>(BytesAfterRestart(folder / "store")) / count;
  const BarePut bare = RunBarePut(folder / "batches", folder / "bare");
  run.bare_rows_per_second = count / bare.seconds;
  run.bare_row_bytes = static_cast<double>(bare.bytes) / count;
  run.checked_rows_per_second = CheckedRowsPerSecond(folder / "store", dlma, rows);
  return run;
}

// `suffix` ends the names of the figures.
void BenchImport(const Options& options, const std::string& suffix) {
  std::vector<double> rates, bare_rates, ratios, checked, bytes, bare_bytes, space;
  for (int i = 0; i < options.runs; ++i) {
    const ImportRun run = RunImport(options.rows);
    rates.push_back(run.rows_per_second);
    bare_rates.push_back(run.bare_rows_per_second);
    ratios.push_back(run.rows_per_second / run.bare_rows_per_second);
    checked.push_back(run.checked_rows_per_second);
    bytes.push_back(run.row_bytes);
    bare_bytes.push_back(run.bare_row_bytes);
    space.push_back(run.row_bytes / run.bare_row_bytes);
  }
  const std::string how = absl::StrCat(options.rows, " rows in batches of 1000, each synced");
  Report({.row = "import_vs_bare_put" + suffix,
          .what = "import through gRPC against a bare put of the same batches",
          .unit = "ratio",
          .value = Median(ratios),
          .wanted = 0.6,
          .measured = Median(rates),
          .yardstick = Median(bare_rates),
          .of = "/s",
          .runs = options.runs,
          .how = how},
         options.json);
  Report({.row = "import_rows" + suffix,
          .what = "rows a second through OutDlListImport",
          .unit = "/s",
          .value = Median(rates),
          .wanted = 40'000,
          .runs = options.runs,
          .how = how},
         options.json);
  Report({.row = "import_checked_rows" + suffix,
          .what = "rows a second where each is looked for among those that are in the list",
          .unit = "/s",
          .value = Median(checked),
          .wanted = 30'000,
          .runs = options.runs,
          .how = absl::StrCat(kCheckedRows, " rows by ukey into a list of ", options.rows)},
         options.json);
  Report({.row = "import_disk" + suffix,
          .what = "disk per entry after an import against a bare store with the same rows and keys",
          .unit = "ratio",
          .value = Median(space),
          .wanted = 1.3,
          .higher_is_better = false,
          .measured = Median(bytes),
          .yardstick = Median(bare_bytes),
          .of = "bytes",
          .runs = options.runs,
          .how = absl::StrCat(options.rows,
                              " rows; all files after a restart, against compacted tables")},
         options.json);
}

double RunCli(const Options& options, PeopleFormat format) {
  const Folder folder;
  WritePeople(folder / "people", options.rows, format);
  BenchServer server(folder / "store", kCallsAtOnce);
  const std::string command =
      absl::StrCat(options.outdialctl, " --server ", server.address(), " dl import ",
                   folder / "people", " --dlma ", server.MakeList(), " >/dev/null 2>&1");
  const double seconds = SecondsOf([&command] {
    OUTDIAL_CHECK(std::system(command.c_str()) == 0, "outdialctl imports the file");
  });
  return static_cast<double>(options.rows) / seconds;
}

void BenchCli(const Options& options) {
  std::vector<double> csv, json;
  for (int i = 0; i < options.runs; ++i) {
    csv.push_back(RunCli(options, PeopleFormat::kCsv));
    json.push_back(RunCli(options, PeopleFormat::kJsonLines));
  }
  const std::string how = absl::StrCat(options.rows, " rows, client and server on one machine");
  Report({.row = "import_cli_csv",
          .what = "rows a second through outdialctl dl import, from CSV",
          .unit = "/s",
          .value = Median(csv),
          .wanted = 30'000,
          .runs = options.runs,
          .how = how},
         options.json);
  Report({.row = "import_cli_json",
          .what = "rows a second through outdialctl dl import, from JSON lines",
          .unit = "/s",
          .value = Median(json),
          .wanted = 20'000,
          .runs = options.runs,
          .how = how},
         options.json);
}

void BenchDialling(const Options& options) {
  std::vector<double> rates, alone, ratios, gaps, gaps_alone, beside, syncs;
  const double seconds = absl::ToDoubleSeconds(options.dial_for);
  for (int i = 0; i < options.runs; ++i) {
    const Folder folder;
    BenchServer server(folder / "store", kCallsAtOnce);
    const std::string dlma = server.MakeList();
    ImportPeople(server.channel(), dlma, kDialledRows);
    server.StartCampaign(dlma);
    const auto dial = [&] {
      server.node().Take();
      std::this_thread::sleep_for(absl::ToChronoNanoseconds(options.dial_for));
      return server.node().Take();
    };
    dial();  // warm
    const BusyNode::Calls without = dial();
    const std::string other = server.MakeList();
    std::atomic<bool> stop = false;
    uint64_t imported = 0;
    std::thread import(
        [&] { imported = ImportPeople(server.channel(), other, kEndlessRows, {.stop = &stop}); });
    BareSync sync(folder / "sync");
    const BusyNode::Calls with = dial();
    const BareSync::Times sync_times = sync.Stop();
    stop = true;
    import.join();
    rates.push_back(static_cast<double>(with.count) / seconds);
    alone.push_back(static_cast<double>(without.count) / seconds);
    ratios.push_back(rates.back() / alone.back());
    gaps.push_back(absl::ToDoubleMilliseconds(with.longest_gap));
    gaps_alone.push_back(absl::ToDoubleMilliseconds(without.longest_gap));
    syncs.push_back(sync_times.longest_ms);
    beside.push_back(static_cast<double>(imported) / seconds);
  }
  const std::string how =
      absl::StrCat("as many calls as the loop can make, ", kCallsAtOnce, " at once, each busy; ",
                   static_cast<int64_t>(Median(beside)), " rows a second beside them");
  Report({.row = "dialling_while_importing",
          .what = "dialling rate while an import runs at full speed, against without",
          .unit = "ratio",
          .value = Median(ratios),
          .wanted = 0.7,
          .measured = Median(rates),
          .yardstick = Median(alone),
          .of = "/s",
          .runs = options.runs,
          .how = how},
         options.json);
  Report({.row = "dial_delay_while_importing",
          .what = "longest time without a dial while an import runs at full speed, of all runs",
          .unit = "ms",
          .value = *std::max_element(gaps.begin(), gaps.end()),
          .wanted = 50,
          .higher_is_better = false,
          .runs = options.runs,
          .how = absl::StrCat(
              how, "; without the import ",
              static_cast<int64_t>(*std::max_element(gaps_alone.begin(), gaps_alone.end())),
              " ms; the longest sync of a small file beside it ",
              static_cast<int64_t>(*std::max_element(syncs.begin(), syncs.end())), " ms")},
         options.json);
}

int Main(int argc, char** argv) {
  Options options;
  bool quick = false;
  options.outdialctl = (fs::canonical("/proc/self/exe").parent_path() / "../bin/outdialctl");
  CLI::App app("Measures imports.");
  app.add_flag("--quick", quick, "one run");
  app.add_option("--rows", options.rows);
  const CLI::Option* runs = app.add_option("--runs", options.runs)->check(CLI::PositiveNumber);
  app.add_option("--json", options.json, "append one JSON object a figure to this file");
  app.add_option("--outdialctl", options.outdialctl);
  CLI11_PARSE(app, argc, argv);
  if (quick) {
    if (runs->empty()) options.runs = 1;
    options.dial_for = absl::Seconds(3);
  }
  BenchImport(options, "");
  if (!quick) {
    Options once = options;
    once.rows = 10 * options.rows;
    once.runs = 1;
    BenchImport(once, "_tenfold");
  }
  BenchCli(options);
  BenchDialling(options);
  return 0;
}

}  // namespace
}  // namespace outdial::bench

int main(int argc, char** argv) { return outdial::bench::Main(argc, argv); }
