// Records with random fields that the engine takes, as bodies of creates and updates.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "outdial/v1/campaign.pb.h"
#include "outdial/v1/destination.pb.h"
#include "outdial/v1/dl.pb.h"
#include "outdial/v1/dlma.pb.h"
#include "outdial/v1/plan.pb.h"

namespace outdial::server {

// Uuids that a record may refer to.
struct KnownUuids {
  std::vector<std::string> campaigns, plans, dlmas, destinations;
};

// The same seed gives the same records. One thread.
class RandomRecords {
 public:
  explicit RandomRecords(uint64_t seed) : random_(seed) {}

  // Uniform over 0 to bound - 1.
  uint64_t Below(uint64_t bound) { return random_() % bound; }
  bool OneIn(uint64_t count) { return Below(count) == 0; }

  // Each sets some of the fields that an update may change.
  void Fill(const KnownUuids& known, v1::Campaign* campaign);
  void Fill(const KnownUuids&, v1::Plan* plan);
  void Fill(const KnownUuids&, v1::Dlma* dlma);
  void Fill(const KnownUuids&, v1::Destination* destination);
  void Fill(const KnownUuids&, v1::Dl* dl);

  // Sets those that only a create may give, and what it must.
  void Complete(const KnownUuids&, v1::Campaign*) {}
  void Complete(const KnownUuids&, v1::Plan*) {}
  void Complete(const KnownUuids&, v1::Dlma*) {}
  void Complete(const KnownUuids&, v1::Destination*) {}
  void Complete(const KnownUuids& known, v1::Dl* dl);

  std::string Text();
  std::string Number();

 private:
  template <class Value>
  Value OneOf(const std::vector<Value>& values) {
    return values[Below(values.size())];
  }
  template <class Record>
  void FillNames(Record* record);
  template <class Record>
  void FillVariables(Record* record);

  std::mt19937_64 random_;
};

}  // namespace outdial::server
