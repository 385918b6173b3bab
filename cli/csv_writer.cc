#include "cli/csv_writer.h"

#include <csv.h>

#include <cstddef>

namespace outdial::cli {

std::string CsvCell(absl::string_view text) {
  const bool is_plain = text.find_first_of(",;\"\r\n\t") == absl::string_view::npos &&
                        (text.empty() || (text.front() != ' ' && text.back() != ' '));
  if (is_plain) return std::string(text);
  std::string quoted(2 * text.size() + 2, '\0');
  quoted.resize(csv_write(quoted.data(), quoted.size(), text.data(), text.size()));
  return quoted;
}

void WriteCsvRow(const std::vector<std::string>& cells, std::ostream* out) {
  for (size_t i = 0; i < cells.size(); ++i) *out << (i == 0 ? "" : ",") << CsvCell(cells[i]);
  *out << '\n';
}

}  // namespace outdial::cli
