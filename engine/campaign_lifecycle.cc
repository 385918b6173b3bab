#include "engine/campaign_lifecycle.h"

#include "engine/errors.h"

namespace outdial::engine {

namespace {

v1::CampaignStatus Goal(v1::CampaignStatus requested) {
  switch (requested) {
    case v1::CAMPAIGN_STATUS_STOPPING:
      return v1::CAMPAIGN_STATUS_STOP;
    case v1::CAMPAIGN_STATUS_STARTING:
      return v1::CAMPAIGN_STATUS_START;
    case v1::CAMPAIGN_STATUS_PAUSING:
      return v1::CAMPAIGN_STATUS_PAUSE;
    default:
      return requested;
  }
}

}  // namespace

absl::StatusOr<LifecycleStep> DecideStep(v1::CampaignStatus current, v1::CampaignStatus requested) {
  const v1::CampaignStatus goal = Goal(requested);
  const bool forced = current == v1::CAMPAIGN_STATUS_STOPPING_FORCED;
  switch (goal) {
    case v1::CAMPAIGN_STATUS_START:
      if (forced) {
        return FailedPrecondition(Reason::kCampaignRunning,
                                  "the campaign is being stopped forcedly; start it once its "
                                  "status is 0 (stop)");
      }
      return MayDial(current) ? LifecycleStep::kNothing : LifecycleStep::kStart;
    case v1::CAMPAIGN_STATUS_STOP:
      if (IsStopped(current) || forced || current == v1::CAMPAIGN_STATUS_STOPPING) {
        return LifecycleStep::kNothing;
      }
      return LifecycleStep::kStop;
    case v1::CAMPAIGN_STATUS_PAUSE:
      if (IsStopped(current) || forced) {
        return FailedPrecondition(Reason::kCampaignRunning,
                                  "only a campaign that runs can be paused; this one is stopped "
                                  "or being stopped forcedly");
      }
      if (current == v1::CAMPAIGN_STATUS_PAUSE || current == v1::CAMPAIGN_STATUS_PAUSING) {
        return LifecycleStep::kNothing;
      }
      return LifecycleStep::kPause;
    case v1::CAMPAIGN_STATUS_STOPPING_FORCED:
      return IsStopped(current) || forced ? LifecycleStep::kNothing : LifecycleStep::kForce;
    default:
      return InvalidField("campaign.status",
                          "must be 0 (stop), 1 (start), 2 (pause) or 30 "
                          "(stop forcedly)");
  }
}

bool MayDial(v1::CampaignStatus status) { return status == v1::CAMPAIGN_STATUS_START; }

bool IsStopped(v1::CampaignStatus status) { return status == v1::CAMPAIGN_STATUS_STOP; }

v1::CampaignStatus AfterLastDialing(v1::CampaignStatus status) {
  switch (status) {
    case v1::CAMPAIGN_STATUS_STOPPING:
    case v1::CAMPAIGN_STATUS_STOPPING_FORCED:
      return v1::CAMPAIGN_STATUS_STOP;
    case v1::CAMPAIGN_STATUS_PAUSING:
      return v1::CAMPAIGN_STATUS_PAUSE;
    default:
      return status;
  }
}

}  // namespace outdial::engine
