// Checks a whole store against itself: everything that is kept twice must agree.
#pragma once

#include "absl/status/status.h"
#include "storage/kv.h"

namespace outdial::storage {

// Counts again, from the records alone, and compares with what the store keeps: the counters of
// lists, classes and campaigns, the tallies, the index of idle entries, the lookups by number and
// ukey, the results' indexes, and the event log's numbering. DATA_LOSS: the first disagreement.
// Reads every row, holding keys in memory: for tests, and for repair by hand. Thread-safe.
absl::Status VerifyStore(const KvReader& reader);

}  // namespace outdial::storage
