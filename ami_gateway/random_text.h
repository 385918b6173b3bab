// What nobody can guess.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace outdial::ami {

// `size` characters of `alphabet`, from the system's source of randomness. Thread-safe.
std::string RandomText(absl::string_view alphabet, size_t size);

}  // namespace outdial::ami
