#include "storage/dl_table.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/errors.h"
#include "engine/now.h"
#include "storage/key_schema.h"
#include "storage/record_conversion.h"
#include "storage/record_time.h"
#include "storage/stored_value.h"

namespace outdial::storage {
namespace {

using engine::DlPtr;
using engine::DlUuid;
using engine::IndexChange;
using engine::ListNumber;

constexpr int64_t kNanosPerMicro = 1000;

// Rounds down also before 1970.
int64_t MicrosOf(int64_t nanos) {
  return nanos / kNanosPerMicro - (nanos % kNanosPerMicro < 0 ? 1 : 0);
}

absl::Status BadTime(const DlUuid& uuid, absl::string_view field) {
  return absl::InternalError(
      absl::StrCat("dl ", uuid.ToString(), " can't be stored: ", field, " is no time"));
}

}  // namespace

absl::StatusOr<v1::Dl> ReadDl(const KvReader& reader, const DlUuid& uuid) {
  const std::string key = DlKey(uuid);
  absl::StatusOr<std::optional<DlState>> state = FindRow<DlState>(reader, Family::kDlState, key);
  if (!state.ok()) return state.status();
  if (!state->has_value()) return engine::NoSuch("dl_list", uuid.ToString());
  absl::StatusOr<DlStatic> dl_static = NeedRow<DlStatic>(reader, Family::kDlStatic, key);
  if (!dl_static.ok()) return dl_static.status();
  return ToDl(uuid, *std::move(dl_static), **std::move(state));
}

absl::StatusOr<std::vector<DlUuid>> FindByText(const KvReader& reader, ListNumber list,
                                               engine::EntryKey key, absl::string_view text,
                                               size_t limit) {
  const bool is_number = key == engine::EntryKey::kNumber;
  const Family family = is_number ? Family::kNumber : Family::kUkey;
  const std::string prefix =
      is_number ? TextIndexPrefix(list, DialledNumber(text)) : TextIndexPrefix(list, text);
  std::vector<DlUuid> found;
  absl::Status status;
  const absl::Status scanned = reader.Scan(
      family, PrefixRange(prefix), limit, [&](absl::string_view index_key, absl::string_view) {
        const auto dl = ParseTextIndexKey(index_key);
        if (dl.has_value()) {
          found.push_back(*dl);
        } else {
          status = DamagedRow(family, index_key, "can't be read");
        }
        return status.ok();
      });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  return found;
}

absl::StatusOr<DlStatic> ReadDlStaticAt(const KvReader& reader, const DlUuid& uuid,
                                        uint64_t revision) {
  absl::StatusOr<DlStatic> current = NeedRow<DlStatic>(reader, Family::kDlStatic, DlKey(uuid));
  if (!current.ok() || current->since_revision() <= revision) return current;
  // The history's keys are last revisions: the first that is not earlier was in force.
  KeyRange range = PrefixRange(DlKey(uuid));
  range.first = DlHistoryKey(uuid, revision);
  DlStatic old;
  absl::Status status = DamagedRow(Family::kDlHistory, range.first, "is missing");
  const absl::Status scanned = reader.Scan(
      Family::kDlHistory, range, 1, [&](absl::string_view key, absl::string_view value) {
        status = ParseRow(Family::kDlHistory, key, value, &old);
        return false;
      });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  return old;
}

bool IsIndexed(const v1::Dl& dl) {
  return dl.status() == v1::DL_STATUS_IDLE && !dl.has_tm_delete();
}

absl::StatusOr<ClassIndex::Entry> IndexEntryOf(const DlUuid& uuid, const v1::Dl& dl) {
  ClassIndex::Entry entry{.dl_class = engine::ClassOf(dl), .key = {0, uuid}, .not_before_us = {}};
  if (dl.has_tm_last_hangup()) {
    const std::optional<int64_t> hangup = ParseRecordNanos(dl.tm_last_hangup());
    if (!hangup.has_value()) return BadTime(uuid, "tm_last_hangup");
    entry.key.last_hangup_us = MicrosOf(*hangup);
  }
  if (dl.has_not_before()) {
    const absl::StatusOr<absl::Time> not_before = engine::ParseRecordTime(dl.not_before());
    if (!not_before.ok()) return BadTime(uuid, "not_before");
    entry.not_before_us = MicrosRoundedUp(*not_before);
  }
  return entry;
}

ListRow CountsOf(const v1::Dl& dl) {
  ListRow counts;
  if (dl.has_tm_delete()) return counts;
  counts.set_total(1);
  counts.set_dialing(dl.status() == v1::DL_STATUS_IDLE ? 0 : 1);
  uint64_t tries = 0;
  for (const uint32_t count : dl.trycnt()) tries += count;
  counts.set_tries(tries);
  return counts;
}

std::string DialledNumber(absl::string_view number) {
  if (absl::StartsWithIgnoreCase(number, "sip:") || absl::StartsWithIgnoreCase(number, "sips:")) {
    return std::string(number);
  }
  std::string dialled;
  for (const char c : number) {
    if (!absl::StrContains(" ()-.", c)) dialled.push_back(c);
  }
  return dialled;
}

TextKeys TextKeysOf(const DlUuid& uuid, const v1::Dl& dl) {
  TextKeys keys;
  if (dl.has_tm_delete()) return keys;
  for (const std::string& number : dl.number()) {
    if (!number.empty()) keys.numbers.push_back(TextIndexKey(DialledNumber(number), uuid));
  }
  if (dl.has_ukey()) keys.ukeys.push_back(TextIndexKey(dl.ukey(), uuid));
  return keys;
}

absl::StatusOr<DlPtr> DlTable::Get(const DlUuid& uuid) {
  if (DlPtr held = cache_.Find(uuid)) return held;
  DlPtr dl = read_ahead_->Take(uuid);
  if (dl == nullptr) {
    absl::StatusOr<v1::Dl> read = ReadDl(*overlay_, uuid);
    if (!read.ok()) return read.status();
    dl = std::make_shared<const v1::Dl>(*std::move(read));
  }
  const absl::StatusOr<ListRow> list = counters_->List(uuid.list_number());
  if (!list.ok()) return list.status();
  // Rows of a deleted list are given back by and by; none may be held beyond that.
  if (!list->deleted()) cache_.Keep(uuid, dl);
  return dl;
}

void DlTable::Expect(const std::vector<engine::IdleKey>& keys) {
  std::vector<DlUuid> unread;
  for (const engine::IdleKey& key : keys) {
    const bool is_known = cache_.Find(key.uuid) != nullptr || read_ahead_->IsExpected(key.uuid);
    if (!is_known && !overlay_->HasChanged(Family::kDlState, DlKey(key.uuid))) {
      unread.push_back(key.uuid);
    }
  }
  read_ahead_->Expect(unread);
}

void DlTable::Forget() {
  cache_.Clear();
  read_ahead_->Clear();
}

void DlTable::DropList(ListNumber list) {
  cache_.DropList(list);
  read_ahead_->DropList(list);
  index_->Drop(list);
}

absl::StatusOr<IndexChange> DlTable::Put(const v1::Dl* before, const v1::Dl& after,
                                         absl::Time now) {
  const std::optional<DlUuid> uuid = DlUuid::Parse(after.uuid());
  if (!uuid.has_value()) return absl::InternalError("dl without a uuid can't be stored");
  const absl::StatusOr<DlState*> state = packer_->Pack(after);
  if (!state.ok()) return state.status();
  const bool same_static = before != nullptr && SameStatic(*before, after);
  if (!same_static) {
    absl::Status status = PutStatic(*uuid, before, after);
    if (!status.ok()) return status;
  }
  if (!same_static || before->has_tm_delete() != after.has_tm_delete()) {
    ReindexTexts(*uuid, before, after);
  }
  absl::Status recounted = Recount(uuid->list_number(), before, after);
  if (!recounted.ok()) return recounted;
  overlay_->Put(Family::kDlState, DlKey(*uuid), (*state)->SerializeAsString());
  read_ahead_->Drop(*uuid);
  if (IsIndexed(after) || after.has_tm_delete()) {
    cache_.Drop(*uuid);
  } else {
    cache_.Keep(*uuid, std::make_shared<const v1::Dl>(after));
  }
  return Reindex(*uuid, before, after, absl::ToUnixMicros(now));
}

absl::StatusOr<IndexChange> DlTable::Reindex(const DlUuid& uuid, const v1::Dl* before,
                                             const v1::Dl& after, int64_t now_us) {
  std::optional<ClassIndex::Entry> old_entry, new_entry;
  if (before != nullptr && IsIndexed(*before)) {
    absl::StatusOr<ClassIndex::Entry> entry = IndexEntryOf(uuid, *before);
    if (!entry.ok()) return entry.status();
    old_entry = *std::move(entry);
  }
  if (IsIndexed(after)) {
    absl::StatusOr<ClassIndex::Entry> entry = IndexEntryOf(uuid, after);
    if (!entry.ok()) return entry.status();
    new_entry = *std::move(entry);
  }
  IndexChange change;
  if (old_entry == new_entry) return change;
  if (old_entry.has_value()) {
    absl::StatusOr<engine::IndexPlace> place = index_->Remove(*old_entry);
    if (!place.ok()) return place.status();
    change.removed = *place;
  }
  if (new_entry.has_value()) {
    absl::StatusOr<engine::IndexPlace> place = index_->Add(*new_entry, now_us);
    if (!place.ok()) return place.status();
    change.added = *place;
  }
  return change;
}

absl::Status DlTable::Recount(ListNumber list, const v1::Dl* before, const v1::Dl& after) {
  const ListRow old_counts = before == nullptr ? ListRow() : CountsOf(*before);
  const ListRow new_counts = CountsOf(after);
  const absl::StatusOr<ListRow*> row = counters_->ChangeList(list);
  if (!row.ok()) return row.status();
  (*row)->set_total((*row)->total() - old_counts.total() + new_counts.total());
  (*row)->set_dialing((*row)->dialing() - old_counts.dialing() + new_counts.dialing());
  (*row)->set_tries((*row)->tries() - old_counts.tries() + new_counts.tries());
  return absl::OkStatus();
}

absl::Status DlTable::PutStatic(const DlUuid& uuid, const v1::Dl* before, const v1::Dl& after) {
  absl::Status status = ToDlStatic(after, after.revision(), &static_);
  if (!status.ok()) return status;
  if (before != nullptr) {
    std::string old;
    const absl::StatusOr<bool> found = overlay_->Get(Family::kDlStatic, DlKey(uuid), &old);
    if (!found.ok()) return found.status();
    if (!*found) return DamagedRow(Family::kDlStatic, DlKey(uuid), "is missing");
    overlay_->Put(Family::kDlHistory, DlHistoryKey(uuid, before->revision()), std::move(old));
  }
  overlay_->Put(Family::kDlStatic, DlKey(uuid), static_.SerializeAsString());
  return absl::OkStatus();
}

void DlTable::ReindexTexts(const DlUuid& uuid, const v1::Dl* before, const v1::Dl& after) {
  // A key that is both old and new is deleted and put: the last change of a key counts.
  if (before != nullptr) {
    TextKeys old = TextKeysOf(uuid, *before);
    for (std::string& key : old.numbers) overlay_->Delete(Family::kNumber, std::move(key));
    for (std::string& key : old.ukeys) overlay_->Delete(Family::kUkey, std::move(key));
  }
  TextKeys fresh = TextKeysOf(uuid, after);
  for (std::string& key : fresh.numbers) overlay_->Put(Family::kNumber, std::move(key), "");
  for (std::string& key : fresh.ukeys) overlay_->Put(Family::kUkey, std::move(key), "");
}

}  // namespace outdial::storage
