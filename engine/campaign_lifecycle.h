// The states of a campaign and what may follow what (spec: the life of a campaign). Pure.
#pragma once

#include "absl/status/statusor.h"
#include "outdial/v1/campaign.pb.h"

namespace outdial::engine {

// What a request for a status asks the server to do.
enum class LifecycleStep {
  kNothing,  // already so, or on the way there
  kStart,    // check, then dial
  kStop,     // STOPPING, then STOP when its last dialing has ended
  kPause,    // PAUSING, then PAUSE when its last dialing has ended
  kForce,    // STOPPING_FORCED: hang up, then STOP when its last dialing has ended
};

// What `requested` means for a campaign in `current`. The transitional values STOPPING, STARTING
// and PAUSING ask for STOP, START and PAUSE. FAILED_PRECONDITION: the state forbids it.
absl::StatusOr<LifecycleStep> DecideStep(v1::CampaignStatus current, v1::CampaignStatus requested);

// True when new calls may be placed.
bool MayDial(v1::CampaignStatus status);
// True when plan, dlma and dest may be changed, and the campaign deleted.
bool IsStopped(v1::CampaignStatus status);
// The state that follows when the last dialing of a campaign has ended; `status` itself when
// nothing follows.
v1::CampaignStatus AfterLastDialing(v1::CampaignStatus status);

}  // namespace outdial::engine
