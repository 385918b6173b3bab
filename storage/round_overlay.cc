#include "storage/round_overlay.h"

#include <utility>

namespace outdial::storage {

absl::StatusOr<bool> RoundOverlay::Get(Family family, absl::string_view key,
                                       std::string* value) const {
  const Changes& changes = changes_[static_cast<size_t>(family)];
  if (!changes.empty()) {
    const auto it = changes.find(key);
    if (it != changes.end()) {
      if (it->second.has_value()) *value = *it->second;
      return it->second.has_value();
    }
  }
  return kv_->Get(family, key, value);
}

absl::Status RoundOverlay::Scan(Family family, const KeyRange& range, size_t limit,
                                Visitor visit) const {
  const Changes& changes = changes_[static_cast<size_t>(family)];
  if (changes.empty()) return kv_->Scan(family, range, limit, visit);
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
  // Two ordered streams, merged; where both have a key, the round's change counts.
  absl::Status status =
      kv_->Scan(family, range, kNoLimit, [&](absl::string_view key, absl::string_view value) {
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

void RoundOverlay::Put(Family family, std::string key, std::string value) {
  // Most keys come in order, as the uuids in them do: the end is where they belong.
  Changes& changes = changes_[static_cast<size_t>(family)];
  changes.insert_or_assign(changes.end(), std::move(key), std::move(value));
}

void RoundOverlay::Delete(Family family, std::string key) {
  changes_[static_cast<size_t>(family)].insert_or_assign(std::move(key), std::nullopt);
}

void RoundOverlay::DeleteCommittedRange(Family family, std::string first, std::string end) {
  deleted_ranges_.push_back({family, std::move(first), std::move(end)});
}

bool RoundOverlay::empty() const {
  for (const Changes& changes : changes_) {
    if (!changes.empty()) return false;
  }
  return deleted_ranges_.empty();
}

absl::Status RoundOverlay::Commit() {
  WriteBatch batch;
  for (const DeletedRange& range : deleted_ranges_) {
    batch.DeleteRange(range.family, range.first, range.end);
  }
  for (size_t i = 0; i < kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    for (const auto& [key, value] : changes_[i]) {
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
  for (Changes& changes : changes_) changes.clear();
  deleted_ranges_.clear();
}

}  // namespace outdial::storage
