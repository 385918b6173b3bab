// What the loop last said about campaigns and nodes: shown, and kept nowhere else.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "engine/dial_engine.h"
#include "outdial/v1/campaign.pb.h"
#include "outdial/v1/node.pb.h"

namespace outdial::server {

// Thread-safe. The loop's thread writes, callers of Shows read.
class StatusBoard {
 public:
  // `nodes`: every configured node with name, host, port and caps; disconnected until the loop
  // tells otherwise.
  explicit StatusBoard(const std::vector<v1::Node>& nodes);

  void SetWait(const engine::CampaignWait& wait) ABSL_LOCKS_EXCLUDED(mutex_);
  // Host and port are those of the configuration, whatever `node` says.
  void SetNode(const v1::Node& node) ABSL_LOCKS_EXCLUDED(mutex_);
  // Why no campaign dials at all right now: the disk is full, or the server is stopping. Empty:
  // nothing holds them all up.
  void SetHalted(const std::string& why) ABSL_LOCKS_EXCLUDED(mutex_);

  // Fills in wait_reason and wait_detail; leaves a campaign that is stopped or paused without.
  void AddWait(v1::Campaign* campaign) const ABSL_LOCKS_EXCLUDED(mutex_);
  // By name.
  std::vector<v1::Node> Nodes() const ABSL_LOCKS_EXCLUDED(mutex_);
  std::optional<v1::Node> FindNode(const std::string& name) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, engine::CampaignWait> waits_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, v1::Node> nodes_ ABSL_GUARDED_BY(mutex_);
  std::string halted_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outdial::server
