// Writes events as a busy campaign does: dialings in progress change, round by round.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "outdial/v1/dialing.pb.h"
#include "storage/record_store.h"
#include "tests/storage/record_makers.h"

namespace outdial::bench {

// The one writer of a store, which must outlive it. What fails ends the process.
class EventWriter {
 public:
  // Dialings in progress.
  static constexpr int kDialings = 256;

  explicit EventWriter(storage::RecordStore* store);

  // One synced commit with `events` changes of dialings, at most kDialings. Gives the sequence of
  // the last event.
  uint64_t WriteRound(int events);

 private:
  storage::RecordStore* const store_;
  std::vector<v1::Dialing> dialings_;
  size_t next_ = 0;
};

}  // namespace outdial::bench
