// What can be made to go wrong in the simulated Asterisk.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace outdial::ami {

// How a connection ends.
enum class SimClose {
  kFin,         // orderly, after everything was sent
  kRst,         // at once; what was not sent yet is lost
  kMidMessage,  // orderly, but after half of the last message
};

// Faults that happen by themselves. Probabilities are 0 to 1, for each event that a session would
// get; the answers to its actions, lists included, are never touched, since TCP does not lose
// them.
struct SimFaults {
  double lose_event = 0;
  double duplicate_event = 0;
  double delay_event = 0;
  absl::Duration max_event_delay = absl::Seconds(2);
  double reorder_event = 0;    // swapped with the next one, at most 50 ms later
  double drop_connection = 0;  // in one of the ways of SimClose, drawn
  // 0: off. Else calls start at this pace; all Originates are accepted and those beyond it wait,
  // each at most max_start_delay: an overloaded Asterisk does not refuse either.
  double starts_per_second = 0;
  absl::Duration max_start_delay = absl::Seconds(30);

  // INVALID_ARGUMENT: which value is wrong and what it must be.
  absl::Status Check() const;
};

// How Asterisk goes down and comes back.
struct SimRestart {
  // True: as by `core restart now`: calls are hung up and reported, logins are refused for 1.1 s,
  // a Shutdown event closes the sessions. False: as by SIGKILL: the connections just end.
  bool graceful = true;
  // Time without a listening port, from the end of the old process to the new one.
  absl::Duration down_for = absl::Milliseconds(100);
};

}  // namespace outdial::ami
