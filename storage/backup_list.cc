#include "storage/backup_list.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "storage/schema_version.h"

namespace outdial::storage {
namespace {

constexpr char kListName[] = "BACKUP";
constexpr char kTitle[] = "outdial backup ";
constexpr char kVersion[] = "1";

absl::Status Cut() {
  return absl::DataLossError("the backup was cut short: its list BACKUP has no end");
}

absl::Status BadLine(absl::string_view line) {
  return absl::DataLossError(
      absl::StrCat("the backup is damaged: its list BACKUP has the line \"", line, "\""));
}

// `BYTES NAME`. A name with a slash would lead out of the backup.
bool ParseFile(absl::string_view text, Backup* backup) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(' ', 1));
  BackupFile file{.name = std::string(parts.second)};
  if (!absl::SimpleAtoi(parts.first, &file.bytes)) return false;
  if (file.name.empty() || file.name.find('/') != std::string::npos) return false;
  backup->bytes += file.bytes;
  backup->files.push_back(std::move(file));
  return true;
}

bool ParseTime(absl::string_view text, absl::Time* time) {
  return absl::ParseTime(absl::RFC3339_full, text, time, /*err=*/nullptr);
}

absl::Status ParseFact(absl::string_view line, Backup* backup) {
  absl::string_view rest = line;
  if (absl::ConsumePrefix(&rest, "schema ")) return CheckSchemaText(rest);
  bool good = false;
  if (absl::ConsumePrefix(&rest, "file ")) {
    good = ParseFile(rest, backup);
  } else if (absl::ConsumePrefix(&rest, "last_written ")) {
    good = ParseTime(rest, &backup->last_written);
  } else if (absl::ConsumePrefix(&rest, "last_event ")) {
    good = absl::SimpleAtoi(rest, &backup->last_event);
  } else if (absl::ConsumePrefix(&rest, "sequence ")) {
    good = absl::SimpleAtoi(rest, &backup->sequence);
  }
  return good ? absl::OkStatus() : BadLine(line);
}

absl::Status CheckTitle(absl::string_view line) {
  if (line.empty()) return Cut();
  if (!absl::ConsumePrefix(&line, kTitle)) {
    return absl::FailedPreconditionError(
        "its file BACKUP was not written by outdiald: this is no backup of Outdial");
  }
  if (line == kVersion) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the backup was made by another outdiald (version ", line,
                   " of its list; this one reads ", kVersion, "): restore it with that one"));
}

}  // namespace

std::string BackupListPath(const std::string& directory) {
  return (std::filesystem::path(directory) / kListName).string();
}

std::string FormatBackupList(const Backup& backup) {
  std::string text = absl::StrCat(kTitle, kVersion, "\nschema ", kSchemaText, "\n");
  if (backup.last_event > 0) {
    absl::StrAppend(
        &text, "last_written ",
        absl::FormatTime("%Y-%m-%d%ET%H:%M:%E9SZ", backup.last_written, absl::UTCTimeZone()),
        "\nlast_event ", backup.last_event, "\n");
  }
  absl::StrAppend(&text, "sequence ", backup.sequence, "\n");
  for (const BackupFile& file : backup.files) {
    absl::StrAppend(&text, "file ", file.bytes, " ", file.name, "\n");
  }
  absl::StrAppend(&text, "end ", backup.files.size(), "\n");
  return text;
}

absl::StatusOr<Backup> ParseBackupList(absl::string_view text) {
  std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (absl::Status titled = CheckTitle(lines.front()); !titled.ok()) return titled;
  Backup backup;
  for (size_t i = 1; i < lines.size(); ++i) {
    absl::string_view line = lines[i];
    if (absl::ConsumePrefix(&line, "end ")) {
      const bool whole = i + 2 == lines.size() && line == absl::StrCat(backup.files.size());
      if (whole) return backup;
      return BadLine(lines[i]);
    }
    // The last line of a text that was cut may be a part of one.
    if (i + 1 == lines.size()) break;
    if (absl::Status parsed = ParseFact(line, &backup); !parsed.ok()) return parsed;
  }
  return Cut();
}

}  // namespace outdial::storage
