// Records whose every field holds a value that no other field holds.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_message.h"

namespace outdial::ami {

// Sets every field of `record`: texts and numbers made of the field's own number, eight values in a
// list of values, one pair in a list of pairs.
void FillEveryField(google::protobuf::Message* record);

// The number of the field that this value was made for, as it is shown; 0: of none.
int FilledFieldNumber(absl::string_view value);

// What the text holds, which must be whole AMI messages.
std::vector<AmiMessage> ParseAmi(absl::string_view bytes);
// The same of one message.
AmiMessage ParseOneAmi(absl::string_view bytes);

// `Name: value` of each header, without the first `skip`.
std::vector<std::string> Lines(const AmiMessage& message, size_t skip = 0);

}  // namespace outdial::ami
