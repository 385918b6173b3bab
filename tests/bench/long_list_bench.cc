// What a long list costs besides being dialled: pages at any depth, an export, and its deletion,
// alone and beside the dialling of another list.
//
//   long_list_bench [--quick] [--json FILE] [--store DIRECTORY] [--entries N]
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/check.h"
#include "engine/now.h"
#include "storage/dl_reader.h"
#include "storage/record_store.h"
#include "storage/rocksdb_store.h"
#include "tests/bench/bench_flags.h"
#include "tests/bench/bench_import.h"
#include "tests/bench/bench_report.h"
#include "tests/bench/bench_server.h"

namespace outdial::bench {
namespace {

namespace fs = std::filesystem;
using storage::DlQuery;

constexpr engine::ListNumber kList = 1;
constexpr size_t kPage = 256;
constexpr int kDepthRuns = 5;
constexpr int kPagesPerRun = 100;
constexpr uint64_t kDialledRows = 100'000;
constexpr int kCallsAtOnce = 64;
constexpr absl::Duration kDialAlone = absl::Seconds(8);
// The files of a deleted list are given back ten seconds after it.
constexpr absl::Duration kDialBeside = absl::Seconds(15);
constexpr absl::Duration kMaxReclaim = absl::Minutes(5);

double SecondsSince(absl::Time start) { return absl::ToDoubleSeconds(absl::Now() - start); }

void Check(const absl::Status& status) {
  OUTDIAL_CHECK(status.ok(), std::string(status.message()).c_str());
}

std::unique_ptr<storage::RecordStore> Open(const std::string& directory) {
  auto kv = storage::OpenRocksDbStore(directory, {});
  Check(kv.status());
  auto store = storage::RecordStore::Open(*std::move(kv), {});
  Check(store.status());
  return *std::move(store);
}

// Of the tables: the logs of a store are bounded, whatever is in it.
double BytesOnDisk(const std::string& directory) {
  uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    std::error_code gone;
    const uintmax_t size = entry.file_size(gone);
    if (entry.path().extension() == ".sst" && !gone) bytes += size;
  }
  return static_cast<double>(bytes);
}

// The only list of a filled store.
v1::Dlma ListOf(storage::RecordStore& store) {
  const auto lists = store.Dlmas(engine::DlmaUuid(), 1);
  Check(lists.status());
  OUTDIAL_CHECK(lists->size() == 1, "the store has a list");
  return lists->front();
}

// Nobody dials the list any more.
void DeleteCampaigns(storage::RecordStore& store) {
  auto campaigns = store.Campaigns(engine::CampaignUuid(), storage::kNoLimit);
  Check(campaigns.status());
  for (v1::Campaign& campaign : *campaigns) {
    campaign.set_status(v1::CAMPAIGN_STATUS_STOP);
    campaign.set_revision(campaign.revision() + 1);
    campaign.set_tm_delete(engine::FormatRecordTime(absl::Now()));
    Check(store.Round().PutCampaign(campaign));
  }
  Check(store.Commit());
}

class LongListBench {
 public:
  explicit LongListBench(BenchFlags flags) : flags_(std::move(flags)), filled_(&flags_) {}

  void Run() {
    MeasurePages(Copy("pages"));
    MeasureDelete(Copy("deleted"));
    MeasureDialling(Copy("dialled"));
  }

 private:
  std::string Copy(const std::string& name) {
    const std::string copy = directory_.path() + "/" + name;
    CopyStore(filled_.path(), copy);
    return copy;
  }

  void Tell(Figure figure) {
    figure.how = absl::StrCat(flags_.entries, " entries, RocksDB", figure.how);
    Report(figure, flags_.json);
  }

  void MeasurePages(const std::string& directory) {
    const auto store = Open(directory);
    DlQuery query{.dlma = *engine::DlmaUuid::Parse(ListOf(*store).uuid()), .limit = kPage};
    const std::string deep = Export(*store, query);
    std::vector<double> ratios;
    std::vector<double> firsts, lasts;
    for (int run = 0; run < kDepthRuns; ++run) {
      firsts.push_back(PageMilliseconds(*store, query, ""));
      lasts.push_back(PageMilliseconds(*store, query, deep));
      ratios.push_back(lasts.back() / firsts.back());
    }
    Tell({.row = "page_depth",
          .what = "time of the last pages of a list against the first",
          .unit = "ratio",
          .value = Median(ratios),
          .wanted = 1.5,
          .higher_is_better = false,
          .measured = Median(lasts),
          .yardstick = Median(firsts),
          .of = "ms",
          .runs = kDepthRuns,
          .how = absl::StrCat(", pages of ", kPage, ", ", kPagesPerRun, " a run, in turns")});
  }

  // Reads all of the list; gives where its last kPagesPerRun pages begin.
  std::string Export(storage::RecordStore& store, DlQuery query) {
    const absl::Time start = absl::Now();
    std::vector<std::string> positions;
    uint64_t rows = 0;
    for (bool at_end = false; !at_end;) {
      positions.push_back(query.after_position);
      const auto page = store.Dls(query);
      Check(page.status());
      rows += page->dls.size();
      query.after_position = page->position;
      at_end = page->at_end;
    }
    OUTDIAL_CHECK(positions.size() > 2 * kPagesPerRun, "the list is long enough for its depth");
    std::cout << static_cast<double>(rows) / SecondsSince(start) << " rows a second read\n";
    return positions[positions.size() - kPagesPerRun - 1];
  }

  // Of kPagesPerRun pages, the median.
  double PageMilliseconds(storage::RecordStore& store, DlQuery query, const std::string& after) {
    query.after_position = after;
    std::vector<double> times;
    for (int page_number = 0; page_number < kPagesPerRun; ++page_number) {
      const absl::Time start = absl::Now();
      const auto page = store.Dls(query);
      Check(page.status());
      times.push_back(1000 * SecondsSince(start));
      query.after_position = page->position;
    }
    return Median(times);
  }

  void MeasureDelete(const std::string& directory) {
    const auto store = Open(directory);
    const double before = BytesOnDisk(directory);
    v1::Dlma deleted = ListOf(*store);
    deleted.set_revision(2);
    deleted.set_tm_delete(engine::FormatRecordTime(absl::Now()));
    absl::Time start = absl::Now();
    Check(store->Round().PutDlma(deleted, kList));
    Check(store->Commit());
    Tell({.row = "list_delete",
          .what = "delete of a list, durable",
          .unit = "ms",
          .value = 1000 * SecondsSince(start),
          .wanted = 50,
          .higher_is_better = false});
    start = absl::Now();
    const double step = Reclaim(*store, directory, before);
    const double left = BytesOnDisk(directory);
    Tell({.row = "reclaim_step",
          .what = "longest round of giving a list's space back",
          .unit = "ms",
          .value = step,
          .wanted = 50,
          .higher_is_better = false});
    Tell({.row = "reclaimed",
          .what = "space of a deleted list that is left",
          .unit = "ratio",
          .value = left / before,
          .wanted = 0.1,
          .higher_is_better = false,
          .measured = left,
          .yardstick = before,
          .of = "bytes",
          .how = absl::StrCat(", after ", SecondsSince(start), " s of work")});
  }

  // Until a tenth of the space is left; gives the longest step, in milliseconds. Time is the
  // bench's own: nothing is waited for but the work.
  double Reclaim(storage::RecordStore& store, const std::string& directory, double before) {
    double longest = 0;
    absl::Duration mono = absl::Seconds(1);
    const absl::Time give_up = absl::Now() + kMaxReclaim;
    while (BytesOnDisk(directory) > before / 10 && absl::Now() < give_up) {
      const absl::Time start = absl::Now();
      mono += absl::Milliseconds(10);
      const auto more = store.Upkeep({mono, absl::Now()});
      Check(more.status());
      Check(store.Commit());
      longest = std::max(longest, 1000 * SecondsSince(start));
      if (!*more) mono += absl::Seconds(1);
    }
    return longest;
  }

  // The whole server, whose loop reclaims in real time.
  void MeasureDialling(const std::string& directory) {
    v1::Dlma deleted;
    {
      const auto store = Open(directory);
      deleted = ListOf(*store);
      DeleteCampaigns(*store);
    }
    BenchServer server(directory, kCallsAtOnce);
    const std::string dialled = server.MakeList();
    ImportPeople(server.channel(), dialled, kDialledRows);
    server.StartCampaign(dialled);
    const auto dial = [&server](absl::Duration duration) {
      server.node().Take();
      std::this_thread::sleep_for(absl::ToChronoNanoseconds(duration));
      return server.node().Take();
    };
    dial(absl::Seconds(2));  // warm
    const BusyNode::Calls without = dial(kDialAlone);
    server.DeleteList(deleted.uuid());
    const BusyNode::Calls with = dial(kDialBeside);
    const double seconds = absl::ToDoubleSeconds(kDialBeside);
    const double rate = static_cast<double>(with.count) / seconds;
    const double alone = static_cast<double>(without.count) / absl::ToDoubleSeconds(kDialAlone);
    Tell({.row = "dialling_while_reclaiming",
          .what = "dialling rate while the space of a deleted list is given back, against without",
          .unit = "ratio",
          .value = rate / alone,
          .wanted = 0.9,
          .measured = rate,
          .yardstick = alone,
          .of = "/s",
          .how = absl::StrCat(", ", seconds, " s from the delete on")});
    Tell({.row = "dial_delay_while_reclaiming",
          .what = "longest time without a dial while the space of a deleted list is given back",
          .unit = "ms",
          .value = absl::ToDoubleMilliseconds(with.longest_gap),
          .wanted = 50,
          .higher_is_better = false,
          .how = absl::StrCat("; without the delete ",
                              absl::ToDoubleMilliseconds(without.longest_gap), " ms")});
  }

  BenchFlags flags_;
  const FilledStore filled_;
  const TemporaryDirectory directory_;
};

int Main(int argc, char** argv) {
  BenchFlags flags;
  CLI::App app("What a long list costs besides being dialled", "long_list_bench");
  AddBenchFlags(&app, &flags);
  CLI11_PARSE(app, argc, argv);
  LongListBench(flags).Run();
  return 0;
}

}  // namespace
}  // namespace outdial::bench

int main(int argc, char** argv) { return outdial::bench::Main(argc, argv); }
