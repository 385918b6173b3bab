// Checks a whole store against itself: everything that is kept twice must agree.
//
// Each family is read once, in order, and what should be in an index is compared with what is there
// by a digest; only where the digests differ are the rows looked up one by one, to name them.
#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "storage/kv.h"

namespace outdial::storage {

struct VerifyTotals {
  uint64_t records = 0;  // campaigns, plans, dlmas and destinations
  uint64_t entries = 0;
  uint64_t live_dialings = 0;
  uint64_t results = 0;
  uint64_t events = 0;
  uint64_t damages = 0;
};

// Counts again, from the records alone, and compares with what the store keeps: the records with
// their revisions; the counters of lists, classes and campaigns, the tallies; the index of idle
// entries, the lookups by number and ukey; live dialings with the entries that are being dialled;
// the results' indexes; what events and results refer to, and the event log's numbering; the
// expiry of requests. Calls with a DATA_LOSS for each damage that it finds, which names the row, or
// the file where it can't be read.
//
// Memory: the classes of one list (at most 65,537), and a few hundred bytes for each list, campaign
// and revision of a record; not more for more entries, results or events. Thread-safe.
VerifyTotals FindDamage(const KvReader& reader,
                        absl::FunctionRef<void(const absl::Status&)> on_damage);

// The first damage; OK: there is none.
absl::Status VerifyStore(const KvReader& reader);

}  // namespace outdial::storage
