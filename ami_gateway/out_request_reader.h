// The headers of an action as a request message of the API.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "ami_gateway/ami_message.h"

namespace outdial::ami {

// Reads one type of request. Its fields, and those of the record in it, stand under the headers
// that out_fields.h names; other headers are left out, and so are fields that only the server sets.
// Immutable; any thread.
class OutRequestReader {
 public:
  explicit OutRequestReader(const google::protobuf::Descriptor& request);

  // The first of repeated headers counts, but for `Variable`. A value that is there and empty is an
  // empty text; in an update an empty `Variable` clears the set. `<unknown>` is as good as no
  // header: clients write back what they read. A header of one place, such as Number3, changes that
  // place alone in an update; in a create the other places take their defaults. INVALID_ARGUMENT:
  // every header at once that holds no number where there must be one, a text that no record can
  // hold, a variable without `=`, or some of the places that can only be set together.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Read(const AmiMessage& message) const;

  // What a header stands for.
  struct Target {
    const google::protobuf::FieldDescriptor* field = nullptr;
    bool in_record = false;  // of the record in the request; else of the request itself
    std::optional<int> slot = std::nullopt;  // which place of eight, from 0
  };
  using HeaderTable = std::unordered_map<std::string, Target>;  // by HeaderKey

 private:
  const google::protobuf::Descriptor& request_;
  const HeaderTable headers_;
};

}  // namespace outdial::ami
