#include "engine/record_update.h"

#include <memory>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"

namespace outdial::engine {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

const FieldDescriptor* FindField(const Message& message, const std::string& name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

}  // namespace

bool IsOutputOnly(const FieldDescriptor& field) {
  static const auto* const kNames = new std::set<std::string>{
      "uuid",         "revision",      "tm_create",         "tm_update",
      "tm_delete",    "wait_reason",   "wait_detail",       "status_detail",
      "dl_table",     "dialing_uuid",  "dialing_camp_uuid", "dialing_plan_uuid",
      "tm_last_dial", "tm_last_hangup"};
  if (kNames->contains(field.name())) return true;
  return field.full_name() == "outdial.v1.Dl.status";
}

void ClearOutputOnly(Message* record) {
  std::vector<const FieldDescriptor*> given;
  record->GetReflection()->ListFields(*record, &given);
  for (const FieldDescriptor* field : given) {
    if (IsOutputOnly(*field)) record->GetReflection()->ClearField(record, field);
  }
}

void CopyGivenFields(const Message& patch, Message* record) {
  const std::unique_ptr<Message> settable(patch.New());
  settable->CopyFrom(patch);
  ClearOutputOnly(settable.get());
  // Merging would add to what a repeated field holds.
  std::vector<const FieldDescriptor*> given;
  settable->GetReflection()->ListFields(*settable, &given);
  for (const FieldDescriptor* field : given) record->GetReflection()->ClearField(record, field);
  record->MergeFrom(*settable);
}

void ClearNamedFields(const google::protobuf::RepeatedPtrField<std::string>& names, Message* record,
                      FieldChecker* checker) {
  for (int i = 0; i < names.size(); ++i) {
    const FieldDescriptor* field = FindField(*record, names[i]);
    if (field == nullptr || IsOutputOnly(*field)) {
      checker->Add(absl::StrCat("clear_fields[", i, "]"),
                   "must name a field of the record that a client may set");
      continue;
    }
    record->GetReflection()->ClearField(record, field);
  }
}

}  // namespace outdial::engine
