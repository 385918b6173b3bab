#include "cli/refused_rows.h"

#include <csv.h>

#include "absl/strings/str_cat.h"
#include "cli/import_columns.h"
#include "cli/text_table.h"

namespace outdial::cli {
namespace {

std::string Quoted(const std::string& cell) {
  std::string quoted(2 * cell.size() + 2, '\0');
  quoted.resize(csv_write(quoted.data(), quoted.size(), cell.data(), cell.size()));
  return quoted;
}

}  // namespace

CommandStatus RefusedRows::Open(const std::string& path, bool appends,
                                const std::vector<std::string>& header, char delimiter) {
  if (path.empty()) return Ok();
  path_ = path;
  delimiter_ = delimiter;
  file_.open(path, std::ios::binary | (appends ? std::ios::app : std::ios::trunc));
  if (!file_)
    return {ExitCode::kFailed, absl::StrCat("--refused: ", path, " can't be written"), {}};
  columns_ = header.size();
  if (file_.tellp() > 0) return Ok();
  std::vector<std::string> titles = header;
  titles.push_back(kLineColumn);
  titles.push_back(kReasonColumn);
  WriteRow(titles);
  return Ok();
}

void RefusedRows::Add(uint64_t line, const std::vector<std::string>& cells,
                      const std::string& reason) {
  ++count_;
  if (first_.size() < kMaxKept)
    first_.push_back(absl::StrCat("line ", line, ": ", Printable(reason)));
  if (!file_.is_open()) return;
  std::vector<std::string> row = cells;
  row.resize(columns_);
  row.push_back(absl::StrCat(line));
  row.push_back(reason);
  WriteRow(row);
}

void RefusedRows::WriteRow(const std::vector<std::string>& cells) {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) file_ << delimiter_;
    file_ << Quoted(cells[i]);
  }
  file_ << '\n';
}

CommandStatus RefusedRows::Close() {
  if (!file_.is_open()) return Ok();
  file_.close();
  if (file_) return Ok();
  return {ExitCode::kFailed, absl::StrCat("--refused: ", path_, " could not be written whole"), {}};
}

}  // namespace outdial::cli
