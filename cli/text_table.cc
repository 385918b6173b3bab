#include "cli/text_table.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_format.h"
#include "cli/utf8.h"

namespace outdial::cli {
namespace {

using Range = std::pair<uint32_t, uint32_t>;

template <size_t N>
bool IsIn(uint32_t code, const Range (&ranges)[N]) {
  return std::any_of(std::begin(ranges), std::end(ranges), [code](const Range& range) {
    return code >= range.first && code <= range.second;
  });
}

// Combining marks, joiners and variation selectors.
constexpr Range kNoWidth[] = {{0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},
                              {0x610, 0x61A},   {0x64B, 0x65F},   {0x1AB0, 0x1AFF},
                              {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF},
                              {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
// East Asian wide and full-width forms, and emoji.
constexpr Range kTwoWide[] = {
    {0x1100, 0x115F}, {0x2E80, 0xA4CF}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
// Marks that change the direction of what follows them.
constexpr Range kDirection[] = {{0x200E, 0x200F}, {0x202A, 0x202E}, {0x2066, 0x2069}};

size_t Width(uint32_t code) {
  if (IsIn(code, kNoWidth)) return 0;
  return IsIn(code, kTwoWide) ? 2 : 1;
}

}  // namespace

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Character next = FirstCharacter(text);
    width += Width(next.code);
    text.remove_prefix(next.bytes);
  }
  return width;
}

std::string Printable(absl::string_view text) {
  std::string result;
  while (!text.empty()) {
    const Character next = FirstCharacter(text);
    const bool is_control = next.code < 0x20 || (next.code >= 0x7F && next.code < 0xA0);
    if (next.code == Character::kInvalid || next.code < 0x20 || next.code == 0x7F) {
      absl::StrAppendFormat(&result, "\\x%02x", static_cast<uint8_t>(text[0]));
    } else if (is_control || IsIn(next.code, kDirection)) {
      absl::StrAppendFormat(&result, "\\u%04x", next.code);
    } else {
      result.append(text.data(), next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
  return result;
}

std::string CutToWidth(absl::string_view text, size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  std::string result;
  size_t used = 0;
  while (!text.empty()) {
    const Character next = FirstCharacter(text);
    if (used + Width(next.code) > width - 1) break;
    used += Width(next.code);
    result.append(text.substr(0, next.bytes).data(), next.bytes);
    text.remove_prefix(next.bytes);
  }
  return result + "…";
}

TextTable::TextTable(std::vector<std::string> titles, std::ostream* out)
    : out_(out), widths_(titles.size()) {
  held_back_.push_back(std::move(titles));
}

void TextTable::Add(std::vector<std::string> cells) {
  for (size_t i = 0; i < cells.size(); ++i) {
    cells[i] = Printable(cells[i]);
    if (i + 1 < cells.size()) cells[i] = CutToWidth(cells[i], kMaxCellWidth);
  }
  if (released_) {
    Write(cells);
    return;
  }
  held_back_.push_back(std::move(cells));
  if (held_back_.size() > kRowsHeldBack) Release();
}

void TextTable::Finish() {
  if (!released_) Release();
}

void TextTable::Release() {
  released_ = true;
  for (const auto& cells : held_back_) {
    for (size_t i = 0; i < cells.size(); ++i) {
      widths_[i] = std::max(widths_[i], DisplayWidth(cells[i]));
    }
  }
  for (const auto& cells : held_back_) Write(cells);
  held_back_.clear();
}

void TextTable::Write(const std::vector<std::string>& cells) {
  std::string line;
  size_t spaces = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i].empty()) {
      line.append(spaces, ' ');
      line += cells[i];
      spaces = 0;
    }
    const size_t width = DisplayWidth(cells[i]);
    widths_[i] = std::max(widths_[i], width);
    spaces += widths_[i] - width + 2;
  }
  *out_ << line << '\n';
}

}  // namespace outdial::cli
