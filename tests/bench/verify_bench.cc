// What it costs to check a whole store, at several lengths of the list: time, and memory, which
// must not grow with the list.
//
//   verify_bench [--sizes A,B,...]
//
// Prints one line a size.
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "engine/check.h"
#include "storage/read_only_store.h"
#include "storage/record_store.h"
#include "storage/rocksdb_store.h"
#include "storage/verify_store.h"
#include "tests/storage/record_makers.h"
#include "tests/storage/temp_directory.h"

namespace outdial::storage {
namespace {

constexpr engine::ListNumber kList = 1;
constexpr uint64_t kEntriesPerRound = 1000;

void Check(const absl::Status& status) {
  OUTDIAL_CHECK(status.ok(), std::string(status.message()).c_str());
}

// A list of so many entries, each made with an event; nothing is dialled.
void Fill(const std::string& directory, uint64_t entries) {
  auto store = RecordStore::Open(*OpenRocksDbStore(directory, {}), {});
  Check(store.status());
  RecordMaker maker;
  const v1::Dlma dlma = maker.Dlma();
  Check((*store)->Round().PutDlma(dlma, kList));
  for (uint64_t i = 0; i < entries; ++i) {
    const v1::Dl dl = maker.Dl(dlma, kList);
    Check((*store)->Round().PutDl(nullptr, dl, At(0)).status());
    Check((*store)->Round().AppendEvent(
        {.kind = v1::EVENT_KIND_OUT_DL_LIST_CREATE, .tm = At(0), .campaign = {}, .record = &dl}));
    if (i % kEntriesPerRound == kEntriesPerRound - 1) Check((*store)->Commit());
  }
  Check((*store)->Commit());
}

// A figure of /proc/self/status, in megabytes.
double MemoryMegabytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word && word != name + ":") {
  }
  double kilobytes = 0;
  status >> kilobytes;
  return kilobytes / 1024;
}

// Gives back what filling held, and forgets the peak of that.
void ResetPeak() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

void Measure(uint64_t entries) {
  const TempDirectory directory;
  Fill(directory.path(), entries);
  ResetPeak();
  const double before = MemoryMegabytes("VmRSS");
  const auto begin = std::chrono::steady_clock::now();
  const auto store = ReadOnlyStore::Open(directory.path());
  Check(store.status());
  const VerifyTotals totals =
      FindDamage(**store, [](const absl::Status& damage) { Check(damage); });
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  OUTDIAL_CHECK(totals.entries == entries, "the check must see every entry");
  std::printf("%9llu entries: %6.1f s, %.0f entries/s, %.0f MB of memory at most\n",
              static_cast<unsigned long long>(entries), took.count(),
              static_cast<double>(entries) / took.count(), MemoryMegabytes("VmHWM") - before);
  std::fflush(stdout);
}

}  // namespace
}  // namespace outdial::storage

int main(int argc, char** argv) {
  std::string sizes = "100000,1000000";
  if (argc == 3 && std::string(argv[1]) == "--sizes") sizes = argv[2];
  for (const absl::string_view size : absl::StrSplit(sizes, ',')) {
    uint64_t entries = 0;
    OUTDIAL_CHECK(absl::SimpleAtoi(size, &entries), "--sizes takes numbers with commas");
    outdial::storage::Measure(entries);
  }
}
