#include "storage/result_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/errors.h"
#include "storage/dialing_table.h"
#include "storage/dl_table.h"
#include "storage/key_schema.h"
#include "storage/record_conversion.h"
#include "storage/record_table.h"
#include "storage/stored_value.h"

namespace outdial::storage {
namespace {

using engine::DialingUuid;
using engine::DlUuid;
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
  Family family;
  KeyRange range;
};

// Absent: the query names a list that never was.
absl::StatusOr<std::optional<Walk>> PlanWalk(const KvReader& reader, const ResultQuery& query,
                                             uint64_t after) {
  if (query.dl.has_value()) {
    return Walk{Family::kResultIndex,
                PrefixRangeAfter(ResultIndexPrefix(*query.dl), ResultIndexKey(*query.dl, after))};
  }
  if (query.campaign.has_value()) {
    return Walk{Family::kResultIndex, PrefixRangeAfter(ResultIndexPrefix(*query.campaign),
                                                       ResultIndexKey(*query.campaign, after))};
  }
  if (!query.dlma.has_value()) return Walk{Family::kResult, {SequenceKey(after + 1), ""}};
  const absl::StatusOr<std::optional<engine::ListNumber>> list =
      ReadListNumber(reader, *query.dlma);
  if (!list.ok()) return list.status();
  if (!list->has_value()) return std::optional<Walk>();
  return Walk{Family::kResultIndex,
              PrefixRangeAfter(ResultIndexPrefix(**list), ResultIndexKey(**list, after))};
}

absl::StatusOr<std::vector<uint64_t>> Sequences(const KvReader& reader, const Walk& walk) {
  std::vector<uint64_t> sequences;
  absl::Status status;
  const absl::Status scanned = reader.Scan(
      walk.family, walk.range, kMaxResultsScanned, [&](absl::string_view key, absl::string_view) {
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
  return sequences;
}

bool Wants(const ResultQuery& query, const DialingState& state) {
  return query.outcomes.empty() || std::find(query.outcomes.begin(), query.outcomes.end(),
                                             state.outcome()) != query.outcomes.end();
}

template <class Id>
bool Matches(const std::optional<Id>& wanted, const std::string& uuid) {
  return !wanted.has_value() || wanted->ToString() == uuid;
}

bool Wants(const ResultQuery& query, const v1::Dialing& dialing) {
  return Matches(query.campaign, dialing.camp_uuid()) && Matches(query.dlma, dialing.dlma_uuid()) &&
         Matches(query.dl, dialing.dl_list_uuid());
}

}  // namespace

absl::StatusOr<v1::Result> ReadResult(const KvReader& reader, const DialingUuid& uuid,
                                      bool with_records) {
  const absl::StatusOr<std::optional<uint64_t>> sequence = ReadResultSequence(reader, uuid);
  if (!sequence.ok()) return sequence.status();
  if (!sequence->has_value()) return engine::NoSuch("result", uuid.ToString());
  absl::StatusOr<ResultRow> row =
      NeedRow<ResultRow>(reader, Family::kResult, SequenceKey(**sequence));
  if (!row.ok()) return row.status();
  return RenderResult(reader, **sequence, *std::move(row), with_records);
}

absl::StatusOr<ResultPage> ReadResults(const KvReader& reader, const ResultQuery& query) {
  uint64_t after = 0;
  if (!query.after_position.empty()) {
    const std::optional<uint64_t> parsed = ParseResultPosition(query.after_position);
    if (!parsed.has_value()) {
      return engine::InvalidField("after_position", "must be a position that a result came with");
    }
    after = *parsed;
  }
  ResultPage page{.results = {}, .scanned_to = EncodeResultPosition(after), .at_end = true};
  const absl::StatusOr<std::optional<Walk>> walk = PlanWalk(reader, query, after);
  if (!walk.ok()) return walk.status();
  if (!walk->has_value()) return page;
  const absl::StatusOr<std::vector<uint64_t>> sequences = Sequences(reader, **walk);
  if (!sequences.ok()) return sequences.status();
  page.at_end = sequences->size() < kMaxResultsScanned;
  for (const uint64_t sequence : *sequences) {
    if (page.results.size() == query.limit) {
      page.at_end = false;
      break;
    }
    page.scanned_to = EncodeResultPosition(sequence);
    absl::StatusOr<ResultRow> row =
        NeedRow<ResultRow>(reader, Family::kResult, SequenceKey(sequence));
    if (!row.ok()) return row.status();
    if (!Wants(query, row->state())) continue;
    absl::StatusOr<v1::Result> result =
        RenderResult(reader, sequence, *std::move(row), query.with_records);
    if (!result.ok()) return result.status();
    if (Wants(query, result->dialing())) page.results.push_back(*std::move(result));
  }
  return page;
}

}  // namespace outdial::storage
