#include "cli/refused_rows.h"

#include "absl/strings/str_cat.h"
#include "cli/text_table.h"

namespace outdial::cli {
CommandStatus RefusedRows::Open(const std::string& path, bool appends, const RowSource* rows) {
  rows_ = rows;
  if (path.empty()) return Ok();
  path_ = path;
  file_.open(path, std::ios::binary | (appends ? std::ios::app : std::ios::trunc));
  if (!file_)
    return {ExitCode::kFailed, absl::StrCat("--refused: ", path, " can't be written"), {}};
  if (file_.tellp() == 0) file_ << rows_->RefusedHeader();
  return Ok();
}

void RefusedRows::Add(const SourceRow& row, const std::string& reason) {
  ++count_;
  if (first_.size() < kMaxKept) {
    first_.push_back(absl::StrCat("line ", row.line, ": ", Printable(reason)));
  }
  if (file_.is_open()) file_ << rows_->RefusedLine(row, reason);
}

void RefusedRows::Flush() {
  if (file_.is_open()) file_.flush();
}

CommandStatus RefusedRows::Close() {
  if (!file_.is_open()) return Ok();
  file_.close();
  if (file_) return Ok();
  return {ExitCode::kFailed, absl::StrCat("--refused: ", path_, " could not be written whole"), {}};
}

}  // namespace outdial::cli
