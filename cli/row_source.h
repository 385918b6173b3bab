// The rows of an import file, whatever its form.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "outdial/v1/dl.pb.h"

namespace outdial::cli {

// What the file of refused rows adds to a row: columns of CSV, or keys of JSON. They are skipped
// when that file is imported.
inline constexpr char kLineColumn[] = "outdial_line";
inline constexpr char kReasonColumn[] = "outdial_reason";

// A row as it stands in the file.
struct SourceRow {
  uint64_t line = 0;
  // Of CSV its cells, of JSON lines the line; empty: it could not be read.
  std::vector<std::string> cells = {};
};

// Belongs to one thread. The same file always gives the same rows.
class RowSource {
 public:
  virtual ~RowSource() = default;

  // False: no more rows. `error` not empty: what is wrong with the row; then there is no entry.
  virtual bool Next(SourceRow* row, v1::Dl* dl, std::string* error) = 0;

  // Both with their line's end. What a file of refused rows begins with; may be empty.
  virtual std::string RefusedHeader() const = 0;
  virtual std::string RefusedLine(const SourceRow& row, const std::string& reason) const = 0;
};

}  // namespace outdial::cli
