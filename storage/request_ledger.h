// What became of requests that carried an id, for seven days.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/ports.h"
#include "storage/key_schema.h"
#include "storage/round_overlay.h"
#include "storage/stored_records.pb.h"

namespace outdial::storage {

// Belongs to the thread that writes; `overlay` must outlive it. As engine::RoundStore says.
class RequestLedger {
 public:
  explicit RequestLedger(RoundOverlay* overlay) : overlay_(overlay) {}

  absl::StatusOr<std::optional<engine::LedgerEntry>> FindCreate(absl::string_view id) const;
  absl::Status PutCreate(absl::string_view id, const engine::LedgerEntry& entry, absl::Time now);
  absl::StatusOr<std::optional<engine::ImportProgress>> FindImport(absl::string_view id) const;
  absl::Status PutImport(absl::string_view id, const engine::ImportProgress& progress,
                         absl::Time now);

  // Drops what is held: after a round was thrown away.
  void Forget();

 private:
  absl::Status Put(RequestKind kind, absl::string_view id, StoredRequest row, absl::Time now);
  absl::Status DropExpired(absl::Time now);

  RoundOverlay* const overlay_;
  // Nothing expires before this moment, microseconds since 1970: what was dropped since the start
  // need not be stepped over again.
  int64_t first_expiry_us_ = std::numeric_limits<int64_t>::min();
};

}  // namespace outdial::storage
