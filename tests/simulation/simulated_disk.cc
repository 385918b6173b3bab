#include "tests/simulation/simulated_disk.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/check.h"
#include "storage/family.h"

namespace outdial::simulation {

absl::StatusOr<std::unique_ptr<storage::KeyValueStore>> MemoryDisk::Open() {
  open_ = at_rest_.get();
  return std::move(at_rest_);
}

void MemoryDisk::CutPower() {
  at_rest_ = open_->CopySynced();
  open_ = nullptr;
}

void MemoryDisk::FailNextCommit() {
  using Fate = storage::MemoryStore::Fate;
  open_->FailNextCommit(absl::InternalError("the disk failed"),
                        random_.Chance(0.5) ? Fate::kLost : Fate::kKept);
}

void MemoryDisk::SetFull(bool full) {
  if (open_ != nullptr) open_->SetDiskFull(full);
}

std::string MemoryDisk::Dump() const {
  std::string dump;
  for (size_t i = 0; i < storage::kFamilyCount; ++i) {
    const absl::Status status =
        open_->Scan(static_cast<storage::Family>(i), {}, storage::kNoLimit,
                    [&](absl::string_view key, absl::string_view value) {
                      absl::StrAppend(&dump, i, " ", absl::BytesToHexString(key), " ",
                                      absl::BytesToHexString(value), "\n");
                      return true;
                    });
    OUTDIAL_CHECK(status.ok(), "a store in memory can be read");
  }
  return dump;
}

}  // namespace outdial::simulation
