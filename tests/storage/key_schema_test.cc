#include "storage/key_schema.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace outdial::storage {
namespace {

using engine::CampaignUuid;
using engine::DialingUuid;
using engine::DlmaUuid;
using engine::DlUuid;
using engine::IdleKey;

// The list number, 7, stands in bytes 9 to 12.
constexpr char kUuid[] = "01920000-0000-7000-8000-000007abcdef";
constexpr char kRaw[] = "01920000000070008000000007abcdef";

template <class Id>
Id Make(const char* text) {
  return *Id::Parse(text);
}
DlUuid Dl(const char* text = kUuid) { return Make<DlUuid>(text); }
constexpr const char* kDlRaw = kRaw;

std::string Hex(const std::string& key) { return absl::BytesToHexString(key); }

TEST(KeySchemaTest, UuidOfTheGoldensBelongsToList7) {
  ASSERT_EQ(Dl().list_number(), 7u) << "see engine/uuid_layout.h";
}

TEST(KeySchemaTest, GoldensOfRecords) {
  const auto uuid = Make<CampaignUuid>(kUuid);
  EXPECT_EQ(Hex(RecordKey(RecordKind::kCampaign, uuid)), std::string("63") + kRaw);
  EXPECT_EQ(Hex(RecordKey(RecordKind::kPlan, uuid)), std::string("70") + kRaw);
  EXPECT_EQ(Hex(RecordKey(RecordKind::kDlma, uuid)), std::string("6d") + kRaw);
  EXPECT_EQ(Hex(RecordKey(RecordKind::kDestination, uuid)), std::string("74") + kRaw);
  EXPECT_EQ(Hex(RevisionKey(RecordKind::kPlan, uuid, 258)),
            std::string("70") + kRaw + "0000000000000102");
}

TEST(KeySchemaTest, GoldensOfLists) {
  EXPECT_EQ(Hex(ListKey(7)), "00000007");
  EXPECT_EQ(Hex(ListOfDlmaKey(Make<DlmaUuid>(kUuid))), kRaw);
  EXPECT_EQ(Hex(DlKey(Dl())), std::string("00000007") + kDlRaw);
  EXPECT_EQ(Hex(DlHistoryKey(Dl(), 3)), std::string("00000007") + kDlRaw + "0000000000000003");
  EXPECT_EQ(Hex(TextIndexKey("+49", Dl())), std::string("00000007") + "2b3439" + "0000" + kDlRaw);
  EXPECT_EQ(Hex(TextIndexKey(absl::string_view("a\0b", 3), Dl())),
            std::string("00000007") + "6100ff62" + "0000" + kDlRaw);
  EXPECT_EQ(Hex(IdleIndexKey(7, 2, {1, Dl()})),
            std::string("00000007") + "00000002" + "8000000000000001" + kDlRaw);
  EXPECT_EQ(Hex(NotBeforeKey(-1, Dl())), std::string("00000007") + "7fffffffffffffff" + kDlRaw);
  EXPECT_EQ(Hex(RipePlace(2, 1)), "000000028000000000000001");
  EXPECT_EQ(Hex(ClassKey(7, engine::kMixedClass)), "00000007ffffffff");
}

TEST(KeySchemaTest, GoldensOfDialingsAndTheRest) {
  const DialingUuid dialing(Dl());
  const auto campaign = Make<CampaignUuid>(kUuid);
  EXPECT_EQ(Hex(DialingKey(dialing)), std::string("00000007") + kDlRaw);
  EXPECT_EQ(Hex(ResultIndexKey(campaign, 9)), std::string("63") + kRaw + "0000000000000009");
  EXPECT_EQ(Hex(ResultIndexKey(engine::ListNumber{7}, 9)), "6c000000070000000000000009");
  EXPECT_EQ(Hex(ResultIndexKey(Dl(), 9)), std::string("6500000007") + kDlRaw + "0000000000000009");
  EXPECT_EQ(Hex(ResultIndexKey(campaign, v1::OUTCOME_BUSY, 9)),
            std::string("6f") + kRaw + "05" + "0000000000000009");
  EXPECT_EQ(Hex(SequenceKey(9)), "0000000000000009");
  EXPECT_EQ(Hex(CampaignKey(campaign)), kRaw);
  EXPECT_EQ(Hex(TallyKey(campaign, 20779)), std::string(kRaw) + "8000512b");
  EXPECT_EQ(Hex(RequestKey(RequestKind::kCreate, "id")), "636964");
  EXPECT_EQ(Hex(RequestExpiryKey(1, RequestKind::kImport, "id")), "8000000000000001696964");
}

template <class Key>
void ExpectAscending(const std::vector<Key>& keys) {
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end(), std::less_equal<>()));
}

TEST(KeySchemaTest, IdleEntriesAreOrderedByClassThenTimeThenUuid) {
  const DlUuid a = Dl("01920000-0000-7000-8000-000007aaaaaa");
  const DlUuid b = Dl("01920000-0000-7000-8000-000007bbbbbb");
  ASSERT_LT(a, b);
  ExpectAscending(std::vector<std::string>{
      IdleIndexKey(7, 1, {-5, b}), IdleIndexKey(7, 1, {0, a}), IdleIndexKey(7, 1, {0, b}),
      IdleIndexKey(7, 1, {256, a}), IdleIndexKey(7, 2, {0, a}), IdleIndexKey(7, 256, {0, a}),
      IdleIndexKey(8, 0, {0, a}), IdleIndexKey(256, 0, {0, a})});
}

TEST(KeySchemaTest, SignedNumbersOrderLikeNumbers) {
  const auto campaign = Make<CampaignUuid>(kUuid);
  ExpectAscending(
      std::vector<std::string>{NotBeforeKey(std::numeric_limits<int64_t>::min(), Dl()),
                               NotBeforeKey(-1, Dl()), NotBeforeKey(0, Dl()), NotBeforeKey(1, Dl()),
                               NotBeforeKey(std::numeric_limits<int64_t>::max(), Dl())});
  ExpectAscending(std::vector<std::string>{TallyKey(campaign, -400), TallyKey(campaign, 0),
                                           TallyKey(campaign, 400)});
  ExpectAscending(std::vector<std::string>{RequestExpiryKey(-1, RequestKind::kImport, "z"),
                                           RequestExpiryKey(1, RequestKind::kCreate, "a")});
}

TEST(KeySchemaTest, TextsOrderBytewiseAndNoneIsAPrefixOfAnother) {
  ExpectAscending(std::vector<std::string>{
      TextIndexKey("", Dl()), TextIndexKey(absl::string_view("\0", 1), Dl()),
      TextIndexKey("1", Dl()), TextIndexKey(absl::string_view("1\0", 2), Dl()),
      TextIndexKey("12", Dl()), TextIndexKey("2", Dl())});
}

TEST(KeySchemaTest, ParsersReadWhatTheBuildersWrote) {
  EXPECT_EQ(ParseListKey(ListKey(7)), 7u);
  EXPECT_EQ(ParseListedUuidKey(DlKey(Dl())), Dl());
  EXPECT_EQ(ParseSequenceKey(SequenceKey(1ull << 40)), 1ull << 40);
  EXPECT_EQ(ParseResultIndexKey(ResultIndexKey(Dl(), 12)), 12u);
  EXPECT_EQ(ParseEntryOfResultIndexKey(ResultIndexKey(Dl(), 12)), Dl());
  EXPECT_FALSE(ParseEntryOfResultIndexKey(ResultIndexKey(engine::ListNumber{7}, 12)).has_value());
  const auto idle = ParseIdleIndexKey(IdleIndexKey(7, 3, {-9, Dl()}));
  ASSERT_TRUE(idle.has_value());
  EXPECT_EQ(idle->list, 7u);
  EXPECT_EQ(idle->class_number, 3u);
  EXPECT_EQ(idle->key, (IdleKey{-9, Dl()}));
  const auto waiting = ParseNotBeforeKey(NotBeforeKey(-9, Dl()));
  ASSERT_TRUE(waiting.has_value());
  EXPECT_EQ(waiting->not_before_us, -9);
  EXPECT_EQ(waiting->dl, Dl());
  const auto place = ParseRipePlace(RipePlace(3, -9));
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->class_number, 3u);
  EXPECT_EQ(place->last_hangup_us, -9);
  const auto tally = ParseTallyKey(TallyKey(Make<CampaignUuid>(kUuid), -3));
  ASSERT_TRUE(tally.has_value());
  EXPECT_EQ(tally->day, -3);
  const auto expiry = ParseRequestExpiryKey(RequestExpiryKey(5, RequestKind::kImport, "id"));
  ASSERT_TRUE(expiry.has_value());
  EXPECT_EQ(expiry->expiry_us, 5);
  EXPECT_EQ(expiry->request_key, RequestKey(RequestKind::kImport, "id"));
}

TEST(KeySchemaTest, ParsersRefuseKeysOfAnotherLength) {
  EXPECT_FALSE(ParseListKey("abc").has_value());
  EXPECT_FALSE(ParseListedUuidKey(DlKey(Dl()) + "x").has_value());
  EXPECT_FALSE(ParseListedUuidKey(ListKey(8) + DlKey(Dl()).substr(4)).has_value());
  EXPECT_FALSE(ParseSequenceKey("").has_value());
  EXPECT_FALSE(ParseIdleIndexKey(DlKey(Dl())).has_value());
  EXPECT_FALSE(ParseRequestExpiryKey(SequenceKey(1)).has_value());
}

TEST(KeySchemaTest, PrefixRangeHoldsThePrefixAndNothingElse) {
  const KeyRange range = PrefixRange(std::string("a\xFF", 2));
  EXPECT_EQ(range.first, "a\xFF");
  EXPECT_EQ(range.end, "b");
  const KeyRange mixed = PrefixRange(ClassPrefix(7, engine::kMixedClass));
  EXPECT_EQ(Hex(mixed.end), "00000008");
}

}  // namespace
}  // namespace outdial::storage
