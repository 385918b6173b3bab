#include "cli/record_printer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "cli/json_text.h"
#include "cli/text_view.h"

namespace outdial::cli {
namespace {

std::string Indented(const google::protobuf::Message& message) {
  return nlohmann::ordered_json::parse(ToJson(message)).dump(2);
}

// Name and value in two columns; nothing is cut.
void PrintFields(const google::protobuf::Message& record, std::ostream* out) {
  const auto fields = AllFields(record);
  size_t width = 0;
  for (const auto& field : fields) width = std::max(width, field.first.size());
  for (const auto& [name, value] : fields) {
    *out << name << std::string(width - name.size() + 2, ' ') << Printable(value) << '\n';
  }
}

}  // namespace

RecordPrinter::RecordPrinter(OutputFormat format, Layout layout,
                             const google::protobuf::Descriptor& type, std::ostream* out)
    : format_(format), layout_(layout), type_(type), out_(out) {
  if (format != OutputFormat::kText || layout != Layout::kMany) return;
  std::vector<std::string> titles;
  for (const Column& column : ColumnsOf(type)) titles.push_back(column.title);
  table_ = std::make_unique<TextTable>(std::move(titles), out);
}

void RecordPrinter::Add(const google::protobuf::Message& record) {
  switch (format_) {
    case OutputFormat::kText:
      AddText(record);
      break;
    case OutputFormat::kJson:
      AddJson(record);
      break;
    case OutputFormat::kJsonl:
      *out_ << ToJson(record) << '\n';
      break;
  }
  is_first_ = false;
}

void RecordPrinter::AddText(const google::protobuf::Message& record) {
  if (layout_ == Layout::kOne) {
    PrintFields(record, out_);
    return;
  }
  std::vector<std::string> cells;
  for (const Column& column : ColumnsOf(type_)) cells.push_back(column.cell(record));
  table_->Add(std::move(cells));
}

void RecordPrinter::AddJson(const google::protobuf::Message& record) {
  if (layout_ == Layout::kOne) {
    *out_ << Indented(record) << '\n';
    return;
  }
  *out_ << (is_first_ ? "[\n  " : ",\n  ");
  *out_ << absl::StrReplaceAll(Indented(record), {{"\n", "\n  "}});
}

void RecordPrinter::Finish() {
  if (layout_ == Layout::kOne) return;
  if (format_ == OutputFormat::kJson) *out_ << (is_first_ ? "[]\n" : "\n]\n");
  if (table_ != nullptr) table_->Finish();
}

void PrintOne(OutputFormat format, const google::protobuf::Message& record, std::ostream* out) {
  RecordPrinter printer(format, Layout::kOne, *record.GetDescriptor(), out);
  printer.Add(record);
  printer.Finish();
}

}  // namespace outdial::cli
