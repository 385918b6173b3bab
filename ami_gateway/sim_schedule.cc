#include "ami_gateway/sim_schedule.h"

#include <algorithm>
#include <utility>

#include "engine/check.h"

namespace outdial::ami {

void SimSchedule::At(engine::MonotonicTime due, std::function<void()> run) {
  heap_.push_back({due, next_number_++, std::move(run)});
  std::push_heap(heap_.begin(), heap_.end(), Later());
}

engine::MonotonicTime SimSchedule::NextDue() const {
  return heap_.empty() ? absl::InfiniteDuration() : heap_.front().due;
}

SimSchedule::Item SimSchedule::Take() {
  OUTDIAL_CHECK(!heap_.empty(), "an item is taken only when one is due");
  std::pop_heap(heap_.begin(), heap_.end(), Later());
  Item item = std::move(heap_.back());
  heap_.pop_back();
  return item;
}

void SimSchedule::Clear() { heap_.clear(); }

}  // namespace outdial::ami
