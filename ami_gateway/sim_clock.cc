#include "ami_gateway/sim_clock.h"

#include <chrono>

#include "absl/time/clock.h"

namespace outdial::ami {
namespace {

absl::Duration SteadyTime() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

SimClock::SimClock(double factor)
    : factor_(factor), wall_start_(absl::Now()), steady_start_(SteadyTime()) {}

engine::Now SimClock::Read() {
  const absl::Duration elapsed = (SteadyTime() - steady_start_) * factor_;
  return {elapsed, wall_start_ + elapsed};
}

}  // namespace outdial::ami
