// What reading costs: one record by its uuid with 64 requests outstanding, against a bare RPC of
// the same kind; and how soon statistics and the first entries of a long list are there.
//
//   show_bench [--quick] [--json FILE] [--store DIRECTORY] [--entries N]
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
#include "tests/bench/bench_flags.h"
#include "tests/bench/bench_report.h"
#include "tests/bench/percentile.h"
#include "tests/bench/read_server.h"

namespace outdial::bench {
namespace {

constexpr int kOutstanding = 64;
constexpr int kRuns = 5;
constexpr int kReads = 20000;  // of one run
constexpr int kTimedReads = 2000;
// More than a batch, so that the answer has a first one.
constexpr uint64_t kEntriesShown = 500;

void Check(const absl::Status& status) {
  OUTDIAL_CHECK(status.ok(), std::string(status.message()).c_str());
}

// A copy of a filled store, with its list and the campaign that dials it.
class OpenedStore {
 public:
  explicit OpenedStore(const std::string& filled) {
    CopyStore(filled, directory_.path() + "/store");
    auto kv = storage::OpenRocksDbStore(directory_.path() + "/store", {});
    Check(kv.status());
    auto store = storage::RecordStore::Open(*std::move(kv), {});
    Check(store.status());
    store_ = *std::move(store);
    Check(store_->Round().ForEachCampaign([this](v1::Campaign c) { campaign_ = std::move(c); }));
    store_->Discard();
    OUTDIAL_CHECK(campaign_.has_dlma(), "a campaign dials the list");
  }

  storage::RecordStore* store() { return store_.get(); }
  const v1::Campaign& campaign() const { return campaign_; }

 private:
  const TemporaryDirectory directory_;
  std::unique_ptr<storage::RecordStore> store_;
  v1::Campaign campaign_;
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

void ReadRow(const BenchFlags& flags, const v1::Campaign& campaign, const ReadServer& server) {
  v1::OutCampaignShowResponse answer;
  *answer.add_campaigns() = campaign;
  const BareShow bare(answer);
  const std::string& uuid = campaign.uuid();
  std::vector<double> products;
  std::vector<double> bares;
  std::vector<double> ratios;
  for (int run = 0; run < kRuns; ++run) {
    products.push_back(ReadsPerSecond(server.address(), uuid, kReads));
    bares.push_back(ReadsPerSecond(bare.address(), uuid, kReads));
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
          .runs = kRuns,
          .how = "64 outstanding on one connection, the same limits and answer"},
         flags.json);
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

void DelayRow(const BenchFlags& flags, const std::string& row, const std::string& what,
              double milliseconds) {
  Report({.row = row,
          .what = what,
          .unit = "ms",
          .value = milliseconds,
          .wanted = 5,
          .higher_is_better = false,
          .runs = kTimedReads,
          .how = "99th percentile, one after the other, a list of " +
                 std::to_string(flags.entries) + " entries"},
         flags.json);
}

void DelayRows(const BenchFlags& flags, const v1::Campaign& campaign, const ReadServer& server) {
  const auto channel = NewConnection(server.address());
  const auto campaigns = v1::OutCampaignService::NewStub(channel);
  const auto entries = v1::OutDlListService::NewStub(channel);
  DelayRow(flags, "stat_show_p99", "OutCampaignStatShow", TimeReads(kTimedReads, [&] {
             grpc::ClientContext context;
             v1::OutCampaignStatShowRequest request;
             request.set_uuid(campaign.uuid());
             v1::OutCampaignStatShowResponse response;
             const auto stream = campaigns->OutCampaignStatShow(&context, request);
             OUTDIAL_CHECK(stream->Read(&response), "statistics are read");
             return absl::Now();
           }));
  DelayRow(flags, "dl_list_show_p99", "first batch of OutDlListShow", TimeReads(kTimedReads, [&] {
             grpc::ClientContext context;
             v1::OutDlListShowRequest request;
             request.set_dlma_uuid(campaign.dlma());
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
  BenchFlags flags;
  CLI::App app("What reading costs", "show_bench");
  AddBenchFlags(&app, &flags);
  CLI11_PARSE(app, argc, argv);
  const FilledStore filled(&flags);
  OpenedStore opened(filled.path());
  const ReadServer server(opened.store());
  ReadRow(flags, opened.campaign(), server);
  DelayRows(flags, opened.campaign(), server);
  return 0;
}

}  // namespace
}  // namespace outdial::bench

int main(int argc, char** argv) { return outdial::bench::Main(argc, argv); }
