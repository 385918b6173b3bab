// Tells a log that was damaged from one whose last commit was cut by a power loss.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace outdial::storage {

// DATA_LOSS for each of the database's logs that has commits after bytes that can't be read, in it
// or in the next log, with file and byte. RocksDB itself would stop before these bytes, and quietly
// drop every commit after.
//
// Each commit is synced before the next is written: a power loss can tear the last record alone,
// whose commit nobody was told of. What it left, of any shape, with nothing after it, is no damage.
// Nor can damage to the last record be told from that. Reads all logs once. Thread-safe.
std::vector<absl::Status> DamagedLogs(const std::string& database);

}  // namespace outdial::storage
