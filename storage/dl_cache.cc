#include "storage/dl_cache.h"

#include <utility>

namespace outdial::storage {

engine::DlPtr DlCache::Find(const engine::DlUuid& uuid) const {
  const auto it = entries_.find(uuid);
  return it == entries_.end() ? nullptr : it->second;
}

void DlCache::Keep(const engine::DlUuid& uuid, engine::DlPtr dl) {
  if (!entries_.insert_or_assign(uuid, std::move(dl)).second) return;
  order_.push_back(uuid);
  if (order_.size() <= kMaxEntries) return;
  entries_.erase(order_.front());
  order_.pop_front();
}

void DlCache::DropList(engine::ListNumber list) {
  std::erase_if(order_, [&](const engine::DlUuid& uuid) {
    if (uuid.list_number() != list) return false;
    entries_.erase(uuid);
    return true;
  });
}

void DlCache::Clear() {
  entries_.clear();
  order_.clear();
}

}  // namespace outdial::storage
