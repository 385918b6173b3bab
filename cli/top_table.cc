#include "cli/top_table.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/text_table.h"

namespace outdial::cli {
namespace {

constexpr size_t kGap = 2;

std::vector<size_t> NaturalWidths(const std::vector<TopColumn>& columns,
                                  const std::vector<TopLine>& rows) {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns.size(); ++i) {
    size_t width = DisplayWidth(columns[i].title);
    for (const TopLine& row : rows) width = std::max(width, DisplayWidth(row[i].text));
    widths.push_back(width);
  }
  return widths;
}

size_t Total(const std::vector<size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
}

// Takes columns off the widest that may be cut, until the row fits; false: it can't.
bool Shrink(const std::vector<TopColumn>& columns, size_t width, std::vector<size_t>* widths) {
  while (Total(*widths) > width) {
    size_t* widest = nullptr;
    for (size_t i = 0; i < columns.size(); ++i) {
      const bool may_be_cut = columns[i].min_width > 0 && (*widths)[i] > columns[i].min_width;
      if (may_be_cut && (widest == nullptr || (*widths)[i] > *widest)) widest = &(*widths)[i];
    }
    if (widest == nullptr) return false;
    --*widest;
  }
  return true;
}

// Leaves out one column; false: none may be.
bool Drop(std::vector<TopColumn>* columns, std::vector<TopLine>* rows) {
  const auto first = std::max_element(
      columns->begin(), columns->end(),
      [](const TopColumn& a, const TopColumn& b) { return a.drop_order < b.drop_order; });
  if (first == columns->end() || first->drop_order == 0) return false;
  const auto index = first - columns->begin();
  columns->erase(first);
  for (TopLine& row : *rows) row.erase(row.begin() + index);
  return true;
}

TopLine Aligned(const std::vector<TopColumn>& columns, const std::vector<size_t>& widths,
                const TopLine& row) {
  TopLine line;
  for (size_t i = 0; i < columns.size(); ++i) {
    TopSpan cell = row[i];
    if (!cell.text.empty()) cell.text = CutToWidth(cell.text, widths[i]);
    const std::string padding(widths[i] - DisplayWidth(cell.text), ' ');
    cell.text = columns[i].is_right ? padding + cell.text : cell.text + padding;
    if (i > 0) line.push_back({std::string(kGap, ' ')});
    line.push_back(std::move(cell));
  }
  return line;
}

}  // namespace

std::vector<TopLine> LayOut(std::vector<TopColumn> columns, std::vector<TopLine> rows,
                            size_t width) {
  std::vector<size_t> widths = NaturalWidths(columns, rows);
  while (!Shrink(columns, width, &widths) && Drop(&columns, &rows)) {
    widths = NaturalWidths(columns, rows);
  }
  std::vector<TopLine> lines;
  TopLine titles;
  for (const TopColumn& column : columns) titles.push_back({column.title, TopStyle::kHeading});
  lines.push_back(Aligned(columns, widths, titles));
  for (const TopLine& row : rows) lines.push_back(Aligned(columns, widths, row));
  return lines;
}

size_t WidthOf(const TopLine& line) {
  return std::accumulate(line.begin(), line.end(), size_t{0}, [](size_t sum, const TopSpan& span) {
    return sum + DisplayWidth(span.text);
  });
}

TopLine CutLine(const TopLine& line, size_t width) {
  if (WidthOf(line) <= width) return line;
  TopLine result;
  size_t room = width;
  for (const TopSpan& span : line) {
    const size_t wanted = DisplayWidth(span.text);
    // The ellipsis stands for all that follows, so it needs room for itself at least.
    const bool is_last = wanted >= room;
    result.push_back(is_last ? TopSpan{CutToWidth(absl::StrCat(span.text, "  "), room), span.style}
                             : span);
    if (is_last) break;
    room -= wanted;
  }
  return result;
}

std::string PlainText(const TopLine& line) {
  std::string text;
  for (const TopSpan& span : line) text += span.text;
  absl::StripTrailingAsciiWhitespace(&text);
  return text;
}

}  // namespace outdial::cli
