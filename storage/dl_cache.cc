#include "storage/dl_cache.h"

namespace outdial::storage {

const v1::Dl* DlCache::Find(const engine::DlUuid& uuid) const {
  const auto it = entries_.find(uuid);
  return it == entries_.end() ? nullptr : &it->second;
}

void DlCache::Keep(const engine::DlUuid& uuid, const v1::Dl& dl) {
  const auto [it, is_new] = entries_.try_emplace(uuid);
  it->second = dl;
  if (!is_new) return;
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
