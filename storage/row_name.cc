#include "storage/row_name.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/key_schema.h"
#include "storage/record_conversion.h"

namespace outdial::storage {
namespace {

constexpr size_t kUuidBytes = 16;
constexpr size_t kRevisionBytes = 8;

std::string Named(absl::string_view noun, const std::optional<engine::Uuid>& uuid) {
  return uuid.has_value() ? absl::StrCat(noun, " ", uuid->ToString()) : "";
}

std::string Numbered(absl::string_view noun, std::optional<uint64_t> number) {
  return number.has_value() ? absl::StrCat(noun, " ", *number) : "";
}

// A uuid that stands at the end of the key.
std::optional<engine::Uuid> UuidAtEnd(absl::string_view key) {
  if (key.size() < kUuidBytes) return std::nullopt;
  return UuidFromBytes(key.substr(key.size() - kUuidBytes));
}

absl::string_view WithoutRevision(absl::string_view key) {
  return key.substr(0, key.size() < kRevisionBytes ? 0 : key.size() - kRevisionBytes);
}

std::string NounOf(absl::string_view record_key) {
  switch (static_cast<RecordKind>(record_key.empty() ? '\0' : record_key.front())) {
    case RecordKind::kCampaign:
      return "campaign";
    case RecordKind::kPlan:
      return "plan";
    case RecordKind::kDlma:
      return "dlma";
    case RecordKind::kDestination:
      return "destination";
  }
  return "record";
}

std::string ClassName(absl::string_view key) {
  const auto parsed = ParseClassKey(key);
  if (!parsed.has_value()) return "";
  return absl::StrCat("class ", parsed->class_number, " of list ", parsed->list);
}

std::string OwnerOf(Family family, absl::string_view key) {
  switch (family) {
    case Family::kRecord:
      return Named(NounOf(key), ParseRecordKey(key));
    case Family::kRevision:
      return Named(NounOf(key), ParseRecordKey(WithoutRevision(key)));
    case Family::kList:
    case Family::kReclaim:
      return Numbered("list", ParseListKey(key));
    case Family::kListOfDlma:
      return Named("dlma", UuidAtEnd(key));
    case Family::kDlStatic:
    case Family::kDlState:
      return Named("dl", ParseListedUuidKey(key));
    case Family::kDlHistory:
      return Named("dl", ParseListedUuidKey(WithoutRevision(key)));
    case Family::kNumber:
    case Family::kUkey:
    case Family::kIdle:
    case Family::kNotBefore:
      return Named("dl", UuidAtEnd(key));
    case Family::kClass:
      return ClassName(key);
    case Family::kDialing:
    case Family::kLive:
    case Family::kResultOfDialing:
      return Named("dialing", ParseListedUuidKey(key));
    case Family::kResult:
      return Numbered("result", ParseSequenceKey(key));
    case Family::kResultIndex:
      return Numbered("result", ParseResultIndexKey(key));
    case Family::kEvent:
      return Numbered("event", ParseSequenceKey(key));
    case Family::kCampaignCount:
      return Named("campaign", UuidAtEnd(key));
    case Family::kTally: {
      const auto parsed = ParseTallyKey(key);
      return parsed.has_value() ? Named("campaign", parsed->campaign) : "";
    }
    case Family::kMeta:
    case Family::kRequest:
    case Family::kRequestExpiry:
      return "";
  }
  return "";
}

}  // namespace

std::string RowName(Family family, absl::string_view key) {
  const std::string owner = OwnerOf(family, key);
  const std::string row =
      absl::StrCat("row ", absl::BytesToHexString(key), " of ", FamilyName(family));
  return owner.empty() ? row : absl::StrCat(row, " (", owner, ")");
}

}  // namespace outdial::storage
