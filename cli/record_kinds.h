// The records that can be made, changed, deleted and shown, with their RPCs. Immutable; any thread.
#pragma once

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/command_status.h"
#include "cli/connection.h"
#include "cli/rpc.h"

namespace outdial::cli {

struct RecordKind {
  // As in `outdialctl NOUN create`.
  std::string noun;
  // What it is called in sentences.
  std::string title;
  // Field of the create and update requests and of the responses that holds the record.
  std::string field;
  const google::protobuf::Descriptor* record;
  UnaryRpc create;
  UnaryRpc update;
  UnaryRpc remove;
  StreamRpc show;
};

// By noun, which must be one of campaign, plan, dlma, dl and destination.
const RecordKind& KindOf(absl::string_view noun);

// Noun of the record that a field names by uuid: `plan` of a campaign is a plan. Empty: the field
// is not a reference.
std::string ReferencedNoun(const google::protobuf::FieldDescriptor& field);

// Uuid of the record that `text` names: a uuid as it is, or the exact name of exactly one record.
// Entries of dial lists have no unique names: for dl only a uuid will do. kNotFound, kInvalid.
CommandStatus ResolveRecord(const RecordKind& kind, absl::string_view text, Connection* connection,
                            std::string* uuid);

// A message of the type of `prototype`.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Message& prototype);
// The message in field `name` of `message`, which must be there.
google::protobuf::Message* MutableSub(absl::string_view name, google::protobuf::Message* message);
const google::protobuf::Message& Sub(absl::string_view name,
                                     const google::protobuf::Message& message);
// Text of string field `name`; empty where it is absent.
std::string Text(absl::string_view name, const google::protobuf::Message& message);
void SetText(absl::string_view name, absl::string_view value, google::protobuf::Message* message);

// Calls `visit` for each record in the first repeated field of a response.
void ForEachRecord(const google::protobuf::Message& response,
                   const std::function<void(const google::protobuf::Message&)>& visit);

}  // namespace outdial::cli
