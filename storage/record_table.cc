#include "storage/record_table.h"

namespace outdial::storage {

absl::StatusOr<std::optional<engine::ListNumber>> ReadListNumber(const KvReader& reader,
                                                                 const engine::DlmaUuid& dlma) {
  const std::string key = ListOfDlmaKey(dlma);
  std::string value;
  const absl::StatusOr<bool> found = reader.Get(Family::kListOfDlma, key, &value);
  if (!found.ok()) return found.status();
  if (!*found) return std::optional<engine::ListNumber>();
  const std::optional<engine::ListNumber> number = ParseListKey(value);
  if (!number.has_value()) return DamagedRow(Family::kListOfDlma, key, "can't be read");
  return number;
}

}  // namespace outdial::storage
