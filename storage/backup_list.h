// The file BACKUP: what a backup consists of. Text, one fact a line:
//
//   outdial backup 1
//   schema outdial store, schema 1
//   last_written 2026-11-22T10:00:00.000000000Z
//   last_event 4711
//   sequence 12345
//   file 12975 000012.sst
//   end 1
//
// The last line holds the number of files: a list that was cut short lacks it. last_written is
// left out when there is no event.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage/backup.h"

namespace outdial::storage {

std::string BackupListPath(const std::string& directory);

// The text, without the directory and the sum of bytes, which are no part of it.
std::string FormatBackupList(const Backup& backup);

// FAILED_PRECONDITION: the list of another program, or of another version. DATA_LOSS: it was cut
// short, or is damaged. Sets all fields but the directory.
absl::StatusOr<Backup> ParseBackupList(absl::string_view text);

}  // namespace outdial::storage
