#include "engine/campaign_controller.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/destination_facts.h"
#include "engine/errors.h"

namespace outdial::engine {

namespace {

// So many answered calls in a row that could not be given to the destination pause the campaign.
constexpr int kMaxDestinationFailures = 3;

constexpr char kRestored[] =
    "the data was put back from a backup, and whoever was called after it was made would be called "
    "again; start the campaign if that may be";

absl::Status Incomplete(absl::string_view message) {
  return FailedPrecondition(Reason::kCampaignIncomplete, message);
}

bool Dials(v1::DialMode mode) {
  return mode == v1::DIAL_MODE_PREDICTIVE || mode == v1::DIAL_MODE_POWER ||
         mode == v1::DIAL_MODE_ROBO || mode == v1::DIAL_MODE_PROGRESSIVE;
}

// Progressive and power are defined by free agents; the others can do without.
bool NeedsAgents(v1::DialMode mode) {
  return mode == v1::DIAL_MODE_POWER || mode == v1::DIAL_MODE_PROGRESSIVE;
}

}  // namespace

std::optional<std::string> PlanProblem(const v1::Plan& plan, const v1::Destination& destination) {
  if (!Dials(plan.dial_mode())) {
    return "the plan's dial_mode is 0 (none), which dials nobody; set another one";
  }
  if (NeedsAgents(plan.dial_mode()) && AgentQueueOf(destination).empty()) {
    return "dial modes 3 (power) and 6 (progressive) dial for free agents, and the destination "
           "names no queue; set its agent_queue, or use dial mode 4 (robo)";
  }
  return std::nullopt;
}

int32_t CampaignController::DayOf(const v1::Campaign& campaign, absl::Time wall) const {
  const absl::TimeZone zone = zones_->Find(campaign.zone()).value_or(absl::UTCTimeZone());
  return static_cast<int32_t>(absl::ToCivilDay(wall, zone) - absl::CivilDay(1970, 1, 1));
}

absl::Status CampaignController::Load(StepContext& ctx) {
  for (const auto& [uuid, campaign] : catalog_->campaigns()) {
    if (!IsStopped(campaign.status())) OUTDIAL_RETURN_IF_ERROR(EnsureRun(ctx, campaign));
  }
  OUTDIAL_ASSIGN_OR_RETURN(const bool restored, ctx.store.TakeRestoreMark());
  if (restored) OUTDIAL_RETURN_IF_ERROR(StopRestored(ctx));
  // What was being stopped when the process ended and has no dialing left is complete.
  std::vector<CampaignUuid> begun;
  for (const auto& [uuid, run] : *runs_) {
    begun.push_back(uuid);
    // An engine before this one, in the same process, may have published another reason.
    ctx.out.waits.push_back(CampaignWait{uuid, v1::WAIT_REASON_NONE, ""});
  }
  for (const CampaignUuid& uuid : begun) {
    OUTDIAL_RETURN_IF_ERROR(CompleteIfEnded(ctx, uuid));
  }
  return absl::OkStatus();
}

absl::Status CampaignController::StopRestored(StepContext& ctx) {
  std::vector<CampaignUuid> running;
  for (const auto& [uuid, campaign] : catalog_->campaigns()) {
    if (MayDial(campaign.status())) running.push_back(uuid);
  }
  for (const CampaignUuid& uuid : running) {
    ctx.Log(LogLine::Level::kWarning, "campaign_stopped",
            {{"campaign", uuid.ToString()}, {"reason", kRestored}});
    OUTDIAL_RETURN_IF_ERROR(SetStatus(ctx, uuid, v1::CAMPAIGN_STATUS_STOPPING, kRestored));
  }
  return absl::OkStatus();
}

absl::Status CampaignController::EnsureRun(StepContext& ctx, const v1::Campaign& campaign) {
  const auto uuid = UuidOf<CampaignUuid>(campaign.uuid());
  CampaignRun& run = (*runs_)[uuid];
  looks_.push_back(uuid);
  if (run.guard_loaded) return absl::OkStatus();
  run.guard_loaded = true;
  const int32_t today = DayOf(campaign, ctx.now.wall);
  return ctx.store.ForEachTally(uuid, today, [&run, today](const DayTally& tally) {
    // Later days are there when the wall clock or the campaign's zone went back.
    if (tally.day == today) run.guard = AbandonGuard(tally);
  });
}

absl::Status CampaignController::CheckReachable(const v1::Destination& destination) const {
  const std::string queue = AgentQueueOf(destination);
  bool any_connected = false;
  std::string why = "no connected node may originate calls";
  for (const auto& [name, node] : nodes_->all()) {
    if (!node.connected) continue;
    any_connected = true;
    if (!node.synced) return absl::OkStatus();  // not known yet: the planner waits for it
    if (!NodeRegistry::IsUsable(node)) {
      why = absl::StrCat("node ", name,
                         " can't carry calls: its login may not originate, or may "
                         "not see call events; see `node show`");
      continue;
    }
    if (queue.empty()) return absl::OkStatus();
    if (!node.sees_queues) {
      why = absl::StrCat("the login on node ", name, " may not see queues (read class agent)");
    } else if (agents_->HasQueue(name, queue)) {
      return absl::OkStatus();
    } else {
      why = absl::StrCat("no connected node has the queue `", queue, "`");
    }
  }
  // Without any connection nothing is known: the campaign waits and says so.
  if (!any_connected) return absl::OkStatus();
  return Incomplete(absl::StrCat("the destination can't be reached: ", why));
}

absl::Status CampaignController::CheckStartable(const v1::Campaign& campaign) const {
  const v1::Plan* plan = catalog_->FindPlan(UuidOf<PlanUuid>(campaign.plan()));
  if (plan == nullptr) return Incomplete("the campaign has no plan; set its plan");
  if (catalog_->FindList(UuidOf<DlmaUuid>(campaign.dlma())) == nullptr) {
    return Incomplete("the campaign has no dial list; set its dlma");
  }
  const v1::Destination* destination =
      catalog_->FindDestination(UuidOf<DestinationUuid>(campaign.dest()));
  if (destination == nullptr) return Incomplete("the campaign has no destination; set its dest");
  if (config_->nodes.empty()) {
    return Incomplete("no Asterisk node is configured; add one under `asterisk:`");
  }
  if (destination->type() == v1::DESTINATION_TYPE_EXTEN &&
      (destination->exten().empty() || destination->context().empty())) {
    return Incomplete("the destination has no exten and context; set both, or an application");
  }
  if (destination->type() == v1::DESTINATION_TYPE_APPLICATION &&
      destination->application().empty()) {
    return Incomplete("the destination has no application; set its application");
  }
  // After the destination's own gaps: what is not filled in names no queue either.
  if (const auto problem = PlanProblem(*plan, *destination)) return Incomplete(*problem);
  return CheckReachable(*destination);
}

absl::Status CampaignController::SetStatus(StepContext& ctx, const CampaignUuid& uuid,
                                           v1::CampaignStatus status) {
  const v1::Campaign* campaign = catalog_->FindCampaign(uuid);
  return SetStatus(ctx, uuid, status,
                   campaign->has_status_detail()
                       ? std::optional<std::string>(campaign->status_detail())
                       : std::nullopt);
}

absl::Status CampaignController::SetStatus(StepContext& ctx, const CampaignUuid& uuid,
                                           v1::CampaignStatus status,
                                           std::optional<std::string> detail) {
  v1::Campaign campaign = *catalog_->FindCampaign(uuid);
  campaign.set_status(status);
  campaign.clear_status_detail();
  if (detail.has_value()) campaign.set_status_detail(*std::move(detail));
  OUTDIAL_RETURN_IF_ERROR(writer_->Update(ctx, std::move(campaign)).status());
  ctx.Log(LogLine::Level::kInfo, "campaign_status",
          {{"campaign", uuid.ToString()}, {"status", v1::CampaignStatus_Name(status)}});
  return absl::OkStatus();
}

absl::Status CampaignController::Apply(StepContext& ctx, const CampaignUuid& uuid,
                                       LifecycleStep step) {
  switch (step) {
    case LifecycleStep::kNothing:
      return absl::OkStatus();
    case LifecycleStep::kStart: {
      OUTDIAL_RETURN_IF_ERROR(SetStatus(ctx, uuid, v1::CAMPAIGN_STATUS_STARTING, std::nullopt));
      OUTDIAL_RETURN_IF_ERROR(SetStatus(ctx, uuid, v1::CAMPAIGN_STATUS_START));
      const v1::Campaign* campaign = catalog_->FindCampaign(uuid);
      OUTDIAL_RETURN_IF_ERROR(EnsureRun(ctx, *campaign));
      runs_->at(uuid).destination_failures = 0;
      const v1::Destination* destination =
          catalog_->FindDestination(UuidOf<DestinationUuid>(campaign->dest()));
      const v1::Plan* plan = catalog_->FindPlan(UuidOf<PlanUuid>(campaign->plan()));
      if (plan->dial_mode() == v1::DIAL_MODE_PREDICTIVE && AgentQueueOf(*destination).empty()) {
        ctx.Log(LogLine::Level::kWarning, "campaign_without_agents",
                {{"campaign", uuid.ToString()},
                 {"effect", "predictive mode is limited by the caps alone"}});
      }
      return absl::OkStatus();
    }
    case LifecycleStep::kStop:
      OUTDIAL_RETURN_IF_ERROR(SetStatus(ctx, uuid, v1::CAMPAIGN_STATUS_STOPPING));
      return CompleteIfEnded(ctx, uuid);
    case LifecycleStep::kPause:
      OUTDIAL_RETURN_IF_ERROR(SetStatus(ctx, uuid, v1::CAMPAIGN_STATUS_PAUSING));
      return CompleteIfEnded(ctx, uuid);
    case LifecycleStep::kForce:
      OUTDIAL_RETURN_IF_ERROR(SetStatus(ctx, uuid, v1::CAMPAIGN_STATUS_STOPPING_FORCED));
      OUTDIAL_RETURN_IF_ERROR(ender_->HangUpAll(ctx, uuid));
      return CompleteIfEnded(ctx, uuid);
  }
  return absl::OkStatus();
}

absl::Status CampaignController::CompleteIfEnded(StepContext& ctx, const CampaignUuid& uuid) {
  const auto run = runs_->find(uuid);
  if (run != runs_->end() && !run->second.dialings.empty()) return absl::OkStatus();
  const v1::Campaign* campaign = catalog_->FindCampaign(uuid);
  if (campaign == nullptr) return absl::OkStatus();
  const v1::CampaignStatus next = AfterLastDialing(campaign->status());
  if (next != campaign->status()) OUTDIAL_RETURN_IF_ERROR(SetStatus(ctx, uuid, next));
  if (IsStopped(next) && run != runs_->end()) {
    if (run->second.wait_reason != v1::WAIT_REASON_NONE) {
      ctx.out.waits.push_back(CampaignWait{uuid, v1::WAIT_REASON_NONE, ""});
    }
    runs_->erase(run);
    looks_.push_back(uuid);
  }
  return absl::OkStatus();
}

absl::Status CampaignController::OnListUsedUp(StepContext& ctx, const CampaignUuid& uuid) {
  OUTDIAL_RETURN_IF_ERROR(
      SetStatus(ctx, uuid, v1::CAMPAIGN_STATUS_STOPPING, "its list is used up"));
  OUTDIAL_RETURN_IF_ERROR(CompleteIfEnded(ctx, uuid));
  const auto next = UuidOf<CampaignUuid>(catalog_->FindCampaign(uuid)->next_campaign());
  const v1::Campaign* next_campaign = catalog_->FindCampaign(next);
  if (next_campaign == nullptr) return absl::OkStatus();
  const absl::StatusOr<LifecycleStep> step =
      DecideStep(next_campaign->status(), v1::CAMPAIGN_STATUS_START);
  absl::Status startable = step.status();
  if (step.ok() && *step == LifecycleStep::kStart) startable = CheckStartable(*next_campaign);
  if (startable.ok()) return Apply(ctx, next, *step);
  ctx.Log(LogLine::Level::kError, "next_campaign_not_started",
          {{"campaign", next.ToString()}, {"reason", std::string(startable.message())}});
  return SetStatus(ctx, next, next_campaign->status(),
                   absl::StrCat("could not be started after campaign ", uuid.ToString(), ": ",
                                startable.message()));
}

absl::Status CampaignController::OnDialingEnded(StepContext& ctx, const CampaignUuid& uuid,
                                                DestinationSign sign, absl::string_view why) {
  const auto run = runs_->find(uuid);
  const v1::Campaign* campaign = catalog_->FindCampaign(uuid);
  if (run == runs_->end() || campaign == nullptr) return absl::OkStatus();
  int& failures = run->second.destination_failures;
  if (sign == DestinationSign::kWorks) failures = 0;
  if (sign == DestinationSign::kFailed) ++failures;
  if (failures >= kMaxDestinationFailures && MayDial(campaign->status())) {
    failures = 0;
    const std::string reason =
        absl::StrCat(kMaxDestinationFailures, " calls in a row could not be given to the ",
                     "destination (the last: ", why, "); check that its application or extension ",
                     "exists on the node, then start the campaign again");
    ctx.Log(LogLine::Level::kError, "campaign_paused",
            {{"campaign", uuid.ToString()}, {"reason", reason}});
    OUTDIAL_RETURN_IF_ERROR(SetStatus(ctx, uuid, v1::CAMPAIGN_STATUS_PAUSING, reason));
  }
  // What it waits for has changed, and no room that is made for others tells it.
  if (!MayDial(campaign->status())) looks_.push_back(uuid);
  return CompleteIfEnded(ctx, uuid);
}

void CampaignController::RecordsChanged(const std::vector<CampaignUuid>& campaigns) {
  for (const CampaignUuid& uuid : campaigns) {
    if (runs_->contains(uuid)) looks_.push_back(uuid);
  }
}

}  // namespace outdial::engine
