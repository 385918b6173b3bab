// Starts, pauses and stops campaigns, and completes what was begun when their last dialing ended.
// Belongs to the engine's thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "engine/agent_tracker.h"
#include "engine/campaign_lifecycle.h"
#include "engine/campaign_run.h"
#include "engine/catalog.h"
#include "engine/engine_config.h"
#include "engine/node_registry.h"
#include "engine/record_writer.h"
#include "engine/step_context.h"

namespace outdial::engine {

// Ends calls; the part of the dialing tracker that the controller needs.
class CallEnder {
 public:
  virtual ~CallEnder() = default;
  // Hangs up a campaign's calls, those whose channel appears only later too.
  virtual absl::Status HangUpAll(StepContext& ctx, const CampaignUuid& campaign) = 0;
};

// What a dialing showed of its destination.
enum class DestinationSign {
  kNone,    // nothing: it never got that far
  kWorks,   // it got the call
  kFailed,  // it could not be run, or the node refuses calls to it
};

// Why this plan can't dial for this destination at all, and how to put it right; absent: it can.
std::optional<std::string> PlanProblem(const v1::Plan& plan, const v1::Destination& destination);

class CampaignController {
 public:
  // All must outlive the controller.
  CampaignController(const EngineConfig* config, const Catalog* catalog, RecordWriter* writer,
                     CampaignRuns* runs, const NodeRegistry* nodes, const AgentTracker* agents,
                     ZoneLookup* zones)
      : config_(config),
        catalog_(catalog),
        writer_(writer),
        runs_(runs),
        nodes_(nodes),
        agents_(agents),
        zones_(zones) {}
  void set_call_ender(CallEnder* ender) { ender_ = ender; }

  // Takes up what ran before the restart. On a store that was put back from a backup nothing runs
  // on: whoever was called since the backup would be called again.
  absl::Status Load(StepContext& ctx);

  // FAILED_PRECONDITION, with what is missing: the campaign can't be started as it is.
  absl::Status CheckStartable(const v1::Campaign& campaign) const;

  // Does the step; kStart was checked before.
  absl::Status Apply(StepContext& ctx, const CampaignUuid& campaign, LifecycleStep step);

  // The list is used up: stops the campaign and starts the next one, where the plan says so.
  absl::Status OnListUsedUp(StepContext& ctx, const CampaignUuid& campaign);
  // One of its dialings has ended, and showed this of its destination. Three failures in a row
  // pause the campaign; `why` then stands in the reason.
  absl::Status OnDialingEnded(StepContext& ctx, const CampaignUuid& campaign, DestinationSign sign,
                              absl::string_view why);

  // Records behind these campaigns changed: the planner looks at them again.
  void RecordsChanged(const std::vector<CampaignUuid>& campaigns);

  // Campaigns that the planner has to look at since this was asked last, those that ended included.
  std::vector<CampaignUuid> TakeLooks() { return std::exchange(looks_, {}); }
  bool has_looks() const { return !looks_.empty(); }

  // The day in the campaign's own zone, as days since 1970-01-01.
  int32_t DayOf(const v1::Campaign& campaign, absl::Time wall) const;

 private:
  absl::Status SetStatus(StepContext& ctx, const CampaignUuid& uuid, v1::CampaignStatus status);
  absl::Status SetStatus(StepContext& ctx, const CampaignUuid& uuid, v1::CampaignStatus status,
                         std::optional<std::string> detail);
  // Stops what was running when the backup was made.
  absl::Status StopRestored(StepContext& ctx);
  absl::Status CompleteIfEnded(StepContext& ctx, const CampaignUuid& uuid);
  absl::Status EnsureRun(StepContext& ctx, const v1::Campaign& campaign);
  absl::Status CheckReachable(const v1::Destination& destination) const;

  const EngineConfig* config_;
  const Catalog* catalog_;
  RecordWriter* writer_;
  CampaignRuns* runs_;
  const NodeRegistry* nodes_;
  const AgentTracker* agents_;
  ZoneLookup* zones_;
  CallEnder* ender_ = nullptr;
  std::vector<CampaignUuid> looks_;
};

}  // namespace outdial::engine
