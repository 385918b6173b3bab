#include "ami_gateway/ami_classes.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace outdial::ami {
namespace {

struct NamedClass {
  absl::string_view name;
  AmiClasses bit;
};

// In the order of their bits.
constexpr std::array<NamedClass, 19> kClasses = {{
    {"system", kAmiSystem},
    {"call", kAmiCall},
    {"log", 1u << 2},
    {"verbose", 1u << 3},
    {"command", 1u << 4},
    {"agent", kAmiAgent},
    {"user", kAmiUser},
    {"config", 1u << 7},
    {"dtmf", 1u << 8},
    {"reporting", kAmiReporting},
    {"cdr", 1u << 10},
    {"dialplan", kAmiDialplan},
    {"originate", kAmiOriginate},
    {"agi", 1u << 13},
    {"cc", 1u << 15},
    {"aoc", 1u << 16},
    {"test", 1u << 17},
    {"security", 1u << 18},
    {"message", kAmiMessage},
}};

// Asterisk's words for yes and no.
constexpr std::array<absl::string_view, 5> kYes = {"yes", "true", "y", "t", "on"};
constexpr std::array<absl::string_view, 5> kNo = {"no", "false", "n", "f", "off"};

bool IsOneOf(absl::string_view text, const std::array<absl::string_view, 5>& words) {
  return std::any_of(words.begin(), words.end(),
                     [text](absl::string_view word) { return absl::EqualsIgnoreCase(text, word); });
}

}  // namespace

AmiClasses ParseAmiClasses(absl::string_view text) {
  AmiClasses classes = 0;
  for (absl::string_view word : absl::StrSplit(text, ',')) {
    word = absl::StripAsciiWhitespace(word);
    if (absl::EqualsIgnoreCase(word, "all")) return kAmiAllClasses;
    for (const NamedClass& candidate : kClasses) {
      if (absl::EqualsIgnoreCase(word, candidate.name)) classes |= candidate.bit;
    }
  }
  return classes;
}

std::string FormatAmiClasses(AmiClasses classes) {
  if (classes == 0) return "<none>";
  std::string text;
  for (const NamedClass& candidate : kClasses) {
    if ((classes & candidate.bit) != 0) absl::StrAppend(&text, candidate.name, ",");
  }
  return text + "all";
}

std::optional<AmiClasses> ParseAmiEventMask(absl::string_view text) {
  if (text.empty()) return std::nullopt;
  if (AmiClasses number = 0; absl::SimpleAtoi(text, &number)) return number;
  if (IsOneOf(text, kYes)) return kAmiAllClasses;
  if (IsOneOf(text, kNo)) return 0;
  return ParseAmiClasses(text);
}

}  // namespace outdial::ami
