// Tables of aligned columns for people.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace outdial::cli {

// Columns that `text`, valid UTF-8 without control characters, takes on a terminal: none for
// combining marks, two for East Asian wide characters and emoji.
size_t DisplayWidth(absl::string_view text);

// `text` fit for a terminal: control characters and invalid UTF-8 as `\x1b`, so that a record's
// text can't move the cursor or break the table.
std::string Printable(absl::string_view text);

// `text`, as DisplayWidth takes it, in at most `width` columns, which must not be 0; with an
// ellipsis where something was cut.
std::string CutToWidth(absl::string_view text, size_t width);

// Writes rows with aligned columns. Widths come from the first rows, which are held back; later
// ones widen a column when they must, so that memory stays bounded however long the table is.
// Belongs to one thread.
class TextTable {
 public:
  static constexpr size_t kRowsHeldBack = 200;
  // A longer cell is cut, with an ellipsis; never in the last column.
  static constexpr size_t kMaxCellWidth = 40;

  // `out` must outlive it.
  TextTable(std::vector<std::string> titles, std::ostream* out);

  // As many cells as there are titles.
  void Add(std::vector<std::string> cells);
  // Writes what was held back, with the titles also where there was no row.
  void Finish();

 private:
  void Release();
  void Write(const std::vector<std::string>& cells);

  std::ostream* const out_;
  std::vector<std::vector<std::string>> held_back_;
  std::vector<size_t> widths_;
  bool released_ = false;
};

}  // namespace outdial::cli
