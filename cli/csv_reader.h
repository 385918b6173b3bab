// Reads CSV row by row, in bounded memory, and goes on after rows that are broken.
#pragma once

#include <csv.h>

#include <cstdint>
#include <deque>
#include <istream>
#include <string>
#include <vector>

#include "cli/line_reader.h"

namespace outdial::cli {

// One row, or why it could not be read.
struct CsvRow {
  // Line of the file on which it begins, from 1.
  uint64_t line = 0;
  std::vector<std::string> cells = {};
  // Empty: the row is good.
  std::string error = {};
};

// RFC 4180 with LF or CRLF, a byte order mark at the start, blank lines skipped, and spaces around
// unquoted cells dropped. A row with a broken quote costs only the line on which it begins: what
// follows is read afresh from the next line. Belongs to one thread.
class CsvReader {
 public:
  // A longer row is refused, unread: nothing valid is near it.
  static constexpr size_t kMaxRowBytes = LineReader::kMaxBytes;

  // `in` must outlive it.
  CsvReader(std::istream* in, char delimiter);
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // False: no more rows.
  bool Next(CsvRow* row);
  // Bytes of the text that the rows so far took.
  uint64_t bytes_read() const { return lines_.bytes_read(); }

 private:
  bool TakeLine(TextLine* line);
  void ParseRow(TextLine first, CsvRow* row);
  // Gives one line to the parser; false: it is not well formed.
  bool Feed(const std::string& text);
  void ResetParser();

  LineReader lines_;
  const char delimiter_;
  csv_parser parser_;
  // Lines that were read as part of a broken row.
  std::deque<TextLine> unread_;
  // Written by the parser's callbacks.
  std::vector<std::string> cells_;
  int rows_ended_ = 0;
};

}  // namespace outdial::cli
