#include "ami_gateway/ami_node_directory.h"

#include <algorithm>
#include <utility>

namespace outdial::ami {

AmiNodeDirectory::AmiNodeDirectory(std::vector<NodeAddress> nodes,
                                   std::function<bool(const std::string& name)> is_ready)
    : nodes_(std::move(nodes)), is_ready_(std::move(is_ready)) {}

std::vector<NodeAddress> AmiNodeDirectory::Candidates(const std::string& pinned) const {
  std::vector<NodeAddress> candidates;
  for (const NodeAddress& node : nodes_) {
    if (pinned.empty() || node.name == pinned) candidates.push_back(node);
  }
  std::stable_partition(candidates.begin(), candidates.end(), [this](const NodeAddress& node) {
    return is_ready_ && is_ready_(node.name);
  });
  return candidates;
}

std::string AmiNodeDirectory::Banner(const std::string& pinned) const {
  const std::vector<NodeAddress> candidates = Candidates(pinned);
  if (candidates.empty()) return "";
  const auto found = banners_.find(candidates.front().name);
  return found == banners_.end() ? "" : found->second;
}

void AmiNodeDirectory::LearnBanner(const std::string& node, absl::string_view banner) {
  banners_[node] = std::string(banner);
}

bool AmiNodeDirectory::Has(const std::string& node) const {
  return std::any_of(nodes_.begin(), nodes_.end(),
                     [&](const NodeAddress& candidate) { return candidate.name == node; });
}

}  // namespace outdial::ami
