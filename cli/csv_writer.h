// Writes CSV as RFC 4180 has it.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace outdial::cli {

// A cell as it stands in a row: quoted where it must be, or where a reader would drop its spaces.
std::string CsvCell(absl::string_view text);

// A row, ended by LF.
void WriteCsvRow(const std::vector<std::string>& cells, std::ostream* out);

}  // namespace outdial::cli
