// The parts of FindDamage, one for each kind of data. Private to the check.
//
// Each calls `on_damage` with a DATA_LOSS for each damage and adds what it saw to `totals`. Not OK:
// the data could not be read to its end.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "storage/kv.h"
#include "storage/verify_store.h"

namespace outdial::storage {

using DamageSink = absl::FunctionRef<void(const absl::Status&)>;

// Campaigns, plans, dlmas and destinations: each with its newest revision; dlmas with their list.
absl::Status VerifyRecords(const KvReader& reader, DamageSink on_damage, VerifyTotals* totals);
// Entries of the lists, their indexes and counters, and that those being dialled have a live
// dialing.
absl::Status VerifyEntries(const KvReader& reader, DamageSink on_damage, VerifyTotals* totals);
// Dialings, live and ended, with entries, revisions, indexes and counters.
absl::Status VerifyDialings(const KvReader& reader, DamageSink on_damage, VerifyTotals* totals);
// The event log: numbered without a gap, and what each event refers to is there.
absl::Status VerifyEvents(const KvReader& reader, DamageSink on_damage, VerifyTotals* totals);
// The request ledger: each request with its expiry, and the other way round.
absl::Status VerifyRequests(const KvReader& reader, DamageSink on_damage, VerifyTotals* totals);

}  // namespace outdial::storage
