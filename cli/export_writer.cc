#include "cli/export_writer.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "cli/csv_writer.h"
#include "cli/enum_names.h"
#include "cli/json_text.h"
#include "outdial/v1/variable.pb.h"

namespace outdial::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Number slots of an entry.
constexpr int kSlots = 8;

bool IsVariables(const FieldDescriptor& field) {
  return field.is_repeated() && field.message_type() == v1::Variable::descriptor();
}

// Records as they were, of results: they are in JSON alone.
bool IsLeftOut(const FieldDescriptor& field) {
  return field.message_type() != nullptr && !IsVariables(field) && field.name() != "dialing";
}

std::string ScalarText(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return many ? reflection.GetRepeatedString(message, &field, index)
                  : reflection.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(many ? reflection.GetRepeatedUInt32(message, &field, index)
                               : reflection.GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(reflection.GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return FlagName(*reflection.GetEnum(message, &field));
    default:
      return "";
  }
}

std::string VariablesText(const Message& message, const FieldDescriptor& field) {
  std::string text;
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const auto& variable =
        static_cast<const v1::Variable&>(reflection.GetRepeatedMessage(message, &field, i));
    absl::StrAppend(&text, text.empty() ? "" : "\n", variable.name(), "=", variable.value());
  }
  return text;
}

void AppendCells(const Message& message, std::vector<std::string>* cells) {
  const Descriptor& type = *message.GetDescriptor();
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsLeftOut(field)) continue;
    if (IsVariables(field)) {
      cells->push_back(VariablesText(message, field));
    } else if (field.message_type() != nullptr) {
      AppendCells(reflection.GetMessage(message, &field), cells);
    } else if (field.is_repeated()) {
      const int size = reflection.FieldSize(message, &field);
      for (int slot = 0; slot < kSlots; ++slot) {
        cells->push_back(slot < size ? ScalarText(message, field, slot) : "");
      }
    } else {
      const bool absent = field.has_presence() && !reflection.HasField(message, &field);
      cells->push_back(absent ? "" : ScalarText(message, field, 0));
    }
  }
}

}  // namespace

std::vector<Flag> ExportFlags() {
  return {{.name = "format",
           .value = "NAME",
           .help = "How to write it: csv with a header line, or jsonl, an object a line.",
           .choices = {"csv", "jsonl"}},
          {.name = "file",
           .value = "FILE",
           .help = "Write to this new file; with --after add to it. Absent: standard output."}};
}

bool WantsExport(const FlagValues& flags) { return flags.Has("format") || flags.Has("file"); }

std::vector<std::string> CsvTitles(const Descriptor& type) {
  std::vector<std::string> titles;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsLeftOut(field)) continue;
    if (IsVariables(field) || (field.message_type() == nullptr && !field.is_repeated())) {
      titles.push_back(field.name());
    } else if (field.message_type() != nullptr) {
      for (std::string& title : CsvTitles(*field.message_type())) {
        titles.push_back(std::move(title));
      }
    } else {
      for (int slot = 1; slot <= kSlots; ++slot) titles.push_back(absl::StrCat(field.name(), slot));
    }
  }
  return titles;
}

std::vector<std::string> CsvCells(const Message& record) {
  std::vector<std::string> cells;
  AppendCells(record, &cells);
  return cells;
}

CommandStatus ExportWriter::Open(const CommandContext& context, const Descriptor& type) {
  context_ = &context;
  out_ = &context.io.out;
  const std::string format = context.flags.Get("format");
  if (!format.empty() && format != "csv" && format != "jsonl") {
    return UsageError("--format: must be csv or jsonl");
  }
  is_csv_ = format == "csv";
  const bool goes_on = context.flags.Has("after") && context.flags.Get("after") != "oldest";
  if (context.flags.Has("file")) {
    const std::string path = context.flags.Get("file");
    std::error_code error;
    if (!goes_on && std::filesystem::exists(path, error)) {
      return {ExitCode::kInvalid,
              absl::StrCat(path,
                           ": is there already; name a new file, or go "
                           "on with --after"),
              {}};
    }
    file_.open(path, std::ios::binary | std::ios::app | std::ios::ate);
    if (!file_) return {ExitCode::kFailed, absl::StrCat(path, ": can't be written"), {}};
    out_ = &file_;
  }
  // A file of its own, such as that of the next day, has its titles too.
  const bool is_begun = file_.is_open() ? file_.tellp() > 0 : goes_on;
  if (is_csv_ && !is_begun) WriteCsvRow(CsvTitles(type), out_);
  return Ok();
}

bool ExportWriter::Add(const Message& record) {
  if (is_csv_) {
    WriteCsvRow(CsvCells(record), out_);
  } else {
    *out_ << ToJson(record) << '\n';
  }
  ++count_;
  return out_->good();
}

CommandStatus ExportWriter::Finish(const std::string& position, CommandStatus status) {
  out_->flush();
  if (!out_->good()) return {ExitCode::kFailed, "the export can't be written", {}};
  if (!status.ok()) {
    if (!position.empty()) {
      status.details.push_back(absl::StrCat("go on with: --after ", position));
    }
    return status;
  }
  context_->io.err << count_ << " exported";
  if (!position.empty()) context_->io.err << "; go on later with: --after " << position;
  context_->io.err << '\n';
  return status;
}

}  // namespace outdial::cli
