#include "storage/class_index.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "storage/key_schema.h"
#include "storage/record_conversion.h"
#include "storage/stored_records.pb.h"
#include "storage/stored_value.h"

namespace outdial::storage {
namespace {

using engine::ClassCount;
using engine::ClassNumber;
using engine::DlClass;
using engine::DlUuid;
using engine::IdleKey;
using engine::IndexPlace;
using engine::kMixedClass;
using engine::ListNumber;

// How far a bound may fall behind before it is found anew: as many tombstones a scan steps over.
constexpr uint32_t kMaxRemovalsPerBound = 1024;

// Bound of a class without a selectable entry.
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

}  // namespace

absl::StatusOr<IndexPlace> ClassIndex::Add(const Entry& entry, int64_t now_us) {
  const ListNumber number = entry.key.uuid.list_number();
  const absl::StatusOr<List*> list = Load(number);
  if (!list.ok()) return list.status();
  IndexPlace place{
      .class_number = NumberFor(entry.dl_class, *list),
      .waits_for_not_before = entry.not_before_us.has_value() && *entry.not_before_us > now_us,
      .key = entry.key};
  Class& dl_class = Change(number, place.class_number, *list);
  if (dl_class.idle++ == 0) (*list)->emptied.erase(place.class_number);
  if (place.waits_for_not_before) {
    overlay_->Put(Family::kNotBefore, NotBeforeKey(*entry.not_before_us, entry.key.uuid),
                  RipePlace(place.class_number, entry.key.last_hangup_us));
    (*list)->not_before_bound_us = std::min((*list)->not_before_bound_us, *entry.not_before_us);
  } else {
    PutSelectable(number, place, *list);
  }
  return place;
}

absl::StatusOr<IndexPlace> ClassIndex::Remove(const Entry& entry) {
  const ListNumber number = entry.key.uuid.list_number();
  const absl::StatusOr<List*> list = Load(number);
  if (!list.ok()) return list.status();
  const absl::StatusOr<IndexPlace> place = Locate(entry, **list);
  if (!place.ok()) return place.status();
  Class& dl_class = Change(number, place->class_number, *list);
  if (--dl_class.idle == 0 && place->class_number != kMixedClass) {
    (*list)->emptied.insert(place->class_number);
  }
  if (place->waits_for_not_before) {
    overlay_->Delete(Family::kNotBefore, NotBeforeKey(*entry.not_before_us, entry.key.uuid));
    return place;
  }
  overlay_->Delete(Family::kIdle, IdleIndexKey(number, place->class_number, entry.key));
  if (++dl_class.removals >= kMaxRemovalsPerBound) {
    absl::Status raised = RaiseBound(number, place->class_number, &dl_class);
    if (!raised.ok()) return raised;
  }
  return place;
}

absl::StatusOr<std::vector<IndexPlace>> ClassIndex::Ripen(ListNumber number, int64_t now_us,
                                                          size_t limit) {
  const absl::StatusOr<List*> list = Load(number);
  if (!list.ok()) return list.status();
  if ((*list)->not_before_bound_us > now_us || limit == 0) return std::vector<IndexPlace>();
  std::vector<std::pair<std::string, IndexPlace>> ripe;
  int64_t last_us = now_us;
  absl::Status status;
  const absl::Status scanned = overlay_->Scan(
      Family::kNotBefore,
      {NotBeforePrefix(number, (*list)->not_before_bound_us), NotBeforePrefix(number, now_us + 1)},
      limit, [&](absl::string_view key, absl::string_view value) {
        const auto parsed = ParseNotBeforeKey(key);
        const auto place = ParseRipePlace(value);
        if (!parsed.has_value() || !place.has_value() || !Has(**list, place->class_number)) {
          status = DamagedRow(Family::kNotBefore, key, "can't be read");
          return false;
        }
        ripe.emplace_back(std::string(key), IndexPlace{.class_number = place->class_number,
                                                       .key = {place->last_hangup_us, parsed->dl}});
        last_us = parsed->not_before_us;
        return true;
      });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  (*list)->not_before_bound_us = ripe.size() < limit ? now_us + 1 : last_us;
  std::vector<IndexPlace> places;
  for (auto& [key, place] : ripe) {
    overlay_->Delete(Family::kNotBefore, std::move(key));
    PutSelectable(number, place, *list);
    places.push_back(place);
  }
  return places;
}

absl::StatusOr<std::optional<int64_t>> ClassIndex::NextNotBefore(ListNumber number) {
  const absl::StatusOr<List*> list = Load(number);
  if (!list.ok()) return list.status();
  int64_t& bound = (*list)->not_before_bound_us;
  if (bound == kNever) return std::optional<int64_t>();
  KeyRange range = PrefixRange(ListKey(number));
  range.first = NotBeforePrefix(number, bound);
  bound = kNever;
  absl::Status status;
  const absl::Status scanned =
      overlay_->Scan(Family::kNotBefore, range, 1, [&](absl::string_view key, absl::string_view) {
        const auto parsed = ParseNotBeforeKey(key);
        if (parsed.has_value()) {
          bound = parsed->not_before_us;
        } else {
          status = DamagedRow(Family::kNotBefore, key, "can't be read");
        }
        return false;
      });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  if (bound == kNever) return std::optional<int64_t>();
  return std::optional<int64_t>(bound);
}

absl::StatusOr<std::vector<ClassCount>> ClassIndex::Classes(ListNumber number) {
  const absl::StatusOr<List*> list = Load(number);
  if (!list.ok()) return list.status();
  std::vector<ClassCount> counts;
  counts.reserve((*list)->classes.size() + 1);
  for (const Class& dl_class : (*list)->classes) {
    counts.push_back({static_cast<ClassNumber>(counts.size()), dl_class.dl_class, dl_class.idle});
  }
  if ((*list)->mixed.idle > 0) counts.push_back({kMixedClass, {}, (*list)->mixed.idle});
  return counts;
}

absl::StatusOr<std::vector<IdleKey>> ClassIndex::Scan(ListNumber number, ClassNumber class_number,
                                                      const std::optional<IdleKey>& after,
                                                      size_t limit) {
  const absl::StatusOr<List*> list = Load(number);
  if (!list.ok()) return list.status();
  if (!Has(**list, class_number) || limit == 0) return std::vector<IdleKey>();
  Class& dl_class = At(*list, class_number);
  if (after.has_value() && *after >= dl_class.bound) {
    return ScanRange(number, class_number, KeyAfter(IdleIndexKey(number, class_number, *after)),
                     limit);
  }
  absl::StatusOr<std::vector<IdleKey>> keys =
      ScanRange(number, class_number, IdleIndexKey(number, class_number, dl_class.bound), limit);
  if (!keys.ok()) return keys;
  // The bound need not be written for this: the round that takes the head writes the row anyway.
  dl_class.bound = keys->empty() ? IdleKey{kNever, {}} : keys->front();
  dl_class.removals = 0;
  return keys;
}

void ClassIndex::Drop(ListNumber list) {
  lists_.erase(list);
  std::erase_if(changed_, [list](const auto& changed) { return changed.first == list; });
}

void ClassIndex::WriteChanged() {
  for (const auto& [list_number, class_number] : changed_) {
    Class& dl_class = At(&lists_.at(list_number), class_number);
    dl_class.changed = false;
    ClassRow row;
    if (class_number != kMixedClass) row.set_dl_class(dl_class.dl_class.Encode());
    row.set_idle(dl_class.idle);
    row.set_bound_hangup_us(dl_class.bound.last_hangup_us);
    row.set_bound_uuid(UuidBytes(dl_class.bound.uuid));
    overlay_->Put(Family::kClass, ClassKey(list_number, class_number), row.SerializeAsString());
  }
  changed_.clear();
}

void ClassIndex::Forget() {
  lists_.clear();
  changed_.clear();
}

absl::StatusOr<ClassIndex::List*> ClassIndex::Load(ListNumber number) {
  const auto held = lists_.find(number);
  if (held != lists_.end()) return &held->second;
  List list;
  list.mixed.bound = {kNever, {}};
  list.not_before_bound_us = std::numeric_limits<int64_t>::min();
  absl::Status status;
  const absl::Status scanned =
      overlay_->Scan(Family::kClass, PrefixRange(ListKey(number)), kNoLimit,
                     [&](absl::string_view key, absl::string_view value) {
                       status = LoadRow(number, key, value, &list);
                       return status.ok();
                     });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  return &lists_.emplace(number, std::move(list)).first->second;
}

absl::Status ClassIndex::LoadRow(ListNumber number, absl::string_view key, absl::string_view value,
                                 List* list) {
  const auto parsed = ParseClassKey(key);
  ClassRow row;
  absl::Status status = ParseRow(Family::kClass, key, value, &row);
  if (!status.ok()) return status;
  Class dl_class;
  dl_class.idle = row.idle();
  dl_class.bound = {row.bound_hangup_us(), DlUuid(UuidFromBytes(row.bound_uuid()))};
  if (parsed.has_value() && parsed->list == number && parsed->class_number == kMixedClass) {
    list->mixed = dl_class;
    return absl::OkStatus();
  }
  const auto next = static_cast<ClassNumber>(list->classes.size());
  if (!parsed.has_value() || parsed->class_number != next || row.dl_class().empty()) {
    return DamagedRow(Family::kClass, key, "is out of order");
  }
  dl_class.dl_class = DlClass::Decode(row.dl_class());
  list->numbers.emplace(dl_class.dl_class, next);
  if (dl_class.idle == 0) list->emptied.insert(next);
  list->classes.push_back(dl_class);
  return absl::OkStatus();
}

ClassIndex::Class& ClassIndex::At(List* list, ClassNumber number) {
  return number == kMixedClass ? list->mixed : list->classes[number];
}

ClassIndex::Class& ClassIndex::Change(ListNumber list_number, ClassNumber number, List* list) {
  Class& dl_class = At(list, number);
  if (!std::exchange(dl_class.changed, true)) changed_.emplace_back(list_number, number);
  return dl_class;
}

bool ClassIndex::Has(const List& list, ClassNumber number) {
  return number == kMixedClass || number < list.classes.size();
}

ClassNumber ClassIndex::NumberFor(const DlClass& dl_class, List* list) const {
  const auto known = list->numbers.find(dl_class);
  if (known != list->numbers.end()) return known->second;
  if (list->classes.size() < max_classes_) {
    const auto number = static_cast<ClassNumber>(list->classes.size());
    list->classes.push_back({.dl_class = dl_class, .bound = {kNever, {}}});
    list->numbers.emplace(dl_class, number);
    return number;
  }
  if (list->emptied.empty()) return kMixedClass;
  const ClassNumber reused = *list->emptied.begin();
  list->numbers.erase(list->classes[reused].dl_class);
  list->classes[reused] = {
      .dl_class = dl_class, .bound = {kNever, {}}, .changed = list->classes[reused].changed};
  list->numbers.emplace(dl_class, reused);
  return reused;
}

absl::StatusOr<IndexPlace> ClassIndex::Locate(const Entry& entry, const List& list) const {
  std::string value;
  if (entry.not_before_us.has_value()) {
    const std::string key = NotBeforeKey(*entry.not_before_us, entry.key.uuid);
    const absl::StatusOr<bool> waits = overlay_->Get(Family::kNotBefore, key, &value);
    if (!waits.ok()) return waits.status();
    if (*waits) {
      const auto place = ParseRipePlace(value);
      if (!place.has_value() || !Has(list, place->class_number)) {
        return DamagedRow(Family::kNotBefore, key, "can't be read");
      }
      return IndexPlace{place->class_number, true, entry.key};
    }
  }
  const ListNumber number = entry.key.uuid.list_number();
  // An entry stays in the mixed class also when its class has got a number since.
  if (list.mixed.idle > 0) {
    const absl::StatusOr<bool> mixed =
        overlay_->Get(Family::kIdle, IdleIndexKey(number, kMixedClass, entry.key), &value);
    if (!mixed.ok()) return mixed.status();
    if (*mixed) return IndexPlace{kMixedClass, false, entry.key};
  }
  const auto known = list.numbers.find(entry.dl_class);
  if (known == list.numbers.end() || list.classes[known->second].idle == 0) {
    return DamagedRow(Family::kDlState, DlKey(entry.key.uuid), "is not in the index");
  }
  return IndexPlace{known->second, false, entry.key};
}

void ClassIndex::PutSelectable(ListNumber number, const IndexPlace& place, List* list) {
  overlay_->Put(Family::kIdle, IdleIndexKey(number, place.class_number, place.key), "");
  Class& dl_class = Change(number, place.class_number, list);
  dl_class.bound = std::min(dl_class.bound, place.key);
}

absl::Status ClassIndex::RaiseBound(ListNumber list, ClassNumber number, Class* dl_class) {
  const auto head =
      ScanRange(list, number, IdleIndexKey(list, number, dl_class->bound), /*limit=*/1);
  if (!head.ok()) return head.status();
  dl_class->bound = head->empty() ? IdleKey{kNever, {}} : head->front();
  dl_class->removals = 0;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<IdleKey>> ClassIndex::ScanRange(ListNumber list, ClassNumber number,
                                                           std::string first, size_t limit) const {
  KeyRange range = PrefixRange(ClassPrefix(list, number));
  range.first = std::move(first);
  std::vector<IdleKey> keys;
  absl::Status status;
  const absl::Status scanned =
      overlay_->Scan(Family::kIdle, range, limit, [&](absl::string_view key, absl::string_view) {
        const auto parsed = ParseIdleIndexKey(key);
        if (parsed.has_value()) {
          keys.push_back(parsed->key);
        } else {
          status = DamagedRow(Family::kIdle, key, "can't be read");
        }
        return status.ok();
      });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  return keys;
}

}  // namespace outdial::storage
