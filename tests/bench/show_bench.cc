// What reading costs: one record by its uuid with 64 requests outstanding, against a bare RPC of
// the same kind; and how soon statistics and the first entries of a long list are there.
//
//   show_bench [--quick] [--json FILE]
#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "engine/check.h"
#include "grpcpp/client_context.h"
#include "outdial/v1/campaign_service.grpc.pb.h"
#include "outdial/v1/dl_list_service.grpc.pb.h"
#include "storage/rocksdb_store.h"
#include "tests/bench/bare_show.h"
#include "tests/bench/bench_report.h"
#include "tests/bench/percentile.h"
#include "tests/bench/read_server.h"
#include "tests/storage/record_makers.h"
#include "tests/storage/temp_directory.h"

namespace outdial::bench {
namespace {

constexpr int kOutstanding = 64;
constexpr engine::ListNumber kList = 1;
constexpr int kEntriesPerRound = 1000;
// More than a batch, so that the answer has a first one.
constexpr uint64_t kEntriesShown = 500;

struct Settings {
  int runs = 5;
  int reads = 20000;  // of one run
  int entries = 1000000;
  int timed_reads = 2000;
  std::string json_file;
};

void Check(const absl::Status& status) {
  OUTDIAL_CHECK(status.ok(), std::string(status.message()).c_str());
}

// A campaign with its plan and a list of so many entries.
class FilledStore {
 public:
  explicit FilledStore(int entries) {
    auto kv = storage::OpenRocksDbStore(directory_.path() + "/store", {});
    Check(kv.status());
    auto store = storage::RecordStore::Open(*std::move(kv), {});
    Check(store.status());
    store_ = *std::move(store);
    campaign_.set_plan(plan_.uuid());
    campaign_.set_dlma(dlma_.uuid());
    engine::RoundStore& round = store_->Round();
    Check(round.PutPlan(plan_));
    Check(round.PutDlma(dlma_, kList));
    Check(round.PutCampaign(campaign_));
    for (int i = 0; i < entries; ++i) {
      if (i % kEntriesPerRound == 0) Check(store_->Commit());
      Check(store_->Round().PutDl(nullptr, maker_.Dl(dlma_, kList), storage::At(0)).status());
    }
    Check(store_->Commit());
  }

  storage::RecordStore* store() { return store_.get(); }
  const v1::Campaign& campaign() const { return campaign_; }
  const v1::Dlma& dlma() const { return dlma_; }

 private:
  storage::TempDirectory directory_;
  storage::RecordMaker maker_;
  const v1::Plan plan_ = maker_.Plan();
  const v1::Dlma dlma_ = maker_.Dlma();
  v1::Campaign campaign_ = maker_.Campaign();
  std::unique_ptr<storage::RecordStore> store_;
};

// What the requests of one run have in common.
struct Reading {
  v1::OutCampaignService::Stub* stub;
  v1::OutCampaignShowRequest request;
  std::atomic<int> left;
  absl::BlockingCounter ended{kOutstanding};
};

// One request after the other, while there are any left. Deletes itself.
class Reader : private grpc::ClientReadReactor<v1::OutCampaignShowResponse> {
 public:
  static void Start(Reading* reading) { (new Reader(reading))->Next(); }

 private:
  explicit Reader(Reading* reading) : reading_(reading) {}

  void Next() {
    if (reading_->left.fetch_sub(1) <= 0) {
      reading_->ended.DecrementCount();
      delete this;
      return;
    }
    context_.emplace();
    reading_->stub->async()->OutCampaignShow(&*context_, &reading_->request, this);
    StartRead(&response_);
    StartCall();
  }
  void OnReadDone(bool ok) override {
    if (ok) StartRead(&response_);
  }
  void OnDone(const grpc::Status& status) override {
    OUTDIAL_CHECK(status.ok() && response_.campaigns_size() == 1, "the campaign is read");
    // A reactor is of one call.
    Start(reading_);
    delete this;
  }

  Reading* const reading_;
  std::optional<grpc::ClientContext> context_;
  v1::OutCampaignShowResponse response_;
};

double ReadsPerSecond(const std::string& address, const std::string& uuid, int reads) {
  const auto stub = v1::OutCampaignService::NewStub(NewConnection(address));
  Reading reading{stub.get(), {}, {reads}};
  reading.request.set_uuid(uuid);
  const absl::Time start = absl::Now();
  for (int i = 0; i < kOutstanding; ++i) Reader::Start(&reading);
  reading.ended.Wait();
  return reads / absl::ToDoubleSeconds(absl::Now() - start);
}

void ReadRow(const Settings& settings, FilledStore* filled, const ReadServer& server) {
  v1::OutCampaignShowResponse answer;
  *answer.add_campaigns() = filled->campaign();
  const BareShow bare(answer);
  const std::string& uuid = filled->campaign().uuid();
  std::vector<double> products;
  std::vector<double> bares;
  std::vector<double> ratios;
  for (int run = 0; run < settings.runs; ++run) {
    products.push_back(ReadsPerSecond(server.address(), uuid, settings.reads));
    bares.push_back(ReadsPerSecond(bare.address(), uuid, settings.reads));
    ratios.push_back(products.back() / bares.back());
    std::printf("  run %d: %.0f reads a second, bare %.0f\n", run + 1, products.back(),
                bares.back());
  }
  Report({.row = "show_by_uuid",
          .what = "OutCampaignShow by uuid, against a bare RPC of the same kind",
          .unit = "ratio",
          .value = Median(ratios),
          .wanted = 0.8,
          .measured = Median(products),
          .yardstick = Median(bares),
          .of = "/s",
          .runs = settings.runs,
          .how = "64 outstanding on one connection, the same limits and answer"},
         settings.json_file);
}

// The 99th percentile in milliseconds until what `read` gives as the moment that counts, done so
// often.
template <class Read>
double TimeReads(int times, Read read) {
  std::vector<double> milliseconds;
  for (int i = 0; i < times; ++i) {
    const absl::Time start = absl::Now();
    milliseconds.push_back(absl::ToDoubleMilliseconds(read() - start));
  }
  return Percentile(std::move(milliseconds), 99);
}

void DelayRow(const Settings& settings, const std::string& row, const std::string& what,
              double milliseconds) {
  Report({.row = row,
          .what = what,
          .unit = "ms",
          .value = milliseconds,
          .wanted = 5,
          .higher_is_better = false,
          .runs = settings.timed_reads,
          .how = "99th percentile, one after the other, a list of " +
                 std::to_string(settings.entries) + " entries"},
         settings.json_file);
}

void DelayRows(const Settings& settings, const FilledStore& filled, const ReadServer& server) {
  const auto channel = NewConnection(server.address());
  const auto campaigns = v1::OutCampaignService::NewStub(channel);
  const auto entries = v1::OutDlListService::NewStub(channel);
  DelayRow(settings, "stat_show_p99", "OutCampaignStatShow", TimeReads(settings.timed_reads, [&] {
             grpc::ClientContext context;
             v1::OutCampaignStatShowRequest request;
             request.set_uuid(filled.campaign().uuid());
             v1::OutCampaignStatShowResponse response;
             const auto stream = campaigns->OutCampaignStatShow(&context, request);
             OUTDIAL_CHECK(stream->Read(&response), "statistics are read");
             return absl::Now();
           }));
  DelayRow(settings, "dl_list_show_p99", "first batch of OutDlListShow",
           TimeReads(settings.timed_reads, [&] {
             grpc::ClientContext context;
             v1::OutDlListShowRequest request;
             request.set_dlma_uuid(filled.dlma().uuid());
             request.set_count(kEntriesShown);
             v1::OutDlListShowResponse response;
             const auto stream = entries->OutDlListShow(&context, request);
             OUTDIAL_CHECK(stream->Read(&response), "entries are read");
             const absl::Time first = absl::Now();
             // What is left of this answer must not be in the way of the next one.
             while (stream->Read(&response)) {
             }
             return first;
           }));
}

int Main(int argc, char** argv) {
  Settings settings;
  bool quick = false;
  CLI::App app{"Measures reads"};
  app.add_flag("--quick", quick, "a list of 1 M entries instead of 10 M");
  app.add_option("--entries", settings.entries, "of the list");
  app.add_option("--json", settings.json_file, "append the figures to this file");
  CLI11_PARSE(app, argc, argv);
  if (!quick && app.count("--entries") == 0) settings.entries = 10000000;
  FilledStore filled(settings.entries);
  ReadServer server(filled.store());
  ReadRow(settings, &filled, server);
  DelayRows(settings, filled, server);
  return 0;
}

}  // namespace
}  // namespace outdial::bench

int main(int argc, char** argv) { return outdial::bench::Main(argc, argv); }
