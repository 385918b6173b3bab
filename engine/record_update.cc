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

// Copies one field as a whole, through a message that holds nothing else.
void CopyField(const Message& from, const FieldDescriptor* field, Message* to) {
  const Reflection* reflection = from.GetReflection();
  to->GetReflection()->ClearField(to, field);
  std::unique_ptr<Message> only(from.New());
  only->CopyFrom(from);
  std::vector<const FieldDescriptor*> set_fields;
  reflection->ListFields(*only, &set_fields);
  for (const FieldDescriptor* other : set_fields) {
    if (other != field) reflection->ClearField(only.get(), other);
  }
  to->MergeFrom(*only);
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

void CopyGivenFields(const Message& patch, Message* record) {
  std::vector<const FieldDescriptor*> given;
  patch.GetReflection()->ListFields(patch, &given);
  for (const FieldDescriptor* field : given) {
    if (!IsOutputOnly(*field)) CopyField(patch, field, record);
  }
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
