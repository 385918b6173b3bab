#include "cli/line_reader.h"

#include "absl/strings/strip.h"

namespace outdial::cli {
namespace {

constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";

}  // namespace

bool LineReader::Next(TextLine* line) {
  *line = TextLine{.number = lines_read_ + 1};
  std::streambuf* const buffer = in_->rdbuf();
  uint64_t bytes = 0;
  int c = buffer->sbumpc();
  for (; c != std::char_traits<char>::eof(); c = buffer->sbumpc()) {
    ++bytes;
    if (c == '\n') break;
    if (line->text.size() < kMaxBytes) {
      line->text += static_cast<char>(c);
    } else {
      line->is_too_long = true;
    }
  }
  const bool is_cut = c == std::char_traits<char>::eof() && in_->bad();
  if (bytes == 0 || is_cut) return false;
  bytes_read_ += bytes;
  if (++lines_read_ == 1) {
    line->text = std::string(absl::StripPrefix(line->text, kByteOrderMark));
  }
  return true;
}

}  // namespace outdial::cli
