// Which version of keys and messages a store was written in.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace outdial::storage {

// What `meta/schema` says in a store of this version. The number is raised with every change of
// keys or messages that older code can't read, together with a migration.
inline constexpr char kSchemaText[] = "outdial store, schema 1";

// Whether this program reads a store whose `meta/schema` says `text`. FAILED_PRECONDITION: it does
// not; the message names both versions and says what to run.
absl::Status CheckSchemaText(absl::string_view text);

// FAILED_PRECONDITION: the store has a column family that this version does not know.
absl::Status NewerFamilyError(absl::string_view family);

}  // namespace outdial::storage
