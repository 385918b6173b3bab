#include "engine/import_handler.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/errors.h"
#include "engine/field_checker.h"
#include "engine/record_form.h"
#include "engine/record_update.h"
#include "engine/required_uuid.h"
#include "engine/validation.h"

namespace outdial::engine {

namespace {

v1::OutDlListImportResponse ImportAnswer(const ImportProgress& progress) {
  v1::OutDlListImportResponse response;
  response.set_next_row(progress.next_row);
  response.set_accepted(progress.accepted);
  response.set_refused(progress.refused);
  return response;
}

// All violations of a row in one line, under the field of the first.
v1::RefusedRow Refused(uint64_t row, const absl::Status& status) {
  v1::RefusedRow refused;
  refused.set_row(row);
  const std::vector<FieldViolation> violations = ViolationsOf(status);
  if (violations.empty()) {
    refused.set_reason(std::string(status.message()));
    return refused;
  }
  refused.set_field(violations.front().field);
  std::string reason = violations.front().description;
  for (size_t i = 1; i < violations.size(); ++i) {
    absl::StrAppend(&reason, "; ", violations[i].field, " ", violations[i].description);
  }
  refused.set_reason(std::move(reason));
  return refused;
}

}  // namespace

absl::StatusOr<ImportProgress> ImportHandler::Find(StepContext& ctx,
                                                   const v1::OutDlListImportBegin& begin) const {
  OUTDIAL_ASSIGN_OR_RETURN(const DlmaUuid dlma,
                           RequiredUuid<DlmaUuid>("begin.dlma_uuid", begin.dlma_uuid()));
  if (const auto problem = RequestIdProblem(begin.request_id())) {
    return InvalidField("begin.request_id", *problem);
  }
  if (catalog_->FindList(dlma) == nullptr) return NoSuch("dlma", begin.dlma_uuid());
  OUTDIAL_ASSIGN_OR_RETURN(const std::optional<ImportProgress> known,
                           ctx.store.FindImport(begin.request_id()));
  if (!known.has_value()) return ImportProgress{.dlma = dlma};
  if (known->dlma != dlma) {
    return AlreadyExists(Reason::kRequestIdReused,
                         "request_id was used before for an import into another list; give each "
                         "import an id of its own");
  }
  return *known;
}

absl::StatusOr<v1::OutDlListImportResponse> ImportHandler::Begin(
    StepContext& ctx, const v1::OutDlListImportBegin& begin) const {
  OUTDIAL_ASSIGN_OR_RETURN(const ImportProgress progress, Find(ctx, begin));
  return ImportAnswer(progress);
}

absl::Status ImportHandler::TakeRow(StepContext& ctx, const ListRecord& list, const v1::Dl& given) {
  v1::Dl dl;
  CopyGivenFields(given, &dl);
  FieldChecker checker;
  if (!given.dlma_uuid().empty() && given.dlma_uuid() != list.dlma.uuid()) {
    checker.Add("dl.dlma_uuid", "must be absent or the list of the import");
  }
  dl.set_dlma_uuid(list.dlma.uuid());
  CheckDl(dl, *config_, checker);
  OUTDIAL_RETURN_IF_ERROR(checker.ToStatus());
  SetDefaults(&dl);
  Normalize(*config_, &dl);
  return writer_->ImportDl(ctx, list.number, std::move(dl));
}

absl::StatusOr<v1::OutDlListImportResponse> ImportHandler::Take(StepContext& ctx,
                                                                const ImportSlice& slice) {
  OUTDIAL_ASSIGN_OR_RETURN(ImportProgress progress, Find(ctx, slice.begin));
  const v1::OutDlListImportBatch& batch = slice.batch;
  if (batch.rows_size() > kMaxImportSliceRows) {
    return InvalidField("batch.rows", absl::StrCat("must be at most ", kMaxImportSliceRows));
  }
  if (batch.first_row() > progress.next_row) {
    return OutOfRange(Reason::kImportOutOfOrder,
                      absl::StrCat("the batch begins at row ", batch.first_row(), ", but row ",
                                   progress.next_row, " comes next"));
  }
  const uint64_t end_row = batch.first_row() + static_cast<uint64_t>(batch.rows_size());
  if (end_row <= progress.next_row) return ImportAnswer(progress);

  const ListRecord& list = *catalog_->FindList(progress.dlma);
  v1::DlImportSlice note;
  note.set_dlma_uuid(list.dlma.uuid());
  note.set_request_id(slice.begin.request_id());
  note.set_first_row(progress.next_row);
  note.set_end_row(end_row);
  std::vector<v1::RefusedRow> refused;
  for (uint64_t row = progress.next_row; row < end_row; ++row) {
    const absl::Status taken =
        TakeRow(ctx, list, batch.rows(static_cast<int>(row - batch.first_row())));
    if (taken.ok()) continue;
    // Errors of the store carry no reason, and end the round.
    if (ReasonOf(taken) == Reason::kNone) return taken;
    refused.push_back(Refused(row, taken));
  }
  note.set_refused(refused.size());
  note.set_accepted(end_row - progress.next_row - refused.size());
  progress.next_row = end_row;
  progress.accepted += note.accepted();
  progress.refused += note.refused();
  OUTDIAL_RETURN_IF_ERROR(ctx.store.PutImport(slice.begin.request_id(), progress, ctx.now.wall));
  OUTDIAL_RETURN_IF_ERROR(writer_->AppendImportEvent(ctx, note));
  controller_->RecordsChanged(catalog_->UsersOf(progress.dlma));
  v1::OutDlListImportResponse response = ImportAnswer(progress);
  for (v1::RefusedRow& row : refused) *response.add_refused_rows() = std::move(row);
  return response;
}

}  // namespace outdial::engine
