// Tables that fit a given width, made of styled text. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace outdial::cli {

// What a text means; how it looks is the screen's matter.
enum class TopStyle { kPlain, kHeader, kHeading, kGood, kWarning, kBad, kFaint };

struct TopSpan {
  // Without control characters.
  std::string text;
  TopStyle style = TopStyle::kPlain;
};
using TopLine = std::vector<TopSpan>;

struct TopColumn {
  std::string title;
  // Numbers stand right.
  bool is_right = false;
  // To how many columns it may be cut, with an ellipsis; 0: it is never cut.
  size_t min_width = 0;
  // Where cutting is not enough, columns are left out, the highest first; 0: never left out.
  int drop_order = 0;
};

// The titles and the rows, each with a span for each column. Columns are as wide as they must be;
// where that is too much, the widest that may be cut are cut, and then columns are left out. Lines
// may still be wider than `width`, where nothing more can be left out.
std::vector<TopLine> LayOut(std::vector<TopColumn> columns, std::vector<TopLine> rows,
                            size_t width);

// Columns that the line takes.
size_t WidthOf(const TopLine& line);
// The line in at most `width` columns, which must not be 0.
TopLine CutLine(const TopLine& line, size_t width);
// Its text, without spaces at its end.
std::string PlainText(const TopLine& line);

}  // namespace outdial::cli
