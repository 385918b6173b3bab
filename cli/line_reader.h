// Lines of a file, in bounded memory.
#pragma once

#include <cstdint>
#include <istream>
#include <string>

namespace outdial::cli {

struct TextLine {
  uint64_t number = 0;  // from 1
  // Without its LF; only the first LineReader::kMaxBytes.
  std::string text = {};
  bool is_too_long = false;
};

// Drops a byte order mark at the start. Belongs to one thread.
class LineReader {
 public:
  static constexpr size_t kMaxBytes = 64 * 1024;

  // `in` must outlive it.
  explicit LineReader(std::istream* in) : in_(in) {}

  // False: no more lines. Where `in` is bad() at its end, the last line is not all there and is
  // left out.
  bool Next(TextLine* line);
  uint64_t bytes_read() const { return bytes_read_; }

 private:
  std::istream* const in_;
  uint64_t lines_read_ = 0;
  uint64_t bytes_read_ = 0;
};

}  // namespace outdial::cli
