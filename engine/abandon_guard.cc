#include "engine/abandon_guard.h"

namespace outdial::engine {

void AbandonGuard::Count(int32_t day, v1::Outcome outcome) {
  if (day != tally_.day) tally_ = DayTally{.day = day, .by_outcome = {}};
  ++tally_.by_outcome.at(static_cast<size_t>(outcome));
}

bool AbandonGuard::Holds(int32_t day, double target_percent) const {
  return day == tally_.day && Answered() >= kAnswersBeforeGuard &&
         AbandonedPercent(day) > target_percent;
}

double AbandonGuard::AbandonedPercent(int32_t day) const {
  if (day != tally_.day || Answered() == 0) return 0;
  return 100.0 * static_cast<double>(Abandoned()) / static_cast<double>(Answered());
}

uint64_t AbandonGuard::Answered() const {
  return Abandoned() + tally_.by_outcome[v1::OUTCOME_HANDLED];
}

uint64_t AbandonGuard::Abandoned() const {
  return tally_.by_outcome[v1::OUTCOME_ABANDONED] +
         tally_.by_outcome[v1::OUTCOME_DESTINATION_FAILED];
}

}  // namespace outdial::engine
