#include "storage/campaign_stat.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/dl_class.h"
#include "outdial/v1/campaign.pb.h"
#include "outdial/v1/plan.pb.h"
#include "storage/dl_table.h"
#include "storage/key_schema.h"
#include "storage/record_table.h"
#include "storage/stored_records.pb.h"
#include "storage/stored_value.h"

namespace outdial::storage {
namespace {

using engine::ClassNumber;
using engine::DlUuid;
using engine::kMixedClass;
using engine::ListNumber;

// The idle entries of the mixed class, waiting ones included.
absl::StatusOr<std::vector<DlUuid>> MixedEntries(const KvReader& reader, ListNumber list) {
  std::vector<DlUuid> entries;
  absl::Status status;
  absl::Status scanned = reader.Scan(Family::kIdle, PrefixRange(ClassPrefix(list, kMixedClass)),
                                     kNoLimit, [&](absl::string_view key, absl::string_view) {
                                       const auto parsed = ParseIdleIndexKey(key);
                                       if (parsed.has_value()) {
                                         entries.push_back(parsed->key.uuid);
                                       } else {
                                         status = DamagedRow(Family::kIdle, key, "can't be read");
                                       }
                                       return status.ok();
                                     });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  scanned = reader.Scan(Family::kNotBefore, PrefixRange(ListKey(list)), kNoLimit,
                        [&](absl::string_view key, absl::string_view value) {
                          const auto parsed = ParseNotBeforeKey(key);
                          const auto place = ParseRipePlace(value);
                          if (!parsed.has_value() || !place.has_value()) {
                            status = DamagedRow(Family::kNotBefore, key, "can't be read");
                          } else if (place->class_number == kMixedClass) {
                            entries.push_back(parsed->dl);
                          }
                          return status.ok();
                        });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  return entries;
}

absl::StatusOr<uint64_t> CountFinishedMixed(const KvReader& reader, ListNumber list,
                                            const v1::Plan& plan) {
  const absl::StatusOr<std::vector<DlUuid>> entries = MixedEntries(reader, list);
  if (!entries.ok()) return entries.status();
  uint64_t finished = 0;
  for (const DlUuid& uuid : *entries) {
    const absl::StatusOr<v1::Dl> dl = ReadDl(reader, uuid);
    if (!dl.ok()) return dl.status();
    if (engine::IsFinished(engine::ClassOf(*dl), plan)) ++finished;
  }
  return finished;
}

absl::StatusOr<uint64_t> CountFinished(const KvReader& reader, ListNumber list,
                                       const v1::Plan& plan) {
  uint64_t finished = 0;
  bool has_mixed = false;
  absl::Status status;
  const absl::Status scanned =
      reader.Scan(Family::kClass, PrefixRange(ListKey(list)), kNoLimit,
                  [&](absl::string_view key, absl::string_view value) {
                    const auto parsed = ParseClassKey(key);
                    ClassRow row;
                    status = parsed.has_value() ? ParseRow(Family::kClass, key, value, &row)
                                                : DamagedRow(Family::kClass, key, "can't be read");
                    if (!status.ok()) return false;
                    if (parsed->class_number == kMixedClass) {
                      has_mixed = row.idle() > 0;
                    } else if (engine::IsFinished(engine::DlClass::Decode(row.dl_class()), plan)) {
                      finished += row.idle();
                    }
                    return true;
                  });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  if (!has_mixed) return finished;
  const absl::StatusOr<uint64_t> mixed = CountFinishedMixed(reader, list, plan);
  if (!mixed.ok()) return mixed.status();
  return finished + *mixed;
}

// The counts over the list under the plan; zeros while the campaign lacks either.
absl::Status FillListCounts(const KvReader& reader, const v1::Campaign& campaign,
                            v1::CampaignStat* stat) {
  const std::optional<engine::DlmaUuid> dlma = engine::DlmaUuid::Parse(campaign.dlma());
  const std::optional<engine::PlanUuid> plan_uuid = engine::PlanUuid::Parse(campaign.plan());
  if (!dlma.has_value() || !plan_uuid.has_value()) return absl::OkStatus();
  const absl::StatusOr<v1::Plan> plan = ReadRecord<v1::Plan>(reader, *plan_uuid);
  if (absl::IsNotFound(plan.status())) return absl::OkStatus();
  if (!plan.ok()) return plan.status();
  const absl::StatusOr<std::optional<ListNumber>> list = ReadListNumber(reader, *dlma);
  if (!list.ok()) return list.status();
  if (!list->has_value()) return absl::OkStatus();
  const absl::StatusOr<ListRow> row = NeedRow<ListRow>(reader, Family::kList, ListKey(**list));
  if (!row.ok()) return row.status();
  const absl::StatusOr<uint64_t> finished = CountFinished(reader, **list, *plan);
  if (!finished.ok()) return finished.status();
  stat->set_dl_total_count(row->total());
  stat->set_dl_dialing_count(row->dialing());
  stat->set_dl_called_count(row->tries());
  stat->set_dl_finished_count(*finished);
  stat->set_dl_available_count(row->total() - row->dialing() - *finished);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::CampaignStat> ReadCampaignStat(const KvReader& reader,
                                                  const engine::CampaignUuid& uuid) {
  const absl::StatusOr<v1::Campaign> campaign = ReadRecord<v1::Campaign>(reader, uuid);
  if (!campaign.ok()) return campaign.status();
  v1::CampaignStat stat;
  stat.set_uuid(campaign->uuid());
  absl::Status status = FillListCounts(reader, *campaign, &stat);
  if (!status.ok()) return status;
  const absl::StatusOr<std::optional<CampaignRow>> counts =
      FindRow<CampaignRow>(reader, Family::kCampaignCount, CampaignKey(uuid));
  if (!counts.ok()) return counts.status();
  if (!counts->has_value()) return stat;
  stat.set_dialings_in_progress((*counts)->live());
  for (int outcome = 0; outcome < (*counts)->by_outcome_size(); ++outcome) {
    if ((*counts)->by_outcome(outcome) == 0) continue;
    v1::OutcomeCount* count = stat.add_outcomes();
    count->set_outcome(static_cast<v1::Outcome>(outcome));
    count->set_count((*counts)->by_outcome(outcome));
  }
  return stat;
}

}  // namespace outdial::storage
