// The keys of the store. This file and its .cc alone build and parse them.
//
// family             key                                         value                order
// meta               `schema` | `oldest_event` | `restored` |
//                    `result_trim`                               text | seq8 | empty |
//                                                                ResultTrim           -
// record             kind1 uuid16                                v1.<record>          uuid
// revision           kind1 uuid16 revision8                      v1.<record>          revision
// list               list4                                       ListRow              number
// list_of_dlma       dlma16                                      list4                -
// dl_static          list4 dl16                                  DlStatic             uuid
// dl_state           list4 dl16                                  DlState              uuid
// dl_history         list4 dl16 revision8                        DlStatic             revision
// number             list4 text dl16                             empty                number, uuid
// ukey               list4 text dl16                             empty                ukey, uuid
// idle               list4 class4 time8 dl16                     empty                longest
// waiting not_before         list4 time8 dl16                            class4 time8         due
// first class              list4 class4                                ClassRow             number
// dialing            list4 dialing16                             DialingStatic        uuid
// live               list4 dialing16                             DialingState         uuid
// result             seq8                                        ResultRow            end
// result_of_dialing  list4 dialing16                             seq8                 uuid
// result_index       `c` camp16 seq8 | `l` list4 seq8 |
//                    `e` list4 dl16 seq8 |
//                    `o` camp16 outcome1 seq8                    empty                end
// event              seq8                                        StoredEvent          writing
// campaign_count     camp16                                      CampaignRow          -
// tally              camp16 day4                                 TallyRow             day
// request            kind1 id (last)                             StoredRequest        -
// request_expiry     time8 kind1 id (last)                       empty                expiry
// reclaim            list4                                       ReclaimRow           number
//
// Units: list4, class4, revision8 and seq8 are unsigned, big-endian; time8 (microseconds since
// 1970) and day4 (days since 1970) are signed, stored with the sign bit turned over so that they
// order right; uuids are 16 raw bytes; kind1 is a letter; outcome1 is a v1::Outcome; text is
// terminated by 00 00, a 00 inside of it becomes 00 FF.
//
// Meanings: the time8 of idle is the last hangup, 0 for never; of not_before the moment from which
// the entry may be dialled, and its value holds where the entry goes then. The revision8 of
// dl_history is the last revision of the entry that had this static part. The messages are those
// of storage/stored_records.proto. Keys of a dial list's data begin with its number, and the uuids
// of entries and dialings carry that number: either uuid alone finds its row, and a list can move
// to another store as one range of each family.
//
// Families, letters and field numbers are never reused for something else.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "engine/dl_class.h"
#include "engine/ports.h"
#include "engine/uuid.h"
#include "outdial/v1/outcome.pb.h"
#include "storage/kv.h"

namespace outdial::storage {

// kind1 of the small records.
enum class RecordKind : char {
  kCampaign = 'c',
  kPlan = 'p',
  kDlma = 'm',
  kDestination = 't',
};

// kind1 of what the request ledger keeps.
enum class RequestKind : char {
  kCreate = 'c',
  kImport = 'i',
};

// ---- meta
inline constexpr char kSchemaKey[] = "schema";
inline constexpr char kOldestEventKey[] = "oldest_event";
inline constexpr char kRestoredKey[] = "restored";
inline constexpr char kResultTrimKey[] = "result_trim";

// ---- Small records
std::string RecordKey(RecordKind kind, const engine::Uuid& uuid);
std::string RevisionKey(RecordKind kind, const engine::Uuid& uuid, uint64_t revision);

// ---- Lists and their entries
// Of list and reclaim.
std::string ListKey(engine::ListNumber list);
std::string ListOfDlmaKey(const engine::DlmaUuid& dlma);
// Of dl_static and dl_state.
std::string DlKey(const engine::DlUuid& dl);
std::string DlHistoryKey(const engine::DlUuid& dl, uint64_t last_revision);
// Of number and ukey.
std::string TextIndexKey(absl::string_view text, const engine::DlUuid& dl);
std::string IdleIndexKey(engine::ListNumber list, engine::ClassNumber class_number,
                         const engine::IdleKey& key);
std::string NotBeforeKey(int64_t not_before_us, const engine::DlUuid& dl);
std::string ClassKey(engine::ListNumber list, engine::ClassNumber class_number);

// ---- Dialings and results
// Of dialing, live and result_of_dialing.
std::string DialingKey(const engine::DialingUuid& dialing);
std::string ResultIndexKey(const engine::CampaignUuid& campaign, uint64_t sequence);
std::string ResultIndexKey(engine::ListNumber list, uint64_t sequence);
std::string ResultIndexKey(const engine::DlUuid& dl, uint64_t sequence);
std::string ResultIndexKey(const engine::CampaignUuid& campaign, v1::Outcome outcome,
                           uint64_t sequence);
// All of them of one result.
std::array<std::string, 4> ResultIndexKeys(const engine::CampaignUuid& campaign,
                                           const engine::DlUuid& dl, v1::Outcome outcome,
                                           uint64_t sequence);

// Of event and result; also the value of result_of_dialing and of `oldest_event`.
std::string SequenceKey(uint64_t sequence);

// ---- Counters and requests
std::string CampaignKey(const engine::CampaignUuid& campaign);
std::string TallyKey(const engine::CampaignUuid& campaign, int32_t day);
std::string RequestKey(RequestKind kind, absl::string_view id);
std::string RequestExpiryKey(int64_t expiry_us, RequestKind kind, absl::string_view id);

// Value of a not_before row: where the entry goes when its time has come.
std::string RipePlace(engine::ClassNumber class_number, int64_t last_hangup_us);

// ---- Parsers. Absent: not a key that this file builds.
std::optional<engine::Uuid> ParseRecordKey(absl::string_view key);
std::optional<engine::ListNumber> ParseListKey(absl::string_view key);
// Of dl_static, dl_state, dialing, live and result_of_dialing.
std::optional<engine::Uuid> ParseListedUuidKey(absl::string_view key);
std::optional<uint64_t> ParseSequenceKey(absl::string_view key);
// The entry at the end of a number or ukey key.
std::optional<engine::DlUuid> ParseTextIndexKey(absl::string_view key);
// The sequence at the end of a result_index key.
std::optional<uint64_t> ParseResultIndexKey(absl::string_view key);
// The entry of a result_index key of the kind `e`.
std::optional<engine::DlUuid> ParseEntryOfResultIndexKey(absl::string_view key);
struct ParsedIdleKey {
  engine::ListNumber list;
  engine::ClassNumber class_number;
  engine::IdleKey key;
};
std::optional<ParsedIdleKey> ParseIdleIndexKey(absl::string_view key);
struct ParsedNotBeforeKey {
  engine::ListNumber list;
  int64_t not_before_us;
  engine::DlUuid dl;
};
std::optional<ParsedNotBeforeKey> ParseNotBeforeKey(absl::string_view key);
struct ParsedRipePlace {
  engine::ClassNumber class_number;
  int64_t last_hangup_us;
};
std::optional<ParsedRipePlace> ParseRipePlace(absl::string_view value);
struct ParsedClassKey {
  engine::ListNumber list;
  engine::ClassNumber class_number;
};
std::optional<ParsedClassKey> ParseClassKey(absl::string_view key);
struct ParsedTallyKey {
  engine::CampaignUuid campaign;
  int32_t day;
};
std::optional<ParsedTallyKey> ParseTallyKey(absl::string_view key);
struct ParsedRequestExpiryKey {
  int64_t expiry_us;
  std::string request_key;
};
std::optional<ParsedRequestExpiryKey> ParseRequestExpiryKey(absl::string_view key);

// ---- Ranges
// All keys that begin with `prefix`, which is not empty and has a byte other than FF.
KeyRange PrefixRange(absl::string_view prefix);
// Those of them that come after `key`, which begins with `prefix`.
KeyRange PrefixRangeAfter(absl::string_view prefix, absl::string_view key);
// The first key that can come after `key`.
std::string KeyAfter(absl::string_view key);
std::string KindPrefix(RecordKind kind);
// Where entries of the list begin that wait for this moment or a later one.
std::string NotBeforePrefix(engine::ListNumber list, int64_t not_before_us);
// Where requests begin that expire at this moment or later.
std::string RequestExpiryPrefix(int64_t expiry_us);
// Where the entries with this ukey or number begin.
std::string TextIndexPrefix(engine::ListNumber list, absl::string_view text);
std::string ClassPrefix(engine::ListNumber list, engine::ClassNumber class_number);
std::string ResultIndexPrefix(const engine::CampaignUuid& campaign);
std::string ResultIndexPrefix(engine::ListNumber list);
std::string ResultIndexPrefix(const engine::DlUuid& dl);
std::string ResultIndexPrefix(const engine::CampaignUuid& campaign, v1::Outcome outcome);
// Those of all entries of a list.
std::string EntryResultsPrefix(engine::ListNumber list);

}  // namespace outdial::storage
