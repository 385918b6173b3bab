// Who is shown events as they are written, so that they need not be read back.
#pragma once

#include <cstdint>

#include "outdial/v1/event.pb.h"

namespace outdial::storage {

// Called by the thread of the rounds, which it must not hold up.
class EventObserver {
 public:
  virtual ~EventObserver() = default;

  // Whether events are to be shown from here on. Asked for each of them.
  virtual bool WantsEvents() const = 0;
  // `event`, valid during the call, is what StoreReader::Events will give for `sequence`. It is
  // part of the open round: durable once RoundCommitter::LastEventSequence says so.
  virtual void Observe(uint64_t sequence, const v1::Event& event) = 0;
  // Events after `sequence` were thrown away with their rounds. Their sequences come again.
  virtual void ForgetAfter(uint64_t sequence) = 0;
};

}  // namespace outdial::storage
