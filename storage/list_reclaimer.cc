#include "storage/list_reclaimer.h"

#include <algorithm>
#include <optional>

#include "storage/key_schema.h"
#include "storage/stored_value.h"

namespace outdial::storage {
namespace {

using engine::DlUuid;
using engine::ListNumber;
using engine::MonotonicTime;

// Of these nothing is needed once the list is deleted.
constexpr Family kIndexFamilies[] = {Family::kDlState, Family::kNumber,    Family::kUkey,
                                     Family::kIdle,    Family::kNotBefore, Family::kClass};
// Marks looked at in one step.
constexpr size_t kMaxMarks = 64;
// Rows that a scan passes in the time that the search for the next entry with results takes.
constexpr size_t kLooksPerSearch = 8;

// The first entry with a result whose key of dl_static is `from` or comes after it.
absl::StatusOr<std::optional<DlUuid>> NextEntryWithResults(const KvReader& reader, ListNumber list,
                                                           absl::string_view from) {
  KeyRange range = PrefixRange(EntryResultsPrefix(list));
  // Both keys go on with the list's number and the entry.
  range.first.resize(1);
  range.first.append(from.data(), from.size());
  std::optional<DlUuid> entry;
  absl::Status status;
  const absl::Status scanned =
      reader.Scan(Family::kResultIndex, range, 1, [&](absl::string_view key, absl::string_view) {
        entry = ParseEntryOfResultIndexKey(key);
        if (!entry.has_value()) status = DamagedRow(Family::kResultIndex, key, "can't be read");
        return false;
      });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  return entry;
}

absl::StatusOr<std::vector<std::string>> KeysOf(const KvReader& reader, Family family,
                                                const KeyRange& range, size_t limit) {
  std::vector<std::string> keys;
  const absl::Status scanned =
      reader.Scan(family, range, limit, [&](absl::string_view key, absl::string_view) {
        keys.emplace_back(key);
        return true;
      });
  if (!scanned.ok()) return scanned;
  return keys;
}

}  // namespace

absl::Status DeleteEntryWithoutResults(const DlUuid& dl, RoundOverlay* overlay) {
  const auto results =
      KeysOf(*overlay, Family::kResultIndex, PrefixRange(ResultIndexPrefix(dl)), /*limit=*/1);
  if (!results.ok()) return results.status();
  if (!results->empty()) return absl::OkStatus();
  overlay->Delete(Family::kDlStatic, DlKey(dl));
  const auto history = KeysOf(*overlay, Family::kDlHistory, PrefixRange(DlKey(dl)), kNoLimit);
  if (!history.ok()) return history.status();
  for (const std::string& key : *history) overlay->Delete(Family::kDlHistory, key);
  return absl::OkStatus();
}

absl::Status ListReclaimer::Begin(ListNumber list) {
  const absl::StatusOr<ListRow*> row = counters_->ChangeList(list);
  if (!row.ok()) return row.status();
  (*row)->set_deleted(true);
  (*row)->set_total(0);
  (*row)->set_dialing(0);
  (*row)->set_tries(0);
  dls_->DropList(list);
  overlay_->Put(Family::kReclaim, ListKey(list), ReclaimRow().SerializeAsString());
  return absl::OkStatus();
}

absl::StatusOr<bool> ListReclaimer::Step(MonotonicTime now, uint64_t oldest_event) {
  GiveBackWhatIsDue(now);
  // Only what is committed: rows that the round has put into a list that it deletes come after its
  // range tombstones.
  std::vector<std::pair<std::string, ReclaimRow>> marks;
  absl::Status status;
  const KeyRange range{looked_at_.empty() ? "" : KeyAfter(looked_at_), ""};
  const absl::Status scanned = kv_->Scan(
      Family::kReclaim, range, kMaxMarks, [&](absl::string_view key, absl::string_view value) {
        marks.emplace_back(std::string(key), ReclaimRow());
        status = ParseRow(Family::kReclaim, key, value, &marks.back().second);
        return status.ok();
      });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  for (auto& [key, row] : marks) {
    const std::optional<ListNumber> list = ParseListKey(key);
    if (!list.has_value()) return DamagedRow(Family::kReclaim, key, "can't be read");
    const absl::StatusOr<Progress> progress = StepList(*list, std::move(row), now, oldest_event);
    if (!progress.ok()) return progress.status();
    if (*progress == Progress::kWorked) return true;
    looked_at_ = key;
  }
  if (marks.size() < kMaxMarks) looked_at_.clear();
  return !looked_at_.empty();
}

void ListReclaimer::Forget() {
  looked_at_.clear();
  given_back_.clear();
  to_give_back_.clear();
}

absl::StatusOr<ListReclaimer::Progress> ListReclaimer::StepList(ListNumber list, ReclaimRow row,
                                                                MonotonicTime now,
                                                                uint64_t oldest_event) {
  if (!row.indexes_gone()) {
    DeleteIndexes(list);
    row.set_indexes_gone(true);
    overlay_->Put(Family::kReclaim, ListKey(list), row.SerializeAsString());
    return Progress::kWorked;
  }
  if (given_back_.insert(list).second) GiveIndexesBack(list, now);
  const absl::StatusOr<ListRow> counts = counters_->List(list);
  if (!counts.ok()) return counts.status();
  if (counts->last_edit_event() >= oldest_event) return Progress::kWaits;
  absl::Status walked = WalkEntries(list, std::move(row), now);
  if (!walked.ok()) return walked;
  return Progress::kWorked;
}

void ListReclaimer::DeleteIndexes(ListNumber list) {
  const KeyRange range = PrefixRange(ListKey(list));
  for (const Family family : kIndexFamilies) {
    overlay_->DeleteCommittedRange(family, range.first, range.end);
  }
}

void ListReclaimer::GiveIndexesBack(ListNumber list, MonotonicTime now) {
  for (const Family family : kIndexFamilies) {
    to_give_back_.push_back({now + kGiveBackAfter, {family, PrefixRange(ListKey(list))}});
  }
}

absl::Status ListReclaimer::WalkEntries(ListNumber list, ReclaimRow row, MonotonicTime now) {
  const KeyRange all = PrefixRange(ListKey(list));
  std::string done = row.entries_done().empty() ? all.first : row.entries_done();
  for (size_t looked_at = 0; looked_at < kMaxStep;) {
    const auto kept = NextEntryWithResults(*overlay_, list, done);
    if (!kept.ok()) return kept.status();
    const KeyRange gap{done, kept->has_value() ? DlKey(**kept) : all.end};
    for (const Family family : {Family::kDlStatic, Family::kDlHistory}) {
      const absl::StatusOr<size_t> cleared = Clear(family, gap, now);
      if (!cleared.ok()) return cleared.status();
      looked_at += *cleared;
    }
    if (!kept->has_value()) {
      overlay_->Delete(Family::kReclaim, ListKey(list));
      given_back_.erase(list);
      return absl::OkStatus();
    }
    done = PrefixRange(DlKey(**kept)).end;
    looked_at += kLooksPerSearch;
  }
  row.set_entries_done(done);
  overlay_->Put(Family::kReclaim, ListKey(list), row.SerializeAsString());
  return absl::OkStatus();
}

absl::StatusOr<size_t> ListReclaimer::Clear(Family family, const KeyRange& range,
                                            MonotonicTime now) {
  const auto keys = KeysOf(*overlay_, family, range, kMinRange);
  if (!keys.ok()) return keys.status();
  if (keys->size() < kMinRange) {
    for (const std::string& key : *keys) overlay_->Delete(family, key);
    return keys->size();
  }
  overlay_->DeleteCommittedRange(family, range.first, range.end);
  to_give_back_.push_back({now + kGiveBackAfter, {family, range}});
  return keys->size();
}

void ListReclaimer::GiveBackWhatIsDue(MonotonicTime now) {
  const auto due = std::find_if(to_give_back_.begin(), to_give_back_.end(),
                                [now](const auto& waiting) { return waiting.first > now; });
  for (auto it = to_give_back_.begin(); it != due; ++it) {
    kv_->GiveBack(it->second.family, it->second.keys);
  }
  to_give_back_.erase(to_give_back_.begin(), due);
}

}  // namespace outdial::storage
