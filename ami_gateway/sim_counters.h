// What really happened in the simulated Asterisk, counted where the callees are: for tests that
// must not trust the dialler's own records.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "engine/now.h"

namespace outdial::ami {

// A value. Counts go on over a restart of the simulated Asterisk.
struct SimCounters {
  std::map<std::string, uint64_t> calls_by_number;  // INVITEs that reached each callee
  uint64_t calls = 0;                               // their sum
  uint64_t answered = 0;
  uint64_t reached_agent = 0;
  uint64_t calls_up = 0;  // calls in progress now, ringing or answered
  uint64_t peak_calls_up = 0;
  uint64_t peak_calls_per_second = 0;  // in any one second
  uint64_t channels = 0;               // that exist now, agents' legs included
  uint64_t originates = 0;             // accepted
};

// Keeps SimCounters. One thread.
class SimCallCounter {
 public:
  // How often the number was called before this one.
  uint64_t CountCall(absl::string_view number, engine::MonotonicTime now);
  void CountAnswer() { ++counters_.answered; }
  void CountAgent() { ++counters_.reached_agent; }
  void CountOriginate() { ++counters_.originates; }
  void EndCall() { --counters_.calls_up; }

  const SimCounters& counters() const { return counters_; }

 private:
  SimCounters counters_;
  std::deque<engine::MonotonicTime> last_second_;
};

}  // namespace outdial::ami
