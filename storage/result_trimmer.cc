#include "storage/result_trimmer.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "storage/key_schema.h"
#include "storage/list_reclaimer.h"
#include "storage/record_conversion.h"
#include "storage/stored_value.h"

namespace outdial::storage {
namespace {

using engine::CampaignUuid;
using engine::DialingUuid;
using engine::DlUuid;

// From so many neighbours on one range tombstone is cheaper to read over than a tombstone each.
constexpr size_t kMinRange = 16;

}  // namespace

absl::StatusOr<ResultTrim> ReadResultTrim(const KvReader& reader) {
  absl::StatusOr<std::optional<ResultTrim>> row =
      FindRow<ResultTrim>(reader, Family::kMeta, kResultTrimKey);
  if (!row.ok()) return row.status();
  if (row->has_value()) return **std::move(row);
  ResultTrim nothing;
  nothing.set_oldest(1);
  return nothing;
}

absl::Status ResultTrimmer::Load() {
  absl::StatusOr<ResultTrim> trim = ReadResultTrim(*overlay_);
  if (!trim.ok()) return trim.status();
  trim_ = *std::move(trim);
  return absl::OkStatus();
}

absl::StatusOr<bool> ResultTrimmer::Trim(absl::Time now, const Ends& ends) {
  absl::StatusOr<std::vector<Doomed>> due = FindDue(now, ends);
  if (!due.ok()) return due.status();
  if (due->empty()) return false;
  const bool is_full = due->size() == kMaxStep;
  if (!is_full && !IsTooOld(due->front().row, now - kPatience)) return false;
  absl::Status status = Complete(&*due);
  if (status.ok()) status = Delete(*due);
  if (status.ok()) status = CountAsTrimmed(*due);
  if (status.ok()) status = DeleteEntries(*due, ends.oldest_event);
  if (!status.ok()) return status;
  trim_.set_oldest(trim_.oldest() + due->size());
  for (const Doomed& gone : *due) {
    trim_.set_trimmed_until_ns(std::max(trim_.trimmed_until_ns(), gone.row.state().tm_delete_ns()));
  }
  overlay_->Put(Family::kMeta, kResultTrimKey, trim_.SerializeAsString());
  return is_full;
}

bool ResultTrimmer::IsTooOld(const ResultRow& row, absl::Time moment) const {
  return absl::FromUnixNanos(row.state().tm_delete_ns()) < moment - bounds_.keep_for;
}

bool ResultTrimmer::IsDue(const ResultRow& row, absl::Time now, const Ends& ends) const {
  // The event after the last one of the dialing still tells of its entry.
  if (row.end_event() + 1 >= ends.oldest_event) return false;
  return IsTooOld(row, now) || ends.bytes_written - row.bytes_before() > bounds_.keep_bytes;
}

absl::StatusOr<std::vector<ResultTrimmer::Doomed>> ResultTrimmer::FindDue(absl::Time now,
                                                                          const Ends& ends) const {
  std::vector<Doomed> due;
  if (trim_.oldest() >= ends.last_result) return due;
  absl::Status status;
  const absl::Status scanned = overlay_->Scan(
      Family::kResult, {SequenceKey(trim_.oldest()), SequenceKey(ends.last_result)}, kMaxStep,
      [&](absl::string_view key, absl::string_view value) {
        ResultRow row;
        status = ParseSequenceKey(key) == trim_.oldest() + due.size()
                     ? ParseRow(Family::kResult, key, value, &row)
                     : DamagedRow(Family::kResult, key, "comes after a gap");
        if (!status.ok() || !IsDue(row, now, ends)) return false;
        due.push_back({.row = std::move(row), .dialing = {}, .campaign = {}, .dl = {}});
        return true;
      });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  return due;
}

absl::Status ResultTrimmer::Complete(std::vector<Doomed>* due) const {
  for (Doomed& gone : *due) {
    gone.dialing = DialingUuid(UuidFromBytes(gone.row.dialing_uuid()));
    const absl::StatusOr<DialingStatic> dialing =
        NeedRow<DialingStatic>(*overlay_, Family::kDialing, DialingKey(gone.dialing));
    if (!dialing.ok()) return dialing.status();
    gone.campaign = CampaignUuid(UuidFromBytes(dialing->camp_uuid()));
    gone.dl = DlUuid(UuidFromBytes(dialing->dl_list_uuid()));
  }
  return absl::OkStatus();
}

absl::Status ResultTrimmer::Delete(const std::vector<Doomed>& due) {
  overlay_->DeleteCommittedRange(Family::kResult, SequenceKey(trim_.oldest()),
                                 SequenceKey(trim_.oldest() + due.size()));
  for (const Doomed& gone : due) {
    overlay_->Delete(Family::kResultOfDialing, DialingKey(gone.dialing));
    overlay_->Delete(Family::kDialing, DialingKey(gone.dialing));
  }
  DeleteIndexRows(due);
  return absl::OkStatus();
}

void ResultTrimmer::DeleteIndexRows(const std::vector<Doomed>& due) {
  // By what their keys begin with; the sequences of each come in order.
  std::map<std::string, std::vector<uint64_t>> rows;
  uint64_t sequence = trim_.oldest();
  for (const Doomed& gone : due) {
    rows[ResultIndexPrefix(gone.campaign)].push_back(sequence);
    rows[ResultIndexPrefix(gone.campaign, gone.row.state().outcome())].push_back(sequence);
    rows[ResultIndexPrefix(gone.dl.list_number())].push_back(sequence);
    // One by one: whether an entry has results left is asked in this round.
    overlay_->Delete(Family::kResultIndex, ResultIndexKey(gone.dl, sequence));
    ++sequence;
  }
  for (const auto& [prefix, sequences] : rows) {
    if (sequences.size() >= kMinRange) {
      overlay_->DeleteCommittedRange(Family::kResultIndex, prefix + SequenceKey(sequences.front()),
                                     prefix + SequenceKey(sequences.back() + 1));
      continue;
    }
    for (const uint64_t each : sequences) {
      overlay_->Delete(Family::kResultIndex, prefix + SequenceKey(each));
    }
  }
}

absl::Status ResultTrimmer::CountAsTrimmed(const std::vector<Doomed>& due) {
  for (const Doomed& gone : due) {
    const absl::StatusOr<CampaignRow*> counts = counters_->ChangeCampaign(gone.campaign);
    if (!counts.ok()) return counts.status();
    const int outcome = gone.row.state().outcome();
    while ((*counts)->trimmed_by_outcome_size() <= outcome) (*counts)->add_trimmed_by_outcome(0);
    (*counts)->set_trimmed_by_outcome(outcome, (*counts)->trimmed_by_outcome(outcome) + 1);
  }
  return absl::OkStatus();
}

absl::Status ResultTrimmer::DeleteEntries(const std::vector<Doomed>& due, uint64_t oldest_event) {
  std::set<DlUuid> seen;
  for (const Doomed& gone : due) {
    if (!seen.insert(gone.dl).second) continue;
    const absl::StatusOr<ListRow> list = counters_->List(gone.dl.list_number());
    if (!list.ok()) return list.status();
    // What events still show the reclaimer deletes when they are gone.
    if (!list->deleted() || list->last_edit_event() >= oldest_event) continue;
    absl::Status status = DeleteEntryWithoutResults(gone.dl, overlay_);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace outdial::storage
