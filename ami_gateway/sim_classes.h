// The classes into which Asterisk sorts events and actions (`read` and `write` in manager.conf).
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace outdial::ami {

// A set of classes, one bit each.
using SimClasses = uint32_t;

inline constexpr SimClasses kSimSystem = 1u << 0;
inline constexpr SimClasses kSimCall = 1u << 1;
inline constexpr SimClasses kSimAgent = 1u << 5;
inline constexpr SimClasses kSimUser = 1u << 6;
inline constexpr SimClasses kSimReporting = 1u << 9;
inline constexpr SimClasses kSimDialplan = 1u << 11;
inline constexpr SimClasses kSimOriginate = 1u << 12;
inline constexpr SimClasses kSimAllClasses = ~0u;

// `call,agent`, `all` or nothing. Unknown words are ignored, as Asterisk ignores them.
SimClasses ParseSimClasses(absl::string_view text);
// `call,all`, as it stands in `Privilege`; `<none>` for the empty set.
std::string FormatSimClasses(SimClasses classes);

}  // namespace outdial::ami
