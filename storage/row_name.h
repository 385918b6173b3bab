// What a row is about, in words, for messages about damage.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "storage/family.h"

namespace outdial::storage {

// The family and the key, in hexadecimal, and whose row it is as far as the key tells: `row 63…
// of record (campaign 0190…)`.
std::string RowName(Family family, absl::string_view key);

}  // namespace outdial::storage
