#include "storage/result_reader.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/errors.h"
#include "storage/dialing_table.h"
#include "storage/dl_table.h"
#include "storage/key_schema.h"
#include "storage/record_conversion.h"
#include "storage/record_table.h"
#include "storage/record_time.h"
#include "storage/result_trimmer.h"
#include "storage/stored_value.h"

namespace outdial::storage {
namespace {

using engine::DialingUuid;
using engine::DlUuid;
using engine::ListNumber;
using engine::Uuid;

// Sets `into` to the record as it was; leaves it alone when the dialing names none.
template <class Record>
absl::Status FillRevision(const KvReader& reader, const std::string& uuid_text, uint64_t revision,
                          Record* (v1::Result::*into)(), v1::Result* result) {
  const std::optional<Uuid> uuid = Uuid::Parse(uuid_text);
  if (!uuid.has_value()) return absl::OkStatus();
  absl::StatusOr<Record> record = ReadRevision<Record>(reader, *uuid, revision);
  if (!record.ok()) return record.status();
  *(result->*into)() = *std::move(record);
  return absl::OkStatus();
}

absl::Status FillDl(const KvReader& reader, const v1::Dialing& dialing, v1::Result* result) {
  const std::optional<DlUuid> uuid = DlUuid::Parse(dialing.dl_list_uuid());
  if (!uuid.has_value()) return absl::OkStatus();
  absl::StatusOr<DlStatic> dl_static = ReadDlStaticAt(reader, *uuid, dialing.dl_list_revision());
  if (!dl_static.ok()) return dl_static.status();
  DlState state;
  state.set_revision(dialing.dl_list_revision());
  *result->mutable_dl() = ToDl(*uuid, *std::move(dl_static), std::move(state));
  return absl::OkStatus();
}

absl::Status FillRecords(const KvReader& reader, v1::Result* result) {
  const v1::Dialing& dialing = result->dialing();
  absl::Status status = FillRevision(reader, dialing.camp_uuid(), dialing.camp_revision(),
                                     &v1::Result::mutable_campaign, result);
  if (status.ok()) {
    status = FillRevision(reader, dialing.plan_uuid(), dialing.plan_revision(),
                          &v1::Result::mutable_plan, result);
  }
  if (status.ok()) {
    status = FillRevision(reader, dialing.dlma_uuid(), dialing.dlma_revision(),
                          &v1::Result::mutable_dlma, result);
  }
  if (status.ok()) {
    status = FillRevision(reader, dialing.dest_uuid(), dialing.dest_revision(),
                          &v1::Result::mutable_destination, result);
  }
  if (status.ok()) status = FillDl(reader, dialing, result);
  return status;
}

absl::StatusOr<v1::Result> RenderResult(const KvReader& reader, uint64_t sequence, ResultRow row,
                                        bool with_records) {
  const DialingUuid uuid(UuidFromBytes(row.dialing_uuid()));
  absl::StatusOr<v1::Dialing> dialing = JoinDialing(reader, uuid, std::move(*row.mutable_state()));
  if (!dialing.ok()) return dialing.status();
  v1::Result result;
  result.set_position(EncodeResultPosition(sequence));
  *result.mutable_dialing() = *std::move(dialing);
  if (with_records) {
    absl::Status status = FillRecords(reader, &result);
    if (!status.ok()) return status;
  }
  return result;
}

// The keys to walk: the narrowest index that the query allows, or all results.
struct Walk {
  Family family = Family::kResultIndex;
  std::vector<KeyRange> ranges;  // each in the order of sequences
  // Not all that is walked is wanted.
  bool is_filtered = false;
};

KeyRange RangeFrom(const std::string& prefix, uint64_t first) {
  KeyRange range = PrefixRange(prefix);
  range.first = prefix + SequenceKey(first);
  return range;
}

Walk WalkOfCampaign(const ResultQuery& query, uint64_t first) {
  Walk walk{.ranges = {}, .is_filtered = query.dlma.has_value()};
  if (query.outcomes.empty()) {
    walk.ranges.push_back(RangeFrom(ResultIndexPrefix(*query.campaign), first));
  }
  for (const v1::Outcome outcome : std::set(query.outcomes.begin(), query.outcomes.end())) {
    walk.ranges.push_back(RangeFrom(ResultIndexPrefix(*query.campaign, outcome), first));
  }
  return walk;
}

// Absent: the query names a list that never was.
absl::StatusOr<std::optional<Walk>> PlanWalk(const KvReader& reader, const ResultQuery& query,
                                             uint64_t first) {
  // An entry has few results.
  if (query.dl.has_value()) return Walk{.ranges = {RangeFrom(ResultIndexPrefix(*query.dl), first)}};
  if (query.campaign.has_value()) return WalkOfCampaign(query, first);
  const bool is_filtered = !query.outcomes.empty();
  if (!query.dlma.has_value()) {
    return Walk{.family = Family::kResult,
                .ranges = {{SequenceKey(first), ""}},
                .is_filtered = is_filtered};
  }
  const absl::StatusOr<std::optional<ListNumber>> list = ReadListNumber(reader, *query.dlma);
  if (!list.ok()) return list.status();
  if (!list->has_value()) return std::optional<Walk>();
  return Walk{.ranges = {RangeFrom(ResultIndexPrefix(**list), first)}, .is_filtered = is_filtered};
}

// Up to `limit` sequences of the walk, in order.
absl::StatusOr<std::vector<uint64_t>> Sequences(const KvReader& reader, const Walk& walk,
                                                size_t limit) {
  std::vector<uint64_t> sequences;
  absl::Status status;
  for (const KeyRange& range : walk.ranges) {
    const absl::Status scanned =
        reader.Scan(walk.family, range, limit, [&](absl::string_view key, absl::string_view) {
          const std::optional<uint64_t> sequence =
              walk.family == Family::kResult ? ParseSequenceKey(key) : ParseResultIndexKey(key);
          if (!sequence.has_value()) {
            status = DamagedRow(walk.family, key, "can't be read");
            return false;
          }
          sequences.push_back(*sequence);
          return true;
        });
    if (!scanned.ok()) return scanned;
    if (!status.ok()) return status;
  }
  if (walk.ranges.size() > 1) std::sort(sequences.begin(), sequences.end());
  if (sequences.size() > limit) sequences.resize(limit);
  return sequences;
}

// When the result ended; absent: there is none of this sequence.
absl::StatusOr<std::optional<absl::Time>> EndOf(const KvReader& reader, uint64_t sequence) {
  const auto row = FindRow<ResultRow>(reader, Family::kResult, SequenceKey(sequence));
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::optional<absl::Time>();
  return std::optional<absl::Time>(absl::FromUnixNanos((*row)->state().tm_delete_ns()));
}

// The first sequence from `first` on whose result ended at `time` or later; the one after the last
// when none did. Results lie in the order of their ends, as far as the clock never went back.
absl::StatusOr<uint64_t> FirstEndedFrom(const KvReader& reader, uint64_t first, absl::Time time) {
  const auto is_before = [&](uint64_t sequence) -> absl::StatusOr<bool> {
    const auto end = EndOf(reader, sequence);
    if (!end.ok()) return end.status();
    return end->has_value() && **end < time;
  };
  uint64_t low = first;  // everything before it is too early
  uint64_t step = 1;
  while (true) {
    const absl::StatusOr<bool> before = is_before(low + step - 1);
    if (!before.ok()) return before.status();
    if (!*before) break;
    low += step;
    step *= 2;
  }
  uint64_t high = low + step - 1;  // not too early, or not there
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    const absl::StatusOr<bool> before = is_before(middle);
    if (!before.ok()) return before.status();
    (*before ? low : high) = *before ? middle + 1 : middle;
  }
  return low;
}

// OK: an index serves the walk, or few results are looked at.
absl::Status CheckServed(const KvReader& reader, const Walk& walk, const ResultQuery& query,
                         uint64_t first) {
  if (!walk.is_filtered) return absl::OkStatus();
  const auto end = EndOf(reader, first + kMaxResultsFiltered);
  if (!end.ok()) return end.status();
  const bool is_short =
      !end->has_value() || (query.ended_before.has_value() && **end >= *query.ended_before);
  if (is_short) return absl::OkStatus();
  return engine::FailedPrecondition(
      engine::Reason::kTooBroad,
      absl::StrCat("no index serves these filters together, and more than ", kMaxResultsFiltered,
                   " results would have to be looked at; give a campaign with the outcomes, or "
                   "less time"));
}

absl::Status Trimmed(const ResultTrim& trim) {
  return engine::OutOfRange(
      engine::Reason::kPositionTrimmed,
      absl::StrCat("results after this position are no longer kept: those that ended until ",
                   FormatRecordNanos(trim.trimmed_until_ns()),
                   "; the oldest that is left comes after position ",
                   EncodeResultPosition(trim.oldest() - 1)));
}

// The first sequence that the page looks at.
absl::StatusOr<uint64_t> BeginOf(const KvReader& reader, const ResultQuery& query,
                                 const ResultTrim& trim) {
  uint64_t first = trim.oldest();
  if (!query.after_position.empty()) {
    const std::optional<uint64_t> after = ParseResultPosition(query.after_position);
    if (!after.has_value()) {
      return engine::InvalidField("after_position", "must be a position that a result came with");
    }
    if (*after + 1 < trim.oldest()) return Trimmed(trim);
    first = *after + 1;
  }
  if (query.is_continued || !query.ended_from.has_value()) return first;
  return FirstEndedFrom(reader, first, *query.ended_from);
}

bool Wants(const ResultQuery& query, const DialingState& state) {
  return query.outcomes.empty() || std::find(query.outcomes.begin(), query.outcomes.end(),
                                             state.outcome()) != query.outcomes.end();
}

template <class Id>
bool Matches(const std::optional<Id>& wanted, const std::string& uuid) {
  return !wanted.has_value() || wanted->ToString() == uuid;
}

bool EndedTooLate(const ResultQuery& query, const DialingState& state) {
  return query.ended_before.has_value() &&
         absl::FromUnixNanos(state.tm_delete_ns()) >= *query.ended_before;
}

bool Wants(const ResultQuery& query, const v1::Dialing& dialing) {
  return Matches(query.campaign, dialing.camp_uuid()) && Matches(query.dlma, dialing.dlma_uuid()) &&
         Matches(query.dl, dialing.dl_list_uuid());
}

}  // namespace

absl::Status NoSuchDialing(const KvReader& reader, absl::string_view kind,
                           const DialingUuid& uuid) {
  const absl::StatusOr<ResultTrim> trim = ReadResultTrim(reader);
  if (!trim.ok()) return trim.status();
  const absl::Time until = absl::FromUnixNanos(trim->trimmed_until_ns());
  if (trim->oldest() == 1 || absl::FromUnixMillis(uuid.made_ms()) > until) {
    return engine::NoSuch(kind, uuid.ToString());
  }
  return engine::OutOfRange(
      engine::Reason::kPositionTrimmed,
      absl::StrCat("No such ", kind, ", or no longer: of those that ended until ",
                   FormatRecordNanos(trim->trimmed_until_ns()), " nothing is kept"));
}

absl::StatusOr<v1::Result> ReadResult(const KvReader& reader, const DialingUuid& uuid,
                                      bool with_records) {
  const absl::StatusOr<std::optional<uint64_t>> sequence = ReadResultSequence(reader, uuid);
  if (!sequence.ok()) return sequence.status();
  if (!sequence->has_value()) return NoSuchDialing(reader, "result", uuid);
  absl::StatusOr<ResultRow> row =
      NeedRow<ResultRow>(reader, Family::kResult, SequenceKey(**sequence));
  if (!row.ok()) return row.status();
  return RenderResult(reader, **sequence, *std::move(row), with_records);
}

absl::StatusOr<ResultPage> ReadResults(const KvReader& reader, const ResultQuery& query) {
  const absl::StatusOr<ResultTrim> trim = ReadResultTrim(reader);
  if (!trim.ok()) return trim.status();
  const absl::StatusOr<uint64_t> first = BeginOf(reader, query, *trim);
  if (!first.ok()) return first.status();
  ResultPage page;
  page.scanned_to = EncodeResultPosition(*first - 1);
  page.at_end = true;
  if (trim->oldest() > 1) page.trimmed_until = absl::FromUnixNanos(trim->trimmed_until_ns());
  const absl::StatusOr<std::optional<Walk>> walk = PlanWalk(reader, query, *first);
  if (!walk.ok()) return walk.status();
  if (!walk->has_value()) return page;
  if (!query.is_continued) {
    absl::Status served = CheckServed(reader, **walk, query, *first);
    if (!served.ok()) return served;
  }
  const size_t limit = (*walk)->is_filtered ? kMaxResultsScanned : query.limit;
  const absl::StatusOr<std::vector<uint64_t>> sequences = Sequences(reader, **walk, limit);
  if (!sequences.ok()) return sequences.status();
  page.at_end = sequences->size() < limit;
  for (const uint64_t sequence : *sequences) {
    if (page.results.size() == query.limit) {
      page.at_end = false;
      break;
    }
    absl::StatusOr<ResultRow> row =
        NeedRow<ResultRow>(reader, Family::kResult, SequenceKey(sequence));
    if (!row.ok()) return row.status();
    if (EndedTooLate(query, row->state())) {
      page.at_end = true;
      break;
    }
    page.scanned_to = EncodeResultPosition(sequence);
    if (!Wants(query, row->state())) continue;
    absl::StatusOr<v1::Result> result =
        RenderResult(reader, sequence, *std::move(row), query.with_records);
    if (!result.ok()) return result.status();
    if (Wants(query, result->dialing())) page.results.push_back(*std::move(result));
  }
  return page;
}

}  // namespace outdial::storage
