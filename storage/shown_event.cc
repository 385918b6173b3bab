#include "storage/shown_event.h"

#include <variant>

#include "storage/record_store.h"
#include "storage/record_time.h"

namespace outdial::storage {
namespace {

// Sets uuid and record.
class RecordShower {
 public:
  explicit RecordShower(v1::Event* event) : event_(event) {}

  void operator()(const v1::Campaign* campaign) { Show(*campaign, event_->mutable_campaign()); }
  void operator()(const v1::Plan* plan) { Show(*plan, event_->mutable_plan()); }
  void operator()(const v1::Dlma* dlma) { Show(*dlma, event_->mutable_dlma()); }
  void operator()(const v1::Destination* destination) {
    Show(*destination, event_->mutable_destination());
  }
  void operator()(const v1::Dl* dl) {
    if (IsDelete(event_->kind())) return Show(*dl, event_->mutable_dl());
    event_->set_uuid(dl->uuid());
    event_->unsafe_arena_set_allocated_dl(const_cast<v1::Dl*>(dl));
  }
  void operator()(const v1::Dialing* dialing) {
    event_->set_uuid(dialing->uuid());
    event_->unsafe_arena_set_allocated_dialing(const_cast<v1::Dialing*>(dialing));
  }
  void operator()(const v1::DlImportSlice* slice) {
    event_->set_uuid(slice->dlma_uuid());
    *event_->mutable_import_slice() = *slice;
  }
  void operator()(const v1::NodeReconcile* reconcile) {
    *event_->mutable_node_reconcile() = *reconcile;
  }

 private:
  template <class Record>
  void Show(const Record& record, Record* into) {
    event_->set_uuid(record.uuid());
    if (IsDelete(event_->kind())) {
      into->set_uuid(record.uuid());
    } else {
      *into = record;
    }
  }

  v1::Event* const event_;
};

}  // namespace

bool IsDelete(v1::EventKind kind) {
  switch (kind) {
    case v1::EVENT_KIND_OUT_CAMPAIGN_DELETE:
    case v1::EVENT_KIND_OUT_PLAN_DELETE:
    case v1::EVENT_KIND_OUT_DLMA_DELETE:
    case v1::EVENT_KIND_OUT_DL_LIST_DELETE:
    case v1::EVENT_KIND_OUT_DESTINATION_DELETE:
    case v1::EVENT_KIND_OUT_DIALING_DELETE:
      return true;
    default:
      return false;
  }
}

const v1::Event& ShownEvent::Show(uint64_t sequence, const engine::EventNote& note) {
  event_.clear_record();
  event_.clear_uuid();
  event_.set_position(EncodePosition(sequence));
  event_.set_kind(note.kind);
  // The events of one step have one time.
  if (tm_ != note.tm) event_.set_tm(FormatRecordNanos(absl::ToUnixNanos(note.tm)));
  tm_ = note.tm;
  std::visit(RecordShower(&event_), note.record);
  return event_;
}

void ShownEvent::Unlend() {
  if (event_.has_dialing()) {
    event_.unsafe_arena_release_dialing();
  } else if (event_.has_dl() && !IsDelete(event_.kind())) {
    event_.unsafe_arena_release_dl();
  }
}

}  // namespace outdial::storage
