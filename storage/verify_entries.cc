// The entries of the dial lists, list by list.
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
#include "storage/class_index.h"
#include "storage/dl_table.h"
#include "storage/key_schema.h"
#include "storage/record_conversion.h"
#include "storage/row_cursor.h"
#include "storage/set_digest.h"
#include "storage/stored_records.pb.h"
#include "storage/stored_value.h"
#include "storage/verify_parts.h"

namespace outdial::storage {
namespace {

using engine::ClassNumber;
using engine::DlUuid;
using engine::IdleKey;
using engine::kMixedClass;
using engine::ListNumber;

// Families whose keys begin with the number of a list.
constexpr Family kFamiliesByList[] = {Family::kList,      Family::kDlStatic, Family::kDlState,
                                      Family::kNumber,    Family::kUkey,     Family::kIdle,
                                      Family::kNotBefore, Family::kClass};

// An entry's place among the idle ones, in the form in which index and entries are compared.
std::string PlaceText(const IdleKey& key, absl::string_view dl_class) {
  return absl::StrCat(key.uuid.ToString(), "|", key.last_hangup_us, "|", dl_class);
}

// What an index row says of an entry.
struct Place {
  ClassNumber class_number;
  IdleKey key;
  std::optional<int64_t> not_before_us;  // of one that waits for it
};

std::optional<Place> ParsePlace(Family family, absl::string_view key, absl::string_view value) {
  if (family == Family::kIdle) {
    const auto parsed = ParseIdleIndexKey(key);
    if (!parsed.has_value()) return std::nullopt;
    return Place{parsed->class_number, parsed->key, std::nullopt};
  }
  const auto parsed = ParseNotBeforeKey(key);
  const auto ripe = ParseRipePlace(value);
  if (!parsed.has_value() || !ripe.has_value()) return std::nullopt;
  return Place{ripe->class_number, {ripe->last_hangup_us, parsed->dl}, parsed->not_before_us};
}

// One list. `on_damage` gets what is wrong; a Status that is not OK means that a family could not
// be read to its end.
class ListCheck {
 public:
  ListCheck(const KvReader& reader, ListNumber list, DamageSink on_damage)
      : reader_(reader), list_(list), range_(PrefixRange(ListKey(list))), on_damage_(on_damage) {}

  absl::Status Run() {
    const auto row = FindRow<ListRow>(reader_, Family::kList, ListKey(list_));
    if (row.ok() && row->has_value() && (*row)->deleted()) return CheckDeletedList(**row);
    for (const auto& step :
         {&ListCheck::ReadClasses, &ListCheck::ReadEntries, &ListCheck::CheckCounters,
          &ListCheck::CheckTexts, &ListCheck::CheckPlaces, &ListCheck::CheckClassCounts}) {
      if (absl::Status status = (this->*step)(); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  uint64_t entries() const { return entries_; }

 private:
  absl::Status CheckDeletedList(const ListRow& row);
  absl::Status CheckKeptEntries();
  absl::Status ReadClasses();
  absl::Status ReadEntries();
  void TakeRow(const std::string& key, const std::string& state, const std::string& dl_static);
  void TakeEntry(const DlUuid& uuid, const v1::Dl& dl);
  absl::Status CheckDialing(const DlUuid& uuid, const v1::Dl& dl);
  absl::Status CheckCounters();
  absl::Status CheckTexts();
  absl::Status CheckText(Family family, const SetDigest& expected);
  absl::Status CheckPlaces();
  absl::Status ReadPlaces(Family family);
  void TakePlace(Family family, const std::string& key, const std::string& value);
  absl::Status CheckClassCounts();

  // The slow way, to name the rows that make a digest differ.
  absl::Status NameTexts(Family family);
  absl::Status NamePlaces();
  // Calls with each entry that can be read.
  absl::Status ForEachEntry(absl::FunctionRef<void(const DlUuid&, const v1::Dl&)> call);
  bool HasPlace(const ClassIndex::Entry& entry);
  bool BelongsHere(const Place& place);
  // The encoded class of a place's row; absent: there is no such class, or the entry is gone.
  std::optional<std::string> ClassOf(const Place& place);
  std::optional<ClassIndex::Entry> IndexEntry(const DlUuid& uuid);
  bool Has(Family family, const std::string& key);

  void Report(Family family, absl::string_view key, absl::string_view what) {
    on_damage_(DamagedRow(family, key, what));
  }

  const KvReader& reader_;
  const ListNumber list_;
  const KeyRange range_;
  DamageSink on_damage_;
  uint64_t entries_ = 0;
  ListRow totals_;
  SetDigest numbers_, ukeys_;
  SetDigest places_, indexed_;
  std::map<ClassNumber, ClassRow> classes_;
  std::map<ClassNumber, uint64_t> counted_;
};

// What a deleted list had goes away; what its results show stays.
absl::Status ListCheck::CheckDeletedList(const ListRow& row) {
  if (row.total() != 0 || row.dialing() != 0 || row.tries() != 0) {
    Report(Family::kList, ListKey(list_), "counts entries, and is deleted");
  }
  if (absl::Status kept = CheckKeptEntries(); !kept.ok()) return kept;
  // Until the mark is gone any of its rows may still be there.
  if (Has(Family::kReclaim, ListKey(list_))) return absl::OkStatus();
  for (const Family family : kFamiliesByList) {
    if (family == Family::kList || family == Family::kDlStatic) continue;
    RowCursor left(reader_, family, range_);
    for (; left.Valid(); left.Next()) Report(family, left.key(), "is of a deleted list");
    if (!left.status().ok()) return left.status();
  }
  RowCursor entry(reader_, Family::kDlStatic, range_);
  for (; entry.Valid(); entry.Next()) {
    const auto uuid = ParseListedUuidKey(entry.key());
    if (!uuid.has_value()) {
      Report(Family::kDlStatic, entry.key(), "can't be read");
      continue;
    }
    const KeyRange results = PrefixRange(ResultIndexPrefix(DlUuid(*uuid)));
    if (!RowCursor(reader_, Family::kResultIndex, results).Valid()) {
      Report(Family::kDlStatic, entry.key(), "is of a deleted list, and has no result");
    }
  }
  return entry.status();
}

absl::Status ListCheck::CheckKeptEntries() {
  RowCursor result(reader_, Family::kResultIndex, PrefixRange(EntryResultsPrefix(list_)));
  for (; result.Valid(); result.Next()) {
    const std::optional<DlUuid> uuid = ParseEntryOfResultIndexKey(result.key());
    if (uuid.has_value() && !Has(Family::kDlStatic, DlKey(*uuid))) {
      Report(Family::kDlStatic, DlKey(*uuid), "is missing, and has a result");
    }
  }
  return result.status();
}

absl::Status ListCheck::ReadClasses() {
  RowCursor row(reader_, Family::kClass, range_);
  for (; row.Valid(); row.Next()) {
    const auto parsed = ParseClassKey(row.key());
    ClassRow class_row;
    if (!parsed.has_value()) {
      Report(Family::kClass, row.key(), "can't be read");
    } else if (absl::Status status = ParseRow(Family::kClass, row.key(), row.value(), &class_row);
               !status.ok()) {
      on_damage_(status);
    } else {
      classes_.emplace(parsed->class_number, std::move(class_row));
    }
  }
  return row.status();
}

// State and static part lie in two families in the same order.
absl::Status ListCheck::ReadEntries() {
  RowCursor state(reader_, Family::kDlState, range_);
  RowCursor dl_static(reader_, Family::kDlStatic, range_);
  while (state.Valid() || dl_static.Valid()) {
    const bool has_state = state.Valid() && (!dl_static.Valid() || state.key() <= dl_static.key());
    const bool has_static = dl_static.Valid() && (!state.Valid() || dl_static.key() <= state.key());
    if (has_state && has_static) {
      TakeRow(state.key(), state.value(), dl_static.value());
    } else if (has_state) {
      Report(Family::kDlStatic, state.key(), "is missing");
    } else {
      Report(Family::kDlStatic, dl_static.key(), "has no state");
    }
    if (has_state) state.Next();
    if (has_static) dl_static.Next();
  }
  if (!state.status().ok()) return state.status();
  return dl_static.status();
}

void ListCheck::TakeRow(const std::string& key, const std::string& state_bytes,
                        const std::string& static_bytes) {
  const auto uuid = ParseListedUuidKey(key);
  if (!uuid.has_value()) return Report(Family::kDlState, key, "can't be read");
  DlState state;
  DlStatic dl_static;
  absl::Status status = ParseRow(Family::kDlState, key, state_bytes, &state);
  if (status.ok()) status = ParseRow(Family::kDlStatic, key, static_bytes, &dl_static);
  if (!status.ok()) return on_damage_(status);
  TakeEntry(DlUuid(*uuid), ToDl(DlUuid(*uuid), std::move(dl_static), std::move(state)));
}

void ListCheck::TakeEntry(const DlUuid& uuid, const v1::Dl& dl) {
  ++entries_;
  const TextKeys texts = TextKeysOf(uuid, dl);
  // The same number may stand twice in one entry, and once in the index.
  for (const std::string& key : std::set(texts.numbers.begin(), texts.numbers.end())) {
    numbers_.Add(key);
  }
  for (const std::string& key : texts.ukeys) ukeys_.Add(key);
  const ListRow counts = CountsOf(dl);
  totals_.set_total(totals_.total() + counts.total());
  totals_.set_dialing(totals_.dialing() + counts.dialing());
  totals_.set_tries(totals_.tries() + counts.tries());
  absl::Status status = CheckDialing(uuid, dl);
  if (!status.ok()) on_damage_(status);
  if (!IsIndexed(dl)) return;
  const absl::StatusOr<ClassIndex::Entry> entry = IndexEntryOf(uuid, dl);
  if (!entry.ok()) return Report(Family::kDlState, DlKey(uuid), entry.status().message());
  places_.Add(PlaceText(entry->key, entry->dl_class.Encode()));
}

absl::Status ListCheck::CheckDialing(const DlUuid& uuid, const v1::Dl& dl) {
  if (dl.status() != v1::DL_STATUS_DIALING) return absl::OkStatus();
  const auto dialing = engine::DialingUuid::Parse(dl.dialing_uuid());
  if (dialing.has_value() && Has(Family::kLive, DialingKey(*dialing))) return absl::OkStatus();
  return DamagedRow(
      Family::kDlState, DlKey(uuid),
      absl::StrCat("is being dialled by a dialing that is not live: ", dl.dialing_uuid()));
}

absl::Status ListCheck::CheckCounters() {
  const std::string key = ListKey(list_);
  const auto row = FindRow<ListRow>(reader_, Family::kList, key);
  if (!row.ok()) {
    on_damage_(row.status());
  } else if (!row->has_value()) {
    Report(Family::kList, key, "is missing");
  } else if ((*row)->total() != totals_.total() || (*row)->dialing() != totals_.dialing() ||
             (*row)->tries() != totals_.tries()) {
    Report(Family::kList, key,
           absl::StrCat("has wrong counters: ", (*row)->total(), " entries, ", (*row)->dialing(),
                        " dialing, ", (*row)->tries(), " tries instead of ", totals_.total(), ", ",
                        totals_.dialing(), ", ", totals_.tries()));
  }
  return absl::OkStatus();
}

absl::Status ListCheck::CheckTexts() {
  if (absl::Status status = CheckText(Family::kNumber, numbers_); !status.ok()) return status;
  return CheckText(Family::kUkey, ukeys_);
}

absl::Status ListCheck::CheckText(Family family, const SetDigest& expected) {
  SetDigest found;
  RowCursor row(reader_, family, range_);
  for (; row.Valid(); row.Next()) found.Add(row.key());
  if (!row.status().ok()) return row.status();
  return found == expected ? absl::OkStatus() : NameTexts(family);
}

absl::Status ListCheck::NameTexts(Family family) {
  const auto keys_of = [&](const DlUuid& uuid, const v1::Dl& dl) {
    TextKeys texts = TextKeysOf(uuid, dl);
    return family == Family::kNumber ? std::move(texts.numbers) : std::move(texts.ukeys);
  };
  absl::Status status = ForEachEntry([&](const DlUuid& uuid, const v1::Dl& dl) {
    for (const std::string& key : keys_of(uuid, dl)) {
      if (!Has(family, key)) Report(family, key, "is missing");
    }
  });
  if (!status.ok()) return status;
  RowCursor row(reader_, family, range_);
  for (; row.Valid(); row.Next()) {
    const auto uuid = ParseTextIndexKey(row.key());
    if (!uuid.has_value()) {
      Report(family, row.key(), "can't be read");
      continue;
    }
    const absl::StatusOr<v1::Dl> dl = ReadDl(reader_, *uuid);
    if (absl::IsDataLoss(dl.status())) continue;  // told already
    std::vector<std::string> keys;
    if (dl.ok()) keys = keys_of(*uuid, *dl);
    if (std::find(keys.begin(), keys.end(), row.key()) == keys.end()) {
      Report(family, row.key(), "belongs to no entry");
    }
  }
  return row.status();
}

absl::Status ListCheck::CheckPlaces() {
  for (const Family family : {Family::kIdle, Family::kNotBefore}) {
    if (absl::Status status = ReadPlaces(family); !status.ok()) return status;
  }
  return indexed_ == places_ ? absl::OkStatus() : NamePlaces();
}

absl::Status ListCheck::ReadPlaces(Family family) {
  RowCursor row(reader_, family, range_);
  for (; row.Valid(); row.Next()) TakePlace(family, row.key(), row.value());
  return row.status();
}

void ListCheck::TakePlace(Family family, const std::string& key, const std::string& value) {
  const std::optional<Place> place = ParsePlace(family, key, value);
  if (!place.has_value()) return Report(family, key, "can't be read");
  ++counted_[place->class_number];
  // Without a class the place has no text, and the digests differ.
  const std::optional<std::string> dl_class = ClassOf(*place);
  indexed_.Add(PlaceText(place->key, dl_class.value_or("none")));
  if (family == Family::kNotBefore) {
    // The moment is in no digest, since an entry whose moment has passed is in the other family.
    const std::optional<ClassIndex::Entry> entry = IndexEntry(place->key.uuid);
    if (entry.has_value() && entry->not_before_us != place->not_before_us) {
      Report(family, key, "has another moment than its entry");
    }
    return;
  }
  const auto row = classes_.find(place->class_number);
  if (row == classes_.end()) return;
  const IdleKey bound{row->second.bound_hangup_us(),
                      DlUuid(UuidFromBytes(row->second.bound_uuid()))};
  if (place->key < bound) Report(family, key, "is below the bound of its class");
}

std::optional<std::string> ListCheck::ClassOf(const Place& place) {
  const auto row = classes_.find(place.class_number);
  if (row == classes_.end()) return std::nullopt;
  if (place.class_number != kMixedClass) return row->second.dl_class();
  const std::optional<ClassIndex::Entry> entry = IndexEntry(place.key.uuid);
  if (!entry.has_value()) return std::nullopt;
  return entry->dl_class.Encode();
}

std::optional<ClassIndex::Entry> ListCheck::IndexEntry(const DlUuid& uuid) {
  const absl::StatusOr<v1::Dl> dl = ReadDl(reader_, uuid);
  if (!dl.ok() || !IsIndexed(*dl)) return std::nullopt;
  absl::StatusOr<ClassIndex::Entry> entry = IndexEntryOf(uuid, *dl);
  if (!entry.ok()) return std::nullopt;
  return *std::move(entry);
}

absl::Status ListCheck::NamePlaces() {
  absl::Status status = ForEachEntry([&](const DlUuid& uuid, const v1::Dl& dl) {
    if (!IsIndexed(dl)) return;
    const absl::StatusOr<ClassIndex::Entry> entry = IndexEntryOf(uuid, dl);
    if (entry.ok() && !HasPlace(*entry)) {
      Report(Family::kDlState, DlKey(uuid), "is idle and not in the index");
    }
  });
  if (!status.ok()) return status;
  for (const Family family : {Family::kIdle, Family::kNotBefore}) {
    RowCursor row(reader_, family, range_);
    for (; row.Valid(); row.Next()) {
      const std::optional<Place> place = ParsePlace(family, row.key(), row.value());
      if (place.has_value() && !BelongsHere(*place)) {
        Report(family, row.key(), "is not the place of an idle entry");
      }
    }
    if (!row.status().ok()) return row.status();
  }
  return absl::OkStatus();
}

bool ListCheck::HasPlace(const ClassIndex::Entry& entry) {
  if (entry.not_before_us.has_value() &&
      Has(Family::kNotBefore, NotBeforeKey(*entry.not_before_us, entry.key.uuid))) {
    return true;
  }
  const std::string dl_class = entry.dl_class.Encode();
  for (const auto& [number, row] : classes_) {
    if (number != kMixedClass && row.dl_class() != dl_class) continue;
    if (Has(Family::kIdle, IdleIndexKey(list_, number, entry.key))) return true;
  }
  return false;
}

bool ListCheck::BelongsHere(const Place& place) {
  const absl::StatusOr<v1::Dl> dl = ReadDl(reader_, place.key.uuid);
  if (absl::IsDataLoss(dl.status())) return true;  // the entry is damaged, and was told
  const std::optional<ClassIndex::Entry> entry = IndexEntry(place.key.uuid);
  return entry.has_value() && entry->key == place.key && ClassOf(place) == entry->dl_class.Encode();
}

absl::Status ListCheck::CheckClassCounts() {
  for (const auto& [number, row] : classes_) {
    if (row.idle() == counted_[number]) continue;
    Report(Family::kClass, ClassKey(list_, number),
           absl::StrCat("counts ", row.idle(), " idle entries instead of ", counted_[number]));
  }
  return absl::OkStatus();
}

absl::Status ListCheck::ForEachEntry(absl::FunctionRef<void(const DlUuid&, const v1::Dl&)> call) {
  RowCursor row(reader_, Family::kDlState, range_);
  for (; row.Valid(); row.Next()) {
    const auto uuid = ParseListedUuidKey(row.key());
    if (!uuid.has_value()) continue;
    const absl::StatusOr<v1::Dl> dl = ReadDl(reader_, DlUuid(*uuid));
    if (dl.ok()) call(DlUuid(*uuid), *dl);
  }
  return row.status();
}

bool ListCheck::Has(Family family, const std::string& key) {
  std::string unused;
  // A row that can't be read is there; that it can't be read is told where it is scanned.
  return reader_.Get(family, key, &unused).value_or(true);
}

// Adds the lists that have rows in the family: from each the next one is looked for.
absl::Status FindLists(const KvReader& reader, Family family, DamageSink on_damage,
                       std::set<ListNumber>* lists) {
  KeyRange range;
  while (true) {
    std::string key;
    absl::Status status = reader.Scan(family, range, 1, [&](absl::string_view found, auto) {
      key = std::string(found);
      return false;
    });
    if (!status.ok() || key.empty()) return status;
    const std::optional<ListNumber> list = ParseListKey(absl::string_view(key).substr(0, 4));
    if (!list.has_value()) {
      on_damage(DamagedRow(family, key, "can't be read"));
      range.first = KeyAfter(key);
      continue;
    }
    lists->insert(*list);
    range.first = PrefixRange(ListKey(*list)).end;
    if (range.first.empty()) return absl::OkStatus();
  }
}

}  // namespace

absl::Status VerifyEntries(const KvReader& reader, DamageSink on_damage, VerifyTotals* totals) {
  std::set<ListNumber> lists;
  for (const Family family : kFamiliesByList) {
    if (absl::Status status = FindLists(reader, family, on_damage, &lists); !status.ok()) {
      return status;
    }
  }
  absl::Status unreadable;
  for (const ListNumber list : lists) {
    ListCheck check(reader, list, on_damage);
    unreadable.Update(check.Run());
    totals->entries += check.entries();
  }
  return unreadable;
}

}  // namespace outdial::storage
