#include "ami_gateway/ami_message_splitter.h"

namespace outdial::ami {

size_t AmiMessageSplitter::TakeToEnd(absl::string_view bytes) {
  if (bytes.empty()) return absl::string_view::npos;
  at_start_ = false;
  size_t line_begin = 0;
  while (true) {
    const size_t lf = bytes.find('\n', line_begin);
    if (lf == absl::string_view::npos) break;
    const bool ends_with_cr = lf > line_begin ? bytes[lf - 1] == '\r' : last_was_cr_;
    const uint64_t line_bytes = line_bytes_ + (lf - line_begin);
    line_bytes_ = 0;
    last_was_cr_ = false;
    line_begin = lf + 1;
    if (EndLine(line_bytes, ends_with_cr)) {
      at_start_ = true;
      return line_begin;
    }
  }
  if (line_begin < bytes.size()) {
    line_bytes_ += bytes.size() - line_begin;
    last_was_cr_ = bytes.back() == '\r';
  }
  return absl::string_view::npos;
}

bool AmiMessageSplitter::EndLine(uint64_t line_bytes, bool ends_with_cr) {
  const bool after_full_line_end = full_line_end_;
  full_line_end_ = ends_with_cr;
  const bool only_cr = line_bytes == 1 && ends_with_cr;
  if (line_ends_ == LineEnds::kAny) return only_cr || line_bytes == 0;
  return only_cr && after_full_line_end;
}

}  // namespace outdial::ami
