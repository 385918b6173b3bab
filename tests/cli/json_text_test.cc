#include "cli/json_text.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/match.h"
#include "outdial/v1/admin_service.pb.h"
#include "outdial/v1/campaign_service.pb.h"
#include "outdial/v1/dialing_service.pb.h"
#include "outdial/v1/dl_list_service.pb.h"
#include "outdial/v1/event_service.pb.h"
#include "outdial/v1/node_service.pb.h"

namespace outdial::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

// Messages are not filled deeper: none of the API holds itself, but many hold others.
constexpr int kDepth = 4;
constexpr char kText[] = "a \"quote\", \\ < > & \t\n\x01 \x7F \xC3\xA9 \xE2\x80\xA8";

void Fill(Message* message, int depth);

void FillValue(Message* message, const FieldDescriptor& field, int depth) {
  const auto& reflection = *message->GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return many ? reflection.AddString(message, &field, kText)
                  : reflection.SetString(message, &field, kText);
    case FieldDescriptor::CPPTYPE_INT32:
      return many ? reflection.AddInt32(message, &field, -7)
                  : reflection.SetInt32(message, &field, -7);
    case FieldDescriptor::CPPTYPE_UINT32:
      return many ? reflection.AddUInt32(message, &field, 4294967295)
                  : reflection.SetUInt32(message, &field, 4294967295);
    case FieldDescriptor::CPPTYPE_INT64:
      return many ? reflection.AddInt64(message, &field, -1)
                  : reflection.SetInt64(message, &field, -1);
    case FieldDescriptor::CPPTYPE_UINT64:
      return many ? reflection.AddUInt64(message, &field, 1ull << 63)
                  : reflection.SetUInt64(message, &field, 1ull << 63);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return many ? reflection.AddDouble(message, &field, 0.1)
                  : reflection.SetDouble(message, &field, 0.1);
    case FieldDescriptor::CPPTYPE_BOOL:
      return many ? reflection.AddBool(message, &field, true)
                  : reflection.SetBool(message, &field, true);
    case FieldDescriptor::CPPTYPE_ENUM:
      return many ? reflection.AddEnumValue(message, &field, 1)
                  : reflection.SetEnumValue(message, &field, 1);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Fill(many ? reflection.AddMessage(message, &field)
                       : reflection.MutableMessage(message, &field),
                  depth + 1);
    default:
      FAIL() << field.full_name() << " is of a kind that the API had none of";
  }
}

void Fill(Message* message, int depth) {
  const Descriptor& type = *message->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    ASSERT_FALSE(field.is_map() || field.type() == FieldDescriptor::TYPE_BYTES);
    if (field.message_type() != nullptr && depth == kDepth) continue;
    for (int times = field.is_repeated() ? 2 : 1; times > 0; --times) {
      FillValue(message, field, depth);
    }
  }
}

std::string ByProtobuf(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json, options).ok());
  return json;
}

void ExpectAsByProtobuf(const Message& message) {
  EXPECT_EQ(nlohmann::json::parse(ToJson(message)), nlohmann::json::parse(ByProtobuf(message)))
      << message.GetTypeName();
}

TEST(JsonTextTest, EveryAnswerReadsAsProtobufWritesIt) {
  for (const Descriptor* answer :
       {v1::OutBackupCreateResponse::descriptor(), v1::OutCampaignShowResponse::descriptor(),
        v1::OutCampaignStatShowResponse::descriptor(), v1::OutResultShowResponse::descriptor(),
        v1::OutDlListShowResponse::descriptor(), v1::OutEventSubscribeResponse::descriptor(),
        v1::OutNodeShowResponse::descriptor()}) {
    const FileDescriptor& file = *answer->file();
    for (int i = 0; i < file.message_type_count(); ++i) {
      // Nobody prints those, and one has a map.
      if (absl::EndsWith(file.message_type(i)->name(), "Request")) continue;
      const Message* const prototype =
          MessageFactory::generated_factory()->GetPrototype(file.message_type(i));
      ExpectAsByProtobuf(*prototype);
      const std::unique_ptr<Message> filled(prototype->New());
      Fill(filled.get(), 0);
      ExpectAsByProtobuf(*filled);
    }
  }
}

TEST(JsonTextTest, AnEnumValueOfALaterServerStaysANumber) {
  v1::Dl dl;
  dl.set_outcome(static_cast<v1::Outcome>(99));
  ExpectAsByProtobuf(dl);
}

}  // namespace
}  // namespace outdial::cli
