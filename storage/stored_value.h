// Reading and writing of values that are messages.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message_lite.h"
#include "storage/kv.h"

namespace outdial::storage {

// DATA_LOSS that names the row; `what` says what is wrong with it.
absl::Status DamagedRow(Family family, absl::string_view key, absl::string_view what);

// DATA_LOSS: the bytes are no such message.
absl::Status ParseRow(Family family, absl::string_view key, absl::string_view value,
                      google::protobuf::MessageLite* message);

// The row's message; absent: there is no such key.
template <class Message>
absl::StatusOr<std::optional<Message>> FindRow(const KvReader& reader, Family family,
                                               absl::string_view key) {
  std::string value;
  const absl::StatusOr<bool> found = reader.Get(family, key, &value);
  if (!found.ok()) return found.status();
  if (!*found) return std::optional<Message>();
  std::optional<Message> message(std::in_place);
  absl::Status status = ParseRow(family, key, value, &*message);
  if (!status.ok()) return status;
  return message;
}

// The same for a row that another row says must be there. DATA_LOSS: it is not.
template <class Message>
absl::StatusOr<Message> NeedRow(const KvReader& reader, Family family, absl::string_view key) {
  absl::StatusOr<std::optional<Message>> row = FindRow<Message>(reader, family, key);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return DamagedRow(family, key, "is missing");
  return *std::move(*row);
}

}  // namespace outdial::storage
