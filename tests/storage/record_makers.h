// Records as the engine would write them, for tests.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "engine/ports.h"
#include "engine/uuid.h"
#include "engine/uuid_generator.h"
#include "outdial/v1/campaign.pb.h"
#include "outdial/v1/destination.pb.h"
#include "outdial/v1/dialing.pb.h"
#include "outdial/v1/dl.pb.h"
#include "outdial/v1/dlma.pb.h"
#include "outdial/v1/plan.pb.h"

namespace outdial::storage {

// 2026-11-22T10:00:00Z plus `seconds`.
absl::Time At(double seconds);
// The same as the text of a record.
std::string TextAt(double seconds);

// Makes records with uuids that no other call of the same maker gave.
class RecordMaker {
 public:
  explicit RecordMaker(uint64_t seed = 1) : uuids_(seed) {}

  v1::Campaign Campaign();
  v1::Plan Plan();
  v1::Dlma Dlma();
  v1::Destination Destination();
  // An idle entry with two numbers that was never dialled.
  v1::Dl Dl(const v1::Dlma& dlma, engine::ListNumber list);
  // A dialing of the entry as it is, decided now.
  v1::Dialing Dialing(const v1::Campaign& campaign, const v1::Plan& plan, const v1::Dlma& dlma,
                      const v1::Destination& destination, const v1::Dl& dl);

 private:
  std::string Uuid(engine::ListNumber list = 0);

  engine::UuidGenerator uuids_;
};

// The entry as it is while the dialing is in progress, its try counted; revision and times set.
v1::Dl Dialled(const v1::Dl& idle, const v1::Dialing& dialing, double seconds);
// The entry after the dialing has ended so.
v1::Dl Ended(const v1::Dl& dialled, v1::Outcome outcome, double seconds);

}  // namespace outdial::storage
