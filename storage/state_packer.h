// Turns records into the form of their state that is stored. A change of a record and the event of
// it store the same state, one right after the other: it is made once.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "outdial/v1/dialing.pb.h"
#include "outdial/v1/dl.pb.h"
#include "storage/record_conversion.h"
#include "storage/stored_records.pb.h"

namespace outdial::storage {

// Belongs to the thread that writes.
class StatePacker {
 public:
  // Valid until the next Pack of a record of this kind. The record itself must not change without
  // its revision. INTERNAL: a text of it is not in the form of a record.
  absl::StatusOr<DlState*> Pack(const v1::Dl& dl) { return PackInto(dl, &dl_); }
  absl::StatusOr<DialingState*> Pack(const v1::Dialing& dialing) {
    return PackInto(dialing, &dialing_);
  }
  // Drops what is held: after a round was thrown away, whose revisions come again.
  void Forget() {
    dl_.record = nullptr;
    dialing_.record = nullptr;
  }

 private:
  template <class State>
  struct Held {
    // Whose state it is; null: nobody's.
    const void* record = nullptr;
    std::string uuid;
    uint64_t revision = 0;
    State state;
  };

  template <class Record, class State>
  static absl::StatusOr<State*> PackInto(const Record& record, Held<State>* held) {
    if (held->record == &record && held->revision == record.revision() &&
        held->uuid == record.uuid()) {
      return &held->state;
    }
    held->record = nullptr;
    absl::Status status = PackState(record, &held->state);
    if (!status.ok()) return status;
    held->record = &record;
    held->uuid = record.uuid();
    held->revision = record.revision();
    return &held->state;
  }

  Held<DlState> dl_;
  Held<DialingState> dialing_;
};

}  // namespace outdial::storage
