#include "ami_gateway/out_request_reader.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "ami_gateway/ami_variables.h"
#include "ami_gateway/out_fields.h"
#include "engine/check.h"
#include "engine/dl_class.h"
#include "engine/field_checker.h"
#include "engine/record_form.h"
#include "engine/record_update.h"
#include "engine/validation.h"

namespace outdial::ami {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// What a value must be, where it is not that; it follows the header's name.
using Problem = std::optional<std::string>;

constexpr char kClearFields[] = "clear_fields";

// ---- Which header is which field

using Target = OutRequestReader::Target;
using HeaderTable = OutRequestReader::HeaderTable;

// The field of a create or an update that holds the record; null: the request holds none.
const FieldDescriptor* RecordField(const Descriptor& request) {
  const FieldDescriptor* field = request.field(0);
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE ? field : nullptr;
}

bool IsUpdate(const Descriptor& request) {
  return request.FindFieldByName(kClearFields) != nullptr;
}

// An update names its record by the uuid, which is otherwise the server's to set.
bool IsReadFromClients(const Descriptor& request, const FieldDescriptor& field) {
  return !engine::IsOutputOnly(field) || (IsUpdate(request) && field.name() == "uuid");
}

// Keys of all names under which a field may be given.
std::set<std::string> KeysOf(const FieldDescriptor& field) {
  const std::string& name = field.name();
  return {HeaderKey(name), HeaderKey(HeaderName(name)), HeaderKey(EntryHeaderName(name))};
}

void AddTarget(const Target& target, HeaderTable* table) {
  for (const std::string& key : KeysOf(*target.field)) {
    table->emplace(target.slot.has_value() ? absl::StrCat(key, *target.slot + 1) : key, target);
  }
}

HeaderTable MakeHeaderTable(const Descriptor& request) {
  HeaderTable table;
  const FieldDescriptor* record = RecordField(request);
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor* field = request.field(i);
    // The maps of single places are reached by the headers of the places.
    if (field != record && !field->is_map()) AddTarget({.field = field}, &table);
  }
  if (record == nullptr) return table;
  for (int i = 0; i < record->message_type()->field_count(); ++i) {
    const FieldDescriptor* field = record->message_type()->field(i);
    if (!IsReadFromClients(request, *field)) continue;
    if (!HasSlots(*field)) {
      AddTarget({.field = field, .in_record = true}, &table);
      continue;
    }
    for (int slot = 0; slot < engine::kNumberSlots; ++slot) {
      AddTarget({.field = field, .in_record = true, .slot = slot}, &table);
    }
  }
  return table;
}

const FieldDescriptor* FindByHeader(const Descriptor& record, absl::string_view header) {
  for (int i = 0; i < record.field_count(); ++i) {
    if (KeysOf(*record.field(i)).contains(HeaderKey(header))) return record.field(i);
  }
  return nullptr;
}

// ---- Values

bool Parse(absl::string_view text, bool* value) { return absl::SimpleAtob(text, value); }
bool Parse(absl::string_view text, double* value) { return absl::SimpleAtod(text, value); }
bool Parse(absl::string_view text, float* value) { return absl::SimpleAtof(text, value); }
template <class Whole>
bool Parse(absl::string_view text, Whole* value) {
  return absl::SimpleAtoi(text, value);
}

// The range of a field is the engine's to tell, not that of its type.
template <class Number>
Problem MustBe(absl::string_view text) {
  if (std::is_same_v<Number, bool>) return "must be 0 or 1";
  if (std::is_floating_point_v<Number>) return "must be a number";
  if (!text.empty() && absl::c_all_of(text, absl::ascii_isdigit)) return "is too large a number";
  return std::is_unsigned_v<Number> ? "must be a whole number, 0 or more"
                                    : "must be a whole number";
}

// `DIAL_MODE_NONE = 0` of DialMode -> `0 (none)`.
std::string NameOfCode(const google::protobuf::EnumValueDescriptor& code) {
  // What all values of an enum begin with has as many words as the enum's name.
  absl::string_view name = code.name();
  for (const char c : code.type()->name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c))) name.remove_prefix(name.find('_') + 1);
  }
  return absl::StrCat(code.number(), " (",
                      absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"_", " "}}), ")");
}

Problem MustBeCode(const google::protobuf::EnumDescriptor& codes) {
  std::vector<std::string> names;
  for (int i = 0; i < codes.value_count(); ++i) names.push_back(NameOfCode(*codes.value(i)));
  return absl::StrCat("must be one of the numbers ", absl::StrJoin(names, ", "));
}

// Where a value goes: into a field, or to the end of a repeated one.
struct FieldSetter {
  const FieldDescriptor* field;
  Message* message;

  template <class Value, class SetMember, class AddMember>
  void Put(const Value& value, SetMember set, AddMember add) const {
    const Reflection* to = message->GetReflection();
    field->is_repeated() ? (to->*add)(message, field, value) : (to->*set)(message, field, value);
  }
  template <class Number, class SetMember, class AddMember>
  Problem PutNumber(absl::string_view text, SetMember set, AddMember add) const {
    Number number{};
    if (!Parse(text, &number)) return MustBe<Number>(text);
    Put(number, set, add);
    return std::nullopt;
  }
};

// Which codes there are is the engine's to judge.
Problem SetValue(absl::string_view text, const FieldDescriptor* field, Message* message) {
  using R = Reflection;
  const FieldSetter to{.field = field, .message = message};
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return to.PutNumber<uint32_t>(text, &R::SetUInt32, &R::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return to.PutNumber<uint64_t>(text, &R::SetUInt64, &R::AddUInt64);
    case FieldDescriptor::CPPTYPE_INT32:
      return to.PutNumber<int32_t>(text, &R::SetInt32, &R::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return to.PutNumber<int64_t>(text, &R::SetInt64, &R::AddInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return to.PutNumber<double>(text, &R::SetDouble, &R::AddDouble);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return to.PutNumber<float>(text, &R::SetFloat, &R::AddFloat);
    case FieldDescriptor::CPPTYPE_BOOL:
      return to.PutNumber<bool>(text, &R::SetBool, &R::AddBool);
    case FieldDescriptor::CPPTYPE_ENUM:
      return to.PutNumber<int>(text, &R::SetEnumValue, &R::AddEnumValue).has_value()
                 ? MustBeCode(*field->enum_type())
                 : std::nullopt;
    case FieldDescriptor::CPPTYPE_STRING:
      // What is no UTF-8 has no form as a message of the API.
      if (Problem problem = engine::TextProblem(text)) return problem;
      to.Put(std::string(text), &R::SetString, &R::AddString);
      return std::nullopt;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  OUTDIAL_CHECK(false, "records hold values, lists of values and lists of pairs");
}

// ---- One request

class RequestReader {
 public:
  RequestReader(const HeaderTable& table, Message* request)
      : table_(table), request_(request), type_(*request->GetDescriptor()) {
    // A request that holds a record holds it also when no header is the record's.
    const FieldDescriptor* field = RecordField(type_);
    if (field != nullptr) record_ = request->GetReflection()->MutableMessage(request, field);
  }

  void Take(const AmiHeader& header);
  absl::Status Finish();

 private:
  struct Given {
    std::string header;
    std::string value;
  };
  // By slot, from 0.
  using Places = std::map<int, Given>;

  void Set(const Given& given, const FieldDescriptor* field, Message* message) {
    checker_.Check(given.header, SetValue(given.value, field, message));
  }
  void TakeVariables(const Given& given, const FieldDescriptor* field);
  void TakeFieldNames(const Given& given, const FieldDescriptor* field);
  void ClearField(const std::string& name);

  void SetPlaces(const FieldDescriptor* field, const Places& places);
  void SetPlacesOfCreate(const FieldDescriptor* field, const Places& places);
  void SetPlacesOfUpdate(const FieldDescriptor* map, const Places& places);

  const HeaderTable& table_;
  Message* request_;
  const Descriptor& type_;
  Message* record_ = nullptr;
  std::set<std::pair<const FieldDescriptor*, std::optional<int>>> taken_;
  std::map<const FieldDescriptor*, Places> places_;
  int variable_entries_ = 0;
  engine::FieldChecker checker_;
};

void RequestReader::Take(const AmiHeader& header) {
  const auto found = table_.find(HeaderKey(header.name));
  if (found == table_.end() || header.value == kUnknownValue) return;
  const Target& target = found->second;
  // A record may hold an empty text; what says which records are meant may not, and clients send
  // `Uuid:` with nothing for all of them.
  if (!target.in_record && header.value.empty()) return;
  const Given given{.header = header.name, .value = header.value};
  if (IsPairList(*target.field)) return TakeVariables(given, target.field);
  if (!taken_.insert({target.field, target.slot}).second) return;
  if (target.slot.has_value()) {
    places_[target.field][*target.slot] = given;
  } else if (target.field->name() == kClearFields) {
    TakeFieldNames(given, target.field);
  } else {
    Set(given, target.field, target.in_record ? record_ : request_);
  }
}

void RequestReader::TakeVariables(const Given& given, const FieldDescriptor* field) {
  if (given.value.empty()) return ClearField(field->name());
  const absl::string_view hint =
      absl::StrContains(given.value, ',') ? "; a value that holds a comma needs double quotes" : "";
  for (const std::string& entry : SplitAmiVariables(given.value)) {
    if (entry.empty()) continue;
    ++variable_entries_;
    const size_t equals = entry.find('=');
    if (equals == std::string::npos) {
      checker_.Add(given.header, absl::StrCat("must be name=value, and its entry number ",
                                              variable_entries_, " has no `=`", hint));
      continue;
    }
    Message* pair = record_->GetReflection()->AddMessage(record_, field);
    Set({given.header, entry.substr(0, equals)}, pair->GetDescriptor()->field(0), pair);
    Set({given.header, entry.substr(equals + 1)}, pair->GetDescriptor()->field(1), pair);
  }
}

// What names no field is left to the engine to refuse.
void RequestReader::TakeFieldNames(const Given& given, const FieldDescriptor* field) {
  for (absl::string_view name : absl::StrSplit(given.value, ',')) {
    name = absl::StripAsciiWhitespace(name);
    if (name.empty()) continue;
    const FieldDescriptor* named = FindByHeader(*record_->GetDescriptor(), name);
    Set({given.header, named != nullptr ? named->name() : std::string(name)}, field, request_);
  }
}

// In a create there is nothing to clear.
void RequestReader::ClearField(const std::string& name) {
  const FieldDescriptor* field = type_.FindFieldByName(kClearFields);
  if (field != nullptr) request_->GetReflection()->AddString(request_, field, name);
}

void RequestReader::SetPlaces(const FieldDescriptor* field, const Places& places) {
  const FieldDescriptor* map = type_.FindFieldByName(absl::StrCat("set_", field->name()));
  if (map != nullptr) return SetPlacesOfUpdate(map, places);
  if (IsUpdate(type_) && places.size() < static_cast<size_t>(engine::kNumberSlots)) {
    for (const auto& [slot, given] : places) {
      checker_.Add(given.header, absl::StrCat("can't be changed alone: give all of ",
                                              HeaderOfPath(field->name())));
    }
    return;
  }
  SetPlacesOfCreate(field, places);
}

// Numbers up to the last one that is given, or eight counts.
void RequestReader::SetPlacesOfCreate(const FieldDescriptor* field, const Places& places) {
  const bool is_text = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  const std::unique_ptr<Message> defaults(record_->New());
  if (auto* plan = dynamic_cast<v1::Plan*>(defaults.get())) engine::SetDefaults(plan);
  if (auto* dl = dynamic_cast<v1::Dl*>(defaults.get())) engine::SetDefaults(dl);
  const int count = is_text ? places.rbegin()->first + 1 : engine::kNumberSlots;
  OUTDIAL_CHECK(defaults->GetReflection()->FieldSize(*defaults, field) >= count,
                "every place of a new record has a default");
  for (int slot = 0; slot < count; ++slot) {
    const auto given = places.find(slot);
    if (given != places.end()) {
      Set(given->second, field, record_);
    } else {
      SetValue(ValueText(*defaults, *field, slot), field, record_);
    }
  }
}

// `map` is the request's `set_number` or its like: the slot from 1, and its value.
void RequestReader::SetPlacesOfUpdate(const FieldDescriptor* map, const Places& places) {
  for (const auto& [slot, given] : places) {
    Message* entry = request_->GetReflection()->AddMessage(request_, map);
    SetValue(absl::StrCat(slot + 1), map->message_type()->map_key(), entry);
    Set(given, map->message_type()->map_value(), entry);
  }
}

absl::Status RequestReader::Finish() {
  for (const auto& [field, places] : places_) SetPlaces(field, places);
  return checker_.ToStatus();
}

}  // namespace

OutRequestReader::OutRequestReader(const Descriptor& request)
    : request_(request), headers_(MakeHeaderTable(request)) {}

absl::StatusOr<std::unique_ptr<Message>> OutRequestReader::Read(const AmiMessage& message) const {
  const Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&request_);
  std::unique_ptr<Message> request(prototype->New());
  RequestReader reader(headers_, request.get());
  for (const AmiHeader& header : message.headers()) reader.Take(header);
  if (absl::Status status = reader.Finish(); !status.ok()) return status;
  return request;
}

}  // namespace outdial::ami
