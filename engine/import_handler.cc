#include "engine/import_handler.h"

#include <cstdint>
#include <optional>
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
#include "google/protobuf/util/message_differencer.h"

namespace outdial::engine {

namespace {

v1::OutDlListImportResponse ImportAnswer(const ImportProgress& progress) {
  v1::OutDlListImportResponse response;
  response.set_next_row(progress.next_row);
  response.set_accepted(progress.accepted);
  response.set_refused(progress.refused);
  response.set_duplicates(progress.duplicates);
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

absl::Status CheckBegin(const v1::OutDlListImportBegin& begin) {
  FieldChecker checker;
  checker.Check("begin.request_id", RequestIdProblem(begin.request_id()));
  if (!v1::DuplicateRule_IsValid(begin.duplicates())) {
    checker.Add("begin.duplicates", "must be 0 (allow), 1 (refuse) or 2 (merge)");
  }
  if (!v1::DuplicateKey_IsValid(begin.duplicate_key())) {
    checker.Add("begin.duplicate_key", "must be 0 (ukey) or 1 (number)");
  }
  return checker.ToStatus();
}

// What the row carries goes over what the entry has; its history stays, and numbers that the row
// has none for.
v1::Dl Merged(const v1::Dl& entry, const v1::Dl& row, const EngineConfig& config) {
  v1::Dl given = row;
  given.clear_number();
  given.clear_trycnt();
  given.clear_outcome();
  given.clear_res_dial();
  given.clear_res_dial_detail();
  given.clear_res_hangup();
  given.clear_res_hangup_detail();
  v1::Dl merged = entry;
  CopyGivenFields(given, &merged);
  SetDefaults(&merged);
  for (int slot = 0; slot < row.number_size(); ++slot) {
    if (!row.number(slot).empty()) merged.set_number(slot, row.number(slot));
  }
  Normalize(config, &merged);
  return merged;
}

bool IsSame(const v1::Dl& a, const v1::Dl& b) {
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

}  // namespace

absl::StatusOr<ImportProgress> ImportHandler::Find(StepContext& ctx,
                                                   const v1::OutDlListImportBegin& begin) const {
  OUTDIAL_ASSIGN_OR_RETURN(const DlmaUuid dlma,
                           RequiredUuid<DlmaUuid>("begin.dlma_uuid", begin.dlma_uuid()));
  OUTDIAL_RETURN_IF_ERROR(CheckBegin(begin));
  if (catalog_->FindList(dlma) == nullptr) return NoSuch("dlma", begin.dlma_uuid());
  if (begin.dry_run()) return ImportProgress{.dlma = dlma};
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

absl::StatusOr<std::optional<DlUuid>> ImportHandler::FindTwin(StepContext& ctx, ListNumber list,
                                                              const v1::OutDlListImportBegin& begin,
                                                              const v1::Dl& row) const {
  std::optional<DlUuid> oldest;
  const auto look = [&](EntryKey key, absl::string_view text) -> absl::Status {
    if (text.empty()) return absl::OkStatus();
    OUTDIAL_ASSIGN_OR_RETURN(const std::vector<DlUuid> found,
                             ctx.store.FindEntries(list, key, text, /*limit=*/1));
    if (!found.empty() && (!oldest.has_value() || found[0] < *oldest)) oldest = found[0];
    return absl::OkStatus();
  };
  if (begin.duplicates() == v1::DUPLICATE_RULE_ALLOW) return oldest;
  if (begin.duplicate_key() == v1::DUPLICATE_KEY_UKEY) {
    OUTDIAL_RETURN_IF_ERROR(look(EntryKey::kUkey, row.ukey()));
    return oldest;
  }
  for (const std::string& number : row.number()) {
    OUTDIAL_RETURN_IF_ERROR(look(EntryKey::kNumber, number));
  }
  return oldest;
}

absl::Status ImportHandler::Merge(StepContext& ctx, const DlUuid& twin, const v1::Dl& row) {
  OUTDIAL_ASSIGN_OR_RETURN(const DlPtr entry, ctx.store.GetDl(twin));
  v1::Dl merged = Merged(*entry, row, *config_);
  if (IsSame(*entry, merged)) return absl::OkStatus();
  return writer_->MergeDl(ctx, *entry, std::move(merged));
}

absl::Status ImportHandler::TakeRow(StepContext& ctx, const ListRecord& list,
                                    const v1::OutDlListImportBegin& begin, const v1::Dl& given,
                                    SliceCounts* counts) {
  v1::Dl& dl = row_;
  dl = given;
  ClearOutputOnly(&dl);
  FieldChecker checker;
  if (!given.dlma_uuid().empty() && given.dlma_uuid() != list.dlma.uuid()) {
    checker.Add("dl.dlma_uuid", "must be absent or the list of the import");
  }
  dl.set_dlma_uuid(list.dlma.uuid());
  CheckDl(dl, *config_, checker);
  OUTDIAL_RETURN_IF_ERROR(checker.ToStatus());
  SetDefaults(&dl);
  Normalize(*config_, &dl);
  OUTDIAL_ASSIGN_OR_RETURN(const std::optional<DlUuid> twin, FindTwin(ctx, list.number, begin, dl));
  if (twin.has_value()) {
    ++counts->duplicates;
    if (begin.duplicates() == v1::DUPLICATE_RULE_REFUSE) {
      const bool by_ukey = begin.duplicate_key() == v1::DUPLICATE_KEY_UKEY;
      return InvalidField(
          by_ukey ? "dl.ukey" : "dl.number",
          absl::StrCat("is that of an entry which is in the list already: ", twin->ToString()));
    }
    ++counts->merged;
    return begin.dry_run() ? absl::OkStatus() : Merge(ctx, *twin, dl);
  }
  return begin.dry_run() ? absl::OkStatus() : writer_->ImportDl(ctx, list.number, &dl);
}

absl::Status ImportHandler::Note(StepContext& ctx, const ImportSlice& slice,
                                 const ImportProgress& progress, const v1::DlImportSlice& note) {
  if (slice.begin.dry_run()) return absl::OkStatus();
  OUTDIAL_RETURN_IF_ERROR(ctx.store.PutImport(slice.begin.request_id(), progress, ctx.now.wall));
  OUTDIAL_RETURN_IF_ERROR(writer_->AppendImportEvent(ctx, note));
  controller_->RecordsChanged(catalog_->UsersOf(progress.dlma));
  return absl::OkStatus();
}

absl::StatusOr<v1::OutDlListImportResponse> ImportHandler::Take(StepContext& ctx,
                                                                const ImportSlice& slice) {
  OUTDIAL_ASSIGN_OR_RETURN(ImportProgress progress, Find(ctx, slice.begin));
  const v1::OutDlListImportBatch& batch = slice.batch;
  if (batch.rows_size() > kMaxImportSliceRows) {
    return InvalidField("batch.rows", absl::StrCat("must be at most ", kMaxImportSliceRows));
  }
  if (slice.begin.dry_run()) progress.next_row = batch.first_row();
  if (batch.first_row() > progress.next_row) {
    return OutOfRange(Reason::kImportOutOfOrder,
                      absl::StrCat("the batch begins at row ", batch.first_row(), ", but row ",
                                   progress.next_row, " comes next"));
  }
  const uint64_t end_row = batch.first_row() + static_cast<uint64_t>(batch.rows_size());
  if (end_row <= progress.next_row) return ImportAnswer(progress);

  const ListRecord& list = *catalog_->FindList(progress.dlma);
  SliceCounts counts;
  std::vector<v1::RefusedRow> refused;
  for (uint64_t row = progress.next_row; row < end_row; ++row) {
    const absl::Status taken = TakeRow(
        ctx, list, slice.begin, batch.rows(static_cast<int>(row - batch.first_row())), &counts);
    if (taken.ok()) continue;
    // Errors of the store carry no reason, and end the round.
    if (ReasonOf(taken) == Reason::kNone) return taken;
    refused.push_back(Refused(row, taken));
  }
  v1::DlImportSlice note;
  note.set_dlma_uuid(list.dlma.uuid());
  note.set_request_id(slice.begin.request_id());
  note.set_first_row(progress.next_row);
  note.set_end_row(end_row);
  note.set_refused(refused.size());
  note.set_accepted(end_row - progress.next_row - refused.size());
  note.set_merged(counts.merged);
  progress.next_row = end_row;
  progress.accepted += note.accepted();
  progress.refused += note.refused();
  progress.duplicates += counts.duplicates;
  OUTDIAL_RETURN_IF_ERROR(Note(ctx, slice, progress, note));
  v1::OutDlListImportResponse response = ImportAnswer(progress);
  for (v1::RefusedRow& row : refused) *response.add_refused_rows() = std::move(row);
  return response;
}

}  // namespace outdial::engine
