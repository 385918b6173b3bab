// What one decision costs at several list lengths: pick an entry, record the dialing durably, take
// in what the node tells, record the outcome durably. The real engine, run loop and RocksDB store;
// only the node is missing: each Originate is answered at once with a busy line.
//
//   decision_bench [--decisions N] [--sizes A,B,...]
//
// Prints one line a size and the ratio of the last to the first; exits 1 when it is above 1.5.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/check.h"
#include "server/run_loop.h"
#include "storage/record_store.h"
#include "storage/rocksdb_store.h"

namespace outdial {
namespace {

constexpr double kMaxRatio = 1.5;
constexpr int kCallsAtOnce = 64;

// Time that the bench moves on itself, so that retry delays cost nothing to wait for.
class BenchClock : public engine::Clock {
 public:
  engine::Now Read() override { return {elapsed_, absl::FromUnixSeconds(1767225600) + elapsed_}; }
  absl::Duration RealDuration(absl::Duration) override { return absl::ZeroDuration(); }
  void Advance(absl::Duration by) { elapsed_ += by; }

 private:
  absl::Duration elapsed_;
};

class UtcOnly : public engine::ZoneLookup {
 public:
  std::optional<absl::TimeZone> Find(absl::string_view) override { return absl::UTCTimeZone(); }
};

// A node on which every line is busy.
class BusyNode : public engine::NodeTransport {
 public:
  explicit BusyNode(server::Inbox* inbox) : inbox_(inbox) {}
  void Send(const engine::NodeCommand& command) override {
    const auto* originate = std::get_if<engine::Originate>(&command.command);
    if (originate == nullptr) return;
    ++originates_;
    const engine::DialingUuid& dialing = originate->dialing;
    Tell(engine::ChannelCreated{dialing, "PJSIP/gw-1"});
    Tell(engine::OriginateResponse{dialing, false, 0, ""});
    Tell(engine::ChannelHungUp{dialing, 17, "User busy", 486});
  }
  void Tell(engine::NodeFact fact) { inbox_->Post(engine::NodeEvent{"a", std::move(fact)}); }
  int originates() const { return originates_; }

 private:
  server::Inbox* inbox_;
  int originates_ = 0;
};

engine::EngineConfig Config() {
  const engine::Cap open{.max_calls = kCallsAtOnce, .calls_per_second = 1e6};
  engine::EngineConfig config;
  config.nodes = {{"a", open}};
  config.trunk_cap = open;
  config.server_cap = open;
  config.seed = 1;
  return config;
}

// One list of `entries`, one campaign in robo mode.
class Bench {
 public:
  explicit Bench(int entries) : directory_(MakeDirectory()) {
    auto kv = storage::OpenRocksDbStore(directory_, storage::RocksDbOptions());
    OUTDIAL_CHECK(kv.ok(), kv.status().ToString().c_str());
    auto store = storage::RecordStore::Open(*std::move(kv), storage::RecordStoreOptions());
    OUTDIAL_CHECK(store.ok(), store.status().ToString().c_str());
    store_ = *std::move(store);
    server::RoundSinks sinks;
    sinks.reply = [this](engine::Reply reply) {
      OUTDIAL_CHECK(reply.result.ok(), reply.result.status().ToString().c_str());
      last_result_ = *std::move(reply.result);
    };
    loop_ = std::make_unique<server::RunLoop>(
        &clock_, &node_, store_.get(), &inbox_,
        [this] { return std::make_unique<engine::DialEngine>(Config(), &zones_); },
        std::move(sinks));
    OUTDIAL_CHECK(loop_->Start().ok(), "the loop starts");
    MakeCampaign(entries);
  }
  ~Bench() {
    loop_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  // Seconds that so many decisions took.
  double Decide(int decisions) {
    const int until = node_.originates() + decisions;
    const auto begin = std::chrono::steady_clock::now();
    while (node_.originates() < until) {
      clock_.Advance(absl::Milliseconds(20));
      Round();
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }

 private:
  static std::string MakeDirectory() {
    std::string path = (std::filesystem::temp_directory_path() / "outdial-bench-XXXXXX").string();
    OUTDIAL_CHECK(mkdtemp(path.data()) != nullptr, "a directory for the store");
    return path;
  }

  void Round() {
    const absl::Status status = loop_->RunRound(absl::ZeroDuration());
    OUTDIAL_CHECK(status.ok(), status.ToString().c_str());
  }

  template <class Response>
  Response Do(engine::Action action) {
    OUTDIAL_CHECK(inbox_.PostAction({1, std::move(action)}), "the inbox has room");
    Round();
    return std::get<Response>(last_result_);
  }

  void MakeCampaign(int entries) {
    v1::OutPlanCreateRequest plan;
    plan.mutable_plan()->set_dial_mode(v1::DIAL_MODE_ROBO);
    plan.mutable_plan()->set_trunk_name("gw");
    plan.mutable_plan()->set_retry_delay(1);
    for (int i = 0; i < 8; ++i) plan.mutable_plan()->add_max_retry(20);
    v1::OutDestinationCreateRequest dest;
    dest.mutable_destination()->set_type(v1::DESTINATION_TYPE_APPLICATION);
    dest.mutable_destination()->set_application("Echo");
    v1::OutCampaignCreateRequest campaign;
    campaign.mutable_campaign()->set_plan(Do<v1::OutPlanCreateResponse>(plan).plan().uuid());
    campaign.mutable_campaign()->set_dest(
        Do<v1::OutDestinationCreateResponse>(dest).destination().uuid());
    const std::string dlma =
        Do<v1::OutDlmaCreateResponse>(v1::OutDlmaCreateRequest()).dlma().uuid();
    campaign.mutable_campaign()->set_dlma(dlma);
    Import(dlma, entries);
    node_.Tell(engine::NodeConnected{.boot_time = {},
                                     .version = "22",
                                     .problems = {},
                                     .may_originate = true,
                                     .sees_calls = true,
                                     .sees_queues = true});
    node_.Tell(engine::NodeSynced{});
    Round();
    v1::OutCampaignUpdateRequest start;
    start.mutable_campaign()->set_uuid(
        Do<v1::OutCampaignCreateResponse>(campaign).campaign().uuid());
    start.mutable_campaign()->set_status(v1::CAMPAIGN_STATUS_START);
    Do<v1::OutCampaignUpdateResponse>(start);
  }

  void Import(const std::string& dlma, int entries) {
    engine::ImportSlice slice;
    slice.begin.set_dlma_uuid(dlma);
    slice.begin.set_request_id("bench");
    for (int row = 0; row < entries; row += engine::kMaxImportSliceRows) {
      slice.batch.Clear();
      slice.batch.set_first_row(static_cast<uint64_t>(row));
      for (int i = row; i < std::min(entries, row + engine::kMaxImportSliceRows); ++i) {
        v1::Dl* dl = slice.batch.add_rows();
        dl->set_ukey(absl::StrCat("key-", i));
        dl->set_name(absl::StrCat("Person ", i));
        dl->add_number(absl::StrCat("+1555", 1000000 + i));
      }
      Do<v1::OutDlListImportResponse>(slice);
    }
  }

  const std::string directory_;
  BenchClock clock_;
  UtcOnly zones_;
  server::Inbox inbox_;
  BusyNode node_{&inbox_};
  std::unique_ptr<storage::RecordStore> store_;
  std::unique_ptr<server::RunLoop> loop_;
  engine::ActionResult last_result_;
};

// Microseconds a decision, everything included.
double Measure(int entries, int decisions) {
  Bench bench(entries);
  bench.Decide(decisions / 5);  // warm
  const double seconds = bench.Decide(decisions);
  const double micros = seconds * 1e6 / decisions;
  std::printf(
      "%9d entries: %7.1f us a decision with its outcome, %6.0f a second, synced in groups "
      "of %d\n",
      entries, micros, decisions / seconds, kCallsAtOnce);
  std::fflush(stdout);
  return micros;
}

int Run(int decisions, const std::vector<int>& sizes) {
  std::vector<double> costs;
  for (const int size : sizes) costs.push_back(Measure(size, decisions));
  const double ratio = costs.back() / costs.front();
  std::printf("cost at %d entries against %d: %.2f (wanted: at most %.1f)\n", sizes.back(),
              sizes.front(), ratio, kMaxRatio);
  return ratio <= kMaxRatio ? 0 : 1;
}

int Main(const std::vector<std::string>& args) {
  int decisions = 50000;
  std::vector<int> sizes = {10000, 1000000};
  for (size_t i = 0; i + 1 < args.size(); i += 2) {
    if (args[i] == "--decisions" && absl::SimpleAtoi(args[i + 1], &decisions)) continue;
    if (args[i] == "--sizes") {
      sizes.clear();
      for (const absl::string_view text : absl::StrSplit(args[i + 1], ',')) {
        int size = 0;
        if (absl::SimpleAtoi(text, &size) && size > 0) sizes.push_back(size);
      }
      if (!sizes.empty()) continue;
    }
    std::fprintf(stderr, "usage: decision_bench [--decisions N] [--sizes A,B,...]\n");
    return 2;
  }
  return Run(decisions, sizes);
}

}  // namespace
}  // namespace outdial

int main(int argc, char** argv) {
  return outdial::Main(std::vector<std::string>(argv + 1, argv + argc));
}
