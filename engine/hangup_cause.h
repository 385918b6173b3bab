// Q.850 causes in words.
#pragma once

#include "absl/strings/string_view.h"

namespace outdial::engine {

// `17` -> "User busy", worded as Asterisk words it; "Unknown" for 0 and for causes that have no
// text.
absl::string_view HangupCauseText(int cause);

}  // namespace outdial::engine
