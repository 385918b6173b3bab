#include "tests/ami_gateway/filled_record.h"

#include <google/protobuf/descriptor.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ami_gateway/ami_frame_parser.h"
#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kPlaces = 8;
// Room for the places of a field, above what may stand in a header by chance.
constexpr int kFirstValue = 1000;
constexpr int kValuesPerField = 10;

// `place`: which value of a list, from 1; 0: the one value of the field.
void Fill(const FieldDescriptor* field, int place, Message* record) {
  const Reflection& to = *record->GetReflection();
  const bool add = field->is_repeated();
  const int number = kFirstValue + kValuesPerField * field->number() + place;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = absl::StrCat("text ", number);
      add ? to.AddString(record, field, text) : to.SetString(record, field, text);
      return;
    }
    case FieldDescriptor::CPPTYPE_UINT32:
      add ? to.AddUInt32(record, field, number) : to.SetUInt32(record, field, number);
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      return to.SetUInt64(record, field, number);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return to.SetDouble(record, field, number + 0.5);
    case FieldDescriptor::CPPTYPE_ENUM:
      return to.SetEnumValue(record, field, number);
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      Message* pair = to.AddMessage(record, field);
      for (int i = 0; i < pair->GetDescriptor()->field_count(); ++i) {
        Fill(pair->GetDescriptor()->field(i), i, pair);
      }
      return;
    }
    default:
      ADD_FAILURE() << "no value for the type of " << field->full_name();
  }
}

}  // namespace

void FillEveryField(Message* record) {
  for (int i = 0; i < record->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = record->GetDescriptor()->field(i);
    const bool is_list =
        field->is_repeated() && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
    if (!is_list) Fill(field, 0, record);
    for (int place = 1; is_list && place <= kPlaces; ++place) Fill(field, place, record);
  }
}

int FilledFieldNumber(absl::string_view value) {
  double number = 0;
  if (!absl::SimpleAtod(absl::StripPrefix(value, "text "), &number)) return 0;
  return (static_cast<int>(number) - kFirstValue) / kValuesPerField;
}

std::vector<AmiMessage> ParseAmi(absl::string_view bytes) {
  AmiFrameParser parser(AmiFrameParser::Side::kFromClient);
  std::vector<AmiFrame> frames;
  parser.Consume(bytes, &frames);
  EXPECT_EQ(parser.buffered_bytes(), 0u) << "a message has no end";
  std::vector<AmiMessage> messages;
  for (const AmiFrame& frame : frames) {
    EXPECT_EQ(frame.fault, AmiFrame::Fault::kNone);
    messages.push_back(frame.message);
  }
  return messages;
}

AmiMessage ParseOneAmi(absl::string_view bytes) {
  const std::vector<AmiMessage> messages = ParseAmi(bytes);
  EXPECT_EQ(messages.size(), 1u);
  return messages.empty() ? AmiMessage() : messages.front();
}

std::vector<std::string> Lines(const AmiMessage& message, size_t skip) {
  std::vector<std::string> lines;
  for (const AmiHeader& header : message.headers()) {
    lines.push_back(absl::StrCat(header.name, ": ", header.value));
  }
  lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(skip));
  return lines;
}

}  // namespace outdial::ami
