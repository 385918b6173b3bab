// The mark of a store that was put back from a backup and that no server has run on since. Calls
// made after the backup are unknown to it, so the first engine that runs on it dials nobody.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/kv.h"
#include "storage/round_overlay.h"

namespace outdial::storage {

// Commits the mark, synced. Errors as KeyValueStore::Commit.
absl::Status PutRestoreMark(KeyValueStore* kv);

// Whether the mark is there; takes it away within the round. Belongs to the thread that writes.
absl::StatusOr<bool> TakeRestoreMark(RoundOverlay* overlay);

}  // namespace outdial::storage
