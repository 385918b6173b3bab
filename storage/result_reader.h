// Results: ended dialings in the order in which they ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "engine/uuid.h"
#include "storage/kv.h"
#include "storage/record_store.h"

namespace outdial::storage {

// Results that one page looks at, at most: a filter that lets few through must not hold a
// snapshot open for long.
inline constexpr size_t kMaxResultsScanned = 4096;

// Results that a query may look at whose filters no index serves.
inline constexpr uint64_t kMaxResultsFiltered = 100000;

// Opaque text of a result's sequence, and back; absent: not one of ours.
std::string EncodeResultPosition(uint64_t sequence);
std::optional<uint64_t> ParseResultPosition(absl::string_view position);

// NOT_FOUND, or OUT_OF_RANGE where it may be that the result was trimmed.
absl::Status NoSuchDialing(const KvReader& reader, absl::string_view kind,
                           const engine::DialingUuid& uuid);

// As StoreReader::GetResult and StoreReader::Results.
absl::StatusOr<v1::Result> ReadResult(const KvReader& reader, const engine::DialingUuid& uuid,
                                      bool with_records);
absl::StatusOr<ResultPage> ReadResults(const KvReader& reader, const ResultQuery& query);

}  // namespace outdial::storage
