// The event log.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/event_log.h"
#include "storage/key_schema.h"
#include "storage/row_cursor.h"
#include "storage/stored_value.h"
#include "storage/verify_parts.h"

namespace outdial::storage {
namespace {

constexpr uint64_t kPageEvents = 512;

// What a reader of the stream would get for this event; DATA_LOSS names it.
absl::Status CheckEvent(const KvReader& reader, uint64_t sequence) {
  const auto events = ReadEvents(reader, sequence - 1, 1);
  if (events.ok()) return absl::OkStatus();
  return DamagedRow(Family::kEvent, SequenceKey(sequence),
                    absl::StrCat("can't be shown: ", events.status().message()));
}

// Events from `first` on, up to `end`, which are there without a gap.
void CheckRun(const KvReader& reader, uint64_t first, uint64_t end, DamageSink on_damage) {
  for (uint64_t page = first; page < end; page += kPageEvents) {
    const uint64_t count = std::min(kPageEvents, end - page);
    if (ReadEvents(reader, page - 1, count).ok()) continue;
    for (uint64_t sequence = page; sequence < page + count; ++sequence) {
      const absl::Status status = CheckEvent(reader, sequence);
      if (!status.ok()) on_damage(status);
    }
  }
}

}  // namespace

absl::Status VerifyEvents(const KvReader& reader, DamageSink on_damage, VerifyTotals* totals) {
  const absl::StatusOr<uint64_t> oldest = ReadOldestEvent(reader);
  if (!oldest.ok()) return oldest.status();
  uint64_t run = *oldest;
  uint64_t next = *oldest;
  RowCursor row(reader, Family::kEvent, {});
  for (; row.Valid(); row.Next()) {
    const std::optional<uint64_t> sequence = ParseSequenceKey(row.key());
    if (!sequence.has_value() || *sequence < *oldest) {
      on_damage(DamagedRow(Family::kEvent, row.key(), "is misplaced"));
      continue;
    }
    ++totals->events;
    if (*sequence != next) {
      on_damage(DamagedRow(Family::kEvent, SequenceKey(next),
                           absl::StrCat("is missing, with all before event ", *sequence)));
      CheckRun(reader, run, next, on_damage);
      run = *sequence;
    }
    next = *sequence + 1;
  }
  CheckRun(reader, run, next, on_damage);
  return row.status();
}

}  // namespace outdial::storage
