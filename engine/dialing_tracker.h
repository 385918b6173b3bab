// Follows the dialings in progress: takes in what the nodes tell, notices what they don't, and
// turns the end of each dialing into its result. Belongs to the engine's thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "engine/campaign_controller.h"
#include "engine/campaign_run.h"
#include "engine/campaign_turns.h"
#include "engine/cap_limiter.h"
#include "engine/catalog.h"
#include "engine/live_dialing.h"
#include "engine/node_registry.h"
#include "engine/record_writer.h"
#include "engine/recovery_report.h"
#include "engine/step_context.h"
#include "engine/trunk_breaker.h"

namespace outdial::engine {

class DialingTracker : public CallEnder {
 public:
  // All must outlive the tracker.
  DialingTracker(const Catalog* catalog, RecordWriter* writer, CampaignRuns* runs,
                 NodeRegistry* nodes, CapLimiter* caps, TrunkBreaker* breaker,
                 CampaignController* controller, CampaignTurns* turns)
      : catalog_(catalog),
        writer_(writer),
        runs_(runs),
        nodes_(nodes),
        caps_(caps),
        breaker_(breaker),
        controller_(controller),
        turns_(turns) {}

  // Takes over the dialings that were in progress when the process ended. Their nodes tell what
  // became of them.
  absl::Status Load(StepContext& ctx);

  // Follows a dialing that was just decided and stored.
  void Begin(LiveDialing dialing);

  absl::Status OnNodeEvent(StepContext& ctx, const NodeEvent& event);
  // Does what is due.
  absl::Status OnTime(StepContext& ctx);
  MonotonicTime NextDeadline() const;

  absl::Status HangUpAll(StepContext& ctx, const CampaignUuid& campaign) override;

  // Dialings that no agent or destination has got yet: those to a queue, on one node and on all;
  // those to a parking lot of a node.
  int PendingForQueue(const std::string& node, const std::string& queue) const;
  int PendingForQueue(const std::string& queue) const;
  int PendingForParking(const std::string& node, const std::string& lot) const;

  // Agents of the queue became free: whoever waits for them has its turn.
  void OpenQueue(const std::string& queue);

 private:
  using Live = std::map<DialingUuid, LiveDialing>;

  absl::StatusOr<LiveDialing> TakeOver(StepContext& ctx, v1::Dialing record) const;
  void Follow(LiveDialing dialing, MonotonicTime now);
  void OnConnected(StepContext& ctx, const std::string& node, const NodeConnected& fact);
  absl::Status OnSynced(StepContext& ctx, const std::string& node);
  absl::Status Reconcile(StepContext& ctx, const std::string& node, MonotonicTime asked_at,
                         v1::NodeReconcile* found);
  // It is not in its node's channel list, which may tell no more than what was so when it was asked
  // for.
  static void NoteMissing(MonotonicTime now, MonotonicTime asked_at, LiveDialing& dialing);
  void SetConnected(LiveDialing& dialing, bool connected);
  absl::Status OnDisconnected(StepContext& ctx, const std::string& node,
                              const NodeDisconnected& fact);
  absl::Status OnDialingFact(StepContext& ctx, const NodeEvent& event, const DialingUuid& uuid);
  absl::Status OnStrangersChannel(StepContext& ctx, const std::string& node,
                                  const DialingUuid& dialing, const NodeFact& fact);
  absl::Status Look(StepContext& ctx, const DialingUuid& uuid);
  void AskNode(StepContext& ctx, const std::string& node);
  void SendHangup(StepContext& ctx, LiveDialing& dialing);
  absl::Status End(StepContext& ctx, const DialingUuid& uuid);
  absl::StatusOr<v1::Dl> ReleaseEntry(StepContext& ctx, const LiveDialing& dialing,
                                      const Classification& how);
  void CountPending(const LiveDialing& dialing, int change);
  // What it held is free for others: whoever waits for it has its turn.
  void OpenPlace(const LiveDialing& dialing);
  void SetDeadline(LiveDialing& dialing, MonotonicTime at);
  MonotonicTime NodeLostAt(const std::string& node) const;
  void LogRecovery(StepContext& ctx) const;

  const Catalog* catalog_;
  RecordWriter* writer_;
  CampaignRuns* runs_;
  NodeRegistry* nodes_;
  CapLimiter* caps_;
  TrunkBreaker* breaker_;
  CampaignController* controller_;
  CampaignTurns* turns_;
  Live live_;
  std::set<std::pair<MonotonicTime, DialingUuid>> deadlines_;
  std::map<std::string, std::map<std::string, int>> pending_by_queue_;    // queue, node
  std::map<std::string, std::map<std::string, int>> pending_by_parking_;  // lot, node
  MonotonicTime loaded_at_ = absl::ZeroDuration();
  RecoveryReport recovery_;
};

}  // namespace outdial::engine
