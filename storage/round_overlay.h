// What a round has changed so far, over the committed store: reads see it, one batch commits it.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "storage/kv.h"

namespace outdial::storage {

// Belongs to the thread that writes. `kv` must outlive it.
class RoundOverlay : public KvReader {
 public:
  explicit RoundOverlay(KeyValueStore* kv) : kv_(kv) {}

  absl::StatusOr<bool> Get(Family family, absl::string_view key, std::string* value) const override;
  absl::Status Scan(Family family, const KeyRange& range, size_t limit,
                    Visitor visit) const override;

  void Put(Family family, std::string key, std::string value);
  void Delete(Family family, std::string key);
  // Deletes [first, end) as of before this round; the round's own reads and Puts don't see it.
  void DeleteCommittedRange(Family family, std::string first, std::string end);

  bool empty() const;
  // Writes everything in one batch, sorted by family and key, synced. Changes nothing here.
  absl::Status Commit();
  void Clear();

 private:
  // Absent: deleted in this round.
  using Changes = absl::btree_map<std::string, std::optional<std::string>, std::less<>>;
  struct DeletedRange {
    Family family;
    std::string first;
    std::string end;
  };

  KeyValueStore* const kv_;
  std::array<Changes, kFamilyCount> changes_;
  std::vector<DeletedRange> deleted_ranges_;
};

}  // namespace outdial::storage
