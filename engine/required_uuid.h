// The uuid that a request must name.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/errors.h"

namespace outdial::engine {

// INVALID_ARGUMENT for `field`: the text is missing, or no uuid.
template <class TypedUuidT>
absl::StatusOr<TypedUuidT> RequiredUuid(absl::string_view field, const std::string& text) {
  if (text.empty()) return InvalidField(field, "is required: the uuid of an existing record");
  const auto uuid = TypedUuidT::Parse(text);
  if (!uuid.has_value()) {
    return InvalidField(field, "must be a uuid, such as 0190163d-8694-739b-aea5-966c26f8ad91");
  }
  return *uuid;
}

}  // namespace outdial::engine
