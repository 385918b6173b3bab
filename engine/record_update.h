// How a request's fields become a record's, for all record kinds alike, by their descriptors.
#pragma once

#include <string>

#include "engine/field_checker.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace outdial::engine {

// Copies every field that `patch` holds into `record`: those with presence that are set, and
// repeated ones that hold anything. Output-only fields are left alone. Both have the same type.
void CopyGivenFields(const google::protobuf::Message& patch, google::protobuf::Message* record);

// Makes the named fields absent; a name that is no clearable field is a violation of
// `clear_fields[i]`.
void ClearNamedFields(const google::protobuf::RepeatedPtrField<std::string>& names,
                      google::protobuf::Message* record, FieldChecker* checker);

// Makes the fields that only the server sets absent, so that a request's record can become ours.
void ClearOutputOnly(google::protobuf::Message* record);

// True for the fields that only the server sets, such as uuid, revision and tm_create; they are
// ignored in requests.
bool IsOutputOnly(const google::protobuf::FieldDescriptor& field);

}  // namespace outdial::engine
