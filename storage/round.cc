#include "storage/round.h"

#include <algorithm>
#include <utility>

#include "storage/key_schema.h"
#include "storage/record_conversion.h"
#include "storage/record_table.h"
#include "storage/stored_value.h"

namespace outdial::storage {
namespace {

using engine::CampaignUuid;
using engine::ListNumber;

constexpr size_t kPage = 256;

// Calls with each record, a page at a time, so that the callee may use the store.
template <class Record>
absl::Status TryForEachRecord(const KvReader& reader,
                              absl::FunctionRef<absl::Status(Record)> call) {
  engine::Uuid after;
  while (true) {
    absl::StatusOr<std::vector<Record>> page = ReadRecords<Record>(reader, after, kPage);
    if (!page.ok()) return page.status();
    for (Record& record : *page) {
      after = engine::Uuid::Parse(record.uuid()).value_or(after);
      absl::Status status = call(std::move(record));
      if (!status.ok()) return status;
    }
    if (page->size() < kPage) return absl::OkStatus();
  }
}

template <class Record>
absl::Status ForEachRecord(const KvReader& reader, const std::function<void(Record)>& call) {
  return TryForEachRecord<Record>(reader, [&](Record record) {
    call(std::move(record));
    return absl::OkStatus();
  });
}

}  // namespace

Round::Round(KeyValueStore* kv, const RecordStoreOptions& options)
    : kv_(kv),
      overlay_(kv),
      counters_(&overlay_),
      index_(&overlay_, options.max_classes_per_list),
      read_ahead_(kv, options.has_threads),
      dls_(&overlay_, &index_, &counters_, &packer_, &read_ahead_),
      dialings_(&overlay_, &counters_, &packer_),
      events_(&overlay_, &packer_, {options.keep_events_for, options.keep_events_bytes}),
      requests_(&overlay_),
      results_(&overlay_, &counters_, {options.keep_results_for, options.keep_results_bytes}),
      reclaimer_(kv, &overlay_, &counters_, &dls_) {}

absl::StatusOr<uint64_t> Round::LastSequence(Family family) const {
  std::string key;
  const absl::StatusOr<bool> found = kv_->LastKey(family, &key);
  if (!found.ok()) return found.status();
  if (!*found) return uint64_t{0};
  const std::optional<uint64_t> sequence = ParseSequenceKey(key);
  if (!sequence.has_value()) return DamagedRow(family, key, "can't be read");
  return *sequence;
}

absl::Status Round::Discard() {
  overlay_.Clear();
  counters_.Forget();
  index_.Forget();
  dls_.Forget();
  packer_.Forget();
  requests_.Forget();
  reclaimer_.Forget();
  const absl::StatusOr<uint64_t> last_event = LastSequence(Family::kEvent);
  if (!last_event.ok()) return last_event.status();
  absl::Status status = events_.Load(*last_event);
  if (!status.ok()) return status;
  if (absl::Status loaded = LoadResults(); !loaded.ok()) return loaded;
  std::string key;
  const absl::StatusOr<bool> has_list = kv_->LastKey(Family::kList, &key);
  if (!has_list.ok()) return has_list.status();
  max_list_number_ = *has_list ? ParseListKey(key).value_or(0) : 0;
  committed_ = Here();
  return absl::OkStatus();
}

absl::Status Round::LoadResults() {
  const absl::StatusOr<uint64_t> last = LastSequence(Family::kResult);
  if (!last.ok()) return last.status();
  if (absl::Status status = dialings_.Load(*last); !status.ok()) return status;
  return results_.Load();
}

void Round::Close() {
  counters_.WriteChanged();
  index_.WriteChanged();
  overlay_.Close();
  closed_ = Here();
}

absl::Status Round::WriteClosed() {
  if (overlay_.closed_is_empty()) return absl::OkStatus();
  return overlay_.WriteClosed();
}

void Round::Settle() {
  overlay_.DropClosed();
  committed_ = closed_;
  events_.MarkCommitted(committed_.last_event);
}

absl::StatusOr<bool> Round::Upkeep(const engine::Now& now) {
  const absl::StatusOr<bool> more_events = events_.Trim(now.wall);
  if (!more_events.ok()) return more_events;
  const absl::StatusOr<bool> more_results =
      results_.Trim(now.wall, {.last_result = committed_.last_result,
                               .bytes_written = dialings_.bytes_written(),
                               .oldest_event = events_.oldest()});
  if (!more_results.ok()) return more_results;
  const absl::StatusOr<bool> more_lists = reclaimer_.Step(now.mono, events_.oldest());
  if (!more_lists.ok()) return more_lists;
  return *more_events || *more_results || *more_lists;
}

absl::Status Round::ForEachCampaign(const std::function<void(v1::Campaign)>& call) {
  return ForEachRecord<v1::Campaign>(overlay_, call);
}

absl::Status Round::ForEachPlan(const std::function<void(v1::Plan)>& call) {
  return ForEachRecord<v1::Plan>(overlay_, call);
}

absl::Status Round::ForEachDlma(const std::function<void(v1::Dlma, ListNumber)>& call) {
  const auto with_number = [&](v1::Dlma dlma) -> absl::Status {
    const engine::DlmaUuid uuid = engine::DlmaUuid::Parse(dlma.uuid()).value_or(engine::DlmaUuid());
    const absl::StatusOr<std::optional<ListNumber>> number = ReadListNumber(overlay_, uuid);
    if (!number.ok()) return number.status();
    if (!number->has_value()) {
      return DamagedRow(Family::kListOfDlma, ListOfDlmaKey(uuid), "is missing");
    }
    call(std::move(dlma), **number);
    return absl::OkStatus();
  };
  return TryForEachRecord<v1::Dlma>(overlay_, with_number);
}

absl::Status Round::ForEachDestination(const std::function<void(v1::Destination)>& call) {
  return ForEachRecord<v1::Destination>(overlay_, call);
}

absl::Status Round::ForEachLiveDialing(const std::function<void(v1::Dialing)>& call) {
  engine::DialingUuid after;
  while (true) {
    absl::StatusOr<std::vector<v1::Dialing>> page = ReadLiveDialings(overlay_, after, kPage);
    if (!page.ok()) return page.status();
    for (v1::Dialing& dialing : *page) {
      after = engine::DialingUuid::Parse(dialing.uuid()).value_or(after);
      call(std::move(dialing));
    }
    if (page->size() < kPage) return absl::OkStatus();
  }
}

absl::Status Round::ForEachTally(const CampaignUuid& campaign, int32_t first_day,
                                 const std::function<void(engine::DayTally)>& call) {
  return ReadTallies(overlay_, campaign, first_day, call);
}

absl::Status Round::PutCampaign(const v1::Campaign& campaign) {
  return PutRecord(campaign, &overlay_);
}

absl::Status Round::PutPlan(const v1::Plan& plan) { return PutRecord(plan, &overlay_); }

absl::Status Round::PutDlma(const v1::Dlma& dlma, ListNumber number) {
  absl::Status status = PutRecord(dlma, &overlay_);
  if (!status.ok()) return status;
  const engine::DlmaUuid uuid = engine::DlmaUuid::Parse(dlma.uuid()).value_or(engine::DlmaUuid());
  const absl::StatusOr<ListRow*> row = counters_.ChangeList(number);
  if (!row.ok()) return row.status();
  (*row)->set_dlma_uuid(UuidBytes(uuid));
  overlay_.Put(Family::kListOfDlma, ListOfDlmaKey(uuid), ListKey(number));
  max_list_number_ = std::max(max_list_number_, number);
  return dlma.has_tm_delete() ? reclaimer_.Begin(number) : absl::OkStatus();
}

absl::Status Round::PutDestination(const v1::Destination& destination) {
  return PutRecord(destination, &overlay_);
}

absl::StatusOr<v1::Plan> Round::GetPlanRevision(const engine::PlanUuid& plan, uint64_t revision) {
  return ReadRevision<v1::Plan>(overlay_, plan, revision);
}

absl::StatusOr<v1::Destination> Round::GetDestinationRevision(
    const engine::DestinationUuid& destination, uint64_t revision) {
  return ReadRevision<v1::Destination>(overlay_, destination, revision);
}

absl::StatusOr<engine::DlPtr> Round::GetDl(const engine::DlUuid& uuid) { return dls_.Get(uuid); }

absl::StatusOr<std::vector<engine::DlUuid>> Round::FindEntries(ListNumber list,
                                                               engine::EntryKey key,
                                                               absl::string_view text,
                                                               size_t limit) {
  return FindByText(overlay_, list, key, text, limit);
}

absl::StatusOr<engine::IndexChange> Round::PutDl(const v1::Dl* before, const v1::Dl& after,
                                                 absl::Time now) {
  return dls_.Put(before, after, now);
}

absl::StatusOr<std::vector<engine::IndexPlace>> Round::RipenEntries(ListNumber list, absl::Time now,
                                                                    size_t limit) {
  return index_.Ripen(list, absl::ToUnixMicros(now), limit);
}

absl::StatusOr<std::optional<absl::Time>> Round::NextNotBefore(ListNumber list) {
  const absl::StatusOr<std::optional<int64_t>> next_us = index_.NextNotBefore(list);
  if (!next_us.ok()) return next_us.status();
  if (!next_us->has_value()) return std::optional<absl::Time>();
  return std::optional<absl::Time>(absl::FromUnixMicros(**next_us));
}

absl::StatusOr<std::vector<engine::ClassCount>> Round::ListClasses(ListNumber list) {
  return index_.Classes(list);
}

absl::StatusOr<engine::ListCount> Round::CountList(ListNumber list) {
  const absl::StatusOr<ListRow> row = counters_.List(list);
  if (!row.ok()) return row.status();
  return engine::ListCount{row->total(), row->dialing(), row->tries()};
}

absl::StatusOr<std::vector<engine::IdleKey>> Round::ScanIdle(
    ListNumber list, engine::ClassNumber class_number, const std::optional<engine::IdleKey>& after,
    size_t limit) {
  absl::StatusOr<std::vector<engine::IdleKey>> keys = index_.Scan(list, class_number, after, limit);
  if (keys.ok()) dls_.Expect(*keys);
  return keys;
}

absl::Status Round::CreateDialing(const v1::Dialing& dialing) { return dialings_.Create(dialing); }

absl::Status Round::UpdateDialing(const v1::Dialing& dialing) { return dialings_.Update(dialing); }

absl::Status Round::EndDialing(const v1::Dialing& dialing, int32_t day) {
  return dialings_.End(dialing, day, events_.last() + 1);
}

absl::StatusOr<bool> Round::HasDialing(const engine::DialingUuid& dialing) {
  std::string unused;
  return overlay_.Get(Family::kDialing, DialingKey(dialing), &unused);
}

absl::Status Round::AppendEvent(const engine::EventNote& note) {
  absl::Status appended = events_.Append(note);
  return appended.ok() ? NoteEdit(note) : appended;
}

absl::Status Round::NoteEdit(const engine::EventNote& note) {
  const v1::Dl* const* dl = std::get_if<const v1::Dl*>(&note.record);
  // Of a delete only the uuid is shown, and what dialling changed is shown by a result too.
  if (dl == nullptr || note.by_dialling || note.kind == v1::EVENT_KIND_OUT_DL_LIST_DELETE) {
    return absl::OkStatus();
  }
  const std::optional<engine::DlUuid> uuid = engine::DlUuid::Parse((*dl)->uuid());
  if (!uuid.has_value()) return absl::InternalError("an event of a dl without a uuid");
  const absl::StatusOr<ListRow*> list = counters_.ChangeList(uuid->list_number());
  if (!list.ok()) return list.status();
  (*list)->set_last_edit_event(events_.last());
  return absl::OkStatus();
}

absl::StatusOr<std::optional<engine::LedgerEntry>> Round::FindRequest(
    absl::string_view request_id) {
  return requests_.FindCreate(request_id);
}

absl::Status Round::PutRequest(absl::string_view request_id, const engine::LedgerEntry& entry,
                               absl::Time now) {
  return requests_.PutCreate(request_id, entry, now);
}

absl::StatusOr<std::optional<engine::ImportProgress>> Round::FindImport(
    absl::string_view request_id) {
  return requests_.FindImport(request_id);
}

absl::Status Round::PutImport(absl::string_view request_id, const engine::ImportProgress& progress,
                              absl::Time now) {
  return requests_.PutImport(request_id, progress, now);
}

}  // namespace outdial::storage
