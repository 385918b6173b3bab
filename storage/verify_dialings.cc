// Dialings, live and ended.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/uuid.h"
#include "storage/dl_table.h"
#include "storage/key_schema.h"
#include "storage/record_conversion.h"
#include "storage/result_trimmer.h"
#include "storage/row_cursor.h"
#include "storage/set_digest.h"
#include "storage/stored_records.pb.h"
#include "storage/stored_value.h"
#include "storage/verify_parts.h"

namespace outdial::storage {
namespace {

using engine::CampaignUuid;
using engine::DialingUuid;
using engine::DlUuid;
using engine::Uuid;

struct CampaignCounts {
  uint64_t live = 0;
  // Of results that are there, and of those that were trimmed.
  std::map<int, uint64_t> by_outcome;
};

void AddOutcomes(const google::protobuf::RepeatedField<uint64_t>& counts,
                 std::map<int, uint64_t>* outcomes) {
  for (int i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) (*outcomes)[i] += counts[i];
  }
}

template <class Row>
std::map<int, uint64_t> OutcomesOf(const Row& row) {
  std::map<int, uint64_t> outcomes;
  AddOutcomes(row.by_outcome(), &outcomes);
  return outcomes;
}

std::set<std::string> IndexKeysOf(const DialingStatic& dialing, const ResultRow& row,
                                  uint64_t sequence) {
  const auto keys = ResultIndexKeys(CampaignUuid(UuidFromBytes(dialing.camp_uuid())),
                                    DlUuid(UuidFromBytes(dialing.dl_list_uuid())),
                                    row.state().outcome(), sequence);
  return {keys.begin(), keys.end()};
}

class DialingCheck {
 public:
  DialingCheck(const KvReader& reader, DamageSink on_damage, VerifyTotals* totals)
      : reader_(reader), on_damage_(on_damage), totals_(totals) {}

  absl::Status Run() {
    for (const auto& step :
         {&DialingCheck::ReadDialings, &DialingCheck::ReadTrim, &DialingCheck::ReadResults,
          &DialingCheck::CheckEnds, &DialingCheck::CheckIndex, &DialingCheck::CheckCampaigns,
          &DialingCheck::CheckTallies}) {
      if (absl::Status status = (this->*step)(); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status ReadDialings();
  // A dialing by what is there of it; null: that part is missing.
  void TakeDialing(const std::string& key, const std::string* dialing_static,
                   const std::string* live, const std::string* result);
  void TakeLive(const std::string& key, const DialingStatic& dialing, const std::string& state);
  void CheckRevisions(const std::string& key, const DialingStatic& dialing);
  absl::Status ReadTrim();
  absl::Status ReadResults();
  absl::Status TakeResult(const std::string& key, const std::string& value);
  absl::Status CheckEnds();
  absl::Status CheckIndex();
  absl::Status NameIndex();
  absl::Status CheckCampaigns();
  absl::Status CheckTallies();

  // The index rows that a result row has.
  absl::StatusOr<std::set<std::string>> IndexKeysOfResult(const std::string& key,
                                                          const std::string& value);
  bool Has(Family family, const std::string& key);
  void Report(Family family, absl::string_view key, absl::string_view what) {
    on_damage_(DamagedRow(family, key, what));
  }

  const KvReader& reader_;
  DamageSink on_damage_;
  VerifyTotals* const totals_;
  std::map<CampaignUuid, CampaignCounts> campaigns_;
  std::set<std::string> revisions_;  // keys of those that are known to be there
  uint64_t next_result_ = 1;
  SetDigest ends_of_dialings_, ends_of_results_, index_;
};

// Static part, live state and number of the result lie in three families in the same order.
absl::Status DialingCheck::ReadDialings() {
  RowCursor dialing_static(reader_, Family::kDialing, {});
  RowCursor live(reader_, Family::kLive, {});
  RowCursor result(reader_, Family::kResultOfDialing, {});
  RowCursor* const parts[] = {&dialing_static, &live, &result};
  while (dialing_static.Valid() || live.Valid() || result.Valid()) {
    std::optional<std::string> key;
    for (const RowCursor* part : parts) {
      if (part->Valid() && (!key.has_value() || part->key() < *key)) key = part->key();
    }
    const auto value_of = [&](const RowCursor& part) {
      return part.Valid() && part.key() == *key ? &part.value() : nullptr;
    };
    TakeDialing(*key, value_of(dialing_static), value_of(live), value_of(result));
    for (RowCursor* part : parts) {
      if (part->Valid() && part->key() == *key) part->Next();
    }
  }
  for (const RowCursor* part : parts) {
    if (!part->status().ok()) return part->status();
  }
  return absl::OkStatus();
}

void DialingCheck::TakeDialing(const std::string& key, const std::string* dialing_static,
                               const std::string* live, const std::string* result) {
  if (live != nullptr) ++totals_->live_dialings;
  if (result != nullptr) ends_of_dialings_.Add(key, *result);
  if (dialing_static == nullptr) return Report(Family::kDialing, key, "is missing");
  if (live == nullptr && result == nullptr) {
    return Report(Family::kDialing, key, "is neither live nor ended");
  }
  DialingStatic dialing;
  const absl::Status status = ParseRow(Family::kDialing, key, *dialing_static, &dialing);
  if (!status.ok()) return on_damage_(status);
  CheckRevisions(key, dialing);
  if (live == nullptr) return;
  if (result != nullptr) return Report(Family::kLive, key, "is of a dialing that has ended");
  TakeLive(key, dialing, *live);
}

void DialingCheck::TakeLive(const std::string& key, const DialingStatic& dialing,
                            const std::string& state_bytes) {
  DialingState state;
  const absl::Status status = ParseRow(Family::kLive, key, state_bytes, &state);
  if (!status.ok()) return on_damage_(status);
  ++campaigns_[CampaignUuid(UuidFromBytes(dialing.camp_uuid()))].live;
  const DlUuid dl_uuid(UuidFromBytes(dialing.dl_list_uuid()));
  const absl::StatusOr<v1::Dl> dl = ReadDl(reader_, dl_uuid);
  if (absl::IsDataLoss(dl.status())) return on_damage_(dl.status());
  const auto uuid = ParseListedUuidKey(key);
  if (dl.ok() && uuid.has_value() && dl->status() == v1::DL_STATUS_DIALING &&
      dl->dialing_uuid() == uuid->ToString()) {
    return;
  }
  Report(Family::kLive, key,
         absl::StrCat("is of entry ", dl_uuid.ToString(), ", which is not being dialled by it"));
}

void DialingCheck::CheckRevisions(const std::string& key, const DialingStatic& dialing) {
  const auto check = [&](RecordKind kind, absl::string_view uuid, uint64_t revision) {
    if (uuid.empty()) return;
    std::string revision_key = RevisionKey(kind, UuidFromBytes(uuid), revision);
    if (revisions_.count(revision_key) > 0) return;
    if (!Has(Family::kRevision, revision_key)) {
      return Report(Family::kDialing, key,
                    absl::StrCat("was made from a revision that is missing: ",
                                 UuidFromBytes(uuid).ToString(), ", ", revision));
    }
    revisions_.insert(std::move(revision_key));
  };
  check(RecordKind::kCampaign, dialing.camp_uuid(), dialing.camp_revision());
  check(RecordKind::kPlan, dialing.plan_uuid(), dialing.plan_revision());
  check(RecordKind::kDlma, dialing.dlma_uuid(), dialing.dlma_revision());
  check(RecordKind::kDestination, dialing.dest_uuid(), dialing.dest_revision());
}

absl::Status DialingCheck::ReadTrim() {
  const absl::StatusOr<ResultTrim> trim = ReadResultTrim(reader_);
  if (trim.ok()) {
    next_result_ = trim->oldest();
  } else {
    on_damage_(trim.status());
  }
  return absl::OkStatus();
}

// Results are numbered without a gap from the oldest that is kept.
absl::Status DialingCheck::ReadResults() {
  RowCursor row(reader_, Family::kResult, {});
  for (; row.Valid(); row.Next()) {
    ++totals_->results;
    if (row.key() != SequenceKey(next_result_)) {
      Report(Family::kResult, row.key(),
             absl::StrCat("comes where result ", next_result_, " should be"));
    }
    next_result_ = ParseSequenceKey(row.key()).value_or(next_result_) + 1;
    const absl::Status status = TakeResult(row.key(), row.value());
    if (!status.ok()) on_damage_(status);
  }
  return row.status();
}

absl::Status DialingCheck::TakeResult(const std::string& key, const std::string& value) {
  const std::optional<uint64_t> sequence = ParseSequenceKey(key);
  if (!sequence.has_value()) return DamagedRow(Family::kResult, key, "can't be read");
  ResultRow row;
  if (absl::Status status = ParseRow(Family::kResult, key, value, &row); !status.ok()) {
    return status;
  }
  ends_of_results_.Add(DialingKey(DialingUuid(UuidFromBytes(row.dialing_uuid()))), key);
  const auto dialing = NeedRow<DialingStatic>(
      reader_, Family::kDialing, DialingKey(DialingUuid(UuidFromBytes(row.dialing_uuid()))));
  if (!dialing.ok()) return dialing.status();
  for (const std::string& index_key : IndexKeysOf(*dialing, row, *sequence)) index_.Add(index_key);
  const CampaignUuid campaign(UuidFromBytes(dialing->camp_uuid()));
  ++campaigns_[campaign].by_outcome[row.state().outcome()];
  return absl::OkStatus();
}

absl::StatusOr<std::set<std::string>> DialingCheck::IndexKeysOfResult(const std::string& key,
                                                                      const std::string& value) {
  const std::optional<uint64_t> sequence = ParseSequenceKey(key);
  if (!sequence.has_value()) return DamagedRow(Family::kResult, key, "can't be read");
  ResultRow row;
  if (absl::Status status = ParseRow(Family::kResult, key, value, &row); !status.ok()) {
    return status;
  }
  const auto dialing = NeedRow<DialingStatic>(
      reader_, Family::kDialing, DialingKey(DialingUuid(UuidFromBytes(row.dialing_uuid()))));
  if (!dialing.ok()) return dialing.status();
  return IndexKeysOf(*dialing, row, *sequence);
}

// Each result is the one end of its dialing.
absl::Status DialingCheck::CheckEnds() {
  if (ends_of_dialings_ == ends_of_results_) return absl::OkStatus();
  RowCursor result(reader_, Family::kResult, {});
  for (; result.Valid(); result.Next()) {
    ResultRow row;
    if (!row.ParseFromString(result.value())) continue;  // told already
    std::string end;
    const absl::StatusOr<bool> found = reader_.Get(
        Family::kResultOfDialing, DialingKey(DialingUuid(UuidFromBytes(row.dialing_uuid()))), &end);
    if (!found.ok()) return found.status();
    if (!*found || end != result.key()) {
      Report(Family::kResult, result.key(), "is not the only end of its dialing");
    }
  }
  if (!result.status().ok()) return result.status();
  RowCursor end(reader_, Family::kResultOfDialing, {});
  for (; end.Valid(); end.Next()) {
    const auto row = FindRow<ResultRow>(reader_, Family::kResult, end.value());
    if (!row.ok()) continue;  // told already
    if (row->has_value() &&
        DialingKey(DialingUuid(UuidFromBytes((*row)->dialing_uuid()))) == end.key()) {
      continue;
    }
    Report(Family::kResultOfDialing, end.key(), "names a result that is not of this dialing");
  }
  return end.status();
}

absl::Status DialingCheck::CheckIndex() {
  SetDigest found;
  RowCursor row(reader_, Family::kResultIndex, {});
  for (; row.Valid(); row.Next()) found.Add(row.key());
  if (!row.status().ok()) return row.status();
  return found == index_ ? absl::OkStatus() : NameIndex();
}

absl::Status DialingCheck::NameIndex() {
  RowCursor result(reader_, Family::kResult, {});
  for (; result.Valid(); result.Next()) {
    const auto keys = IndexKeysOfResult(result.key(), result.value());
    if (!keys.ok()) continue;  // told already
    for (const std::string& key : *keys) {
      if (!Has(Family::kResultIndex, key)) Report(Family::kResultIndex, key, "is missing");
    }
  }
  if (!result.status().ok()) return result.status();
  RowCursor row(reader_, Family::kResultIndex, {});
  for (; row.Valid(); row.Next()) {
    const std::optional<uint64_t> sequence = ParseResultIndexKey(row.key());
    std::string value;
    if (sequence.has_value()) {
      const auto found = reader_.Get(Family::kResult, SequenceKey(*sequence), &value);
      if (!found.ok()) return found.status();
      const auto keys = IndexKeysOfResult(SequenceKey(*sequence), value);
      if (*found && !keys.ok()) continue;  // told already
      if (*found && keys->count(row.key()) > 0) continue;
    }
    Report(Family::kResultIndex, row.key(), "belongs to no result");
  }
  return row.status();
}

absl::Status DialingCheck::CheckCampaigns() {
  std::map<CampaignUuid, CampaignCounts> left = campaigns_;
  RowCursor row(reader_, Family::kCampaignCount, {});
  for (; row.Valid(); row.Next()) {
    CampaignRow counts;
    const absl::Status status = ParseRow(Family::kCampaignCount, row.key(), row.value(), &counts);
    const CampaignUuid campaign(UuidFromBytes(row.key()));
    CampaignCounts expected = std::exchange(left[campaign], {});
    left.erase(campaign);
    AddOutcomes(counts.trimmed_by_outcome(), &expected.by_outcome);
    AddOutcomes(counts.trimmed_by_outcome(), &campaigns_[campaign].by_outcome);
    if (!status.ok()) {
      on_damage_(status);
    } else if (counts.live() != expected.live || OutcomesOf(counts) != expected.by_outcome) {
      Report(Family::kCampaignCount, row.key(), "has wrong counters");
    }
  }
  for (const auto& [campaign, counts] : left) {
    Report(Family::kCampaignCount, CampaignKey(campaign), "is missing");
  }
  return row.status();
}

absl::Status DialingCheck::CheckTallies() {
  std::map<CampaignUuid, std::map<int, uint64_t>> sums;
  RowCursor row(reader_, Family::kTally, {});
  for (; row.Valid(); row.Next()) {
    const auto parsed = ParseTallyKey(row.key());
    TallyRow tally;
    const absl::Status status = parsed.has_value()
                                    ? ParseRow(Family::kTally, row.key(), row.value(), &tally)
                                    : DamagedRow(Family::kTally, row.key(), "can't be read");
    if (!status.ok()) {
      on_damage_(status);
      continue;
    }
    for (const auto& [outcome, count] : OutcomesOf(tally)) sums[parsed->campaign][outcome] += count;
  }
  for (const auto& [campaign, counts] : campaigns_) {
    if (sums[campaign] == counts.by_outcome) continue;
    Report(Family::kTally, CampaignKey(campaign),
           absl::StrCat("and its days don't add up, those of campaign ", campaign.ToString()));
  }
  for (const auto& [campaign, counts] : sums) {
    if (campaigns_.count(campaign) > 0 || counts.empty()) continue;
    Report(Family::kTally, CampaignKey(campaign), "is of a campaign without results");
  }
  return row.status();
}

bool DialingCheck::Has(Family family, const std::string& key) {
  std::string unused;
  // A row that can't be read is there; that it can't be read is told where it is scanned.
  return reader_.Get(family, key, &unused).value_or(true);
}

}  // namespace

absl::Status VerifyDialings(const KvReader& reader, DamageSink on_damage, VerifyTotals* totals) {
  return DialingCheck(reader, on_damage, totals).Run();
}

}  // namespace outdial::storage
