// What became of the dialings that an engine took over when it was loaded. Belongs to the engine's
// thread.
#pragma once

#include <cstddef>
#include <set>

#include "engine/now.h"
#include "engine/uuid.h"
#include "outdial/v1/outcome.pb.h"

namespace outdial::engine {

class RecoveryReport {
 public:
  struct Totals {
    size_t adopted = 0;  // their channel is there: they go on
    size_t ended = 0;    // with an outcome
    size_t unknown = 0;  // with outcome unknown: nobody saw what became of them
  };

  void Begin(MonotonicTime now) { began_ = now; }
  void TakeOver(const DialingUuid& dialing) { open_.insert(dialing); }

  // A dialing turned out to be alive; it ended. Others than those taken over are let pass, and
  // what is said of one after the first time. True: that was the last of them.
  bool Adopted(const DialingUuid& dialing) { return Close(dialing, &totals_.adopted); }
  bool Ended(const DialingUuid& dialing, v1::Outcome outcome) {
    return Close(dialing, outcome == v1::OUTCOME_UNKNOWN ? &totals_.unknown : &totals_.ended);
  }

  const Totals& totals() const { return totals_; }
  MonotonicTime began() const { return began_; }

 private:
  bool Close(const DialingUuid& dialing, size_t* count) {
    if (open_.erase(dialing) == 0) return false;
    ++*count;
    return open_.empty();
  }

  std::set<DialingUuid> open_;  // nothing is known of them yet
  Totals totals_;
  MonotonicTime began_ = absl::ZeroDuration();
};

}  // namespace outdial::engine
