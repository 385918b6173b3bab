#include "cli/csv_reader.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace outdial::cli {
CsvReader::CsvReader(std::istream* in, char delimiter) : lines_(in), delimiter_(delimiter) {
  csv_init(&parser_, CSV_STRICT);
  csv_set_delim(&parser_, static_cast<unsigned char>(delimiter_));
}

CsvReader::~CsvReader() { csv_free(&parser_); }

void CsvReader::ResetParser() {
  csv_free(&parser_);
  csv_init(&parser_, CSV_STRICT);
  csv_set_delim(&parser_, static_cast<unsigned char>(delimiter_));
}

bool CsvReader::Next(CsvRow* row) {
  TextLine line;
  while (TakeLine(&line)) {
    if (!line.is_too_long && absl::StripAsciiWhitespace(line.text).empty()) continue;
    ParseRow(std::move(line), row);
    return true;
  }
  return false;
}

bool CsvReader::TakeLine(TextLine* line) {
  if (unread_.empty()) return lines_.Next(line);
  *line = std::move(unread_.front());
  unread_.pop_front();
  return true;
}

void CsvReader::ParseRow(TextLine first, CsvRow* row) {
  *row = CsvRow{.line = first.number};
  if (first.is_too_long) {
    row->error = absl::StrCat("is longer than ", kMaxRowBytes, " bytes");
    return;
  }
  cells_.clear();
  rows_ended_ = 0;
  size_t bytes = first.text.size();
  std::deque<TextLine> more;
  bool is_well_formed = Feed(first.text);
  if (!is_well_formed)
    row->error = "has a quote where none may stand; write \" inside a cell as \"\"";
  // The line ended inside quotes: the row goes on in the next one.
  while (is_well_formed && rows_ended_ == 0) {
    TextLine next;
    const bool is_there = TakeLine(&next);
    bytes += next.text.size();
    if (is_there) more.push_back(std::move(next));
    is_well_formed =
        is_there && !more.back().is_too_long && bytes <= kMaxRowBytes && Feed(more.back().text);
    if (!is_well_formed) row->error = "has a quote that is not closed";
  }
  if (is_well_formed && rows_ended_ > 1) {
    row->error = "has a carriage return inside; end rows with LF or CRLF";
  }
  if (row->error.empty()) {
    row->cells = std::move(cells_);
    return;
  }
  ResetParser();
  unread_.insert(unread_.begin(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
}

bool CsvReader::Feed(const std::string& text) {
  const auto cell_ended = [](void* data, size_t size, void* self) {
    static_cast<CsvReader*>(self)->cells_.emplace_back(static_cast<const char*>(data), size);
  };
  const auto row_ended = [](int, void* self) { ++static_cast<CsvReader*>(self)->rows_ended_; };
  for (const absl::string_view part : {absl::string_view(text), absl::string_view("\n")}) {
    if (csv_parse(&parser_, part.data(), part.size(), cell_ended, row_ended, this) != part.size()) {
      return false;
    }
  }
  return true;
}

}  // namespace outdial::cli
