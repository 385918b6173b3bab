#include "storage/verify_store.h"

#include "storage/verify_parts.h"

namespace outdial::storage {

VerifyTotals FindDamage(const KvReader& reader,
                        absl::FunctionRef<void(const absl::Status&)> on_damage) {
  VerifyTotals totals;
  const auto count = [&](const absl::Status& damage) {
    ++totals.damages;
    on_damage(damage);
  };
  for (auto verify : {VerifyRecords, VerifyEntries, VerifyDialings, VerifyEvents, VerifyRequests}) {
    // A family that can't be read to its end: the other parts are checked all the same.
    if (absl::Status status = verify(reader, count, &totals); !status.ok()) count(status);
  }
  return totals;
}

absl::Status VerifyStore(const KvReader& reader) {
  absl::Status first;
  FindDamage(reader, [&](const absl::Status& damage) { first.Update(damage); });
  return first;
}

}  // namespace outdial::storage
