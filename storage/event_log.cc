#include "storage/event_log.h"

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/errors.h"
#include "storage/dialing_table.h"
#include "storage/dl_table.h"
#include "storage/key_schema.h"
#include "storage/record_conversion.h"
#include "storage/record_store.h"
#include "storage/record_table.h"
#include "storage/record_time.h"
#include "storage/stored_records.pb.h"
#include "storage/stored_value.h"

namespace outdial::storage {
namespace {

using engine::EventNote;

// What an event keeps of the record, by its type. The states are lent by the packer: Unlend before
// the event ends.
class ChangePacker {
 public:
  ChangePacker(StatePacker* packer, StoredEvent* event) : packer_(packer), event_(event) {}

  absl::Status operator()(const v1::Dl* dl) {
    absl::Status status = PutUuid(dl->uuid());
    event_->set_revision(dl->revision());
    if (!status.ok() || IsDelete(event_->kind())) return status;
    const absl::StatusOr<DlState*> state = packer_->Pack(*dl);
    if (!state.ok()) return state.status();
    event_->unsafe_arena_set_allocated_dl(*state);
    return absl::OkStatus();
  }
  absl::Status operator()(const v1::Dialing* dialing) {
    const absl::StatusOr<DialingState*> state = packer_->Pack(*dialing);
    if (!state.ok()) return state.status();
    event_->unsafe_arena_set_allocated_dialing(*state);
    event_->set_revision(dialing->revision());
    return PutUuid(dialing->uuid());
  }
  absl::Status operator()(const v1::DlImportSlice* slice) {
    *event_->mutable_import_slice() = *slice;
    return PutUuid(slice->dlma_uuid());
  }
  absl::Status operator()(const v1::NodeReconcile* reconcile) {
    *event_->mutable_node_reconcile() = *reconcile;
    return absl::OkStatus();
  }
  // The small records: their revisions are kept anyway.
  template <class Record>
  absl::Status operator()(const Record* record) {
    event_->set_revision(record->revision());
    return PutUuid(record->uuid());
  }

 private:
  absl::Status PutUuid(const std::string& text) {
    const std::optional<engine::Uuid> uuid = engine::Uuid::Parse(text);
    if (!uuid.has_value()) return absl::InternalError("an event without a uuid can't be stored");
    event_->set_uuid(UuidBytes(*uuid));
    return absl::OkStatus();
  }
  StatePacker* packer_;
  StoredEvent* event_;
};

void Unlend(StoredEvent* event) {
  if (event->has_dl()) event->unsafe_arena_release_dl();
  if (event->has_dialing()) event->unsafe_arena_release_dialing();
}

// Sets `into` to the revision that the event refers to; of a delete only to the uuid.
template <class Record>
absl::Status RenderRecord(const KvReader& reader, const StoredEvent& stored,
                          const engine::Uuid& uuid, Record* into) {
  if (IsDelete(stored.kind())) {
    into->set_uuid(uuid.ToString());
    return absl::OkStatus();
  }
  absl::StatusOr<Record> record = ReadRevision<Record>(reader, uuid, stored.revision());
  if (!record.ok()) return record.status();
  *into = *std::move(record);
  return absl::OkStatus();
}

absl::Status RenderDl(const KvReader& reader, StoredEvent* stored, const engine::Uuid& uuid,
                      v1::Dl* into) {
  if (IsDelete(stored->kind())) {
    into->set_uuid(uuid.ToString());
    return absl::OkStatus();
  }
  const engine::DlUuid dl(uuid);
  absl::StatusOr<DlStatic> dl_static = ReadDlStaticAt(reader, dl, stored->revision());
  if (!dl_static.ok()) return dl_static.status();
  *into = ToDl(dl, *std::move(dl_static), std::move(*stored->mutable_dl()));
  return absl::OkStatus();
}

absl::Status RenderDialing(const KvReader& reader, StoredEvent* stored, const engine::Uuid& uuid,
                           v1::Dialing* into) {
  absl::StatusOr<v1::Dialing> dialing =
      JoinDialing(reader, engine::DialingUuid(uuid), std::move(*stored->mutable_dialing()));
  if (!dialing.ok()) return dialing.status();
  *into = *std::move(dialing);
  return absl::OkStatus();
}

absl::Status RenderChange(const KvReader& reader, StoredEvent* stored, const engine::Uuid& uuid,
                          v1::Event* event) {
  switch (stored->kind()) {
    case v1::EVENT_KIND_OUT_CAMPAIGN_CREATE:
    case v1::EVENT_KIND_OUT_CAMPAIGN_UPDATE:
    case v1::EVENT_KIND_OUT_CAMPAIGN_DELETE:
      return RenderRecord(reader, *stored, uuid, event->mutable_campaign());
    case v1::EVENT_KIND_OUT_PLAN_CREATE:
    case v1::EVENT_KIND_OUT_PLAN_UPDATE:
    case v1::EVENT_KIND_OUT_PLAN_DELETE:
      return RenderRecord(reader, *stored, uuid, event->mutable_plan());
    case v1::EVENT_KIND_OUT_DLMA_CREATE:
    case v1::EVENT_KIND_OUT_DLMA_UPDATE:
    case v1::EVENT_KIND_OUT_DLMA_DELETE:
      return RenderRecord(reader, *stored, uuid, event->mutable_dlma());
    case v1::EVENT_KIND_OUT_DESTINATION_CREATE:
    case v1::EVENT_KIND_OUT_DESTINATION_UPDATE:
    case v1::EVENT_KIND_OUT_DESTINATION_DELETE:
      return RenderRecord(reader, *stored, uuid, event->mutable_destination());
    case v1::EVENT_KIND_OUT_DL_LIST_CREATE:
    case v1::EVENT_KIND_OUT_DL_LIST_UPDATE:
    case v1::EVENT_KIND_OUT_DL_LIST_DELETE:
      return RenderDl(reader, stored, uuid, event->mutable_dl());
    case v1::EVENT_KIND_OUT_DIALING_CREATE:
    case v1::EVENT_KIND_OUT_DIALING_UPDATE:
    case v1::EVENT_KIND_OUT_DIALING_DELETE:
      return RenderDialing(reader, stored, uuid, event->mutable_dialing());
    case v1::EVENT_KIND_OUT_DL_LIST_IMPORT:
      *event->mutable_import_slice() = std::move(*stored->mutable_import_slice());
      return absl::OkStatus();
    case v1::EVENT_KIND_OUT_NODE_RECONCILE:
      *event->mutable_node_reconcile() = std::move(*stored->mutable_node_reconcile());
      return absl::OkStatus();
    default:
      return absl::DataLossError(
          absl::StrCat("the store is damaged: event of unknown kind ", stored->kind()));
  }
}

absl::StatusOr<v1::Event> Render(const KvReader& reader, uint64_t sequence, StoredEvent stored) {
  const engine::Uuid uuid = UuidFromBytes(stored.uuid());
  v1::Event event;
  event.set_position(EncodePosition(sequence));
  event.set_kind(stored.kind());
  event.set_tm(FormatRecordNanos(stored.tm_ns()));
  if (!uuid.is_nil()) event.set_uuid(uuid.ToString());
  absl::Status status = RenderChange(reader, &stored, uuid, &event);
  if (!status.ok()) return status;
  return event;
}

absl::Status Trimmed(uint64_t oldest) {
  return engine::OutOfRange(
      engine::Reason::kPositionTrimmed,
      absl::StrCat("the events after this position are no longer kept; the oldest that is left "
                   "comes after position ",
                   EncodePosition(oldest - 1)));
}

}  // namespace

absl::StatusOr<uint64_t> ReadOldestEvent(const KvReader& reader) {
  std::string value;
  const absl::StatusOr<bool> found = reader.Get(Family::kMeta, kOldestEventKey, &value);
  if (!found.ok()) return found.status();
  if (!*found) return uint64_t{1};
  const std::optional<uint64_t> oldest = ParseSequenceKey(value);
  if (!oldest.has_value()) return DamagedRow(Family::kMeta, kOldestEventKey, "can't be read");
  return *oldest;
}

absl::StatusOr<std::vector<v1::Event>> ReadEvents(const KvReader& reader, uint64_t after,
                                                  size_t limit) {
  const absl::StatusOr<uint64_t> oldest = ReadOldestEvent(reader);
  if (!oldest.ok()) return oldest.status();
  if (after + 1 < *oldest) return Trimmed(*oldest);
  std::vector<StoredEvent> stored;
  uint64_t next = after + 1;
  absl::Status status;
  const absl::Status scanned =
      reader.Scan(Family::kEvent, {SequenceKey(next), ""}, limit,
                  [&](absl::string_view key, absl::string_view value) {
                    status = ParseSequenceKey(key) == next + stored.size()
                                 ? ParseRow(Family::kEvent, key, value, &stored.emplace_back())
                                 : DamagedRow(Family::kEvent, key, "comes after a gap");
                    return status.ok();
                  });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  std::vector<v1::Event> events;
  events.reserve(stored.size());
  for (StoredEvent& event : stored) {
    absl::StatusOr<v1::Event> whole = Render(reader, next++, std::move(event));
    if (!whole.ok()) return whole.status();
    events.push_back(*std::move(whole));
  }
  return events;
}

absl::Status EventLog::Load(uint64_t last) {
  const absl::StatusOr<uint64_t> oldest = ReadOldestEvent(*overlay_);
  if (!oldest.ok()) return oldest.status();
  oldest_ = *oldest;
  last_ = std::max(last, oldest_ - 1);
  if (observer_ != nullptr) observer_->ForgetAfter(last_);
  committed_last_ = last_;
  bytes_written_ = 0;
  if (last_ < oldest_) return absl::OkStatus();
  const std::string key = SequenceKey(last_);
  const absl::StatusOr<StoredEvent> event = NeedRow<StoredEvent>(*overlay_, Family::kEvent, key);
  if (!event.ok()) return event.status();
  bytes_written_ = event->bytes_before() + key.size() + event->ByteSizeLong();
  return absl::OkStatus();
}

absl::Status EventLog::Append(const EventNote& note) {
  StoredEvent event;
  event.set_kind(note.kind);
  event.set_tm_ns(absl::ToUnixNanos(note.tm));
  if (!note.campaign.is_nil()) event.set_campaign_uuid(UuidBytes(note.campaign));
  absl::Status status = std::visit(ChangePacker(packer_, &event), note.record);
  event.set_bytes_before(bytes_written_);
  std::string value = event.SerializeAsString();
  Unlend(&event);
  if (!status.ok()) return status;
  std::string key = SequenceKey(++last_);
  bytes_written_ += key.size() + value.size();
  overlay_->Put(Family::kEvent, std::move(key), std::move(value));
  if (observer_ != nullptr && observer_->WantsEvents()) {
    observer_->Observe(last_, shown_.Show(last_, note));
    shown_.Unlend();
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> EventLog::Trim(absl::Time now) {
  const uint64_t last_trimmed = oldest_ + kTrimEvents - 1;
  // The last committed event stays: the next start goes on from it.
  if (last_trimmed >= committed_last_) return false;
  const absl::StatusOr<StoredEvent> event =
      NeedRow<StoredEvent>(*overlay_, Family::kEvent, SequenceKey(last_trimmed));
  if (!event.ok()) return event.status();
  const bool too_old = absl::FromUnixNanos(event->tm_ns()) < now - bounds_.keep_for;
  const bool too_many = bytes_written_ - event->bytes_before() > bounds_.keep_bytes;
  if (!too_old && !too_many) return false;
  overlay_->DeleteCommittedRange(Family::kEvent, SequenceKey(oldest_),
                                 SequenceKey(last_trimmed + 1));
  oldest_ = last_trimmed + 1;
  overlay_->Put(Family::kMeta, kOldestEventKey, SequenceKey(oldest_));
  return true;
}

}  // namespace outdial::storage
