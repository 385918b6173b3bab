#include "storage/key_schema.h"

#include <cstring>

#include "engine/check.h"

namespace outdial::storage {
namespace {

using engine::ClassNumber;
using engine::DlUuid;
using engine::IdleKey;
using engine::ListNumber;
using engine::Uuid;

constexpr char kCampaignResults = 'c';
constexpr char kListResults = 'l';
constexpr char kEntryResults = 'e';
constexpr char kOutcomeResults = 'o';

// Appends the parts of a key.
class KeyBuilder {
 public:
  explicit KeyBuilder(size_t size) { key_.reserve(size); }
  KeyBuilder& Letter(char letter) {
    key_.push_back(letter);
    return *this;
  }
  KeyBuilder& U32(uint32_t value) { return BigEndian(value, 4); }
  KeyBuilder& U64(uint64_t value) { return BigEndian(value, 8); }
  KeyBuilder& S32(int32_t value) { return U32(static_cast<uint32_t>(value) ^ 0x80000000u); }
  KeyBuilder& S64(int64_t value) { return U64(static_cast<uint64_t>(value) ^ 0x8000000000000000u); }
  KeyBuilder& Id(const Uuid& uuid) {
    key_.append(reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size());
    return *this;
  }
  KeyBuilder& Text(absl::string_view text) {
    for (const char c : text) {
      key_.push_back(c);
      if (c == '\0') key_.push_back('\xFF');
    }
    key_.append(2, '\0');
    return *this;
  }
  KeyBuilder& Last(absl::string_view text) {
    key_.append(text.data(), text.size());
    return *this;
  }
  std::string Take() { return std::move(key_); }

 private:
  KeyBuilder& BigEndian(uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      key_.push_back(static_cast<char>(value >> shift));
    }
    return *this;
  }
  std::string key_;
};

// Takes the parts of a key off its front. A key that is too short or too long is not Complete.
class KeyParser {
 public:
  explicit KeyParser(absl::string_view key) : rest_(key) {}
  uint32_t U32() { return static_cast<uint32_t>(BigEndian(4)); }
  uint64_t U64() { return BigEndian(8); }
  int32_t S32() { return static_cast<int32_t>(U32() ^ 0x80000000u); }
  int64_t S64() { return static_cast<int64_t>(U64() ^ 0x8000000000000000u); }
  Uuid Id() {
    Uuid uuid;
    const absl::string_view bytes = Bytes(uuid.bytes.size());
    if (ok_) std::memcpy(uuid.bytes.data(), bytes.data(), bytes.size());
    return uuid;
  }
  absl::string_view Bytes(size_t count) {
    if (rest_.size() < count) ok_ = false;
    if (!ok_) return {};
    const absl::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }
  absl::string_view Rest() { return Bytes(rest_.size()); }
  bool Complete() const { return ok_ && rest_.empty(); }

 private:
  uint64_t BigEndian(size_t count) {
    uint64_t value = 0;
    for (const char c : Bytes(count)) value = value << 8 | static_cast<uint8_t>(c);
    return value;
  }
  absl::string_view rest_;
  bool ok_ = true;
};

std::string ListedUuid(const Uuid& uuid) {
  return KeyBuilder(20).U32(uuid.list_number()).Id(uuid).Take();
}

}  // namespace

std::string RecordKey(RecordKind kind, const Uuid& uuid) {
  return KeyBuilder(17).Letter(static_cast<char>(kind)).Id(uuid).Take();
}

std::string RevisionKey(RecordKind kind, const Uuid& uuid, uint64_t revision) {
  return KeyBuilder(25).Letter(static_cast<char>(kind)).Id(uuid).U64(revision).Take();
}

std::string ListKey(ListNumber list) { return KeyBuilder(4).U32(list).Take(); }

std::string ListOfDlmaKey(const engine::DlmaUuid& dlma) { return KeyBuilder(16).Id(dlma).Take(); }

std::string DlKey(const DlUuid& dl) { return ListedUuid(dl); }

std::string DlHistoryKey(const DlUuid& dl, uint64_t last_revision) {
  return KeyBuilder(28).U32(dl.list_number()).Id(dl).U64(last_revision).Take();
}

std::string TextIndexKey(absl::string_view text, const DlUuid& dl) {
  return KeyBuilder(22 + text.size()).U32(dl.list_number()).Text(text).Id(dl).Take();
}

std::string TextIndexPrefix(ListNumber list, absl::string_view text) {
  return KeyBuilder(6 + text.size()).U32(list).Text(text).Take();
}

std::string IdleIndexKey(ListNumber list, ClassNumber class_number, const IdleKey& key) {
  return KeyBuilder(32).U32(list).U32(class_number).S64(key.last_hangup_us).Id(key.uuid).Take();
}

std::string NotBeforeKey(int64_t not_before_us, const DlUuid& dl) {
  return KeyBuilder(28).U32(dl.list_number()).S64(not_before_us).Id(dl).Take();
}

std::string ClassKey(ListNumber list, ClassNumber class_number) {
  return KeyBuilder(8).U32(list).U32(class_number).Take();
}

std::string DialingKey(const engine::DialingUuid& dialing) { return ListedUuid(dialing); }

std::string ResultIndexKey(const engine::CampaignUuid& campaign, uint64_t sequence) {
  return KeyBuilder(25).Letter(kCampaignResults).Id(campaign).U64(sequence).Take();
}

std::string ResultIndexKey(ListNumber list, uint64_t sequence) {
  return KeyBuilder(13).Letter(kListResults).U32(list).U64(sequence).Take();
}

std::string ResultIndexKey(const DlUuid& dl, uint64_t sequence) {
  return KeyBuilder(29).Letter(kEntryResults).U32(dl.list_number()).Id(dl).U64(sequence).Take();
}

std::string ResultIndexKey(const engine::CampaignUuid& campaign, v1::Outcome outcome,
                           uint64_t sequence) {
  return KeyBuilder(26)
      .Letter(kOutcomeResults)
      .Id(campaign)
      .Letter(static_cast<char>(outcome))
      .U64(sequence)
      .Take();
}

std::array<std::string, 4> ResultIndexKeys(const engine::CampaignUuid& campaign, const DlUuid& dl,
                                           v1::Outcome outcome, uint64_t sequence) {
  return {ResultIndexKey(campaign, sequence), ResultIndexKey(dl.list_number(), sequence),
          ResultIndexKey(dl, sequence), ResultIndexKey(campaign, outcome, sequence)};
}

std::string SequenceKey(uint64_t sequence) { return KeyBuilder(8).U64(sequence).Take(); }

std::string CampaignKey(const engine::CampaignUuid& campaign) {
  return KeyBuilder(16).Id(campaign).Take();
}

std::string TallyKey(const engine::CampaignUuid& campaign, int32_t day) {
  return KeyBuilder(20).Id(campaign).S32(day).Take();
}

std::string RequestKey(RequestKind kind, absl::string_view id) {
  return KeyBuilder(1 + id.size()).Letter(static_cast<char>(kind)).Last(id).Take();
}

std::string RequestExpiryKey(int64_t expiry_us, RequestKind kind, absl::string_view id) {
  return KeyBuilder(9 + id.size()).S64(expiry_us).Letter(static_cast<char>(kind)).Last(id).Take();
}

std::string RipePlace(ClassNumber class_number, int64_t last_hangup_us) {
  return KeyBuilder(12).U32(class_number).S64(last_hangup_us).Take();
}

std::optional<Uuid> ParseRecordKey(absl::string_view key) {
  KeyParser parser(key);
  parser.Bytes(1);
  const Uuid uuid = parser.Id();
  if (!parser.Complete()) return std::nullopt;
  return uuid;
}

std::optional<ListNumber> ParseListKey(absl::string_view key) {
  KeyParser parser(key);
  const ListNumber list = parser.U32();
  if (!parser.Complete()) return std::nullopt;
  return list;
}

std::optional<Uuid> ParseListedUuidKey(absl::string_view key) {
  KeyParser parser(key);
  const ListNumber list = parser.U32();
  const Uuid uuid = parser.Id();
  if (!parser.Complete() || uuid.list_number() != list) return std::nullopt;
  return uuid;
}

std::optional<uint64_t> ParseSequenceKey(absl::string_view key) {
  KeyParser parser(key);
  const uint64_t sequence = parser.U64();
  if (!parser.Complete()) return std::nullopt;
  return sequence;
}

std::optional<DlUuid> ParseTextIndexKey(absl::string_view key) {
  constexpr size_t kSmallest = 4 + 2 + 16;  // list, the text's end, uuid
  if (key.size() < kSmallest) return std::nullopt;
  KeyParser list(key.substr(0, 4));
  KeyParser uuid(key.substr(key.size() - 16));
  const DlUuid dl(uuid.Id());
  if (dl.list_number() != list.U32()) return std::nullopt;
  return dl;
}

std::optional<uint64_t> ParseResultIndexKey(absl::string_view key) {
  if (key.size() < 8) return std::nullopt;
  return ParseSequenceKey(key.substr(key.size() - 8));
}

std::optional<DlUuid> ParseEntryOfResultIndexKey(absl::string_view key) {
  KeyParser parser(key);
  const absl::string_view letter = parser.Bytes(1);
  const ListNumber list = parser.U32();
  const DlUuid dl(parser.Id());
  parser.U64();
  if (!parser.Complete() || letter[0] != kEntryResults || dl.list_number() != list) {
    return std::nullopt;
  }
  return dl;
}

std::optional<ParsedIdleKey> ParseIdleIndexKey(absl::string_view key) {
  KeyParser parser(key);
  ParsedIdleKey parsed{};
  parsed.list = parser.U32();
  parsed.class_number = parser.U32();
  parsed.key.last_hangup_us = parser.S64();
  parsed.key.uuid = DlUuid(parser.Id());
  if (!parser.Complete()) return std::nullopt;
  return parsed;
}

std::optional<ParsedNotBeforeKey> ParseNotBeforeKey(absl::string_view key) {
  KeyParser parser(key);
  ParsedNotBeforeKey parsed{};
  parsed.list = parser.U32();
  parsed.not_before_us = parser.S64();
  parsed.dl = DlUuid(parser.Id());
  if (!parser.Complete()) return std::nullopt;
  return parsed;
}

std::optional<ParsedRipePlace> ParseRipePlace(absl::string_view value) {
  KeyParser parser(value);
  ParsedRipePlace parsed{};
  parsed.class_number = parser.U32();
  parsed.last_hangup_us = parser.S64();
  if (!parser.Complete()) return std::nullopt;
  return parsed;
}

std::optional<ParsedClassKey> ParseClassKey(absl::string_view key) {
  KeyParser parser(key);
  ParsedClassKey parsed{};
  parsed.list = parser.U32();
  parsed.class_number = parser.U32();
  if (!parser.Complete()) return std::nullopt;
  return parsed;
}

std::optional<ParsedTallyKey> ParseTallyKey(absl::string_view key) {
  KeyParser parser(key);
  ParsedTallyKey parsed{};
  parsed.campaign = engine::CampaignUuid(parser.Id());
  parsed.day = parser.S32();
  if (!parser.Complete()) return std::nullopt;
  return parsed;
}

std::optional<ParsedRequestExpiryKey> ParseRequestExpiryKey(absl::string_view key) {
  KeyParser parser(key);
  ParsedRequestExpiryKey parsed{};
  parsed.expiry_us = parser.S64();
  parsed.request_key = std::string(parser.Rest());
  if (!parser.Complete() || parsed.request_key.empty()) return std::nullopt;
  return parsed;
}

KeyRange PrefixRange(absl::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xFF') end.pop_back();
  OUTDIAL_CHECK(!end.empty(), "no key comes after this prefix");
  end.back() = static_cast<char>(static_cast<uint8_t>(end.back()) + 1);
  return {std::string(prefix), std::move(end)};
}

KeyRange PrefixRangeAfter(absl::string_view prefix, absl::string_view key) {
  KeyRange range = PrefixRange(prefix);
  range.first = KeyAfter(key);
  return range;
}

std::string KeyAfter(absl::string_view key) {
  std::string after(key);
  after.push_back('\0');
  return after;
}

std::string KindPrefix(RecordKind kind) { return std::string(1, static_cast<char>(kind)); }

std::string NotBeforePrefix(ListNumber list, int64_t not_before_us) {
  return KeyBuilder(12).U32(list).S64(not_before_us).Take();
}

std::string RequestExpiryPrefix(int64_t expiry_us) { return KeyBuilder(8).S64(expiry_us).Take(); }

std::string ClassPrefix(ListNumber list, ClassNumber class_number) {
  return ClassKey(list, class_number);
}

std::string ResultIndexPrefix(const engine::CampaignUuid& campaign) {
  return KeyBuilder(17).Letter(kCampaignResults).Id(campaign).Take();
}

std::string ResultIndexPrefix(ListNumber list) {
  return KeyBuilder(5).Letter(kListResults).U32(list).Take();
}

std::string ResultIndexPrefix(const engine::CampaignUuid& campaign, v1::Outcome outcome) {
  return KeyBuilder(18)
      .Letter(kOutcomeResults)
      .Id(campaign)
      .Letter(static_cast<char>(outcome))
      .Take();
}

std::string EntryResultsPrefix(ListNumber list) {
  return KeyBuilder(5).Letter(kEntryResults).U32(list).Take();
}

std::string ResultIndexPrefix(const DlUuid& dl) {
  return KeyBuilder(21).Letter(kEntryResults).U32(dl.list_number()).Id(dl).Take();
}

}  // namespace outdial::storage
