// Files that survive a power cut once the call has returned.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace outdial::storage {

// Errors as FileError of store_directory.h. What is there already is overwritten.
absl::Status WriteDurably(const std::string& path, absl::string_view text);
absl::Status CopyDurably(const std::string& from, const std::string& to);
// Makes the names in a directory durable.
absl::Status SyncDirectory(const std::string& directory);
// Renames within one directory, durably.
absl::Status RenameDurably(const std::string& from, const std::string& to);

}  // namespace outdial::storage
