// Which entry of a list is dialled next (spec: fewest tries first, then the longest waiting).
//
// Works on classes: within a class the entry that waited longest is its head, and the next entry
// is the best of the heads of the classes that the plan may dial. Heads are kept once per list
// and shared by its campaigns; what depends on a plan (which classes it may dial) is kept once
// per set of max_retry values. Memory is bounded by the number of classes, never by the length of
// the list: of each class a short run of entries is read ahead.
//
// Belongs to the engine's thread, and to one run of it: after a failed commit it is thrown away.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/dl_class.h"
#include "engine/ports.h"
#include "outdial/v1/plan.pb.h"

namespace outdial::engine {

// This entry may be dialled now.
struct PickedEntry {
  DlUuid uuid;
};
// Entries can still be dialled, none before `until` on the wall clock.
struct EntriesWait {
  absl::Time until;
};
// Nothing idle can be dialled, but entries are being dialled that may come back.
struct EntriesBusy {};
// No entry can ever be dialled again under this plan, and none is being dialled.
struct ListUsedUp {};

using Pick = std::variant<PickedEntry, EntriesWait, EntriesBusy, ListUsedUp>;

// The selector of one list.
class DlSelector {
 public:
  explicit DlSelector(ListNumber list) : list_(list) {}

  // Reads the classes of the list; before anything else.
  absl::Status Load(RoundStore& store);

  // Tells what PutDl did to the index. `class_after` is the entry's class after the change.
  void OnIndexChange(const IndexChange& change, const DlClass& class_after);

  // The entry that `plan` dials next at `now`; takes nothing: the caller's PutDl does. Entries
  // whose last hangup is less than the plan's retry delay ago wait, and hold up no other. A wall
  // clock that goes back makes nobody wait for it to catch up: an entry whose last hangup lies in
  // the future waits its delay from the moment at which that was first seen.
  absl::StatusOr<Pick> PickNext(const v1::Plan& plan, absl::Time now, RoundStore& store);

 private:
  // Entries read ahead, in order. `complete`: these are all that the class has.
  struct ClassState {
    DlClass dl_class;
    uint64_t idle = 0;
    std::deque<IdleKey> ahead;
    bool complete = false;
    size_t read_ahead = 1;
  };
  // Eligible heads under one set of max_retry values, by tries level.
  struct PlanView {
    v1::Plan plan;  // only its max_retry matters
    std::map<int, std::set<std::pair<IdleKey, ClassNumber>>> levels;
    std::map<ClassNumber, std::pair<int, IdleKey>> registered;
  };

  void NoteClock(absl::Time now);
  // When an entry may be dialled again at the earliest, as far as its delay goes.
  absl::Time DueTime(const IdleKey& key, absl::Duration retry_delay, absl::Time now) const;
  absl::Status Ripen(absl::Time now, RoundStore& store);
  absl::Status RefreshChangedClasses(RoundStore& store);
  absl::Status Refill(ClassNumber number, ClassState& state, RoundStore& store);
  void Register(PlanView& view, ClassNumber number, const ClassState& state);
  PlanView& ViewOf(const v1::Plan& plan);
  void Insert(ClassState& state, const IdleKey& key);
  void Remove(ClassState& state, const IdleKey& key);
  absl::StatusOr<Pick> NothingSelectable(const PlanView& view, absl::Time now, RoundStore& store);
  bool HasDialableIdle(const v1::Plan& plan) const;

  // The best of the mixed class, looked at entry by entry; absent: none is dialable at all.
  struct MixedHead {
    int tries = 0;
    IdleKey key;
  };
  struct MixedScan {
    std::optional<MixedHead> due;
    absl::Time next_due = absl::InfiniteFuture();
  };
  absl::StatusOr<MixedScan> ScanMixed(const v1::Plan& plan, absl::Time now, RoundStore& store);

  const ListNumber list_;
  std::map<ClassNumber, ClassState> classes_;
  std::set<ClassNumber> changed_;
  // The time of the last pick, and that of the first one, or of the last before which it went back.
  absl::Time last_now_ = absl::InfinitePast();
  absl::Time now_after_jump_ = absl::InfinitePast();
  // The next not_before of the list: InfiniteFuture when none waits, InfinitePast when unknown.
  absl::Time next_ripe_ = absl::InfinitePast();
  std::map<std::string, std::unique_ptr<PlanView>> views_;
};

}  // namespace outdial::engine
