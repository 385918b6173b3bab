#include "storage/read_side.h"

#include <utility>

#include "storage/campaign_stat.h"
#include "storage/dialing_table.h"
#include "storage/dl_reader.h"
#include "storage/event_log.h"
#include "storage/record_table.h"
#include "storage/result_reader.h"

namespace outdial::storage {
namespace {

// Calls `read` with a snapshot that lives as long as the call.
template <class Read>
auto OnSnapshot(const KeyValueStore& kv, Read read) -> decltype(read(std::declval<KvReader&>())) {
  const absl::StatusOr<std::unique_ptr<KvReader>> snapshot = kv.Snapshot();
  if (!snapshot.ok()) return snapshot.status();
  return read(**snapshot);
}

}  // namespace

absl::StatusOr<v1::Campaign> ReadSide::GetCampaign(const engine::CampaignUuid& uuid) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return ReadRecord<v1::Campaign>(r, uuid); });
}

absl::StatusOr<v1::Plan> ReadSide::GetPlan(const engine::PlanUuid& uuid) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return ReadRecord<v1::Plan>(r, uuid); });
}

absl::StatusOr<v1::Dlma> ReadSide::GetDlma(const engine::DlmaUuid& uuid) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return ReadRecord<v1::Dlma>(r, uuid); });
}

absl::StatusOr<v1::Destination> ReadSide::GetDestination(const engine::DestinationUuid& uuid) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return ReadRecord<v1::Destination>(r, uuid); });
}

absl::StatusOr<v1::Dl> ReadSide::GetDl(const engine::DlUuid& uuid) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return ReadShownDl(r, uuid); });
}

absl::StatusOr<v1::Dialing> ReadSide::GetDialing(const engine::DialingUuid& uuid) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return ReadDialing(r, uuid); });
}

absl::StatusOr<v1::Result> ReadSide::GetResult(const engine::DialingUuid& uuid, bool with_records) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return ReadResult(r, uuid, with_records); });
}

absl::StatusOr<std::vector<v1::Campaign>> ReadSide::Campaigns(const engine::CampaignUuid& after,
                                                              size_t limit) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return ReadRecords<v1::Campaign>(r, after, limit); });
}

absl::StatusOr<std::vector<v1::Plan>> ReadSide::Plans(const engine::PlanUuid& after, size_t limit) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return ReadRecords<v1::Plan>(r, after, limit); });
}

absl::StatusOr<std::vector<v1::Dlma>> ReadSide::Dlmas(const engine::DlmaUuid& after, size_t limit) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return ReadRecords<v1::Dlma>(r, after, limit); });
}

absl::StatusOr<std::vector<v1::Destination>> ReadSide::Destinations(
    const engine::DestinationUuid& after, size_t limit) {
  return OnSnapshot(*kv_,
                    [&](KvReader& r) { return ReadRecords<v1::Destination>(r, after, limit); });
}

absl::StatusOr<DlPage> ReadSide::Dls(const DlQuery& query) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return ReadDls(r, query); });
}

absl::StatusOr<std::vector<v1::Dialing>> ReadSide::LiveDialings(const engine::DialingUuid& after,
                                                                size_t limit) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return ReadLiveDialings(r, after, limit); });
}

absl::StatusOr<DialingCount> ReadSide::CountDialings(
    const std::optional<engine::CampaignUuid>& campaign) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return CountLiveDialings(r, campaign); });
}

absl::StatusOr<ResultPage> ReadSide::Results(const ResultQuery& query) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return ReadResults(r, query); });
}

absl::StatusOr<v1::CampaignStat> ReadSide::CampaignStat(const engine::CampaignUuid& uuid) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return ReadCampaignStat(r, uuid); });
}

absl::StatusOr<std::vector<v1::Event>> ReadSide::Events(uint64_t after, size_t limit) {
  return OnSnapshot(*kv_, [&](KvReader& r) { return ReadEvents(r, after, limit); });
}

}  // namespace outdial::storage
