// What a long list costs besides being dialled: pages at any depth, an export, and its deletion.
//
//   long_list_bench [--entries N] [--json FILE] [--quick]
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/check.h"
#include "storage/dl_reader.h"
#include "storage/record_store.h"
#include "storage/rocksdb_store.h"
#include "tests/bench/bench_report.h"
#include "tests/storage/record_makers.h"
#include "tests/storage/temp_directory.h"

namespace outdial::bench {
namespace {

using storage::DlQuery;

constexpr engine::ListNumber kList = 1;
constexpr size_t kPage = 256;

double SecondsSince(absl::Time start) { return absl::ToDoubleSeconds(absl::Now() - start); }

void Check(const absl::Status& status) {
  OUTDIAL_CHECK(status.ok(), std::string(status.message()).c_str());
}

struct Options {
  int entries = 1000000;
  bool quick = false;
  std::string json;
};

// Reports a figure of one run. Lower is better where there is a bound.
void Tell(const Options& options, const std::string& row, const std::string& what,
          const std::string& unit, double value, double wanted) {
  Report({.row = row,
          .what = what,
          .unit = unit,
          .value = value,
          .wanted = wanted,
          .higher_is_better = wanted == 0,
          .how = absl::StrCat(options.entries, " entries, RocksDB, no client")},
         options.json);
}

// Of the tables: the logs of a store are bounded, whatever is in it.
uintmax_t BytesOnDisk(const std::string& directory) {
  uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    std::error_code gone;
    const uintmax_t size = entry.file_size(gone);
    if (entry.path().extension() == ".sst" && !gone) bytes += size;
  }
  return bytes;
}

void Fill(const Options& options, storage::RecordStore& store, storage::RecordMaker& maker,
          const v1::Dlma& dlma) {
  Check(store.Round().PutDlma(dlma, kList));
  for (int i = 0; i < options.entries; ++i) {
    const v1::Dl dl = maker.Dl(dlma, kList);
    Check(store.Round().PutDl(nullptr, dl, storage::At(0)).status());
    if (i % 1000 == 999) Check(store.Commit());
  }
  Check(store.Commit());
}

// The median time of pages at the beginning and at the end of the list, in milliseconds.
void MeasurePages(const Options& options, storage::RecordStore& store,
                  const engine::DlmaUuid& dlma) {
  std::vector<double> times;
  DlQuery query{.dlma = dlma, .limit = kPage};
  const absl::Time start = absl::Now();
  uint64_t rows = 0;
  while (true) {
    const absl::Time page_start = absl::Now();
    const auto page = store.Dls(query);
    Check(page.status());
    times.push_back(1000 * SecondsSince(page_start));
    rows += page->dls.size();
    if (page->at_end) break;
    query.after_position = page->position;
  }
  Tell(options, "export_rows", "rows of a list read for an export", "/s",
       static_cast<double>(rows) / SecondsSince(start), 0);
  const auto median = [&](size_t from) {
    std::vector<double> part(times.begin() + static_cast<long>(from),
                             times.begin() + static_cast<long>(from + 500));
    std::nth_element(part.begin(), part.begin() + 250, part.end());
    return part[250];
  };
  if (times.size() < 1500) return;
  const double first = median(0);
  const double last = median(times.size() - 501);
  std::cout << "page of " << kPage << ": first " << first << " ms, last " << last << " ms\n";
  Tell(options, "page_depth", "time of the last pages of a list against the first", "ratio",
       last / first, 1.5);
}

void MeasureDelete(const Options& options, storage::RecordStore& store, v1::Dlma dlma,
                   const std::string& directory) {
  const double before = static_cast<double>(BytesOnDisk(directory));
  dlma.set_revision(2);
  dlma.set_tm_delete(storage::TextAt(1));
  absl::Time start = absl::Now();
  Check(store.Round().PutDlma(dlma, kList));
  Check(store.Commit());
  Tell(options, "list_delete", "delete of a list, durable", "ms", 1000 * SecondsSince(start), 50);

  std::vector<double> steps;
  absl::Duration mono = absl::Seconds(1);
  start = absl::Now();
  const absl::Time give_up = start + absl::Minutes(5);
  double left = before;
  while (left > before / 10 && absl::Now() < give_up) {
    const absl::Time step_start = absl::Now();
    mono += absl::Milliseconds(10);
    const auto more = store.Upkeep({mono, storage::At(2)});
    Check(more.status());
    Check(store.Commit());
    steps.push_back(1000 * SecondsSince(step_start));
    if (!*more) mono += absl::Seconds(1);
    left = static_cast<double>(BytesOnDisk(directory));
  }
  std::sort(steps.begin(), steps.end());
  Tell(options, "reclaim_step", "longest round of giving a list's space back", "ms", steps.back(),
       50);
  std::cout << "space: " << before / 1e6 << " MB before, " << left / 1e6 << " MB after "
            << SecondsSince(start) << " s\n";
  Tell(options, "reclaimed", "space of a deleted list that is left", "ratio", left / before, 0.1);
}

void Run(const Options& options) {
  storage::TempDirectory directory;
  auto kv = storage::OpenRocksDbStore(directory.path(), {});
  Check(kv.status());
  auto store = storage::RecordStore::Open(*std::move(kv), {});
  Check(store.status());
  storage::RecordMaker maker;
  const v1::Dlma dlma = maker.Dlma();
  const absl::Time start = absl::Now();
  Fill(options, **store, maker, dlma);
  std::cout << options.entries << " entries in " << SecondsSince(start) << " s" << std::endl;
  MeasurePages(options, **store, *engine::DlmaUuid::Parse(dlma.uuid()));
  MeasureDelete(options, **store, dlma, directory.path());
}

}  // namespace
}  // namespace outdial::bench

int main(int argc, char** argv) {
  outdial::bench::Options options;
  CLI::App app("What a long list costs besides being dialled.");
  app.add_option("--entries", options.entries, "Length of the list")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--quick", options.quick, "At most a million entries");
  app.add_option("--json", options.json, "Appends the figures to this file");
  CLI11_PARSE(app, argc, argv);
  if (options.quick) options.entries = std::min(1000000, options.entries);
  outdial::bench::Run(options);
}
