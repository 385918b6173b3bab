// Entries from JSON lines: one object a line, with the field names of the API.
#pragma once

#include "cli/line_reader.h"
#include "cli/row_source.h"

namespace outdial::cli {

// What `dl show --output jsonl` prints can be imported: what only the server sets, and the list,
// is passed over. Blank lines are skipped.
class JsonRows : public RowSource {
 public:
  // `in` must outlive it.
  explicit JsonRows(std::istream* in) : lines_(in) {}

  bool Next(SourceRow* row, v1::Dl* dl, std::string* error) override;
  std::string RefusedHeader() const override { return ""; }
  std::string RefusedLine(const SourceRow& row, const std::string& reason) const override;

 private:
  LineReader lines_;
};

}  // namespace outdial::cli
