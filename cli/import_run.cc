#include "cli/import_run.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/text_table.h"

namespace outdial::cli {
namespace {

// Batches that may be on their way: the server writes one while the next one travels.
constexpr size_t kMaxBatchesInFlight = 4;
constexpr absl::Duration kPlainProgressPeriod = absl::Seconds(10);

}  // namespace

ImportRun::ImportRun(const CommandContext& context, v1::OutDlListImportBegin begin,
                     uint64_t total_bytes, const InputBuffer* input)
    : context_(context),
      begin_(std::move(begin)),
      input_(input),
      progress_(total_bytes),
      line_(std::make_unique<StatusLine>(context.io, kPlainProgressPeriod)) {}

CommandStatus ImportRun::Run(RowSource* source) {
  grpc::ClientContext call;
  context_.connection.Prepare(&call, Connection::Length::kLong);
  const Interrupt::CancelsCall cancels(context_.connection.interrupt(), &call);
  v1::OutDlListService::Stub stub(context_.connection.channel());
  const std::unique_ptr<Stream> stream = stub.OutDlListImport(&call);
  if (!Begin(stream.get())) return Broken(stream->Finish());
  CommandStatus status = refused_.Open(context_.flags.Get("refused"), first_row_ > 0, source);
  if (!status.ok()) {
    call.TryCancel();
    stream->Finish();
    return status;
  }
  BatchMaker batches(source);
  batches.SkipTo(first_row_);
  const bool is_whole = SendAll(&batches, stream.get());
  if (is_whole) stream->WritesDone();
  // Answers that are still unread would hold Finish back for ever; they also tell what is durable.
  while (!in_flight_.empty() && ReadAnswer(stream.get())) {
  }
  for (v1::OutDlListImportResponse unasked; stream->Read(&unasked);) {
  }
  const grpc::Status end = stream->Finish();
  line_.reset();
  totals_.refused_here += batches.skipped_refusals();
  status = refused_.Close();
  if (!is_whole || !end.ok()) return Broken(end);
  if (!input_->error().empty()) return IsDamaged();
  if (batches.rows() < first_row_) return IsAnotherFile(batches.rows());
  return status.ok() ? Summary(batches.rows() > first_row_ || first_row_ == 0) : status;
}

bool ImportRun::Begin(Stream* stream) {
  v1::OutDlListImportRequest request;
  *request.mutable_begin() = begin_;
  v1::OutDlListImportResponse response;
  if (!stream->Write(request) || !stream->Read(&response)) return false;
  Take(response);
  first_row_ = response.next_row();
  if (begin_.dry_run()) return true;
  context_.io.err << "request id " << begin_.request_id() << '\n';
  if (first_row_ > 0) {
    context_.io.err << "going on with an import that was begun before: " << first_row_
                    << " rows are done\n";
  }
  return true;
}

bool ImportRun::SendAll(BatchMaker* batches, Stream* stream) {
  ImportBatch batch;
  while (batches->Next(&batch)) {
    batch.file_bytes = input_->source_bytes();
    if (batch.rows.empty()) {
      // Told in the order of the file. Where the import is cut before the next row, and gone on
      // with, these are told again.
      if (!ReadAnswers(stream)) return false;
      Report(batch, {});
      ShowProgress(batch);
      continue;
    }
    if (!stream->Write(batch.request)) return false;
    in_flight_.push_back(std::move(batch));
    if (in_flight_.size() >= kMaxBatchesInFlight && !ReadAnswer(stream)) return false;
  }
  if (!ReadAnswers(stream)) return false;
  Report(batch, {});
  return true;
}

bool ImportRun::ReadAnswer(Stream* stream) {
  v1::OutDlListImportResponse response;
  if (!stream->Read(&response)) return false;
  Take(response);
  Report(in_flight_.front(), response);
  ShowProgress(in_flight_.front());
  in_flight_.pop_front();
  return true;
}

bool ImportRun::ReadAnswers(Stream* stream) {
  while (!in_flight_.empty()) {
    if (!ReadAnswer(stream)) return false;
  }
  return true;
}

void ImportRun::ShowProgress(const ImportBatch& batch) {
  line_->Show(progress_.Text(batch.file_bytes, totals_.next_row, context_.io.now()));
}

void ImportRun::Take(const v1::OutDlListImportResponse& response) {
  totals_.next_row = response.next_row();
  totals_.accepted = response.accepted();
  totals_.refused_by_server = response.refused();
  totals_.duplicates = response.duplicates();
}

void ImportRun::Report(const ImportBatch& batch, const v1::OutDlListImportResponse& response) {
  totals_.refused_here += batch.refusals.size();
  std::vector<Refusal> refusals = batch.refusals;
  for (const v1::RefusedRow& row : response.refused_rows()) {
    const uint64_t index = row.row() - batch.first_row();
    if (index >= batch.rows.size()) continue;
    const std::string field =
        row.field().empty() ? "" : absl::StrCat(ReadableField(row.field()), ": ");
    refusals.push_back({batch.rows[index], field + row.reason()});
  }
  std::stable_sort(refusals.begin(), refusals.end(),
                   [](const Refusal& a, const Refusal& b) { return a.row.line < b.row.line; });
  for (const Refusal& refusal : refusals) refused_.Add(refusal.row, refusal.reason);
  refused_.Flush();
}

CommandStatus ImportRun::Broken(const grpc::Status& end) const {
  CommandStatus status = context_.connection.ToStatus(end);
  if (status.ok()) status = {ExitCode::kUnavailable, "the server ended the import early", {}};
  if (begin_.dry_run()) return status;
  if (status.code == ExitCode::kUnavailable || status.code == ExitCode::kInterrupted) {
    status.details.push_back(absl::StrCat(
        totals_.next_row, " rows are safe; the same command again goes on from there"));
    status.details.push_back(absl::StrCat("request id: ", begin_.request_id()));
  }
  return status;
}

// Rows are known by their number alone: those of another file would be taken for done.
CommandStatus ImportRun::IsAnotherFile(uint64_t rows) const {
  return {
      ExitCode::kInvalid,
      absl::StrCat("the file has ", rows, " rows to import, and the import with this request id ",
                   "has done ", first_row_, " already: it is not the file of that import"),
      {"nothing was imported; another --request-id imports this file",
       absl::StrCat("request id: ", begin_.request_id())}};
}

CommandStatus ImportRun::IsDamaged() const {
  CommandStatus status = {ExitCode::kInvalid, absl::StrCat("the file ", input_->error()), {}};
  if (begin_.dry_run()) return status;
  status.details = {absl::StrCat(totals_.accepted,
                                 " rows before that were taken; the whole file, "
                                 "with this --request-id, goes on after them"),
                    absl::StrCat("request id: ", begin_.request_id())};
  return status;
}

CommandStatus ImportRun::Summary(bool has_new_rows) {
  if (context_.format == OutputFormat::kText) {
    PrintText(has_new_rows);
  } else {
    PrintJson();
  }
  return totals_.refused() == 0 ? Ok() : SomeWereRefused();
}

void ImportRun::PrintText(bool has_new_rows) const {
  std::ostream& out = context_.io.out;
  if (begin_.dry_run()) out << "dry run, nothing was stored: ";
  if (!has_new_rows) out << "all rows were there already: ";
  out << totals_.accepted << " rows taken, " << totals_.refused() << " refused";
  if (begin_.duplicates() == v1::DUPLICATE_RULE_MERGE) {
    out << ", " << totals_.duplicates << " of those taken merged";
  } else if (begin_.duplicates() == v1::DUPLICATE_RULE_REFUSE) {
    out << ", " << totals_.duplicates << " of those refused as duplicates";
  }
  if (begin_.dry_run() && begin_.duplicates() != v1::DUPLICATE_RULE_ALLOW) {
    out << " (duplicates were looked for in the list, not among the rows)";
  }
  out << ", dial list " << begin_.dlma_uuid() << '\n';
}

void ImportRun::PrintJson() const {
  nlohmann::ordered_json json = {
      {"dlma_uuid", begin_.dlma_uuid()},  {"request_id", begin_.request_id()},
      {"accepted", totals_.accepted},     {"refused", totals_.refused()},
      {"duplicates", totals_.duplicates}, {"dry_run", begin_.dry_run()}};
  context_.io.out << json.dump(context_.format == OutputFormat::kJson ? 2 : -1) << '\n';
}

CommandStatus ImportRun::SomeWereRefused() const {
  CommandStatus status = {
      ExitCode::kRowsRefused,
      absl::StrCat(totals_.refused(), totals_.refused() == 1 ? " row was" : " rows were",
                   " refused"),
      refused_.first()};
  const uint64_t unlisted = refused_.count() - refused_.first().size();
  if (unlisted > 0) status.details.push_back(absl::StrCat("and ", unlisted, " more"));
  const uint64_t earlier = totals_.refused() - refused_.count();
  if (earlier > 0) {
    status.details.push_back(absl::StrCat(earlier, " of them were told when the import was begun"));
  }
  const std::string path = context_.flags.Get("refused");
  if (!path.empty() && refused_.count() > 0) {
    // Of an import that was cut, the last answers before that may never have come.
    status.details.push_back(
        absl::StrCat(earlier > 0 ? "those told now are in " : "they are in ", path));
  } else if (unlisted > 0) {
    status.details.push_back("--refused FILE writes them all to a file, for the next import");
  }
  return status;
}

}  // namespace outdial::cli
