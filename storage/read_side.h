// The reading half of the record store: every call on a fresh snapshot of what is committed.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "storage/kv.h"
#include "storage/record_store.h"

namespace outdial::storage {

// Thread-safe. The writing half derives from it and publishes the bounds of the event log.
class ReadSide : public RecordStore {
 public:
  absl::StatusOr<v1::Campaign> GetCampaign(const engine::CampaignUuid& uuid) override;
  absl::StatusOr<v1::Plan> GetPlan(const engine::PlanUuid& uuid) override;
  absl::StatusOr<v1::Dlma> GetDlma(const engine::DlmaUuid& uuid) override;
  absl::StatusOr<v1::Destination> GetDestination(const engine::DestinationUuid& uuid) override;
  absl::StatusOr<v1::Dl> GetDl(const engine::DlUuid& uuid) override;
  absl::StatusOr<v1::Dialing> GetDialing(const engine::DialingUuid& uuid) override;
  absl::StatusOr<v1::Result> GetResult(const engine::DialingUuid& uuid, bool with_records) override;
  absl::StatusOr<std::vector<v1::Campaign>> Campaigns(const engine::CampaignUuid& after,
                                                      size_t limit) override;
  absl::StatusOr<std::vector<v1::Plan>> Plans(const engine::PlanUuid& after, size_t limit) override;
  absl::StatusOr<std::vector<v1::Dlma>> Dlmas(const engine::DlmaUuid& after, size_t limit) override;
  absl::StatusOr<std::vector<v1::Destination>> Destinations(const engine::DestinationUuid& after,
                                                            size_t limit) override;
  absl::StatusOr<DlPage> Dls(const DlQuery& query) override;
  absl::StatusOr<std::vector<v1::Dialing>> LiveDialings(const engine::DialingUuid& after,
                                                        size_t limit) override;
  absl::StatusOr<DialingCount> CountDialings(
      const std::optional<engine::CampaignUuid>& campaign) override;
  absl::StatusOr<ResultPage> Results(const ResultQuery& query) override;
  absl::StatusOr<v1::CampaignStat> CampaignStat(const engine::CampaignUuid& uuid) override;
  absl::StatusOr<std::vector<v1::Event>> Events(uint64_t after, size_t limit) override;
  uint64_t LastEvent() override { return last_event_.load(std::memory_order_acquire); }
  uint64_t OldestEvent() override { return oldest_event_.load(std::memory_order_acquire); }

 protected:
  explicit ReadSide(std::unique_ptr<KeyValueStore> kv) : kv_(std::move(kv)) {}

  KeyValueStore* kv() const { return kv_.get(); }
  void PublishEvents(uint64_t oldest, uint64_t last) {
    oldest_event_.store(oldest, std::memory_order_release);
    last_event_.store(last, std::memory_order_release);
  }

 private:
  const std::unique_ptr<KeyValueStore> kv_;
  std::atomic<uint64_t> last_event_{0};
  std::atomic<uint64_t> oldest_event_{1};
};

}  // namespace outdial::storage
