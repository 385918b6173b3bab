#include "ami_gateway/ami_variables.h"

namespace outdial::ami {

std::vector<std::string> SplitAmiVariables(absl::string_view list) {
  std::vector<std::string> entries(1);
  bool quoted = false;
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '\\' && i + 1 < list.size()) {
      entries.back() += list[++i];
    } else if (list[i] == '"') {
      quoted = !quoted;
    } else if (list[i] == ',' && !quoted && entries.size() < kMaxVariablesInHeader) {
      entries.emplace_back();
    } else {
      entries.back() += list[i];
    }
  }
  return entries;
}

}  // namespace outdial::ami
