// Pages through the entries of a list, by their uuids or by what an index serves.
#pragma once

#include "absl/status/statusor.h"
#include "engine/ports.h"
#include "engine/uuid.h"
#include "outdial/v1/dl.pb.h"
#include "storage/kv.h"
#include "storage/record_store.h"

namespace outdial::storage {

// Rows that one page looks at, at most: a list whose entries were deleted must not hold a snapshot
// open for long.
inline constexpr size_t kMaxDlsScanned = 4096;
// Entries that wait for their not_before, in the order of that time, in no index by class: a
// filter by class looks at each of them, and is refused when they are more.
inline constexpr size_t kMaxWaitingScanned = 10000;

// The entry as clients see it. NOT_FOUND: never made, or deleted, alone or with its list.
absl::StatusOr<v1::Dl> ReadShownDl(const KvReader& reader, const engine::DlUuid& uuid);

// As StoreReader::Dls. A page costs the same at any depth: what was shown is not read again.
absl::StatusOr<DlPage> ReadDls(const KvReader& reader, const DlQuery& query);

}  // namespace outdial::storage
