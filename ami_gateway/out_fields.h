// Between the fields of the API and the headers of AMI: names, order and values, all from the
// proto's descriptors. What goes by no rule stands in the tables of out_fields.cc.
//
// Pure; any thread. The tables are made at their first use.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_message.h"

namespace outdial::ami {

// How AMI says that a field is absent.
inline constexpr absl::string_view kUnknownValue = "<unknown>";

// The header of the field with this name in requests: `dial_timeout` -> `DialTimeout`. A header's
// name stays what it is.
std::string HeaderName(absl::string_view field);
// The same in entries and events.
std::string EntryHeaderName(absl::string_view field);

// Two names of headers are the same when their keys are. They compare without regard to case, as in
// Asterisk, and to `_`: the owner's document asks for `res_dial`, and so each field's own name, as
// errors may have it, is a header too.
std::string HeaderKey(absl::string_view header);

// Whether a field of a record has a header for each of its eight places: Number1 to Number8.
bool HasSlots(const google::protobuf::FieldDescriptor& field);
// Whether it is a list of pairs, one header each: `Variable: name=value`.
bool IsPairList(const google::protobuf::FieldDescriptor& field);

// A field's value as AMI shows it: codes as numbers, fractions in their shortest form. `index`:
// which value of a repeated field, from 0. Neither absent nor empty values are treated specially.
std::string ValueText(const google::protobuf::Message& message,
                      const google::protobuf::FieldDescriptor& field,
                      std::optional<int> index = std::nullopt);

// Appends all headers of a record in their order, absent ones as `<unknown>`: first those that
// clients know in the order that they know, then the others, then those that close the record.
// `record` is a record of the API, a CampaignStat, a DlImportSlice, a NodeReconcile or
// the answer to OutDialingSummary.
void AddRecord(const google::protobuf::Message& record, AmiMessage* message);

// The header that an error's field is about: `plan.max_retry[0]` -> `MaxRetry1`,
// `dl.variables[2].name` -> `the name of Variable 3`. A header's name stays what it is.
std::string HeaderOfPath(absl::string_view path);
// `text` with the headers' names for those of the API's fields that no other word looks like:
// `set its agent_queue` -> `set its AgentQueue`.
std::string WithHeaderNames(absl::string_view text);

}  // namespace outdial::ami
