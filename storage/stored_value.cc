#include "storage/stored_value.h"

#include "absl/strings/str_cat.h"
#include "storage/row_name.h"

namespace outdial::storage {

absl::Status DamagedRow(Family family, absl::string_view key, absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat("the store is damaged: ", RowName(family, key), " ", what));
}

absl::Status ParseRow(Family family, absl::string_view key, absl::string_view value,
                      google::protobuf::MessageLite* message) {
  if (message->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return absl::OkStatus();
  }
  return DamagedRow(family, key, "can't be read");
}

}  // namespace outdial::storage
