// Bulk imports: slices of rows, each taken or refused row by row, and a progress that a cut import
// goes on from. Belongs to the engine's thread.
#pragma once

#include <cstdint>
#include <optional>

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
  // passed over; OUT_OF_RANGE: rows are missing in between. Of a dry run nothing is kept, so that
  // any slice may come, and the counts are of the slice alone.
  absl::StatusOr<v1::OutDlListImportResponse> Take(StepContext& ctx, const ImportSlice& slice);

 private:
  // What became of the rows of a slice.
  struct SliceCounts {
    uint64_t merged = 0;
    uint64_t duplicates = 0;  // merged or refused
  };

  // Of a dry run, of which nothing is kept: as if it had not begun.
  absl::StatusOr<ImportProgress> Find(StepContext& ctx,
                                      const v1::OutDlListImportBegin& begin) const;
  // One row; an error with a reason refuses it.
  absl::Status TakeRow(StepContext& ctx, const ListRecord& list,
                       const v1::OutDlListImportBegin& begin, const v1::Dl& given,
                       SliceCounts* counts);
  // The entry that is the same person; absent: none, or nobody asks.
  absl::StatusOr<std::optional<DlUuid>> FindTwin(StepContext& ctx, ListNumber list,
                                                 const v1::OutDlListImportBegin& begin,
                                                 const v1::Dl& row) const;
  absl::Status Merge(StepContext& ctx, const DlUuid& twin, const v1::Dl& row);
  // Makes durable how far the import got, and tells of it.
  absl::Status Note(StepContext& ctx, const ImportSlice& slice, const ImportProgress& progress,
                    const v1::DlImportSlice& note);

  const EngineConfig* config_;
  const Catalog* catalog_;
  RecordWriter* writer_;
  CampaignController* controller_;
  // The row that is being taken: its memory is used again for the next one.
  v1::Dl row_;
};

}  // namespace outdial::engine
