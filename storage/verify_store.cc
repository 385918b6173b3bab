#include "storage/verify_store.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "engine/dl_class.h"
#include "engine/uuid.h"
#include "outdial/v1/dl.pb.h"
#include "storage/dl_table.h"
#include "storage/event_log.h"
#include "storage/key_schema.h"
#include "storage/record_conversion.h"
#include "storage/stored_records.pb.h"
#include "storage/stored_value.h"

namespace outdial::storage {
namespace {

using engine::CampaignUuid;
using engine::ClassNumber;
using engine::DlClass;
using engine::DlUuid;
using engine::IdleKey;
using engine::kMixedClass;
using engine::ListNumber;

using Rows = std::vector<std::pair<std::string, std::string>>;

absl::StatusOr<Rows> AllRows(const KvReader& reader, Family family) {
  Rows rows;
  absl::Status status =
      reader.Scan(family, {}, kNoLimit, [&](absl::string_view key, absl::string_view value) {
        rows.emplace_back(std::string(key), std::string(value));
        return true;
      });
  if (!status.ok()) return status;
  return rows;
}

// Calls with each row of a family, parsed.
template <class Message>
absl::Status ForEachRow(const KvReader& reader, Family family,
                        absl::FunctionRef<absl::Status(const std::string&, Message)> check) {
  const absl::StatusOr<Rows> rows = AllRows(reader, family);
  if (!rows.ok()) return rows.status();
  for (const auto& [key, value] : *rows) {
    Message message;
    absl::Status status = ParseRow(family, key, value, &message);
    if (status.ok()) status = check(key, std::move(message));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// The family holds exactly these keys.
absl::Status CheckKeys(const KvReader& reader, Family family, const std::set<std::string>& keys) {
  const absl::StatusOr<Rows> rows = AllRows(reader, family);
  if (!rows.ok()) return rows.status();
  for (const auto& [key, value] : *rows) {
    if (keys.count(key) == 0) return DamagedRow(family, key, "belongs to no record");
  }
  if (rows->size() == keys.size()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the store is damaged: ", FamilyName(family), " has ",
                                          rows->size(), " rows instead of ", keys.size()));
}

// The entries, with what must be indexed and counted of them.
class EntryChecker {
 public:
  explicit EntryChecker(const KvReader& reader) : reader_(reader) {}

  absl::Status Check() {
    for (const auto& step :
         {&EntryChecker::ReadEntries, &EntryChecker::CheckTexts, &EntryChecker::CheckLists,
          &EntryChecker::ReadClasses, &EntryChecker::CheckIdle, &EntryChecker::CheckWaiting,
          &EntryChecker::CheckClassCounts}) {
      absl::Status status = (this->*step)();
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  using ClassId = std::pair<ListNumber, ClassNumber>;
  struct ListTotals {
    uint64_t total = 0, dialing = 0, tries = 0;
  };

  absl::Status ReadEntries() {
    absl::Status status =
        ForEachRow<DlState>(reader_, Family::kDlState, [&](const std::string& key, const DlState&) {
          const auto uuid = ParseListedUuidKey(key);
          if (!uuid.has_value()) return DamagedRow(Family::kDlState, key, "can't be read");
          static_keys_.insert(key);
          const absl::StatusOr<v1::Dl> dl = ReadDl(reader_, DlUuid(*uuid));
          if (!dl.ok()) return dl.status();
          return TakeEntry(DlUuid(*uuid), *dl);
        });
    if (!status.ok()) return status;
    return CheckKeys(reader_, Family::kDlStatic, static_keys_);
  }

  absl::Status TakeEntry(const DlUuid& uuid, const v1::Dl& dl) {
    TextKeys texts = TextKeysOf(uuid, dl);
    numbers_.insert(texts.numbers.begin(), texts.numbers.end());
    ukeys_.insert(texts.ukeys.begin(), texts.ukeys.end());
    const ListRow counts = CountsOf(dl);
    ListTotals& totals = lists_[uuid.list_number()];
    totals.total += counts.total();
    totals.dialing += counts.dialing();
    totals.tries += counts.tries();
    if (!IsIndexed(dl)) return absl::OkStatus();
    absl::StatusOr<ClassIndex::Entry> entry = IndexEntryOf(uuid, dl);
    if (!entry.ok()) return entry.status();
    idle_.emplace(uuid, *std::move(entry));
    return absl::OkStatus();
  }

  absl::Status CheckTexts() {
    absl::Status status = CheckKeys(reader_, Family::kNumber, numbers_);
    if (!status.ok()) return status;
    return CheckKeys(reader_, Family::kUkey, ukeys_);
  }

  absl::Status CheckLists() {
    absl::Status status = ForEachRow<ListRow>(
        reader_, Family::kList, [&](const std::string& key, const ListRow& row) {
          const auto number = ParseListKey(key);
          if (!number.has_value()) return DamagedRow(Family::kList, key, "can't be read");
          const ListTotals totals = lists_[*number];
          lists_.erase(*number);
          const bool same = row.total() == totals.total && row.dialing() == totals.dialing &&
                            row.tries() == totals.tries;
          return same ? absl::OkStatus() : DamagedRow(Family::kList, key, "has wrong counters");
        });
    if (!status.ok()) return status;
    if (lists_.empty()) return absl::OkStatus();
    return DamagedRow(Family::kList, ListKey(lists_.begin()->first), "is missing");
  }

  absl::Status ReadClasses() {
    return ForEachRow<ClassRow>(reader_, Family::kClass, [&](const std::string& key, ClassRow row) {
      const auto parsed = ParseClassKey(key);
      if (!parsed.has_value()) return DamagedRow(Family::kClass, key, "can't be read");
      classes_.emplace(ClassId(parsed->list, parsed->class_number), std::move(row));
      return absl::OkStatus();
    });
  }

  absl::Status CheckIdle() {
    const absl::StatusOr<Rows> rows = AllRows(reader_, Family::kIdle);
    if (!rows.ok()) return rows.status();
    for (const auto& [key, value] : *rows) {
      const auto parsed = ParseIdleIndexKey(key);
      if (!parsed.has_value()) return DamagedRow(Family::kIdle, key, "can't be read");
      const ClassId id(parsed->list, parsed->class_number);
      if (!TakePlace(id, parsed->key, std::nullopt)) {
        return DamagedRow(Family::kIdle, key, "is not the place of an idle entry");
      }
      const ClassRow& row = classes_[id];
      const IdleKey bound{row.bound_hangup_us(), DlUuid(UuidFromBytes(row.bound_uuid()))};
      if (parsed->key < bound) return DamagedRow(Family::kIdle, key, "is below the class's bound");
    }
    return absl::OkStatus();
  }

  absl::Status CheckWaiting() {
    const absl::StatusOr<Rows> rows = AllRows(reader_, Family::kNotBefore);
    if (!rows.ok()) return rows.status();
    for (const auto& [key, value] : *rows) {
      const auto parsed = ParseNotBeforeKey(key);
      const auto place = ParseRipePlace(value);
      if (!parsed.has_value() || !place.has_value() ||
          !TakePlace({parsed->list, place->class_number}, {place->last_hangup_us, parsed->dl},
                     parsed->not_before_us)) {
        return DamagedRow(Family::kNotBefore, key, "is not the place of an idle entry");
      }
    }
    if (idle_.empty()) return absl::OkStatus();
    return DamagedRow(Family::kDlState, DlKey(idle_.begin()->first), "is not in the index");
  }

  // Counts the place of an idle entry; false: there is none that belongs there, or it has another.
  bool TakePlace(const ClassId& id, const IdleKey& key, std::optional<int64_t> not_before_us) {
    const auto entry = idle_.find(key.uuid);
    const auto row = classes_.find(id);
    if (entry == idle_.end() || row == classes_.end() || entry->second.key != key) return false;
    if (not_before_us.has_value() && entry->second.not_before_us != not_before_us) return false;
    if (id.second != kMixedClass && row->second.dl_class() != entry->second.dl_class.Encode()) {
      return false;
    }
    ++counted_[id];
    idle_.erase(entry);
    return true;
  }

  absl::Status CheckClassCounts() {
    for (const auto& [id, row] : classes_) {
      if (row.idle() != counted_[id]) {
        return DamagedRow(Family::kClass, ClassKey(id.first, id.second), "has a wrong count");
      }
    }
    return absl::OkStatus();
  }

  const KvReader& reader_;
  std::set<std::string> static_keys_, numbers_, ukeys_;
  std::map<ListNumber, ListTotals> lists_;
  std::map<DlUuid, ClassIndex::Entry> idle_;  // those whose place was not seen yet
  std::map<ClassId, ClassRow> classes_;
  std::map<ClassId, uint64_t> counted_;
};

// The dialings, live and ended, with their indexes and counters.
class DialingChecker {
 public:
  explicit DialingChecker(const KvReader& reader) : reader_(reader) {}

  absl::Status Check() {
    for (const auto& step : {&DialingChecker::ReadStatics, &DialingChecker::ReadLive,
                             &DialingChecker::ReadResults, &DialingChecker::CheckIndexes,
                             &DialingChecker::CheckCampaigns, &DialingChecker::CheckTallies}) {
      absl::Status status = (this->*step)();
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  struct CampaignCounts {
    uint64_t live = 0;
    std::map<int, uint64_t> by_outcome;
  };

  absl::Status ReadStatics() {
    return ForEachRow<DialingStatic>(reader_, Family::kDialing,
                                     [&](const std::string& key, DialingStatic dialing) {
                                       statics_.emplace(key, std::move(dialing));
                                       return absl::OkStatus();
                                     });
  }

  absl::Status ReadLive() {
    return ForEachRow<DialingState>(
        reader_, Family::kLive, [&](const std::string& key, const DialingState&) {
          const auto dialing = statics_.find(key);
          if (dialing == statics_.end()) {
            return DamagedRow(Family::kLive, key, "has no static part");
          }
          ++campaigns_[CampaignUuid(UuidFromBytes(dialing->second.camp_uuid()))].live;
          statics_.erase(dialing);
          return absl::OkStatus();
        });
  }

  absl::Status ReadResults() {
    absl::Status status = ForEachRow<ResultRow>(
        reader_, Family::kResult, [&](const std::string& key, const ResultRow& row) {
          const auto sequence = ParseSequenceKey(key);
          const std::string dialing_key =
              DialingKey(engine::DialingUuid(UuidFromBytes(row.dialing_uuid())));
          const auto dialing = statics_.find(dialing_key);
          if (!sequence.has_value() || dialing == statics_.end()) {
            return DamagedRow(Family::kResult, key, "is not the only end of a dialing");
          }
          TakeResult(*sequence, dialing_key, dialing->second, row.state().outcome());
          statics_.erase(dialing);
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
    if (statics_.empty()) return absl::OkStatus();
    return DamagedRow(Family::kDialing, statics_.begin()->first, "is neither live nor ended");
  }

  void TakeResult(uint64_t sequence, const std::string& dialing_key, const DialingStatic& dialing,
                  int outcome) {
    const CampaignUuid campaign(UuidFromBytes(dialing.camp_uuid()));
    const DlUuid dl(UuidFromBytes(dialing.dl_list_uuid()));
    ended_.insert(dialing_key);
    index_.insert(ResultIndexKey(campaign, sequence));
    index_.insert(ResultIndexKey(dl.list_number(), sequence));
    index_.insert(ResultIndexKey(dl, sequence));
    ++campaigns_[campaign].by_outcome[outcome];
  }

  absl::Status CheckIndexes() {
    absl::Status status = CheckKeys(reader_, Family::kResultOfDialing, ended_);
    if (!status.ok()) return status;
    return CheckKeys(reader_, Family::kResultIndex, index_);
  }

  absl::Status CheckCampaigns() {
    for (const auto& [campaign, counts] : campaigns_) {
      const std::string key = CampaignKey(campaign);
      const absl::StatusOr<CampaignRow> row =
          NeedRow<CampaignRow>(reader_, Family::kCampaignCount, key);
      if (!row.ok()) return row.status();
      if (row->live() != counts.live || OutcomesOf(*row) != counts.by_outcome) {
        return DamagedRow(Family::kCampaignCount, key, "has wrong counters");
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckTallies() {
    std::map<CampaignUuid, std::map<int, uint64_t>> sums;
    absl::Status status = ForEachRow<TallyRow>(
        reader_, Family::kTally, [&](const std::string& key, const TallyRow& row) {
          const auto parsed = ParseTallyKey(key);
          if (!parsed.has_value()) return DamagedRow(Family::kTally, key, "can't be read");
          for (const auto& [outcome, count] : OutcomesOf(row)) {
            sums[parsed->campaign][outcome] += count;
          }
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
    for (const auto& [campaign, counts] : campaigns_) {
      if (sums[campaign] != counts.by_outcome) {
        return DamagedRow(Family::kTally, CampaignKey(campaign), "and its days don't add up");
      }
    }
    return absl::OkStatus();
  }

  template <class Row>
  static std::map<int, uint64_t> OutcomesOf(const Row& row) {
    std::map<int, uint64_t> outcomes;
    for (int i = 0; i < row.by_outcome_size(); ++i) {
      if (row.by_outcome(i) > 0) outcomes[i] = row.by_outcome(i);
    }
    return outcomes;
  }

  const KvReader& reader_;
  std::map<std::string, DialingStatic> statics_;  // those whose live row or result was not seen yet
  std::set<std::string> ended_, index_;
  std::map<CampaignUuid, CampaignCounts> campaigns_;
};

absl::Status CheckEvents(const KvReader& reader) {
  const absl::StatusOr<uint64_t> oldest = ReadOldestEvent(reader);
  if (!oldest.ok()) return oldest.status();
  uint64_t next = *oldest;
  return ForEachRow<StoredEvent>(reader, Family::kEvent,
                                 [&](const std::string& key, const StoredEvent&) {
                                   if (ParseSequenceKey(key) != next++)
                                     return DamagedRow(Family::kEvent, key, "is misplaced");
                                   return absl::OkStatus();
                                 });
}

}  // namespace

absl::Status VerifyStore(const KvReader& reader) {
  absl::Status status = EntryChecker(reader).Check();
  if (!status.ok()) return status;
  status = DialingChecker(reader).Check();
  if (!status.ok()) return status;
  return CheckEvents(reader);
}

}  // namespace outdial::storage
