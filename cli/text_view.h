// How records look in text output: which columns a list has, and how a field's value is written.
// Immutable; any thread.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace outdial::cli {

struct Column {
  std::string title;
  std::function<std::string(const google::protobuf::Message&)> cell;
};

// Columns of a list of such records; every message that is shown in lists has them.
const std::vector<Column>& ColumnsOf(const google::protobuf::Descriptor& type);

// A field's value in words: enums as words, times shortened to seconds, lists joined. Empty:
// absent.
std::string FieldText(const google::protobuf::Message& message, absl::string_view field);

// All fields that are present, as (name, value), in the order of the proto file; those of
// messages inside as `dialing.uuid`.
std::vector<std::pair<std::string, std::string>> AllFields(
    const google::protobuf::Message& message);

// `2016-10-22T14:34:45.339299560Z` -> `2016-10-22 14:34:45Z`; anything else stays.
std::string ShortTime(absl::string_view record_time);

}  // namespace outdial::cli
