#include "storage/schema_version.h"

#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace outdial::storage {
namespace {

constexpr char kSchemaWords[] = "outdial store, schema ";

uint64_t OwnVersion() {
  uint64_t version = 0;
  const bool parsed = absl::SimpleAtoi(absl::StripPrefix(kSchemaText, kSchemaWords), &version);
  return parsed ? version : 0;
}

absl::Status Newer(absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat(
      "the store was written by a newer outdiald (", what, "; this one reads schema ", OwnVersion(),
      "): start that version, or put a backup made by this one into an empty "
      "directory: outdiald --restore BACKUP --data-dir DIRECTORY"));
}

}  // namespace

absl::Status CheckSchemaText(absl::string_view text) {
  if (text == kSchemaText) return absl::OkStatus();
  uint64_t version = 0;
  absl::string_view number = text;
  if (!absl::ConsumePrefix(&number, kSchemaWords) || !absl::SimpleAtoi(number, &version)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the store was not made by Outdial: its schema says \"",
                     absl::CHexEscape(text.substr(0, 64)), "\": name another data directory"));
  }
  if (version > OwnVersion()) return Newer(absl::StrCat("schema ", version));
  return absl::FailedPreconditionError(absl::StrCat(
      "the store is of schema ", version, ", which this version, of schema ", OwnVersion(),
      ", can't convert: start the outdiald that wrote it, save its results with `outdialctl "
      "--output jsonl result export`, and start this version with an empty --data-dir"));
}

absl::Status NewerFamilyError(absl::string_view family) {
  return Newer(absl::StrCat("it has the family ", family));
}

}  // namespace outdial::storage
