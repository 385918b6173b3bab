#include "engine/field_checker.h"

#include "absl/strings/str_cat.h"

namespace outdial::engine {

void FieldChecker::Add(absl::string_view field, absl::string_view description) {
  only_not_available_ = false;
  violations_.push_back({.field = std::string(field), .description = std::string(description)});
}

void FieldChecker::AddNotAvailable(absl::string_view field, absl::string_view remedy) {
  violations_.push_back(
      {.field = std::string(field), .description = absl::StrCat("is not available yet: ", remedy)});
}

void FieldChecker::Check(absl::string_view field, const std::optional<std::string>& problem) {
  if (problem.has_value()) Add(field, *problem);
}

absl::Status FieldChecker::ToStatus() const {
  if (violations_.empty()) return absl::OkStatus();
  return InvalidFields(violations_,
                       only_not_available_ ? Reason::kNotAvailableYet : Reason::kInvalidField);
}

}  // namespace outdial::engine
