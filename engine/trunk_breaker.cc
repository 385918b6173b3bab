#include "engine/trunk_breaker.h"

#include <algorithm>

namespace outdial::engine {

MonotonicTime TrunkBreaker::NextStart(absl::string_view trunk) const {
  const auto found = trunks_.find(trunk);
  if (found == trunks_.end() || !found->second.rests()) return -absl::InfiniteDuration();
  if (!found->second.probe.is_nil()) return absl::InfiniteDuration();
  return found->second.rests_until;
}

void TrunkBreaker::Start(absl::string_view trunk, const DialingUuid& dialing) {
  const auto found = trunks_.find(trunk);
  if (found != trunks_.end() && found->second.rests()) found->second.probe = dialing;
}

void TrunkBreaker::Report(absl::string_view trunk, const DialingUuid& dialing, TrunkSign sign,
                          MonotonicTime now) {
  if (trunk.empty()) return;
  switch (sign) {
    case TrunkSign::kWorks:
      if (const auto found = trunks_.find(trunk); found != trunks_.end()) trunks_.erase(found);
      return;
    case TrunkSign::kFailed:
      NoteFailure(dialing, now, &trunks_[std::string(trunk)]);
      return;
    case TrunkSign::kNone:
      // The probe told nothing: the next call is one.
      if (const auto found = trunks_.find(trunk);
          found != trunks_.end() && found->second.probe == dialing) {
        found->second.probe = DialingUuid();
      }
      return;
  }
}

bool TrunkBreaker::Rests(absl::string_view trunk) const {
  const auto found = trunks_.find(trunk);
  return found != trunks_.end() && found->second.rests();
}

void TrunkBreaker::NoteFailure(const DialingUuid& dialing, MonotonicTime now, Trunk* trunk) {
  if (!trunk->rests()) {
    ++trunk->failures;
    if (trunk->failures < kFailuresToRest) return;
    trunk->rest = kFirstRest;
  } else if (trunk->probe == dialing) {
    trunk->rest = std::min(2 * trunk->rest, kLongestRest);
  } else {
    return;  // began before the rest: it tells nothing new
  }
  trunk->probe = DialingUuid();
  trunk->rests_until = now + trunk->rest;
}

}  // namespace outdial::engine
