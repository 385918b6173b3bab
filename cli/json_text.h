// Records as JSON.
#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace outdial::cli {

// A message that the server answers with as one line of JSON, as the JSON form of Protocol Buffers
// has it: field names as in the proto files, enum values by name, 64-bit numbers as strings. Fields
// without presence are always there; absent ones never. Exports are the reason that this is not
// left to Protobuf's own printer, which describes the type anew for each message and takes most of
// an export's time. None of these messages has maps or bytes.
std::string ToJson(const google::protobuf::Message& message);

}  // namespace outdial::cli
