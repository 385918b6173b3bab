// The comments of the proto files, for help and reference. Thread-safe.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

namespace outdial::cli {

// The comment above a field or an enum value, as one line. Empty: it is none of the API's.
std::string CommentOf(const google::protobuf::FieldDescriptor& field);
std::string CommentOf(const google::protobuf::EnumValueDescriptor& value);

}  // namespace outdial::cli
