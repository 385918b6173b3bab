// A StoreReader with the records that a test puts into it. Thread-safe.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "engine/errors.h"
#include "storage/record_store.h"

namespace outdial::server {

class FakeStore final : public storage::StoreReader {
 public:
  // Records by uuid.
  template <class Record>
  class Table {
   public:
    void Put(const Record& record) {
      absl::MutexLock lock(&mutex_);
      records_[record.uuid()] = record;
    }
    absl::StatusOr<Record> Get(absl::string_view kind, const engine::Uuid& uuid) {
      absl::MutexLock lock(&mutex_);
      const auto found = records_.find(uuid.ToString());
      if (found == records_.end()) return engine::NoSuch(kind, uuid.ToString());
      return found->second;
    }
    absl::StatusOr<std::vector<Record>> Page(const engine::Uuid& after, size_t limit) {
      absl::MutexLock lock(&mutex_);
      std::vector<Record> page;
      auto it = after.is_nil() ? records_.begin() : records_.upper_bound(after.ToString());
      for (; it != records_.end() && page.size() < limit; ++it) page.push_back(it->second);
      return page;
    }

   private:
    absl::Mutex mutex_;
    std::map<std::string, Record> records_ ABSL_GUARDED_BY(mutex_);
  };

  Table<v1::Campaign> campaigns;
  Table<v1::Plan> plans;
  Table<v1::Dlma> dlmas;
  Table<v1::Destination> destinations;
  Table<v1::Dl> dls;
  Table<v1::Dialing> dialings;

  // Appends events of plans, and says the last sequence.
  uint64_t AddEvents(size_t count, size_t detail_bytes = 10) ABSL_LOCKS_EXCLUDED(mutex_) {
    v1::Event event;
    event.set_kind(v1::EVENT_KIND_OUT_PLAN_UPDATE);
    event.mutable_plan()->set_detail(std::string(detail_bytes, 'x'));
    for (size_t i = 0; i < count; ++i) AddEvent(event);
    return LastEvent();
  }
  // Appends an event, whose position it sets.
  void AddEvent(v1::Event event) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    event.set_position(storage::EncodePosition(events_.size() + 1));
    events_.push_back(std::move(event));
  }
  void AddResult(const v1::Result& result) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    results_.push_back(result);
  }
  // Events before `oldest` are gone.
  void TrimTo(uint64_t oldest) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    oldest_ = oldest;
  }

  absl::StatusOr<v1::Campaign> GetCampaign(const engine::CampaignUuid& uuid) override {
    return campaigns.Get("campaign", uuid);
  }
  absl::StatusOr<v1::Plan> GetPlan(const engine::PlanUuid& uuid) override {
    return plans.Get("plan", uuid);
  }
  absl::StatusOr<v1::Dlma> GetDlma(const engine::DlmaUuid& uuid) override {
    return dlmas.Get("dlma", uuid);
  }
  absl::StatusOr<v1::Destination> GetDestination(const engine::DestinationUuid& uuid) override {
    return destinations.Get("destination", uuid);
  }
  absl::StatusOr<v1::Dl> GetDl(const engine::DlUuid& uuid) override {
    return dls.Get("dl_list", uuid);
  }
  absl::StatusOr<v1::Dialing> GetDialing(const engine::DialingUuid& uuid) override {
    return dialings.Get("dialing", uuid);
  }
  absl::StatusOr<v1::Result> GetResult(const engine::DialingUuid& uuid, bool) override {
    return engine::NoSuch("dialing", uuid.ToString());
  }
  absl::StatusOr<std::vector<v1::Campaign>> Campaigns(const engine::CampaignUuid& after,
                                                      size_t limit) override {
    return campaigns.Page(after, limit);
  }
  absl::StatusOr<std::vector<v1::Plan>> Plans(const engine::PlanUuid& after,
                                              size_t limit) override {
    return plans.Page(after, limit);
  }
  absl::StatusOr<std::vector<v1::Dlma>> Dlmas(const engine::DlmaUuid& after,
                                              size_t limit) override {
    return dlmas.Page(after, limit);
  }
  absl::StatusOr<std::vector<v1::Destination>> Destinations(const engine::DestinationUuid& after,
                                                            size_t limit) override {
    return destinations.Page(after, limit);
  }
  // Filters are left to the real store; its positions are uuids.
  absl::StatusOr<storage::DlPage> Dls(const storage::DlQuery& query) override {
    const auto after = engine::DlUuid::Parse(query.after_position).value_or(query.after_uuid);
    auto page = dls.Page(after, query.limit);
    if (!page.ok()) return page.status();
    storage::DlPage answer{.dls = {}, .position = query.after_position, .at_end = true};
    size_t bytes = 0;
    for (v1::Dl& dl : *page) {
      if (bytes >= query.max_bytes) break;
      bytes += dl.ByteSizeLong();
      answer.position = dl.uuid();
      answer.dls.push_back(std::move(dl));
    }
    answer.at_end = answer.dls.size() == page->size() && page->size() < query.limit;
    return answer;
  }
  absl::StatusOr<std::vector<v1::Dialing>> LiveDialings(const engine::DialingUuid& after,
                                                        size_t limit) override {
    return dialings.Page(after, limit);
  }
  absl::StatusOr<storage::DialingCount> CountDialings(
      const std::optional<engine::CampaignUuid>&) override {
    return storage::DialingCount{7, 5, 3};
  }
  // Ten records are looked at a page; those without the wanted outcome are left out.
  absl::StatusOr<storage::ResultPage> Results(const storage::ResultQuery& query) override
      ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    storage::ResultPage page;
    size_t at = query.after_position.empty() ? 0 : std::stoul(query.after_position);
    const size_t end = std::min(at + 10, results_.size());
    for (; at < end && page.results.size() < query.limit; ++at) {
      v1::Result result = results_[at];
      result.set_position(std::to_string(at + 1));
      const bool wanted =
          query.outcomes.empty() ||
          std::count(query.outcomes.begin(), query.outcomes.end(), result.dialing().outcome()) > 0;
      if (wanted) page.results.push_back(result);
    }
    page.scanned_to = std::to_string(at);
    page.at_end = at == results_.size();
    return page;
  }
  absl::StatusOr<v1::CampaignStat> CampaignStat(const engine::CampaignUuid& uuid) override {
    if (auto known = GetCampaign(uuid); !known.ok()) return known.status();
    v1::CampaignStat stat;
    stat.set_uuid(uuid.ToString());
    stat.set_dl_total_count(42);
    return stat;
  }
  absl::StatusOr<std::vector<v1::Event>> Events(uint64_t after, size_t limit) override
      ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (after + 1 < oldest_) {
      return engine::OutOfRange(engine::Reason::kPositionTrimmed, "trimmed");
    }
    std::vector<v1::Event> page;
    for (uint64_t at = after; at < events_.size() && page.size() < limit; ++at) {
      page.push_back(events_[at]);
    }
    return page;
  }
  uint64_t LastEvent() override ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return events_.size();
  }
  uint64_t OldestEvent() override ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return oldest_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<v1::Event> events_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::Result> results_ ABSL_GUARDED_BY(mutex_);
  uint64_t oldest_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace outdial::server
