#include "engine/record_writer.h"

#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/str_replace.h"

namespace outdial::engine {

namespace {

// What a record kind's events are called.
struct EventKinds {
  v1::EventKind create;
  v1::EventKind update;
  v1::EventKind del;
};
EventKinds KindsOf(const v1::Campaign&) {
  return {v1::EVENT_KIND_OUT_CAMPAIGN_CREATE, v1::EVENT_KIND_OUT_CAMPAIGN_UPDATE,
          v1::EVENT_KIND_OUT_CAMPAIGN_DELETE};
}
EventKinds KindsOf(const v1::Plan&) {
  return {v1::EVENT_KIND_OUT_PLAN_CREATE, v1::EVENT_KIND_OUT_PLAN_UPDATE,
          v1::EVENT_KIND_OUT_PLAN_DELETE};
}
EventKinds KindsOf(const v1::Dlma&) {
  return {v1::EVENT_KIND_OUT_DLMA_CREATE, v1::EVENT_KIND_OUT_DLMA_UPDATE,
          v1::EVENT_KIND_OUT_DLMA_DELETE};
}
EventKinds KindsOf(const v1::Destination&) {
  return {v1::EVENT_KIND_OUT_DESTINATION_CREATE, v1::EVENT_KIND_OUT_DESTINATION_UPDATE,
          v1::EVENT_KIND_OUT_DESTINATION_DELETE};
}
EventKinds KindsOf(const v1::Dl&) {
  return {v1::EVENT_KIND_OUT_DL_LIST_CREATE, v1::EVENT_KIND_OUT_DL_LIST_UPDATE,
          v1::EVENT_KIND_OUT_DL_LIST_DELETE};
}

template <class Record>
void StampNew(const Now& now, const Uuid& uuid, Record* record) {
  record->set_uuid(uuid.ToString());
  record->set_revision(1);
  record->set_tm_create(FormatRecordTime(now.wall));
  record->clear_tm_update();
  record->clear_tm_delete();
}

template <class Record>
void StampChanged(const Now& now, Record* record) {
  record->set_revision(record->revision() + 1);
  record->set_tm_update(FormatRecordTime(now.wall));
}

template <class Record>
void StampDeleted(const Now& now, Record* record) {
  record->set_revision(record->revision() + 1);
  record->set_tm_delete(FormatRecordTime(now.wall));
}

template <class Record>
CampaignUuid CampaignOf(const Record&) {
  return CampaignUuid();
}
template <>
CampaignUuid CampaignOf(const v1::Campaign& campaign) {
  return UuidOf<CampaignUuid>(campaign.uuid());
}
template <>
CampaignUuid CampaignOf(const v1::Dialing& dialing) {
  return UuidOf<CampaignUuid>(dialing.camp_uuid());
}

template <class Record>
absl::Status Note(StepContext& ctx, v1::EventKind kind, const Record& record,
                  bool by_dialling = false) {
  return ctx.store.AppendEvent(EventNote{.kind = kind,
                                         .tm = ctx.now.wall,
                                         .campaign = CampaignOf(record),
                                         .record = &record,
                                         .by_dialling = by_dialling});
}

}  // namespace

absl::Status RecordWriter::Load(RoundStore& store) {
  OUTDIAL_ASSIGN_OR_RETURN(max_list_number_, store.MaxListNumber());
  return absl::OkStatus();
}

absl::Status RecordWriter::PutSmall(StepContext& ctx, const v1::Campaign& campaign) {
  if (campaign.has_tm_delete()) {
    catalog_->Erase(UuidOf<CampaignUuid>(campaign.uuid()));
  } else {
    catalog_->Put(campaign);
  }
  return ctx.store.PutCampaign(campaign);
}

absl::Status RecordWriter::PutSmall(StepContext& ctx, const v1::Plan& plan) {
  if (plan.has_tm_delete()) {
    catalog_->Erase(UuidOf<PlanUuid>(plan.uuid()));
  } else {
    catalog_->Put(plan);
  }
  return ctx.store.PutPlan(plan);
}

absl::Status RecordWriter::PutSmall(StepContext& ctx, const v1::Dlma& dlma) {
  const auto uuid = UuidOf<DlmaUuid>(dlma.uuid());
  const ListNumber number = uuid.list_number();
  if (dlma.has_tm_delete()) {
    catalog_->Erase(uuid);
    selectors_.erase(number);
  } else {
    catalog_->Put(dlma, number);
  }
  return ctx.store.PutDlma(dlma, number);
}

absl::Status RecordWriter::PutSmall(StepContext& ctx, const v1::Destination& destination) {
  if (destination.has_tm_delete()) {
    catalog_->Erase(UuidOf<DestinationUuid>(destination.uuid()));
  } else {
    catalog_->Put(destination);
  }
  return ctx.store.PutDestination(destination);
}

template <class Record>
absl::StatusOr<Record> RecordWriter::Create(StepContext& ctx, Record record) {
  constexpr bool kIsList = std::is_same_v<Record, v1::Dlma>;
  StampNew(ctx.now, uuids_.Next(ctx.now.wall, kIsList ? ++max_list_number_ : 0), &record);
  if constexpr (kIsList) {
    record.set_dl_table(absl::StrReplaceAll(record.uuid(), {{"-", "_"}}));
  }
  OUTDIAL_RETURN_IF_ERROR(PutSmall(ctx, record));
  OUTDIAL_RETURN_IF_ERROR(Note(ctx, KindsOf(record).create, record));
  return record;
}

template <class Record>
absl::StatusOr<Record> RecordWriter::Update(StepContext& ctx, Record record) {
  StampChanged(ctx.now, &record);
  OUTDIAL_RETURN_IF_ERROR(PutSmall(ctx, record));
  OUTDIAL_RETURN_IF_ERROR(Note(ctx, KindsOf(record).update, record));
  return record;
}

template <class Record>
absl::StatusOr<Record> RecordWriter::Delete(StepContext& ctx, Record record) {
  StampDeleted(ctx.now, &record);
  OUTDIAL_RETURN_IF_ERROR(PutSmall(ctx, record));
  OUTDIAL_RETURN_IF_ERROR(Note(ctx, KindsOf(record).del, record));
  return record;
}

#define OUTDIAL_INSTANTIATE(Record)                                                   \
  template absl::StatusOr<Record> RecordWriter::Create<Record>(StepContext&, Record); \
  template absl::StatusOr<Record> RecordWriter::Update<Record>(StepContext&, Record); \
  template absl::StatusOr<Record> RecordWriter::Delete<Record>(StepContext&, Record)
OUTDIAL_INSTANTIATE(v1::Campaign);
OUTDIAL_INSTANTIATE(v1::Plan);
OUTDIAL_INSTANTIATE(v1::Dlma);
OUTDIAL_INSTANTIATE(v1::Destination);
#undef OUTDIAL_INSTANTIATE

absl::Status RecordWriter::PutDl(StepContext& ctx, const v1::Dl* before, const v1::Dl& after) {
  OUTDIAL_ASSIGN_OR_RETURN(const IndexChange change, ctx.store.PutDl(before, after, ctx.now.wall));
  const auto it = selectors_.find(UuidOf<DlUuid>(after.uuid()).list_number());
  if (it != selectors_.end()) it->second.OnIndexChange(change, ClassOf(after));
  return absl::OkStatus();
}

absl::Status RecordWriter::ImportDl(StepContext& ctx, ListNumber list, v1::Dl* dl) {
  StampNew(ctx.now, uuids_.Next(ctx.now.wall, list), dl);
  return PutDl(ctx, nullptr, *dl);
}

absl::Status RecordWriter::MergeDl(StepContext& ctx, const v1::Dl& before, v1::Dl after) {
  StampChanged(ctx.now, &after);
  return PutDl(ctx, &before, after);
}

absl::StatusOr<v1::Dl> RecordWriter::CreateDl(StepContext& ctx, ListNumber list, v1::Dl dl) {
  StampNew(ctx.now, uuids_.Next(ctx.now.wall, list), &dl);
  OUTDIAL_RETURN_IF_ERROR(PutDl(ctx, nullptr, dl));
  OUTDIAL_RETURN_IF_ERROR(Note(ctx, KindsOf(dl).create, dl));
  return dl;
}

absl::StatusOr<v1::Dl> RecordWriter::UpdateDl(StepContext& ctx, const v1::Dl& before,
                                              v1::Dl after) {
  StampChanged(ctx.now, &after);
  OUTDIAL_RETURN_IF_ERROR(PutDl(ctx, &before, after));
  const bool by_dialling =
      before.status() != v1::DL_STATUS_IDLE || after.status() != v1::DL_STATUS_IDLE;
  OUTDIAL_RETURN_IF_ERROR(Note(ctx, KindsOf(after).update, after, by_dialling));
  return after;
}

absl::StatusOr<v1::Dl> RecordWriter::DeleteDl(StepContext& ctx, const v1::Dl& before) {
  v1::Dl after = before;
  StampDeleted(ctx.now, &after);
  OUTDIAL_RETURN_IF_ERROR(PutDl(ctx, &before, after));
  OUTDIAL_RETURN_IF_ERROR(Note(ctx, KindsOf(after).del, after));
  return after;
}

DialingUuid RecordWriter::NewDialingUuid(const Now& now, ListNumber list) {
  return DialingUuid(uuids_.Next(now.wall, list));
}

absl::Status RecordWriter::CreateDialing(StepContext& ctx, v1::Dialing* dialing) {
  dialing->set_revision(1);
  dialing->set_tm_create(FormatRecordTime(ctx.now.wall));
  OUTDIAL_RETURN_IF_ERROR(ctx.store.CreateDialing(*dialing));
  return Note(ctx, v1::EVENT_KIND_OUT_DIALING_CREATE, *dialing);
}

absl::Status RecordWriter::UpdateDialing(StepContext& ctx, v1::Dialing* dialing) {
  StampChanged(ctx.now, dialing);
  OUTDIAL_RETURN_IF_ERROR(ctx.store.UpdateDialing(*dialing));
  return Note(ctx, v1::EVENT_KIND_OUT_DIALING_UPDATE, *dialing);
}

absl::Status RecordWriter::EndDialing(StepContext& ctx, v1::Dialing* dialing, int32_t day) {
  StampDeleted(ctx.now, dialing);
  OUTDIAL_RETURN_IF_ERROR(ctx.store.EndDialing(*dialing, day));
  return Note(ctx, v1::EVENT_KIND_OUT_DIALING_DELETE, *dialing);
}

absl::Status RecordWriter::AppendImportEvent(StepContext& ctx, const v1::DlImportSlice& slice) {
  return Note(ctx, v1::EVENT_KIND_OUT_DL_LIST_IMPORT, slice);
}

absl::Status RecordWriter::AppendReconcileEvent(StepContext& ctx,
                                                const v1::NodeReconcile& reconcile) {
  return Note(ctx, v1::EVENT_KIND_OUT_NODE_RECONCILE, reconcile);
}

absl::StatusOr<DlSelector*> RecordWriter::SelectorOf(StepContext& ctx, ListNumber list) {
  const auto it = selectors_.find(list);
  if (it != selectors_.end()) return &it->second;
  DlSelector selector(list);
  OUTDIAL_RETURN_IF_ERROR(selector.Load(ctx.store));
  return &selectors_.emplace(list, std::move(selector)).first->second;
}

}  // namespace outdial::engine
