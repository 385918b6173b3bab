#include "ami_gateway/sim_counters.h"

#include <algorithm>

namespace outdial::ami {

uint64_t SimCallCounter::CountCall(absl::string_view number, engine::MonotonicTime now) {
  ++counters_.calls;
  ++counters_.calls_up;
  counters_.peak_calls_up = std::max(counters_.peak_calls_up, counters_.calls_up);
  last_second_.push_back(now);
  while (now - last_second_.front() >= absl::Seconds(1)) last_second_.pop_front();
  counters_.peak_calls_per_second =
      std::max<uint64_t>(counters_.peak_calls_per_second, last_second_.size());
  return counters_.calls_by_number[std::string(number)]++;
}

}  // namespace outdial::ami
