// Holds back a campaign that abandons too many people.
#pragma once

#include <cstdint>

#include "engine/ports.h"
#include "outdial/v1/outcome.pb.h"

namespace outdial::engine {

// The tally of one campaign's day, and what follows from it. Belongs to one thread.
class AbandonGuard {
 public:
  // Below so many answers of the day a share says nothing.
  static constexpr uint64_t kAnswersBeforeGuard = 20;

  AbandonGuard() = default;
  // Goes on from a day's stored tally.
  explicit AbandonGuard(const DayTally& tally) : tally_(tally) {}

  // Counts a dialing that ended on `day`; the first one of another day begins anew.
  void Count(int32_t day, v1::Outcome outcome);

  // Whether the campaign may place only one call per free agent: more than `target_percent` of
  // those who answered on `day` were abandoned, after kAnswersBeforeGuard answers.
  bool Holds(int32_t day, double target_percent) const;

  // People who answered and waited too long or were dropped, in percent of all who answered on
  // `day`; 0 while nobody did. A failed destination drops people too.
  double AbandonedPercent(int32_t day) const;

 private:
  uint64_t Answered() const;
  uint64_t Abandoned() const;

  DayTally tally_;
};

}  // namespace outdial::engine
