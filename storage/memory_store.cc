#include "storage/memory_store.h"

#include <utility>

namespace outdial::storage {
namespace {

std::string_view Std(absl::string_view text) { return {text.data(), text.size()}; }

absl::Status DiskFull() { return absl::ResourceExhaustedError("the disk is full"); }

}  // namespace

// The store as it was after commit `at_`.
class MemoryStore::View : public KvReader {
 public:
  View(const MemoryStore* store, uint64_t at) : store_(store), at_(at) {}
  ~View() override {
    absl::MutexLock lock(&store_->mutex_);
    --store_->open_snapshots_;
  }
  absl::StatusOr<bool> Get(Family family, absl::string_view key,
                           std::string* value) const override {
    absl::MutexLock lock(&store_->mutex_);
    return store_->GetAt(at_, family, key, value);
  }
  absl::Status Scan(Family family, const KeyRange& range, size_t limit,
                    Visitor visit) const override {
    absl::MutexLock lock(&store_->mutex_);
    store_->ScanAt(at_, family, range, limit, visit);
    return absl::OkStatus();
  }

 private:
  const MemoryStore* store_;
  const uint64_t at_;
};

absl::StatusOr<bool> MemoryStore::Get(Family family, absl::string_view key,
                                      std::string* value) const {
  absl::MutexLock lock(&mutex_);
  return GetAt(commits_, family, key, value);
}

absl::Status MemoryStore::Scan(Family family, const KeyRange& range, size_t limit,
                               Visitor visit) const {
  absl::MutexLock lock(&mutex_);
  ScanAt(commits_, family, range, limit, visit);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<KvReader>> MemoryStore::Snapshot() const {
  absl::MutexLock lock(&mutex_);
  ++open_snapshots_;
  return std::make_unique<View>(this, commits_);
}

absl::StatusOr<bool> MemoryStore::LastKey(Family family, std::string* key) const {
  absl::MutexLock lock(&mutex_);
  const Table& table = tables_[static_cast<size_t>(family)];
  for (auto it = table.rbegin(); it != table.rend(); ++it) {
    if (!it->second.back().value.has_value()) continue;
    *key = it->first;
    return true;
  }
  return false;
}

absl::Status MemoryStore::Commit(const WriteBatch& batch, Durability durability) {
  absl::MutexLock lock(&mutex_);
  if (disk_full_) return DiskFull();
  const absl::Status failure = std::exchange(next_failure_, absl::OkStatus());
  if (!failure.ok() && next_fate_ == Fate::kLost) return failure;
  Apply(batch);
  if (durability == Durability::kSynced) unsynced_.clear();
  return failure;
}

absl::Status MemoryStore::Reopen() {
  absl::MutexLock lock(&mutex_);
  return disk_full_ ? DiskFull() : absl::OkStatus();
}

std::unique_ptr<MemoryStore> MemoryStore::CopySynced() const {
  auto copy = std::make_unique<MemoryStore>();
  absl::MutexLock lock(&mutex_);
  absl::MutexLock copy_lock(&copy->mutex_);
  for (size_t i = 0; i < kFamilyCount; ++i) {
    for (const auto& [key, versions] : tables_[i]) {
      copy->Set(static_cast<Family>(i), key, versions.back().value);
    }
  }
  for (auto it = unsynced_.rbegin(); it != unsynced_.rend(); ++it) {
    copy->Set(it->family, it->key, it->value);
  }
  copy->unsynced_.clear();
  return copy;
}

void MemoryStore::FailNextCommit(absl::Status status, Fate fate) {
  absl::MutexLock lock(&mutex_);
  next_failure_ = std::move(status);
  next_fate_ = fate;
}

void MemoryStore::SetDiskFull(bool full) {
  absl::MutexLock lock(&mutex_);
  disk_full_ = full;
}

namespace {

// The version that commit `at` sees; null: the key was not there.
template <class Versions>
const std::string* Visible(const Versions& versions, uint64_t at) {
  for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
    if (it->since <= at) return it->value.has_value() ? &*it->value : nullptr;
  }
  return nullptr;
}

}  // namespace

bool MemoryStore::GetAt(uint64_t at, Family family, absl::string_view key,
                        std::string* value) const {
  const Table& table = tables_[static_cast<size_t>(family)];
  const auto it = table.find(Std(key));
  if (it == table.end()) return false;
  const std::string* found = Visible(it->second, at);
  if (found == nullptr) return false;
  *value = *found;
  return true;
}

void MemoryStore::ScanAt(uint64_t at, Family family, const KeyRange& range, size_t limit,
                         Visitor visit) const {
  const Table& table = tables_[static_cast<size_t>(family)];
  for (auto it = table.lower_bound(range.first); it != table.end() && limit > 0; ++it) {
    if (!range.end.empty() && it->first >= range.end) return;
    const std::string* value = Visible(it->second, at);
    if (value == nullptr) continue;
    if (!visit(it->first, *value)) return;
    --limit;
  }
}

void MemoryStore::Set(Family family, absl::string_view key, std::optional<std::string> value) {
  Table& table = tables_[static_cast<size_t>(family)];
  const auto it = table.try_emplace(std::string(key)).first;
  std::vector<Version>& versions = it->second;
  unsynced_.push_back({family, it->first, versions.empty() ? std::nullopt : versions.back().value});
  if (open_snapshots_ == 0) versions.clear();
  if (open_snapshots_ == 0 && !value.has_value()) {
    table.erase(it);
    return;
  }
  versions.push_back({commits_, std::move(value)});
}

void MemoryStore::DeleteRange(Family family, absl::string_view first, absl::string_view end) {
  std::vector<std::string> keys;
  const Table& table = tables_[static_cast<size_t>(family)];
  for (auto it = table.lower_bound(Std(first)); it != table.end() && it->first < Std(end); ++it) {
    keys.push_back(it->first);
  }
  for (const std::string& key : keys) Set(family, key, std::nullopt);
}

void MemoryStore::Apply(const WriteBatch& batch) {
  ++commits_;
  for (const WriteBatch::Op& op : batch.ops()) {
    switch (op.kind) {
      case WriteBatch::Op::Kind::kPut:
        Set(op.family, op.key, std::string(op.value));
        break;
      case WriteBatch::Op::Kind::kDelete:
        Set(op.family, op.key, std::nullopt);
        break;
      case WriteBatch::Op::Kind::kDeleteRange:
        DeleteRange(op.family, op.key, op.value);
        break;
    }
  }
}

}  // namespace outdial::storage
