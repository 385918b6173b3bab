#include "ami_gateway/sim_classes.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace outdial::ami {
namespace {

// In the order of their bits.
constexpr std::array<absl::string_view, 19> kNames = {
    "system",   "call", "log",       "verbose", "command",  "agent",     "user",
    "config",   "dtmf", "reporting", "cdr",     "dialplan", "originate", "message",
    "security", "agi",  "aoc",       "cc",      "test"};

}  // namespace

SimClasses ParseSimClasses(absl::string_view text) {
  SimClasses classes = 0;
  for (absl::string_view word : absl::StrSplit(text, ',')) {
    word = absl::StripAsciiWhitespace(word);
    if (absl::EqualsIgnoreCase(word, "all")) return kSimAllClasses;
    for (size_t i = 0; i < kNames.size(); ++i) {
      if (absl::EqualsIgnoreCase(word, kNames[i])) classes |= 1u << i;
    }
  }
  return classes;
}

std::string FormatSimClasses(SimClasses classes) {
  if (classes == 0) return "<none>";
  std::string text;
  for (size_t i = 0; i < kNames.size(); ++i) {
    if ((classes & (1u << i)) != 0) absl::StrAppend(&text, kNames[i], ",");
  }
  return text + "all";
}

}  // namespace outdial::ami
