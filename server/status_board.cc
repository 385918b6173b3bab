#include "server/status_board.h"

#include "engine/campaign_lifecycle.h"

namespace outdial::server {

StatusBoard::StatusBoard(const std::vector<v1::Node>& nodes) {
  for (const v1::Node& node : nodes) nodes_.emplace(node.name(), node);
}

void StatusBoard::SetWait(const engine::CampaignWait& wait) {
  absl::MutexLock lock(&mutex_);
  if (wait.reason == v1::WAIT_REASON_NONE) {
    waits_.erase(wait.campaign.ToString());
  } else {
    waits_.insert_or_assign(wait.campaign.ToString(), wait);
  }
}

void StatusBoard::SetNode(const v1::Node& node) {
  absl::MutexLock lock(&mutex_);
  v1::Node& known = nodes_[node.name()];
  v1::Node merged = node;
  merged.set_host(known.host());
  merged.set_port(known.port());
  known = std::move(merged);
}

void StatusBoard::SetHalted(const std::string& why) {
  absl::MutexLock lock(&mutex_);
  halted_ = why;
}

void StatusBoard::AddWait(v1::Campaign* campaign) const {
  if (engine::IsStopped(campaign->status()) || campaign->status() == v1::CAMPAIGN_STATUS_PAUSE) {
    return;
  }
  absl::MutexLock lock(&mutex_);
  if (!halted_.empty()) {
    campaign->set_wait_reason(v1::WAIT_REASON_SERVER);
    campaign->set_wait_detail(halted_);
    return;
  }
  const auto found = waits_.find(campaign->uuid());
  if (found == waits_.end()) return;
  campaign->set_wait_reason(found->second.reason);
  campaign->set_wait_detail(found->second.detail);
}

std::vector<v1::Node> StatusBoard::Nodes() const {
  absl::MutexLock lock(&mutex_);
  std::vector<v1::Node> nodes;
  for (const auto& [name, node] : nodes_) nodes.push_back(node);
  return nodes;
}

std::optional<v1::Node> StatusBoard::FindNode(const std::string& name) const {
  absl::MutexLock lock(&mutex_);
  const auto found = nodes_.find(name);
  if (found == nodes_.end()) return std::nullopt;
  return found->second;
}

}  // namespace outdial::server
