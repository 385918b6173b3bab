// The classes into which Asterisk sorts events and actions (`read` and `write` in manager.conf).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace outdial::ami {

// A set of classes, one bit each; the bits are Asterisk 22's own, since a client may send a mask as
// a number.
using AmiClasses = uint32_t;

inline constexpr AmiClasses kAmiSystem = 1u << 0;
inline constexpr AmiClasses kAmiCall = 1u << 1;
inline constexpr AmiClasses kAmiAgent = 1u << 5;
inline constexpr AmiClasses kAmiUser = 1u << 6;
inline constexpr AmiClasses kAmiReporting = 1u << 9;
inline constexpr AmiClasses kAmiDialplan = 1u << 11;
inline constexpr AmiClasses kAmiOriginate = 1u << 12;
// The class of the Out* actions and events.
inline constexpr AmiClasses kAmiMessage = 1u << 30;
inline constexpr AmiClasses kAmiAllClasses = ~0u;

// `call,agent`, `all` or nothing. Unknown words are ignored, as Asterisk ignores them.
AmiClasses ParseAmiClasses(absl::string_view text);
// `call,all`, as it stands in `Privilege`; `<none>` for the empty set.
std::string FormatAmiClasses(AmiClasses classes);

// `EventMask` of Events, and `Events` of Login: a word for yes or no, a number, or classes. An
// unknown class is none, so that `bogus` means off. nullopt: empty, which Asterisk refuses.
std::optional<AmiClasses> ParseAmiEventMask(absl::string_view text);

}  // namespace outdial::ami
