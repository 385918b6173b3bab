#include "engine/dl_selector.h"

#include <algorithm>

namespace outdial::engine {

namespace {

// Read-ahead of a class: grows to this when it is drained again and again.
constexpr size_t kMaxReadAhead = 64;
// Entries of the mixed class looked at per scan of the store.
constexpr size_t kMixedPage = 256;
// Views of plans that differ in max_retry; more than a list ever has campaigns with.
constexpr size_t kMaxViews = 64;

// At least one second is kept between two dialings of a person, whatever the plan says.
absl::Duration RetryDelay(const v1::Plan& plan) {
  return absl::Seconds(std::max<uint32_t>(plan.retry_delay(), 1));
}

std::string MaxRetryKey(const v1::Plan& plan) {
  std::string key;
  for (const uint32_t max : plan.max_retry()) key.push_back(static_cast<char>(max));
  return key;
}

}  // namespace

absl::Status DlSelector::Load(RoundStore& store) {
  absl::StatusOr<std::vector<ClassCount>> classes = store.ListClasses(list_);
  if (!classes.ok()) return classes.status();
  for (const ClassCount& count : *classes) {
    ClassState& state = classes_[count.number];
    state.dl_class = count.dl_class;
    state.idle = count.idle;
    changed_.insert(count.number);
  }
  return absl::OkStatus();
}

void DlSelector::OnIndexChange(const IndexChange& change, const DlClass& class_after) {
  if (change.removed.has_value()) {
    ClassState& state = classes_[change.removed->class_number];
    --state.idle;
    if (!change.removed->waits_for_not_before) Remove(state, change.removed->key);
    changed_.insert(change.removed->class_number);
  }
  if (change.added.has_value()) {
    const ClassNumber number = change.added->class_number;
    ClassState& state = classes_[number];
    // A number whose class ran empty may have been given to another class.
    if (number != kMixedClass && state.dl_class != class_after) {
      state = ClassState();
      state.dl_class = class_after;
      state.complete = true;
    }
    ++state.idle;
    if (change.added->waits_for_not_before) {
      next_ripe_ = absl::InfinitePast();
    } else {
      Insert(state, change.added->key);
    }
    changed_.insert(number);
  }
}

void DlSelector::Insert(ClassState& state, const IdleKey& key) {
  if (!state.complete && (state.ahead.empty() || state.ahead.back() < key)) return;
  state.ahead.insert(std::upper_bound(state.ahead.begin(), state.ahead.end(), key), key);
  if (state.ahead.size() > 2 * kMaxReadAhead) {
    state.ahead.resize(kMaxReadAhead);
    state.complete = false;
  }
}

void DlSelector::Remove(ClassState& state, const IdleKey& key) {
  const auto it = std::lower_bound(state.ahead.begin(), state.ahead.end(), key);
  if (it != state.ahead.end() && *it == key) state.ahead.erase(it);
}

absl::Status DlSelector::Refill(ClassNumber number, ClassState& state, RoundStore& store) {
  absl::StatusOr<std::vector<IdleKey>> keys =
      store.ScanIdle(list_, number, std::nullopt, state.read_ahead);
  if (!keys.ok()) return keys.status();
  state.ahead.assign(keys->begin(), keys->end());
  state.complete = keys->size() < state.read_ahead;
  state.read_ahead = std::min(2 * state.read_ahead, kMaxReadAhead);
  return absl::OkStatus();
}

absl::Status DlSelector::Ripen(absl::Time now, RoundStore& store) {
  if (next_ripe_ > now) return absl::OkStatus();
  absl::StatusOr<std::vector<IndexPlace>> ripe = store.RipenEntries(list_, now, kMaxReadAhead);
  if (!ripe.ok()) return ripe.status();
  for (const IndexPlace& place : *ripe) {
    Insert(classes_[place.class_number], place.key);
    changed_.insert(place.class_number);
  }
  const absl::StatusOr<std::optional<absl::Time>> next = store.NextNotBefore(list_);
  if (!next.ok()) return next.status();
  next_ripe_ = next->value_or(absl::InfiniteFuture());
  return absl::OkStatus();
}

absl::Status DlSelector::RefreshChangedClasses(RoundStore& store) {
  for (const ClassNumber number : changed_) {
    if (number == kMixedClass) continue;
    ClassState& state = classes_[number];
    if (state.ahead.empty() && !state.complete && state.idle > 0) {
      const absl::Status status = Refill(number, state, store);
      if (!status.ok()) return status;
    }
    for (auto& [key, view] : views_) Register(*view, number, state);
  }
  changed_.clear();
  return absl::OkStatus();
}

void DlSelector::Register(PlanView& view, ClassNumber number, const ClassState& state) {
  const auto it = view.registered.find(number);
  if (it != view.registered.end()) {
    const auto [level, key] = it->second;
    const auto at = view.levels.find(level);
    at->second.erase({key, number});
    if (at->second.empty()) view.levels.erase(at);
    view.registered.erase(it);
  }
  if (state.ahead.empty() || IsFinished(state.dl_class, view.plan)) return;
  const int level = state.dl_class.total_tries();
  view.levels[level].insert({state.ahead.front(), number});
  view.registered[number] = {level, state.ahead.front()};
}

DlSelector::PlanView& DlSelector::ViewOf(const v1::Plan& plan) {
  std::string key = MaxRetryKey(plan);
  const auto it = views_.find(key);
  if (it != views_.end()) return *it->second;
  // A plan that is edited again and again leaves old views behind: start over.
  if (views_.size() >= kMaxViews) views_.clear();
  PlanView& view = *views_.emplace(std::move(key), std::make_unique<PlanView>()).first->second;
  *view.plan.mutable_max_retry() = plan.max_retry();
  for (const auto& [number, state] : classes_) {
    if (number != kMixedClass) Register(view, number, state);
  }
  return view;
}

void DlSelector::NoteClock(absl::Time now) {
  if (last_now_ == absl::InfinitePast() || now < last_now_) now_after_jump_ = now;
  last_now_ = now;
}

absl::Time DlSelector::DueTime(const IdleKey& key, absl::Duration retry_delay,
                               absl::Time now) const {
  if (key.last_hangup_us == 0) return absl::InfinitePast();
  absl::Time last_hangup = absl::FromUnixMicros(key.last_hangup_us);
  // Hung up before the clock went back, hence before the moment at which it did.
  if (last_hangup > now) last_hangup = now_after_jump_;
  return last_hangup + retry_delay;
}

absl::StatusOr<Pick> DlSelector::PickNext(const v1::Plan& plan, absl::Time now, RoundStore& store) {
  NoteClock(now);
  absl::Status status = Ripen(now, store);
  if (!status.ok()) return status;
  status = RefreshChangedClasses(store);
  if (!status.ok()) return status;
  PlanView& view = ViewOf(plan);

  const absl::Duration retry_delay = RetryDelay(plan);
  std::optional<std::pair<int, IdleKey>> best;
  absl::Time next_due = absl::InfiniteFuture();
  // Within one level the oldest head decides for any delay; a level that must still wait holds up
  // no other.
  for (const auto& [level, heads] : view.levels) {
    const IdleKey& head = heads.begin()->first;
    const absl::Time due = DueTime(head, retry_delay, now);
    if (due <= now) {
      best = {level, head};
      break;
    }
    next_due = std::min(next_due, due);
  }
  const auto mixed = classes_.find(kMixedClass);
  if (mixed != classes_.end() && mixed->second.idle > 0) {
    const absl::StatusOr<MixedScan> scan = ScanMixed(plan, now, store);
    if (!scan.ok()) return scan.status();
    if (scan->due.has_value()) {
      const std::pair<int, IdleKey> candidate{scan->due->tries, scan->due->key};
      if (!best.has_value() || candidate < *best) best = candidate;
    }
    next_due = std::min(next_due, scan->next_due);
  }
  if (best.has_value()) return PickedEntry{best->second.uuid};
  if (next_due != absl::InfiniteFuture()) return EntriesWait{std::min(next_due, next_ripe_)};
  return NothingSelectable(view, now, store);
}

absl::StatusOr<Pick> DlSelector::NothingSelectable(const PlanView& view, absl::Time now,
                                                   RoundStore& store) {
  // What is idle, not finished and not selectable waits for its not_before.
  if (next_ripe_ != absl::InfiniteFuture() && HasDialableIdle(view.plan)) {
    return EntriesWait{std::max(next_ripe_, now)};
  }
  const absl::StatusOr<ListCount> count = store.CountList(list_);
  if (!count.ok()) return count.status();
  if (count->dialing > 0) return EntriesBusy{};
  return ListUsedUp{};
}

bool DlSelector::HasDialableIdle(const v1::Plan& plan) const {
  for (const auto& [number, state] : classes_) {
    if (state.idle == 0) continue;
    // Of the mixed class nothing is known here: assume the best, the next ripening tells.
    if (number == kMixedClass || !IsFinished(state.dl_class, plan)) return true;
  }
  return false;
}

absl::StatusOr<DlSelector::MixedScan> DlSelector::ScanMixed(const v1::Plan& plan, absl::Time now,
                                                            RoundStore& store) {
  MixedScan scan;
  std::optional<IdleKey> after;
  while (true) {
    absl::StatusOr<std::vector<IdleKey>> page =
        store.ScanIdle(list_, kMixedClass, after, kMixedPage);
    if (!page.ok()) return page.status();
    for (const IdleKey& key : *page) {
      const absl::StatusOr<DlPtr> dl = store.GetDl(key.uuid);
      if (!dl.ok()) return dl.status();
      const DlClass dl_class = ClassOf(**dl);
      if (IsFinished(dl_class, plan)) continue;
      const absl::Time due = DueTime(key, RetryDelay(plan), now);
      if (due > now) {
        scan.next_due = std::min(scan.next_due, due);
        continue;
      }
      const MixedHead head{dl_class.total_tries(), key};
      if (!scan.due.has_value() ||
          std::pair(head.tries, head.key) < std::pair(scan.due->tries, scan.due->key)) {
        scan.due = head;
      }
    }
    if (page->size() < kMixedPage) return scan;
    after = page->back();
  }
}

}  // namespace outdial::engine
