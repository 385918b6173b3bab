// Collects everything that is wrong with a request, so that its sender can put all of it right at
// once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "engine/errors.h"

namespace outdial::engine {

// Belongs to one thread.
class FieldChecker {
 public:
  // Notes that a field is wrong; `description` follows its name: "must be 0 to 20".
  void Add(absl::string_view field, absl::string_view description);
  // Notes that a field asks for what the contract holds and is not built yet; `remedy` says what
  // to do instead: "leave it out".
  void AddNotAvailable(absl::string_view field, absl::string_view remedy);
  // Adds `problem` where there is one.
  void Check(absl::string_view field, const std::optional<std::string>& problem);

  bool ok() const { return violations_.empty(); }
  const std::vector<FieldViolation>& violations() const { return violations_; }

  // OK, or INVALID_ARGUMENT with every bad field. Its reason is kNotAvailableYet when nothing else
  // is wrong, else kInvalidField.
  absl::Status ToStatus() const;

 private:
  std::vector<FieldViolation> violations_;
  bool only_not_available_ = true;
};

}  // namespace outdial::engine
