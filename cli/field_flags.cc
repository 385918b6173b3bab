#include "cli/field_flags.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "cli/api_comments.h"
#include "cli/enum_names.h"
#include "outdial/v1/dl_list_service.pb.h"
#include "outdial/v1/plan_service.pb.h"

namespace outdial::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kSlots = 8;
// What the other seven numbers get when a create gives max_retry for one: Plan.max_retry's default.
constexpr uint32_t kDefaultMaxRetry = 5;

// The proto marks what the server sets with these words in the field's comment.
bool IsOutputOnly(const FieldDescriptor& field) {
  return absl::StrContains(CommentOf(field), "Output only");
}

// What can be given when an entry is made, and not changed afterwards.
bool IsCreateOnly(const FieldDescriptor& field) {
  static const auto& names = *new std::set<std::string>{
      "dlma_uuid",  "trycnt",          "outcome",           "res_dial",
      "res_hangup", "res_dial_detail", "res_hangup_detail",
  };
  return field.containing_type()->name() == "Dl" && names.count(field.name()) > 0;
}

std::vector<const FieldDescriptor*> WritableFields(const RecordKind& kind, WriteVerb verb) {
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < kind.record->field_count(); ++i) {
    const FieldDescriptor* field = kind.record->field(i);
    if (IsOutputOnly(*field)) continue;
    if (verb == WriteVerb::kUpdate && IsCreateOnly(*field)) continue;
    fields.push_back(field);
  }
  return fields;
}

bool IsVariables(const FieldDescriptor& field) { return field.name() == "variables"; }
bool HasSlots(const FieldDescriptor& field) { return field.is_repeated() && !IsVariables(field); }

std::string FlagName(const FieldDescriptor& field) {
  if (IsVariables(field)) return "variable";
  std::string name = field.name();
  if (!ReferencedNoun(field).empty()) name = std::string(absl::StripSuffix(name, "_uuid"));
  return absl::StrReplaceAll(name, {{"_", "-"}});
}

std::string SlotFlagName(const FieldDescriptor& field, int slot) {
  return absl::StrCat(FlagName(field), slot);
}

std::string ValueWord(const FieldDescriptor& field) {
  if (IsVariables(field)) return "NAME=VALUE";
  if (!ReferencedNoun(field).empty()) return "UUID|NAME";
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return "N";
    case FieldDescriptor::CPPTYPE_ENUM:
      return "NAME";
    default:
      return "TEXT";
  }
}

// References read `Uuid of the plan ...` in the proto; here a name will do as well.
Flag FlagOf(const FieldDescriptor& field) {
  Flag flag{.name = FlagName(field), .value = ValueWord(field), .help = CommentOf(field)};
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    flag.choices = FlagNames(*field.enum_type());
  }
  const std::string api_name = absl::StrReplaceAll(field.name(), {{"_", "-"}});
  if (api_name != flag.name && !IsVariables(field)) flag.aliases.push_back(api_name);
  flag.repeated = IsVariables(field);
  return flag;
}

// A number or text as it stands in `value`; false: the type can't hold it.
bool ParseUint32(absl::string_view value, uint32_t* number) {
  return absl::SimpleAtoi(value, number);
}

CommandStatus BadValue(absl::string_view flag, absl::string_view value, absl::string_view wanted) {
  return UsageError(absl::StrCat("--", flag, ": '", value, "' is not ", wanted));
}

CommandStatus SetSingle(const FieldDescriptor& field, const std::string& value, Message* record) {
  const auto* reflection = record->GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32: {
      uint32_t number = 0;
      if (!ParseUint32(value, &number)) return BadValue(FlagName(field), value, "a whole number");
      reflection->SetUInt32(record, &field, number);
      return Ok();
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      double number = 0;
      if (!absl::SimpleAtod(value, &number)) return BadValue(FlagName(field), value, "a number");
      reflection->SetDouble(record, &field, number);
      return Ok();
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const std::optional<int> number = ParseEnum(*field.enum_type(), value);
      if (!number.has_value()) {
        return BadValue(
            FlagName(field), value,
            absl::StrCat("one of ", absl::StrJoin(FlagNames(*field.enum_type()), ", ")));
      }
      reflection->SetEnumValue(record, &field, *number);
      return Ok();
    }
    default:
      reflection->SetString(record, &field, value);
      return Ok();
  }
}

CommandStatus SetVariables(const FieldDescriptor& field, const FlagValues& flags, Message* record) {
  for (const std::string& text : flags.All("variable")) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) return BadValue("variable", text, "NAME=VALUE");
    Message* variable = record->GetReflection()->AddMessage(record, &field);
    SetText("name", text.substr(0, equals), variable);
    SetText("value", text.substr(equals + 1), variable);
  }
  return Ok();
}

// Values of `--number1` to `--number8`, by slot from 1.
std::map<int, std::string> SlotValues(const FieldDescriptor& field, const FlagValues& flags) {
  std::map<int, std::string> values;
  for (int slot = 1; slot <= kSlots; ++slot) {
    const std::string name = SlotFlagName(field, slot);
    if (flags.Has(name)) values[slot] = flags.Get(name);
  }
  return values;
}

// A create wants the whole set: numbers up to the last one given, or eight counts.
CommandStatus SetSlotsOfCreate(const FieldDescriptor& field,
                               const std::map<int, std::string>& values, Message* record) {
  if (values.empty()) return Ok();
  const auto* reflection = record->GetReflection();
  const bool is_text = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  const int last = is_text ? values.rbegin()->first : kSlots;
  for (int slot = 1; slot <= last; ++slot) {
    const auto value = values.find(slot);
    if (is_text) {
      reflection->AddString(record, &field, value == values.end() ? "" : value->second);
      continue;
    }
    uint32_t number = field.name() == "max_retry" ? kDefaultMaxRetry : 0;
    if (value != values.end() && !ParseUint32(value->second, &number)) {
      return BadValue(SlotFlagName(field, slot), value->second, "a whole number");
    }
    reflection->AddUInt32(record, &field, number);
  }
  return Ok();
}

// An update names single slots in a map of the request.
CommandStatus SetSlotsOfUpdate(const FieldDescriptor& field,
                               const std::map<int, std::string>& values, Message* request) {
  for (const auto& [slot, value] : values) {
    if (auto* dl = dynamic_cast<v1::OutDlListUpdateRequest*>(request)) {
      (*dl->mutable_set_number())[slot] = value;
    } else if (auto* plan = dynamic_cast<v1::OutPlanUpdateRequest*>(request)) {
      uint32_t number = 0;
      if (!ParseUint32(value, &number)) {
        return BadValue(SlotFlagName(field, slot), value, "a whole number");
      }
      (*plan->mutable_set_max_retry())[slot] = number;
    }
  }
  return Ok();
}

}  // namespace

std::vector<Flag> FieldFlags(const RecordKind& kind, WriteVerb verb) {
  std::vector<Flag> flags;
  for (const FieldDescriptor* field : WritableFields(kind, verb)) {
    if (!HasSlots(*field)) {
      flags.push_back(FlagOf(*field));
      continue;
    }
    for (int slot = 1; slot <= kSlots; ++slot) {
      Flag flag = FlagOf(*field);
      flag.name = SlotFlagName(*field, slot);
      flag.help = slot == 1 ? flag.help : absl::StrCat("As --", SlotFlagName(*field, 1), ".");
      flags.push_back(flag);
    }
  }
  return flags;
}

CommandStatus ApplyFieldFlags(const RecordKind& kind, WriteVerb verb, const FlagValues& flags,
                              Connection* connection, Message* request) {
  Message* record = MutableSub(kind.field, request);
  for (const FieldDescriptor* field : WritableFields(kind, verb)) {
    CommandStatus status;
    if (IsVariables(*field)) {
      status = SetVariables(*field, flags, record);
    } else if (HasSlots(*field)) {
      const auto values = SlotValues(*field, flags);
      status = verb == WriteVerb::kCreate ? SetSlotsOfCreate(*field, values, record)
                                          : SetSlotsOfUpdate(*field, values, request);
    } else if (flags.Has(FlagName(*field))) {
      std::string value = flags.Get(FlagName(*field));
      if (const std::string noun = ReferencedNoun(*field); !noun.empty() && !value.empty()) {
        status = ResolveRecord(KindOf(noun), flags.Get(FlagName(*field)), connection, &value);
        if (!status.ok()) return status;
      }
      status = SetSingle(*field, value, record);
    }
    if (!status.ok()) return status;
  }
  return Ok();
}

std::string ClearableField(const RecordKind& kind, absl::string_view name) {
  for (const FieldDescriptor* field : WritableFields(kind, WriteVerb::kUpdate)) {
    if (name == field->name() || name == FlagName(*field)) return field->name();
    if (name == absl::StrReplaceAll(field->name(), {{"_", "-"}})) return field->name();
  }
  return "";
}

std::vector<std::string> ClearableNames(const RecordKind& kind) {
  std::vector<std::string> names;
  for (const FieldDescriptor* field : WritableFields(kind, WriteVerb::kUpdate)) {
    names.push_back(absl::StrReplaceAll(field->name(), {{"_", "-"}}));
  }
  return names;
}

}  // namespace outdial::cli
