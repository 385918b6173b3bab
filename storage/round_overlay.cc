#include "storage/round_overlay.h"

#include <utility>

#include "engine/check.h"

namespace outdial::storage {

bool RoundOverlay::Layer::IsEmpty() const {
  for (const Changes& family : changes) {
    if (!family.empty()) return false;
  }
  return deleted_ranges.empty();
}

void RoundOverlay::Layer::Clear() {
  for (Changes& family : changes) family.clear();
  deleted_ranges.clear();
}

absl::StatusOr<bool> RoundOverlay::Get(Family family, absl::string_view key,
                                       std::string* value) const {
  for (const Layer* layer : {&open_, &closed_}) {
    const Changes& changes = layer->changes[static_cast<size_t>(family)];
    if (changes.empty()) continue;
    const auto it = changes.find(key);
    if (it == changes.end()) continue;
    if (it->second.has_value()) *value = *it->second;
    return it->second.has_value();
  }
  return kv_->Get(family, key, value);
}

absl::Status RoundOverlay::Scan(Family family, const KeyRange& range, size_t limit,
                                Visitor visit) const {
  const auto committed = [&](size_t below_limit, Visitor below_visit) {
    return kv_->Scan(family, range, below_limit, below_visit);
  };
  const auto closed = [&](size_t below_limit, Visitor below_visit) {
    return Merge(closed_.changes[static_cast<size_t>(family)], range, committed, below_limit,
                 below_visit);
  };
  return Merge(open_.changes[static_cast<size_t>(family)], range, closed, limit, visit);
}

absl::Status RoundOverlay::Merge(const Changes& changes, const KeyRange& range, ScanBelow below,
                                 size_t limit, Visitor visit) {
  if (changes.empty()) return below(limit, visit);
  auto change = changes.lower_bound(range.first);
  const auto end = range.end.empty() ? changes.end() : changes.lower_bound(range.end);
  bool more = limit > 0;
  const auto show = [&](absl::string_view key, absl::string_view value) {
    more = visit(key, value) && --limit > 0;
  };
  const auto show_change = [&] {
    if (change->second.has_value()) show(change->first, *change->second);
    ++change;
  };
  // Two ordered streams, merged; where both have a key, the change counts.
  absl::Status status = below(kNoLimit, [&](absl::string_view key, absl::string_view value) {
    while (more && change != end && change->first < key) show_change();
    if (!more) return false;
    if (change != end && change->first == key) {
      show_change();
    } else {
      show(key, value);
    }
    return more;
  });
  while (status.ok() && more && change != end) show_change();
  return status;
}

bool RoundOverlay::HasChanged(Family family, absl::string_view key) const {
  const auto has = [&](const Layer& layer) {
    return layer.changes[static_cast<size_t>(family)].contains(key);
  };
  return has(open_) || has(closed_);
}

void RoundOverlay::Put(Family family, std::string key, std::string value) {
  // Most keys come in order, as the uuids in them do: the end is where they belong.
  Changes& changes = open_.changes[static_cast<size_t>(family)];
  changes.insert_or_assign(changes.end(), std::move(key), std::move(value));
}

void RoundOverlay::Delete(Family family, std::string key) {
  open_.changes[static_cast<size_t>(family)].insert_or_assign(std::move(key), std::nullopt);
}

void RoundOverlay::DeleteCommittedRange(Family family, std::string first, std::string end) {
  open_.deleted_ranges.push_back({family, std::move(first), std::move(end)});
}

void RoundOverlay::Close() {
  OUTDIAL_CHECK(closed_.IsEmpty(), "one round is written at a time");
  std::swap(open_, closed_);
}

absl::Status RoundOverlay::WriteClosed() {
  spent_.Clear();
  WriteBatch batch;
  for (const DeletedRange& range : closed_.deleted_ranges) {
    batch.DeleteRange(range.family, range.first, range.end);
  }
  for (size_t i = 0; i < kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    for (const auto& [key, value] : closed_.changes[i]) {
      if (value.has_value()) {
        batch.Put(family, key, *value);
      } else {
        batch.Delete(family, key);
      }
    }
  }
  return kv_->Commit(batch, Durability::kSynced);
}

void RoundOverlay::Clear() {
  open_.Clear();
  closed_.Clear();
  spent_.Clear();
}

}  // namespace outdial::storage
