// Flags for the fields of a record, from its proto descriptor. Immutable; any thread.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <string>
#include <vector>

#include "cli/command_status.h"
#include "cli/command_table.h"
#include "cli/record_kinds.h"

namespace outdial::cli {

enum class WriteVerb { kCreate, kUpdate };

// A flag per field that a client may write with `verb`: `--dial-timeout` for dial_timeout,
// `--number1` to `--number8` for the repeated number, `--variable NAME=VALUE` for variables. A
// reference to another record drops a trailing `_uuid`.
std::vector<Flag> FieldFlags(const RecordKind& kind, WriteVerb verb);

// Fills the record in `request`, a create or update request of `kind`, from flags. References by
// name are looked up over `connection`. kUsage: a value that the field's type can't hold.
CommandStatus ApplyFieldFlags(const RecordKind& kind, WriteVerb verb, const FlagValues& flags,
                              Connection* connection, google::protobuf::Message* request);

// Name of the field that a flag, or a field name itself, means: for --clear. Empty: none.
std::string ClearableField(const RecordKind& kind, absl::string_view name);
// The names that ClearableField takes, as flags are spelled.
std::vector<std::string> ClearableNames(const RecordKind& kind);

}  // namespace outdial::cli
