// Reads CSV row by row, in bounded memory, and goes on after rows that are broken.
#pragma once

#include <csv.h>

#include <cstdint>
#include <deque>
#include <istream>
#include <string>
#include <vector>

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
  static constexpr size_t kMaxRowBytes = 64 * 1024;

  // `in` must outlive it.
  CsvReader(std::istream* in, char delimiter);
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // False: no more rows.
  bool Next(CsvRow* row);
  // Bytes of the file that the rows so far took.
  uint64_t bytes_read() const { return bytes_read_; }

 private:
  struct Line {
    uint64_t number = 0;
    // Without its LF; only the first kMaxRowBytes.
    std::string text = {};
    bool is_too_long = false;
  };

  bool TakeLine(Line* line);
  bool ReadLine(Line* line);
  void ParseRow(Line first, CsvRow* row);
  // Gives one line to the parser; false: it is not well formed.
  bool Feed(const std::string& text);
  void ResetParser();

  std::istream* const in_;
  const char delimiter_;
  csv_parser parser_;
  uint64_t lines_read_ = 0;
  uint64_t bytes_read_ = 0;
  // Lines that were read as part of a broken row.
  std::deque<Line> unread_;
  // Written by the parser's callbacks.
  std::vector<std::string> cells_;
  int rows_ended_ = 0;
};

}  // namespace outdial::cli
