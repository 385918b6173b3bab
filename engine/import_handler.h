// Bulk imports: slices of rows, each taken or refused row by row, and a progress that a cut import
// goes on from. Belongs to the engine's thread.
#pragma once

#include "absl/status/statusor.h"
#include "engine/action.h"
#include "engine/campaign_controller.h"
#include "engine/catalog.h"
#include "engine/engine_config.h"
#include "engine/record_writer.h"
#include "engine/step_context.h"

namespace outdial::engine {

class ImportHandler {
 public:
  // All must outlive the handler.
  ImportHandler(const EngineConfig* config, const Catalog* catalog, RecordWriter* writer,
                CampaignController* controller)
      : config_(config), catalog_(catalog), writer_(writer), controller_(controller) {}

  // Where an import goes on.
  absl::StatusOr<v1::OutDlListImportResponse> Begin(StepContext& ctx,
                                                    const v1::OutDlListImportBegin& begin) const;
  // Takes what is good of a slice and tells what is not. Rows that an earlier slice held are
  // passed over; OUT_OF_RANGE: rows are missing in between.
  absl::StatusOr<v1::OutDlListImportResponse> Take(StepContext& ctx, const ImportSlice& slice);

 private:
  absl::StatusOr<ImportProgress> Find(StepContext& ctx,
                                      const v1::OutDlListImportBegin& begin) const;
  // One row; an error with a reason refuses it.
  absl::Status TakeRow(StepContext& ctx, const ListRecord& list, const v1::Dl& given);

  const EngineConfig* config_;
  const Catalog* catalog_;
  RecordWriter* writer_;
  CampaignController* controller_;
};

}  // namespace outdial::engine
