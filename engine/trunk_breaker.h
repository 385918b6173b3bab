// Keeps calls away from a trunk that fails.
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/now.h"
#include "engine/outcome_classifier.h"
#include "engine/uuid.h"

namespace outdial::engine {

// After kFailuresToRest failures in a row a trunk rests for kFirstRest; then one call probes it,
// and while that fails the rest doubles up to kLongestRest. Calls without a trunk never wait.
// Belongs to one thread.
class TrunkBreaker {
 public:
  static constexpr int kFailuresToRest = 5;
  static constexpr absl::Duration kFirstRest = absl::Seconds(30);
  static constexpr absl::Duration kLongestRest = absl::Minutes(10);

  // When the next call may go out on the trunk: in the past: now; absl::InfiniteDuration(): when
  // the call that probes it has shown a sign.
  MonotonicTime NextStart(absl::string_view trunk) const;

  // A call starts; NextStart allows it. On a trunk that rested it is the probe.
  void Start(absl::string_view trunk, const DialingUuid& dialing);

  // What a call showed: kWorks as soon as it rings or is answered, so that a long call does not
  // hold up the trunk that it probes, and again whatever its end shows.
  void Report(absl::string_view trunk, const DialingUuid& dialing, TrunkSign sign,
              MonotonicTime now);

  // A trunk that was told to rest, and not since shown to work.
  bool Rests(absl::string_view trunk) const;

 private:
  struct Trunk {
    int failures = 0;     // in a row
    absl::Duration rest;  // the last one; zero: it doesn't rest
    MonotonicTime rests_until;
    DialingUuid probe;  // nil: none

    bool rests() const { return rest > absl::ZeroDuration(); }
  };

  static void NoteFailure(const DialingUuid& dialing, MonotonicTime now, Trunk* trunk);

  // Only trunks with something to remember.
  std::map<std::string, Trunk, std::less<>> trunks_;
};

}  // namespace outdial::engine
