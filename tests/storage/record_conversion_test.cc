#include "storage/record_conversion.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "storage/record_time.h"
#include "tests/storage/record_makers.h"

namespace outdial::storage {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::util::MessageDifferencer;

std::string TextFor(const FieldDescriptor& field, int salt) {
  if (absl::EndsWith(field.name(), "uuid")) {
    engine::Uuid uuid;
    uuid.bytes[0] = static_cast<uint8_t>(field.number());
    uuid.bytes[15] = static_cast<uint8_t>(salt);
    return uuid.ToString();
  }
  if (absl::StartsWith(field.name(), "tm_")) {
    return FormatRecordNanos(1477146885339299560 + 1000000007LL * field.number() + salt);
  }
  return absl::StrCat(field.name(), " ", salt);
}

// Gives the field a value that differs from its default, from other fields and other salts.
void Fill(const FieldDescriptor& field, int salt, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  const int number = 100 * field.number() + salt;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (!field.is_repeated()) return reflection.SetString(message, &field, TextFor(field, salt));
      reflection.AddString(message, &field, "");
      return reflection.AddString(message, &field, TextFor(field, salt));
    case FieldDescriptor::CPPTYPE_UINT32:
      if (!field.is_repeated()) return reflection.SetUInt32(message, &field, number);
      reflection.AddUInt32(message, &field, 0);
      return reflection.AddUInt32(message, &field, number);
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.SetUInt64(message, &field, number);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.SetEnumValue(
          message, &field,
          field.enum_type()->value(field.enum_type()->value_count() - 1 - salt % 2)->number());
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      Message* item = reflection.AddMessage(message, &field);
      for (int i = 0; i < item->GetDescriptor()->field_count(); ++i) {
        Fill(*item->GetDescriptor()->field(i), salt, item);
      }
      return;
    }
    default:
      FAIL() << "a field of a new type: " << field.full_name();
  }
}

template <class Record>
Record Full() {
  Record record;
  for (int i = 0; i < record.GetDescriptor()->field_count(); ++i) {
    Fill(*record.GetDescriptor()->field(i), 0, &record);
  }
  return record;
}

template <class State, class Record>
State StateOf(const Record& record) {
  State state;
  EXPECT_TRUE(PackState(record, &state).ok());
  return state;
}

DlStatic StaticOf(const v1::Dl& dl) {
  DlStatic dl_static;
  EXPECT_TRUE(ToDlStatic(dl, 1, &dl_static).ok());
  return dl_static;
}
v1::Dl RoundTrip(const v1::Dl& dl) {
  return ToDl(*engine::DlUuid::Parse(dl.uuid()), StaticOf(dl), StateOf<DlState>(dl));
}
v1::Dialing RoundTrip(const v1::Dialing& dialing) {
  return ToDialing(*engine::DialingUuid::Parse(dialing.uuid()), *ToDialingStatic(dialing),
                   StateOf<DialingState>(dialing));
}

TEST(RecordConversionTest, LosesNoFieldOfDl) {
  const auto dl = Full<v1::Dl>();
  EXPECT_TRUE(MessageDifferencer::Equals(RoundTrip(dl), dl)) << RoundTrip(dl).DebugString();
}

TEST(RecordConversionTest, LosesNoFieldOfDialing) {
  const auto dialing = Full<v1::Dialing>();
  EXPECT_TRUE(MessageDifferencer::Equals(RoundTrip(dialing), dialing))
      << RoundTrip(dialing).DebugString();
}

TEST(RecordConversionTest, InventsNoField) {
  v1::Dl dl;
  dl.set_uuid(Full<v1::Dl>().uuid());
  EXPECT_TRUE(MessageDifferencer::Equals(RoundTrip(dl), dl)) << RoundTrip(dl).DebugString();
  v1::Dialing dialing;
  dialing.set_uuid(dl.uuid());
  EXPECT_TRUE(MessageDifferencer::Equals(RoundTrip(dialing), dialing));
}

TEST(RecordConversionTest, TellsEmptyFromAbsent) {
  v1::Dl dl;
  dl.set_uuid(Full<v1::Dl>().uuid());
  dl.set_name("");
  dl.set_outcome(v1::OUTCOME_NONE);
  EXPECT_TRUE(RoundTrip(dl).has_name());
  EXPECT_TRUE(RoundTrip(dl).has_outcome());
  EXPECT_FALSE(RoundTrip(dl).has_detail());
}

TEST(RecordConversionTest, SameStaticSeesEveryStaticFieldAndNoOther) {
  const auto before = Full<v1::Dl>();
  for (int i = 0; i < before.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *before.GetDescriptor()->field(i);
    v1::Dl after = before;
    after.GetReflection()->ClearField(&after, &field);
    Fill(field, 1, &after);
    const bool same_rows =
        StaticOf(before).SerializeAsString() == StaticOf(after).SerializeAsString();
    EXPECT_EQ(SameStatic(before, after), same_rows) << field.name();
  }
}

TEST(RecordConversionTest, RefusesWhatItCouldNotGiveBack) {
  auto dl = Full<v1::Dl>();
  dl.set_tm_update("yesterday");
  DlState state;
  EXPECT_TRUE(absl::IsInternal(PackState(dl, &state)));
  auto dialing = Full<v1::Dialing>();
  dialing.set_camp_uuid("no uuid");
  EXPECT_TRUE(absl::IsInternal(ToDialingStatic(dialing).status()));
}

}  // namespace
}  // namespace outdial::storage
