// The index of idle entries by class, and what is counted with it.
//
// Classes are numbered per list, from 0 without a gap, up to a limit; beyond it the number of a
// class that has become empty is given to the next new one, and while there is none new classes
// share kMixedClass. Each class keeps a lower bound: no selectable entry comes before it. Without
// it a scan from the beginning would step over the tombstone of every entry that was ever dialled.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "engine/dl_class.h"
#include "engine/ports.h"
#include "storage/round_overlay.h"

namespace outdial::storage {

// Belongs to the thread that writes. `overlay` must outlive it. Errors: DATA_LOSS when the index
// and the entries disagree.
class ClassIndex {
 public:
  ClassIndex(RoundOverlay* overlay, uint32_t max_classes)
      : overlay_(overlay), max_classes_(max_classes) {}

  // What the index looks at in an idle entry. `not_before_us`: microseconds since 1970.
  struct Entry {
    engine::DlClass dl_class;
    engine::IdleKey key;
    std::optional<int64_t> not_before_us;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  // Takes an entry in: among the waiting when its not_before is later than `now_us`.
  absl::StatusOr<engine::IndexPlace> Add(const Entry& entry, int64_t now_us);
  // Takes an entry out that was added.
  absl::StatusOr<engine::IndexPlace> Remove(const Entry& entry);

  // As engine::RoundStore says.
  absl::StatusOr<std::vector<engine::IndexPlace>> Ripen(engine::ListNumber list, int64_t now_us,
                                                        size_t limit);
  absl::StatusOr<std::optional<int64_t>> NextNotBefore(engine::ListNumber list);
  absl::StatusOr<std::vector<engine::ClassCount>> Classes(engine::ListNumber list);
  absl::StatusOr<std::vector<engine::IdleKey>> Scan(engine::ListNumber list,
                                                    engine::ClassNumber class_number,
                                                    const std::optional<engine::IdleKey>& after,
                                                    size_t limit);

  // The list is deleted, and its rows with it.
  void Drop(engine::ListNumber list);

  // Puts the changed class rows into the overlay: before each commit.
  void WriteChanged();
  // Drops everything that is held: after a round was thrown away.
  void Forget();

 private:
  struct Class {
    engine::DlClass dl_class;
    uint64_t idle = 0;
    engine::IdleKey bound;
    // Entries that left since the bound was last known to be exact.
    uint32_t removals = 0;
    bool changed = false;
  };
  struct List {
    std::vector<Class> classes;  // by number
    Class mixed;
    absl::btree_map<engine::DlClass, engine::ClassNumber> numbers;
    std::set<engine::ClassNumber> emptied;  // numbers without an idle entry
    // No waiting entry comes before this moment.
    int64_t not_before_bound_us;
  };

  absl::StatusOr<List*> Load(engine::ListNumber list);
  absl::Status LoadRow(engine::ListNumber number, absl::string_view key, absl::string_view value,
                       List* list);
  static Class& At(List* list, engine::ClassNumber number);
  // The class, to be changed: it is written with the round.
  Class& Change(engine::ListNumber list_number, engine::ClassNumber number, List* list);
  static bool Has(const List& list, engine::ClassNumber number);
  engine::ClassNumber NumberFor(const engine::DlClass& dl_class, List* list) const;
  absl::StatusOr<engine::IndexPlace> Locate(const Entry& entry, const List& list) const;
  void PutSelectable(engine::ListNumber number, const engine::IndexPlace& place, List* list);
  absl::Status RaiseBound(engine::ListNumber list, engine::ClassNumber number, Class* dl_class);
  absl::StatusOr<std::vector<engine::IdleKey>> ScanRange(engine::ListNumber list,
                                                         engine::ClassNumber number,
                                                         std::string first, size_t limit) const;

  RoundOverlay* const overlay_;
  const uint32_t max_classes_;
  std::map<engine::ListNumber, List> lists_;
  std::vector<std::pair<engine::ListNumber, engine::ClassNumber>> changed_;  // each once
};

}  // namespace outdial::storage
