#include "storage/stored_value.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace outdial::storage {

absl::Status DamagedRow(Family family, absl::string_view key, absl::string_view what) {
  return absl::DataLossError(absl::StrCat("the store is damaged: row ", absl::BytesToHexString(key),
                                          " of ", FamilyName(family), " ", what));
}

absl::Status ParseRow(Family family, absl::string_view key, absl::string_view value,
                      google::protobuf::MessageLite* message) {
  if (message->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return absl::OkStatus();
  }
  return DamagedRow(family, key, "can't be read");
}

}  // namespace outdial::storage
