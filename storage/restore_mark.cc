#include "storage/restore_mark.h"

#include <string>

#include "storage/key_schema.h"

namespace outdial::storage {

absl::Status PutRestoreMark(KeyValueStore* kv) {
  WriteBatch batch;
  batch.Put(Family::kMeta, kRestoredKey, "");
  return kv->Commit(batch, Durability::kSynced);
}

absl::StatusOr<bool> TakeRestoreMark(RoundOverlay* overlay) {
  std::string unused;
  const absl::StatusOr<bool> found = overlay->Get(Family::kMeta, kRestoredKey, &unused);
  if (found.ok() && *found) overlay->Delete(Family::kMeta, kRestoredKey);
  return found;
}

}  // namespace outdial::storage
