// What a round has changed so far, over the committed store: reads see it, one batch commits it.
// While a closed round is written, the next one is open over it.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "storage/kv.h"

namespace outdial::storage {

// Belongs to the thread of the rounds, but for WriteClosed. `kv` must outlive it.
class RoundOverlay : public KvReader {
 public:
  explicit RoundOverlay(KeyValueStore* kv) : kv_(kv) {}

  absl::StatusOr<bool> Get(Family family, absl::string_view key, std::string* value) const override;
  absl::Status Scan(Family family, const KeyRange& range, size_t limit,
                    Visitor visit) const override;

  // Whether a round that is not written yet has put or deleted the key.
  bool HasChanged(Family family, absl::string_view key) const;

  void Put(Family family, std::string key, std::string value);
  void Delete(Family family, std::string key);
  // Deletes [first, end) as of before this round; neither the round's own reads and Puts see it nor
  // those of the next one, until it is written.
  void DeleteCommittedRange(Family family, std::string first, std::string end);

  // Closes the round: what it changed is still read, under what the next one changes. Nothing may
  // be closed.
  void Close();
  // Writes what is closed in one batch, sorted by family and key, synced. Changes nothing that is
  // read here. Any thread, while others read.
  absl::Status WriteClosed();
  // What is closed was written, or is nothing: it is read from the store.
  void DropClosed() {
    if (!closed_.IsEmpty()) std::swap(closed_, spent_);
  }
  bool closed_is_empty() const { return closed_.IsEmpty(); }
  bool closed_deletes_ranges() const { return !closed_.deleted_ranges.empty(); }
  // Throws both away.
  void Clear();

 private:
  // Absent: deleted in this round.
  using Changes = absl::btree_map<std::string, std::optional<std::string>, std::less<>>;
  struct DeletedRange {
    Family family;
    std::string first;
    std::string end;
  };

  struct Layer {
    std::array<Changes, kFamilyCount> changes;
    std::vector<DeletedRange> deleted_ranges;

    bool IsEmpty() const;
    void Clear();
  };
  using ScanBelow = absl::FunctionRef<absl::Status(size_t limit, Visitor visit)>;

  // Visits what `below` has of the range, with the changes on top.
  static absl::Status Merge(const Changes& changes, const KeyRange& range, ScanBelow below,
                            size_t limit, Visitor visit);

  KeyValueStore* const kv_;
  Layer open_;
  Layer closed_;
  // Was closed before, and is empty once WriteClosed has begun: freeing it costs as much as filling
  // it, so that who writes does it.
  Layer spent_;
};

}  // namespace outdial::storage
