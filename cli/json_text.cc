#include "cli/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace outdial::cli {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool NeedsEscape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void AppendString(const std::string& text, std::string* json) {
  if (std::none_of(text.begin(), text.end(), NeedsEscape)) {
    absl::StrAppend(json, "\"", text, "\"");
  } else {
    json->append(nlohmann::json(text).dump(-1, ' ', /*ensure_ascii=*/false,
                                           nlohmann::json::error_handler_t::replace));
  }
}

// So many digits as it takes to read the same number again.
void AppendDouble(double value, std::string* json) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  json->append(digits.data(), end);
}

// A value that this program does not know by name stays a number.
void AppendEnum(const FieldDescriptor& field, int number, std::string* json) {
  const EnumValueDescriptor* const value = field.enum_type()->FindValueByNumber(number);
  value == nullptr ? absl::StrAppend(json, number)
                   : absl::StrAppend(json, "\"", value->name(), "\"");
}

void AppendMessage(const Message& message, std::string* json);

// `index` of a repeated field; of any other -1.
void AppendValue(const Message& message, const FieldDescriptor& field, int index,
                 std::string* json) {
  const Reflection& reflection = *message.GetReflection();
  const bool many = index >= 0;
  std::string scratch;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      AppendString(many ? reflection.GetRepeatedStringReference(message, &field, index, &scratch)
                        : reflection.GetStringReference(message, &field, &scratch),
                   json);
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      absl::StrAppend(json, many ? reflection.GetRepeatedInt32(message, &field, index)
                                 : reflection.GetInt32(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      absl::StrAppend(json, many ? reflection.GetRepeatedUInt32(message, &field, index)
                                 : reflection.GetUInt32(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      absl::StrAppend(json, "\"",
                      many ? reflection.GetRepeatedInt64(message, &field, index)
                           : reflection.GetInt64(message, &field),
                      "\"");
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      absl::StrAppend(json, "\"",
                      many ? reflection.GetRepeatedUInt64(message, &field, index)
                           : reflection.GetUInt64(message, &field),
                      "\"");
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      AppendDouble(many ? reflection.GetRepeatedDouble(message, &field, index)
                        : reflection.GetDouble(message, &field),
                   json);
      break;
    case FieldDescriptor::CPPTYPE_FLOAT:
      AppendDouble(many ? reflection.GetRepeatedFloat(message, &field, index)
                        : reflection.GetFloat(message, &field),
                   json);
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      json->append((many ? reflection.GetRepeatedBool(message, &field, index)
                         : reflection.GetBool(message, &field))
                       ? "true"
                       : "false");
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      AppendEnum(field,
                 many ? reflection.GetRepeatedEnumValue(message, &field, index)
                      : reflection.GetEnumValue(message, &field),
                 json);
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      AppendMessage(many ? reflection.GetRepeatedMessage(message, &field, index)
                         : reflection.GetMessage(message, &field),
                    json);
      break;
  }
}

void AppendField(const Message& message, const FieldDescriptor& field, std::string* json) {
  absl::StrAppend(json, "\"", field.name(), "\":");
  if (!field.is_repeated()) return AppendValue(message, field, -1, json);
  json->push_back('[');
  const int size = message.GetReflection()->FieldSize(message, &field);
  for (int i = 0; i < size; ++i) {
    if (i > 0) json->push_back(',');
    AppendValue(message, field, i, json);
  }
  json->push_back(']');
}

void AppendMessage(const Message& message, std::string* json) {
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  char before = '{';
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.has_presence() && !message.GetReflection()->HasField(message, &field)) continue;
    json->push_back(before);
    before = ',';
    AppendField(message, field, json);
  }
  json->append(before == '{' ? "{}" : "}");
}

}  // namespace

std::string ToJson(const Message& message) {
  std::string json;
  AppendMessage(message, &json);
  return json;
}

}  // namespace outdial::cli
