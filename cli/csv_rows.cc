#include "cli/csv_rows.h"

#include <csv.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/utf8.h"

namespace outdial::cli {
namespace {

std::string Quoted(const std::string& cell) {
  std::string quoted(2 * cell.size() + 2, '\0');
  quoted.resize(csv_write(quoted.data(), quoted.size(), cell.data(), cell.size()));
  return quoted;
}

}  // namespace

CommandStatus CsvRows::ReadHeader(const std::vector<std::string>& maps) {
  CsvRow header;
  if (!reader_.Next(&header)) return {ExitCode::kInvalid, "the file is empty", {}};
  for (const std::string& cell : header.cells) {
    if (!IsUtf8(cell)) header.error = "is not UTF-8; convert the file first";
  }
  if (!header.error.empty()) {
    return {ExitCode::kInvalid, absl::StrCat("the header line ", header.error), {}};
  }
  return ImportColumns::Make(header.cells, maps, &columns_);
}

bool CsvRows::Next(SourceRow* row, v1::Dl* dl, std::string* error) {
  CsvRow next;
  if (!reader_.Next(&next)) return false;
  *error = next.error.empty() ? columns_.ToDl(next.cells, dl) : next.error;
  *row = {next.line, std::move(next.cells)};
  return true;
}

std::string CsvRows::RefusedHeader() const {
  std::vector<std::string> titles = columns_.header();
  titles.push_back(kLineColumn);
  titles.push_back(kReasonColumn);
  return Line(titles);
}

std::string CsvRows::RefusedLine(const SourceRow& row, const std::string& reason) const {
  std::vector<std::string> cells = row.cells;
  cells.resize(columns_.header().size());
  cells.push_back(absl::StrCat(row.line));
  cells.push_back(reason);
  return Line(cells);
}

std::string CsvRows::Line(const std::vector<std::string>& cells) const {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += delimiter_;
    line += Quoted(cells[i]);
  }
  return line + '\n';
}

}  // namespace outdial::cli
