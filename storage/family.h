// The column families of a store. What lives in each stands in key_schema.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace outdial::storage {

// Numbers are private to the process; on disk a family goes by its name. A name is never reused.
enum class Family : uint8_t {
  kMeta,
  kRecord,
  kRevision,
  kList,
  kListOfDlma,
  kDlStatic,
  kDlState,
  kDlHistory,
  kNumber,
  kUkey,
  kIdle,
  kNotBefore,
  kClass,
  kDialing,
  kLive,
  kResult,
  kResultOfDialing,
  kResultIndex,
  kEvent,
  kCampaignCount,
  kTally,
  kRequest,
  kRequestExpiry,
  kReclaim,
};
inline constexpr size_t kFamilyCount = static_cast<size_t>(Family::kReclaim) + 1;

// Its name on disk and in messages, for example `dl_state`.
absl::string_view FamilyName(Family family);

}  // namespace outdial::storage
