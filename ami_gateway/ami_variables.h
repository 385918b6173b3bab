// How Asterisk takes a `Variable` header apart.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace outdial::ami {

// Asterisk 22 tells so many entries of one header apart; what follows stays in the last one.
inline constexpr size_t kMaxVariablesInHeader = 64;

// The entries `name=value` of one header, `a=1,b=2`, in order. A comma within double quotes, or
// after a backslash, belongs to its value; quotes and backslashes are taken away. Never empty.
std::vector<std::string> SplitAmiVariables(absl::string_view list);

}  // namespace outdial::ami
