// Decides who is dialled next: for each running campaign how many calls it may place now, on
// which node, and to whom. Belongs to the engine's thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/agent_tracker.h"
#include "engine/campaign_controller.h"
#include "engine/campaign_run.h"
#include "engine/campaign_turns.h"
#include "engine/cap_limiter.h"
#include "engine/catalog.h"
#include "engine/dial_string.h"
#include "engine/dialing_tracker.h"
#include "engine/engine_config.h"
#include "engine/node_registry.h"
#include "engine/record_writer.h"
#include "engine/step_context.h"
#include "engine/trunk_breaker.h"

namespace outdial::engine {

class DialPlanner {
 public:
  // Calls placed in one step; what is left is placed in the next, so that no step takes long.
  static constexpr int kMaxCallsPerStep = 64;

  // All must outlive the planner.
  DialPlanner(const EngineConfig* config, const Catalog* catalog, RecordWriter* writer,
              CampaignRuns* runs, NodeRegistry* nodes, const AgentTracker* agents, CapLimiter* caps,
              TrunkBreaker* breaker, DialingTracker* tracker, CampaignController* controller,
              CampaignTurns* turns)
      : config_(config),
        catalog_(catalog),
        writer_(writer),
        runs_(runs),
        nodes_(nodes),
        agents_(agents),
        caps_(caps),
        breaker_(breaker),
        tracker_(tracker),
        controller_(controller),
        turns_(turns) {}

  // How soon a campaign that others looked for says why it waits.
  static constexpr absl::Duration kTellInterval = absl::Seconds(1);

  // Places what may be placed now, campaign after campaign in turn, and notes why each of the
  // others waits.
  absl::Status Run(StepContext& ctx);
  // Something changed that may let any campaign dial, or change what it waits for: all are looked
  // at again.
  void LookAgain() { look_at_all_ = true; }
  // No new call from here on.
  void Stop() { stopped_ = true; }

  MonotonicTime NextWakeup() const { return next_wakeup_; }

 private:
  // What a campaign dials with; all found.
  struct Setup {
    CampaignUuid uuid;
    CampaignRun& run;
    const v1::Campaign& campaign;
    const v1::Plan& plan;
    const ListRecord& list;
    const v1::Destination& destination;
    std::string queue;    // empty: no agents
    std::string parking;  // empty: none
  };
  // How many calls may be under way to the agents of a queue: so many for each free one, and so
  // many more.
  struct Appetite {
    double calls_per_agent = 1.0;
    int more_calls = 0;
  };
  // A campaign's, of itself and under its guard.
  struct Appetites {
    Appetite wanted;
    Appetite allowed;
    bool guarded = false;
  };
  // A node that can carry the call.
  struct Candidate {
    std::string node;
    int room = 0;       // free agents that no call is under way to
    double load = 0.0;  // share of its calls in use
  };

  void WakeChanged();
  // Lets the campaign place a call, or notes why it does not. True: it did.
  absl::StatusOr<bool> Serve(StepContext& ctx, const CampaignUuid& uuid);
  // Places one call; absent: done. Otherwise why not.
  absl::StatusOr<std::optional<Wait>> TryDial(StepContext& ctx, const CampaignUuid& uuid);
  absl::StatusOr<std::optional<Wait>> DialEntry(StepContext& ctx, Setup& setup,
                                                const DlUuid& entry);
  // What a campaign that may not dial waits for: nothing, or the end of its calls.
  Wait EndsAwaited(const CampaignUuid& uuid) const;
  Appetites AppetitesOf(StepContext& ctx, const Setup& setup) const;
  // With whom it waits for what its calls need.
  WaitLine LineOf(StepContext& ctx, const Setup& setup) const;
  std::optional<Wait> CheckAgents(StepContext& ctx, const Setup& setup) const;
  // `*why_not`: what keeps the other nodes from being one; its reason is told when there is none.
  std::vector<Candidate> Candidates(const Setup& setup, MonotonicTime now, Wait* why_not) const;
  std::optional<Wait> ParkingFull(const Setup& setup, const std::string& node) const;
  static Wait WaitAlone(const CampaignUuid& uuid, v1::WaitReason reason, std::string detail);
  static Wait WaitForEntries(const Setup& setup, v1::WaitReason reason, std::string detail,
                             MonotonicTime until = absl::InfiniteDuration());
  static Wait WaitForCap(const CapVerdict& verdict, const CallPlace& place);
  // Acquires the caps of one candidate; the caps that held otherwise.
  std::optional<Wait> TakePlace(StepContext& ctx, const Setup& setup, const std::string& trunk,
                                CallPlace* place);
  absl::Status Place(StepContext& ctx, Setup& setup, const v1::Dl& entry, int slot,
                     const DialString& dial, const CallPlace& place);
  // Tells each of those that others looked for why it waits.
  void TellWaits(StepContext& ctx);
  absl::Status RefuseNumber(StepContext& ctx, Setup& setup, const v1::Dl& entry, int slot,
                            const absl::Status& why);
  // Once for each tech name.
  void WarnOfReplacedTech(StepContext& ctx, const DialString& dial);
  v1::Dialing NewDialing(StepContext& ctx, const Setup& setup, const v1::Dl& entry, int slot,
                         const std::string& address, const std::string& channel);
  absl::StatusOr<v1::Dl> MarkDialling(StepContext& ctx, const Setup& setup, const v1::Dl& entry,
                                      int slot, const std::string& dialing_uuid);
  void Publish(StepContext& ctx, const CampaignUuid& uuid, CampaignRun& run, const Wait& wait);

  const EngineConfig* config_;
  const Catalog* catalog_;
  RecordWriter* writer_;
  CampaignRuns* runs_;
  NodeRegistry* nodes_;
  const AgentTracker* agents_;
  CapLimiter* caps_;
  TrunkBreaker* breaker_;
  DialingTracker* tracker_;
  CampaignController* controller_;
  CampaignTurns* turns_;
  std::set<std::string> warned_techs_;
  MonotonicTime next_wakeup_ = -absl::InfiniteDuration();
  MonotonicTime next_tell_ = -absl::InfiniteDuration();
  bool look_at_all_ = true;
  bool stopped_ = false;
};

}  // namespace outdial::engine
