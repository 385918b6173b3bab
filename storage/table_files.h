// The files of a database, checked one by one: what the database itself says about damage does not
// always name the file.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace outdial::storage {

enum class TableCheck {
  kOpen,  // head and index: quick
  kRead,  // every block: reads the whole file
};

// DATA_LOSS for each table file that is damaged, which the message names; by name. Of an
// unreadable file the error is the same. Thread-safe.
std::vector<absl::Status> DamagedTables(const std::string& database, TableCheck check);

// Paths of the logs that are not empty, by name.
std::vector<std::string> LogFiles(const std::string& database);

// Whether there is no log at all, not even an empty one. A database that was opened for writing
// has one ever after: RocksDB removes a log once the next is there, and takes one without for a
// database that had nothing in it.
bool LacksLog(const std::string& database);

// Whether there are tables or logs, but no CURRENT: RocksDB would take it for a new database and
// clear it away.
bool LacksCurrentFile(const std::string& database);

// Whether there is nothing yet, or what a process left that died while it made the database.
bool IsUnused(const std::string& database);

}  // namespace outdial::storage
