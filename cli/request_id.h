// The id under which an import can be gone on with.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "cli/command_status.h"

namespace outdial::cli {

// A hash of what is imported and where to: the same file into the same list, read in the same way,
// has the same id. Reads `in` to its end. `salt` is all that matters beside the file's bytes.
std::string HashedRequestId(const std::vector<std::string>& salt, std::istream* in);

}  // namespace outdial::cli
