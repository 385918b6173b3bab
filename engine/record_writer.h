// Every change of a record goes through here: revision and times are set, the store, the catalog
// and the selectors learn of it, and its event is written, all in one place and one order.
#pragma once

#include <map>
#include <memory>

#include "absl/status/status.h"
#include "engine/catalog.h"
#include "engine/dl_selector.h"
#include "engine/step_context.h"
#include "engine/uuid_generator.h"
#include "outdial/v1/campaign.pb.h"
#include "outdial/v1/destination.pb.h"
#include "outdial/v1/dialing.pb.h"
#include "outdial/v1/dl.pb.h"
#include "outdial/v1/dlma.pb.h"
#include "outdial/v1/plan.pb.h"

namespace outdial::engine {

// Belongs to the engine's thread.
class RecordWriter {
 public:
  RecordWriter(Catalog* catalog, uint64_t seed) : catalog_(catalog), uuids_(seed) {}

  absl::Status Load(RoundStore& store);

  // Small records, for Campaign, Plan, Dlma and Destination; returned as they were stored.
  // A new one: uuid, revision and tm_create are set.
  template <class Record>
  absl::StatusOr<Record> Create(StepContext& ctx, Record record);
  // A changed one: revision and tm_update are set.
  template <class Record>
  absl::StatusOr<Record> Update(StepContext& ctx, Record record);
  // Marks it deleted.
  template <class Record>
  absl::StatusOr<Record> Delete(StepContext& ctx, Record record);

  // Entries, likewise. `before` is the entry as the store gave it.
  absl::StatusOr<v1::Dl> CreateDl(StepContext& ctx, ListNumber list, v1::Dl dl);
  // A row of an import: as CreateDl, but its slice makes the event.
  absl::Status ImportDl(StepContext& ctx, ListNumber list, v1::Dl* dl);
  // A row that was merged into an entry: as UpdateDl, but its slice makes the event.
  absl::Status MergeDl(StepContext& ctx, const v1::Dl& before, v1::Dl after);
  absl::StatusOr<v1::Dl> UpdateDl(StepContext& ctx, const v1::Dl& before, v1::Dl after);
  absl::StatusOr<v1::Dl> DeleteDl(StepContext& ctx, const v1::Dl& before);

  // A dialing: made, changed, ended. Its uuid is made by NewDialingUuid before.
  DialingUuid NewDialingUuid(const Now& now, ListNumber list);
  absl::Status CreateDialing(StepContext& ctx, v1::Dialing* dialing);
  absl::Status UpdateDialing(StepContext& ctx, v1::Dialing* dialing);
  absl::Status EndDialing(StepContext& ctx, v1::Dialing* dialing, int32_t day);

  absl::Status AppendImportEvent(StepContext& ctx, const v1::DlImportSlice& slice);
  absl::Status AppendReconcileEvent(StepContext& ctx, const v1::NodeReconcile& reconcile);

  // The selector of a list, loaded when it is first asked for.
  absl::StatusOr<DlSelector*> SelectorOf(StepContext& ctx, ListNumber list);

 private:
  // Puts the record into catalog and store.
  absl::Status PutSmall(StepContext& ctx, const v1::Campaign& campaign);
  absl::Status PutSmall(StepContext& ctx, const v1::Plan& plan);
  absl::Status PutSmall(StepContext& ctx, const v1::Dlma& dlma);
  absl::Status PutSmall(StepContext& ctx, const v1::Destination& destination);

  absl::Status PutDl(StepContext& ctx, const v1::Dl* before, const v1::Dl& after);

  Catalog* catalog_;
  UuidGenerator uuids_;
  ListNumber max_list_number_ = 0;
  std::map<ListNumber, DlSelector> selectors_;
};

}  // namespace outdial::engine
