// dl import: a CSV file into a dial list, in batches that can be gone on with.
#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/csv_reader.h"
#include "cli/import_columns.h"
#include "cli/record_kinds.h"
#include "cli/refused_rows.h"
#include "cli/request_id.h"
#include "cli/status_line.h"
#include "cli/text_table.h"
#include "cli/utf8.h"
#include "outdial/v1/dl_list_service.grpc.pb.h"

namespace outdial::cli {
namespace {

// The API's bound of a batch.
constexpr int kMaxBatchRows = 1000;
// Well below the 4 MiB that gRPC takes by default.
constexpr size_t kMaxBatchBytes = 1 << 20;
// Batches that may be on their way: the server writes one while the next one travels.
constexpr size_t kMaxBatchesInFlight = 4;
constexpr absl::Duration kPlainProgressPeriod = absl::Seconds(10);

// A row as it stands in the file.
struct FileRow {
  uint64_t line = 0;
  std::vector<std::string> cells;
};

struct Refusal {
  FileRow row;
  std::string reason;
};

// Rows on their way, and the rows among them that could not be sent. These are reported together
// with the batch's answer, so that an import that is gone on with reports no row twice.
struct Batch {
  v1::OutDlListImportRequest request;
  // The sent rows, in order.
  std::vector<FileRow> rows;
  std::vector<Refusal> refusals;
  // How much of the file is read with this batch.
  uint64_t file_bytes = 0;

  uint64_t first_row() const { return request.batch().first_row(); }
};

// Makes batches of a file's rows. The rows that can be sent are numbered from 0; the same file
// always gives the same numbers, which is what makes going on possible. Belongs to one thread.
class BatchMaker {
 public:
  // Both must outlive it.
  BatchMaker(CsvReader* reader, const ImportColumns* columns)
      : reader_(reader), columns_(columns) {}

  // Leaves out the rows before this one: they are durable already.
  void SkipTo(uint64_t row) { first_wanted_ = row; }

  // False: the file has ended; then `batch` may still hold refusals.
  bool Next(Batch* batch);

  // Rows that can be sent, so far; with those that were left out.
  uint64_t rows() const { return next_row_; }
  // Rows left out by SkipTo that could not be sent.
  uint64_t skipped_refusals() const { return skipped_refusals_; }

 private:
  CsvReader* const reader_;
  const ImportColumns* const columns_;
  uint64_t next_row_ = 0;
  uint64_t first_wanted_ = 0;
  uint64_t skipped_refusals_ = 0;
};

bool BatchMaker::Next(Batch* batch) {
  *batch = Batch();
  auto* message = batch->request.mutable_batch();
  size_t bytes = 0;
  CsvRow row;
  while (message->rows_size() < kMaxBatchRows && bytes < kMaxBatchBytes && reader_->Next(&row)) {
    v1::Dl dl;
    const std::string error = row.error.empty() ? columns_->ToDl(row.cells, &dl) : row.error;
    const bool is_wanted = next_row_ >= first_wanted_;
    if (!error.empty()) {
      if (is_wanted) {
        batch->refusals.push_back({{row.line, std::move(row.cells)}, error});
      } else {
        ++skipped_refusals_;
      }
      continue;
    }
    if (is_wanted) {
      if (message->rows_size() == 0) message->set_first_row(next_row_);
      bytes += dl.ByteSizeLong();
      *message->add_rows() = std::move(dl);
      batch->rows.push_back({row.line, std::move(row.cells)});
    }
    ++next_row_;
  }
  batch->file_bytes = reader_->bytes_read();
  return message->rows_size() > 0;
}

// What is known of an import's course.
struct ImportTotals {
  // Of the server, over all streams of this import.
  uint64_t next_row = 0;
  uint64_t accepted = 0;
  uint64_t refused_by_server = 0;
  // Rows that could not be sent.
  uint64_t refused_here = 0;

  uint64_t refused() const { return refused_by_server + refused_here; }
};

// `[=====>    ]  52%  52000 rows  41000 rows/s  1s left`
std::string ProgressText(uint64_t bytes, uint64_t total_bytes, uint64_t rows,
                         absl::Duration elapsed) {
  constexpr int kBarWidth = 20;
  const double seconds = std::max(absl::ToDoubleSeconds(elapsed), 0.001);
  std::string text;
  double share = 0;
  if (total_bytes > 0) {
    share = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(total_bytes));
    const int filled = static_cast<int>(share * kBarWidth);
    text = absl::StrFormat("[%s%s] %3d%%  ", std::string(filled, '='),
                           std::string(kBarWidth - filled, ' '), static_cast<int>(share * 100));
  }
  absl::StrAppendFormat(&text, "%d rows  %d rows/s", rows,
                        static_cast<uint64_t>(static_cast<double>(rows) / seconds));
  if (share > 0) {
    absl::StrAppendFormat(&text, "  %ds left", static_cast<int>(seconds / share * (1 - share)));
  }
  return text;
}

// One import, from the first request to the summary. Belongs to one thread.
class Import {
 public:
  Import(const CommandContext& context, std::string dlma_uuid, std::string request_id,
         uint64_t total_bytes)
      : context_(context),
        dlma_uuid_(std::move(dlma_uuid)),
        request_id_(std::move(request_id)),
        total_bytes_(total_bytes),
        begin_(context.io.now()),
        line_(std::make_unique<StatusLine>(context.io, kPlainProgressPeriod)) {}

  CommandStatus Run(CsvReader* reader, const ImportColumns& columns, char delimiter);

 private:
  using Stream = grpc::ClientReaderWriter<v1::OutDlListImportRequest, v1::OutDlListImportResponse>;

  // Each false: the stream broke; its status tells why.
  bool Begin(Stream* stream);
  bool SendAll(BatchMaker* batches, Stream* stream);
  bool ReadAnswer(Stream* stream);
  void Take(const v1::OutDlListImportResponse& response) {
    totals_.next_row = response.next_row();
    totals_.accepted = response.accepted();
    totals_.refused_by_server = response.refused();
  }
  void Report(const Batch& batch, const v1::OutDlListImportResponse& response);
  CommandStatus Broken(const grpc::Status& status) const;
  CommandStatus IsAnotherFile(uint64_t rows) const;
  CommandStatus Summary(bool has_new_rows);

  const CommandContext& context_;
  const std::string dlma_uuid_;
  const std::string request_id_;
  const uint64_t total_bytes_;
  const absl::Time begin_;
  std::unique_ptr<StatusLine> line_;
  RefusedRows refused_;
  ImportTotals totals_;
  uint64_t first_row_ = 0;
  std::deque<Batch> in_flight_;
};

CommandStatus Import::Run(CsvReader* reader, const ImportColumns& columns, char delimiter) {
  grpc::ClientContext call;
  context_.connection.Prepare(&call, Connection::Length::kLong);
  const Interrupt::CancelsCall cancels(context_.connection.interrupt(), &call);
  v1::OutDlListService::Stub stub(context_.connection.channel());
  const std::unique_ptr<Stream> stream = stub.OutDlListImport(&call);
  if (!Begin(stream.get())) return Broken(stream->Finish());
  CommandStatus status =
      refused_.Open(context_.flags.Get("refused"), first_row_ > 0, columns.header(), delimiter);
  if (!status.ok()) {
    call.TryCancel();
    stream->Finish();
    return status;
  }
  BatchMaker batches(reader, &columns);
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
  if (batches.rows() < first_row_) return IsAnotherFile(batches.rows());
  return status.ok() ? Summary(batches.rows() > first_row_ || first_row_ == 0) : status;
}

bool Import::Begin(Stream* stream) {
  v1::OutDlListImportRequest request;
  request.mutable_begin()->set_dlma_uuid(dlma_uuid_);
  request.mutable_begin()->set_request_id(request_id_);
  v1::OutDlListImportResponse response;
  if (!stream->Write(request) || !stream->Read(&response)) return false;
  Take(response);
  first_row_ = response.next_row();
  context_.io.err << "request id " << request_id_ << '\n';
  if (first_row_ > 0) {
    context_.io.err << "going on with an import that was begun before: " << first_row_
                    << " rows are done\n";
  }
  return true;
}

bool Import::SendAll(BatchMaker* batches, Stream* stream) {
  Batch batch;
  while (batches->Next(&batch)) {
    if (!stream->Write(batch.request)) return false;
    in_flight_.push_back(std::move(batch));
    if (in_flight_.size() >= kMaxBatchesInFlight && !ReadAnswer(stream)) return false;
  }
  while (!in_flight_.empty()) {
    if (!ReadAnswer(stream)) return false;
  }
  Report(batch, {});
  return true;
}

bool Import::ReadAnswer(Stream* stream) {
  v1::OutDlListImportResponse response;
  if (!stream->Read(&response)) return false;
  Take(response);
  Report(in_flight_.front(), response);
  if (line_->IsDue()) {
    line_->Show(ProgressText(in_flight_.front().file_bytes, total_bytes_,
                             totals_.next_row - first_row_, context_.io.now() - begin_));
  }
  in_flight_.pop_front();
  return true;
}

void Import::Report(const Batch& batch, const v1::OutDlListImportResponse& response) {
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
  for (const Refusal& refusal : refusals) {
    refused_.Add(refusal.row.line, refusal.row.cells, refusal.reason);
  }
}

CommandStatus Import::Broken(const grpc::Status& end) const {
  CommandStatus status = context_.connection.ToStatus(end);
  if (status.ok()) status = {ExitCode::kUnavailable, "the server ended the import early", {}};
  if (status.code == ExitCode::kUnavailable || status.code == ExitCode::kInterrupted) {
    status.details.push_back(absl::StrCat(
        totals_.next_row, " rows are safe; the same command again goes on from there"));
    status.details.push_back(absl::StrCat("request id: ", request_id_));
  }
  return status;
}

// Rows are known by their number alone: those of another file would be taken for done.
CommandStatus Import::IsAnotherFile(uint64_t rows) const {
  return {
      ExitCode::kInvalid,
      absl::StrCat("the file has ", rows, " rows to import, and the import with this request id ",
                   "has done ", first_row_, " already: it is not the file of that import"),
      {"nothing was imported; another --request-id imports this file",
       absl::StrCat("request id: ", request_id_)}};
}

CommandStatus Import::Summary(bool has_new_rows) {
  if (context_.format == OutputFormat::kText) {
    if (!has_new_rows) context_.io.out << "all rows were there already: ";
    context_.io.out << totals_.accepted << " rows taken, " << totals_.refused()
                    << " refused, dial list " << dlma_uuid_ << '\n';
  } else {
    const nlohmann::ordered_json json = {{"dlma_uuid", dlma_uuid_},
                                         {"request_id", request_id_},
                                         {"accepted", totals_.accepted},
                                         {"refused", totals_.refused()}};
    context_.io.out << json.dump(context_.format == OutputFormat::kJson ? 2 : -1) << '\n';
  }
  if (totals_.refused() == 0) return Ok();
  CommandStatus status = {
      ExitCode::kRowsRefused,
      absl::StrCat(totals_.refused(), totals_.refused() == 1 ? " row was" : " rows were",
                   " refused"),
      refused_.first()};
  const uint64_t unlisted = refused_.count() - refused_.first().size();
  if (unlisted > 0) status.details.push_back(absl::StrCat("and ", unlisted, " more"));
  if (const uint64_t earlier = totals_.refused() - refused_.count(); earlier > 0) {
    status.details.push_back(absl::StrCat(earlier, " of them were told when the import was begun"));
  }
  const std::string path = context_.flags.Get("refused");
  if (!path.empty()) {
    status.details.push_back(absl::StrCat("they are in ", path));
  } else if (unlisted > 0) {
    status.details.push_back("--refused FILE writes them all to a file, for the next import");
  }
  return status;
}

// The file of an import: a path, or `-` for standard input.
struct ImportFile {
  std::ifstream file;
  std::istream* in = nullptr;
  // 0: not known.
  uint64_t bytes = 0;
};

// Opening a folder succeeds, and reading it throws: so the kind is looked at first. Pipes can't be
// read twice, for the request id and for the rows.
CommandStatus CheckKind(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (std::filesystem::is_regular_file(status)) return Ok();
  const char* what = !std::filesystem::exists(status) ? ": there is no such file"
                     : std::filesystem::is_directory(status)
                         ? " is a folder, not a file"
                         : " is no plain file; `-` reads a pipe";
  return {ExitCode::kInvalid, absl::StrCat(path, what), {}};
}

CommandStatus OpenFile(const std::string& path, const CliIo& io, ImportFile* result) {
  if (path == "-") {
    result->in = &io.in;
    return Ok();
  }
  if (CommandStatus status = CheckKind(path); !status.ok()) return status;
  result->file.open(path, std::ios::binary);
  result->file.seekg(0, std::ios::end);
  const std::streamoff size = result->file.tellg();
  result->file.seekg(0);
  if (!result->file || size < 0) {
    return {ExitCode::kInvalid, absl::StrCat(path, " can't be read; check its permissions"), {}};
  }
  result->bytes = static_cast<uint64_t>(size);
  result->in = &result->file;
  return Ok();
}

CommandStatus MakeRequestId(const CommandContext& context, const std::string& dlma_uuid,
                            ImportFile* file, std::string* request_id) {
  *request_id = context.flags.Get("request-id");
  if (!request_id->empty()) return Ok();
  if (file->in != &file->file) {
    return UsageError(
        "an import from standard input needs --request-id, so that it can be gone "
        "on with");
  }
  std::vector<std::string> salt = context.flags.All("map");
  salt.push_back(context.flags.Get("delimiter"));
  salt.push_back(dlma_uuid);
  *request_id = HashedRequestId(salt, file->in);
  file->file.clear();
  file->file.seekg(0);
  return Ok();
}

CommandStatus ReadHeader(const CommandContext& context, CsvReader* reader, ImportColumns* columns) {
  CsvRow header;
  if (!reader->Next(&header)) return {ExitCode::kInvalid, "the file is empty", {}};
  for (const std::string& cell : header.cells) {
    if (!IsUtf8(cell)) header.error = "is not UTF-8; convert the file first";
  }
  if (!header.error.empty()) {
    return {ExitCode::kInvalid, absl::StrCat("the header line ", header.error), {}};
  }
  return ImportColumns::Make(header.cells, context.flags.All("map"), columns);
}

CommandStatus RunImport(const CommandContext& context) {
  const std::string delimiter =
      context.flags.Has("delimiter") ? context.flags.Get("delimiter") : ",";
  if (delimiter.size() != 1 || delimiter == "\"" || delimiter == "\n") {
    return UsageError("--delimiter must be one character");
  }
  ImportFile file;
  if (CommandStatus s = OpenFile(context.arguments[0], context.io, &file); !s.ok()) return s;
  std::string dlma_uuid;
  CommandStatus status =
      ResolveRecord(KindOf("dlma"), context.flags.Get("dlma"), &context.connection, &dlma_uuid);
  if (!status.ok()) return status;
  std::string request_id;
  status = MakeRequestId(context, dlma_uuid, &file, &request_id);
  if (!status.ok()) return status;
  CsvReader reader(file.in, delimiter[0]);
  ImportColumns columns;
  status = ReadHeader(context, &reader, &columns);
  if (!status.ok()) return status;
  return Import(context, dlma_uuid, request_id, file.bytes).Run(&reader, columns, delimiter[0]);
}

}  // namespace

Command ImportCommand() {
  return {
      .noun = "dl",
      .verb = "import",
      .summary = "Imports a CSV file into a dial list.",
      .arguments = {{.name = "FILE",
                     .help = "CSV in UTF-8 with a header line; `-` reads standard input.",
                     .required = true,
                     .is_file = true}},
      .flags = {{.name = "dlma",
                 .value = "UUID|NAME",
                 .help = "The dial list.",
                 .aliases = {"dlma-uuid"},
                 .required = true},
                {.name = "request-id",
                 .value = "ID",
                 .help = "Your own id of this import. Default: a hash of the file, the list, --map "
                         "and --delimiter. To import the same file into the same list once more, "
                         "give a new id."},
                {.name = "map",
                 .value = "COLUMN=FIELD",
                 .help = "What a column of the file is; field `-` leaves the column out.",
                 .repeated = true},
                {.name = "delimiter",
                 .value = "CHARACTER",
                 .help = "What stands between cells. Default: a comma."},
                {.name = "refused",
                 .value = "FILE",
                 .help = "Write the refused rows to this CSV file, each with its line and the "
                         "reason; put right, it can be imported itself."}},
      .notes =
          {"The header line names the columns: name, detail, ukey, udata, number or number1 to "
           "number8, email, not_before, and var.NAME for a variable. An empty cell leaves its "
           "field absent.",
           "A row that is wrong is refused, with its line and the reason, and the rest is "
           "taken. An import that was cut goes on where it stopped when the same command is "
           "given again."},
      .run = RunImport};
}

}  // namespace outdial::cli
