// dl import: a file into a dial list, in batches that can be gone on with.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "cli/commands.h"
#include "cli/csv_rows.h"
#include "cli/import_run.h"
#include "cli/input_stream.h"
#include "cli/json_rows.h"
#include "cli/record_kinds.h"
#include "cli/request_id.h"

namespace outdial::cli {
namespace {

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

// The file of refused rows is written anew: were it the one that is imported, that would be lost.
CommandStatus CheckRefusedFile(const CommandContext& context) {
  std::error_code error;
  if (!std::filesystem::equivalent(context.arguments[0], context.flags.Get("refused"), error)) {
    return Ok();
  }
  return UsageError("--refused: is the file that is imported; name another one");
}

// The flags that have choices, for help and for being checked.
const std::vector<Flag>& ChoiceFlags() {
  static const auto& flags = *new std::vector<Flag>{
      {.name = "format",
       .value = "FORMAT",
       .help = "What the file is. Default: JSON lines if it begins with `{`, else CSV.",
       .choices = {"csv", "jsonl"}},
      {.name = "duplicates",
       .value = "RULE",
       .help = "What becomes of a row whose person is in the list already, or was in an "
               "earlier row: `allow` makes one more entry, `refuse` refuses the row, "
               "`merge` puts the fields that the row has into the entry that is there, "
               "whose tries, results and state stay. Default: allow.",
       .choices = {"allow", "refuse", "merge"}},
      {.name = "duplicate-key",
       .value = "KEY",
       .help = "What makes two rows the same person: the same ukey, or any number in "
               "common. Default: ukey.",
       .choices = {"ukey", "number"}}};
  return flags;
}

CommandStatus CheckChoices(const FlagValues& values) {
  for (const Flag& flag : ChoiceFlags()) {
    const std::string value = values.Get(flag.name);
    const auto& choices = flag.choices;
    if (!values.Has(flag.name) || std::find(choices.begin(), choices.end(), value) != choices.end())
      continue;
    return UsageError(absl::StrCat("--", flag.name, ": '", value, "' must be one of ",
                                   absl::StrJoin(choices, ", ")));
  }
  return Ok();
}

// Flags that change what the same file means; the default id differs with each.
std::vector<std::string> Salt(const CommandContext& context, const std::string& dlma_uuid) {
  std::vector<std::string> salt = context.flags.All("map");
  salt.push_back(context.flags.Get("delimiter"));
  salt.push_back(dlma_uuid);
  for (const Flag& flag : ChoiceFlags()) {
    if (!context.flags.Has(flag.name)) continue;
    salt.push_back(absl::StrCat(flag.name, "=", context.flags.Get(flag.name)));
  }
  return salt;
}

CommandStatus MakeRequestId(const CommandContext& context, const std::string& dlma_uuid,
                            ImportFile* file, std::string* request_id) {
  *request_id = context.flags.Get("request-id");
  if (!request_id->empty()) return Ok();
  if (context.flags.Has("dry-run")) {
    *request_id = "dry-run";  // nothing is kept under it
    return Ok();
  }
  if (file->in != &file->file) {
    return UsageError(
        "an import from standard input needs --request-id, so that it can be gone "
        "on with");
  }
  *request_id = HashedRequestId(Salt(context, dlma_uuid), file->in);
  file->file.clear();
  file->file.seekg(0);
  return Ok();
}

CommandStatus MakeBegin(const CommandContext& context, ImportFile* file,
                        v1::OutDlListImportBegin* begin) {
  const FlagValues& flags = context.flags;
  CommandStatus status = ResolveRecord(KindOf("dlma"), flags.Get("dlma"), &context.connection,
                                       begin->mutable_dlma_uuid());
  if (!status.ok()) return status;
  status = MakeRequestId(context, begin->dlma_uuid(), file, begin->mutable_request_id());
  if (!status.ok()) return status;
  begin->set_dry_run(flags.Has("dry-run"));
  const std::string rule = flags.Get("duplicates");
  if (rule == "refuse") begin->set_duplicates(v1::DUPLICATE_RULE_REFUSE);
  if (rule == "merge") begin->set_duplicates(v1::DUPLICATE_RULE_MERGE);
  if (flags.Get("duplicate-key") == "number") begin->set_duplicate_key(v1::DUPLICATE_KEY_NUMBER);
  return Ok();
}

// An object is no header line of CSV, since no field is called so.
bool LooksLikeJson(InputStream* in) {
  absl::string_view text = in->buffer().Ahead();
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  return absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "{");
}

CommandStatus MakeRows(const CommandContext& context, InputStream* in,
                       std::unique_ptr<RowSource>* rows) {
  const FlagValues& flags = context.flags;
  const std::string format = flags.Get("format");
  if (format.empty() ? LooksLikeJson(in) : format == "jsonl") {
    for (const char* flag : {"map", "delimiter"}) {
      if (flags.Has(flag)) {
        return UsageError(absl::StrCat("--", flag, " is for CSV; this file is JSON lines"));
      }
    }
    *rows = std::make_unique<JsonRows>(in);
    return Ok();
  }
  const std::string delimiter = flags.Has("delimiter") ? flags.Get("delimiter") : ",";
  if (delimiter.size() != 1 || delimiter == "\"" || delimiter == "\n") {
    return UsageError("--delimiter must be one character");
  }
  auto csv = std::make_unique<CsvRows>(in, delimiter[0]);
  CommandStatus status = csv->ReadHeader(flags.All("map"));
  *rows = std::move(csv);
  return status;
}

CommandStatus RunImport(const CommandContext& context) {
  if (CommandStatus s = CheckChoices(context.flags); !s.ok()) return s;
  if (CommandStatus s = CheckRefusedFile(context); !s.ok()) return s;
  ImportFile file;
  if (CommandStatus s = OpenFile(context.arguments[0], context.io, &file); !s.ok()) return s;
  v1::OutDlListImportBegin begin;
  if (CommandStatus s = MakeBegin(context, &file, &begin); !s.ok()) return s;
  InputStream in(file.in);
  std::unique_ptr<RowSource> rows;
  if (CommandStatus s = MakeRows(context, &in, &rows); !s.ok()) return s;
  return ImportRun(context, std::move(begin), file.bytes, &in.buffer()).Run(rows.get());
}

}  // namespace

Command ImportCommand() {
  return {
      .noun = "dl",
      .verb = "import",
      .summary = "Imports a file into a dial list.",
      .arguments = {{.name = "FILE",
                     .help = "CSV with a header line, or JSON lines, in UTF-8, packed with gzip or "
                             "not; `-` reads standard input.",
                     .required = true,
                     .is_file = true}},
      .flags = {{.name = "dlma",
                 .value = "UUID|NAME",
                 .help = "The dial list.",
                 .aliases = {"dlma-uuid"},
                 .required = true},
                {.name = "request-id",
                 .value = "ID",
                 .help = "Your own id of this import. Default: a hash of the file, the list, and "
                         "the flags that say how it is read and what happens to duplicates. To "
                         "import the same file into the same list once more, give a new id."},
                ChoiceFlags()[0],
                {.name = "map",
                 .value = "COLUMN=FIELD",
                 .help = "What a column of the file is; field `-` leaves the column out.",
                 .repeated = true},
                {.name = "delimiter",
                 .value = "CHARACTER",
                 .help = "What stands between cells. Default: a comma."},
                {.name = "refused",
                 .value = "FILE",
                 .help = "Write the refused rows to this file, in the form of FILE, each with its "
                         "line and the reason; put right, it can be imported itself."},
                ChoiceFlags()[1],
                ChoiceFlags()[2],
                {.name = "dry-run",
                 .help = "Have the server check every row by the same rules, and store nothing. "
                         "Duplicates are looked for in the list, not among the rows."}},
      .notes =
          {"The header line names the columns: name, detail, ukey, udata, number or number1 to "
           "number8, email, not_before, and var.NAME for a variable. An empty cell leaves its "
           "field absent.",
           "A line of JSON lines is an object with the field names of the API, as `dl show "
           "--output "
           "jsonl` prints them; uuid, dlma_uuid and what else only the server sets are passed "
           "over.",
           "A row that is wrong is refused, with its line and the reason, and the rest is "
           "taken. An import that was cut goes on where it stopped when the same command is "
           "given again."},
      .run = RunImport};
}

}  // namespace outdial::cli
