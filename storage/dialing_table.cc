#include "storage/dialing_table.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/errors.h"
#include "storage/key_schema.h"
#include "storage/record_conversion.h"
#include "storage/result_reader.h"
#include "storage/stored_value.h"

namespace outdial::storage {
namespace {

using engine::CampaignUuid;
using engine::DialingUuid;
using engine::DlUuid;

absl::StatusOr<DialingUuid> UuidOf(const v1::Dialing& dialing) {
  const std::optional<DialingUuid> uuid = DialingUuid::Parse(dialing.uuid());
  if (!uuid.has_value()) return absl::InternalError("a dialing without a uuid can't be stored");
  return *uuid;
}

CampaignUuid CampaignOf(const v1::Dialing& dialing) {
  return CampaignUuid::Parse(dialing.camp_uuid()).value_or(CampaignUuid());
}

using LiveVisitor = absl::FunctionRef<absl::Status(const DialingUuid&, DialingState)>;

absl::Status ForEachLive(const KvReader& reader, const KeyRange& range, size_t limit,
                         LiveVisitor visit) {
  absl::Status status;
  const absl::Status scanned =
      reader.Scan(Family::kLive, range, limit, [&](absl::string_view key, absl::string_view value) {
        const auto uuid = ParseListedUuidKey(key);
        DialingState state;
        status = uuid.has_value() ? ParseRow(Family::kLive, key, value, &state)
                                  : DamagedRow(Family::kLive, key, "can't be read");
        if (status.ok()) status = visit(DialingUuid(*uuid), std::move(state));
        return status.ok();
      });
  return scanned.ok() ? status : scanned;
}

}  // namespace

absl::StatusOr<v1::Dialing> JoinDialing(const KvReader& reader, const DialingUuid& uuid,
                                        DialingState state) {
  absl::StatusOr<DialingStatic> dialing_static =
      NeedRow<DialingStatic>(reader, Family::kDialing, DialingKey(uuid));
  if (!dialing_static.ok()) return dialing_static.status();
  return ToDialing(uuid, *std::move(dialing_static), std::move(state));
}

absl::StatusOr<v1::Dialing> ReadDialing(const KvReader& reader, const DialingUuid& uuid) {
  absl::StatusOr<std::optional<DialingState>> live =
      FindRow<DialingState>(reader, Family::kLive, DialingKey(uuid));
  if (!live.ok()) return live.status();
  if (live->has_value()) return JoinDialing(reader, uuid, **std::move(live));
  const absl::StatusOr<std::optional<uint64_t>> sequence = ReadResultSequence(reader, uuid);
  if (!sequence.ok()) return sequence.status();
  if (!sequence->has_value()) return NoSuchDialing(reader, "dialing", uuid);
  absl::StatusOr<ResultRow> row =
      NeedRow<ResultRow>(reader, Family::kResult, SequenceKey(**sequence));
  if (!row.ok()) return row.status();
  return JoinDialing(reader, uuid, std::move(*row->mutable_state()));
}

absl::StatusOr<std::vector<v1::Dialing>> ReadLiveDialings(const KvReader& reader,
                                                          const DialingUuid& after, size_t limit) {
  std::vector<std::pair<DialingUuid, DialingState>> live;
  const KeyRange range{after.is_nil() ? std::string() : KeyAfter(DialingKey(after)), ""};
  const absl::Status status =
      ForEachLive(reader, range, limit, [&](const DialingUuid& uuid, DialingState state) {
        live.emplace_back(uuid, std::move(state));
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  std::vector<v1::Dialing> dialings;
  for (auto& [uuid, state] : live) {
    absl::StatusOr<v1::Dialing> dialing = JoinDialing(reader, uuid, std::move(state));
    if (!dialing.ok()) return dialing.status();
    dialings.push_back(*std::move(dialing));
  }
  return dialings;
}

absl::StatusOr<DialingCount> CountLiveDialings(const KvReader& reader,
                                               const std::optional<CampaignUuid>& campaign) {
  struct Seen {
    DialingUuid uuid;
    bool answered;
    bool with_agent;
  };
  std::vector<Seen> live;
  const absl::Status status =
      ForEachLive(reader, {}, kNoLimit, [&](const DialingUuid& uuid, const DialingState& state) {
        live.push_back({uuid, state.has_tm_answer_ns(), state.has_tm_agent_connect_ns()});
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  DialingCount count;
  for (const Seen& seen : live) {
    if (campaign.has_value()) {
      const absl::StatusOr<DialingStatic> dialing =
          NeedRow<DialingStatic>(reader, Family::kDialing, DialingKey(seen.uuid));
      if (!dialing.ok()) return dialing.status();
      if (dialing->camp_uuid() != UuidBytes(*campaign)) continue;
    }
    count.total += 1;
    count.answered += seen.answered ? 1 : 0;
    count.with_agent += seen.with_agent ? 1 : 0;
  }
  return count;
}

absl::StatusOr<std::optional<uint64_t>> ReadResultSequence(const KvReader& reader,
                                                           const DialingUuid& uuid) {
  const std::string key = DialingKey(uuid);
  std::string value;
  const absl::StatusOr<bool> found = reader.Get(Family::kResultOfDialing, key, &value);
  if (!found.ok()) return found.status();
  if (!*found) return std::optional<uint64_t>();
  const std::optional<uint64_t> sequence = ParseSequenceKey(value);
  if (!sequence.has_value()) return DamagedRow(Family::kResultOfDialing, key, "can't be read");
  return sequence;
}

absl::Status ReadTallies(const KvReader& reader, const CampaignUuid& campaign, int32_t first_day,
                         const std::function<void(engine::DayTally)>& call) {
  KeyRange range = PrefixRange(CampaignKey(campaign));
  range.first = TallyKey(campaign, first_day);
  std::vector<engine::DayTally> tallies;
  absl::Status status;
  const absl::Status scanned = reader.Scan(
      Family::kTally, range, kNoLimit, [&](absl::string_view key, absl::string_view value) {
        const auto parsed = ParseTallyKey(key);
        TallyRow row;
        status = parsed.has_value() ? ParseRow(Family::kTally, key, value, &row)
                                    : DamagedRow(Family::kTally, key, "can't be read");
        if (!status.ok()) return false;
        engine::DayTally tally{.day = parsed->day};
        const size_t outcomes = std::min<size_t>(tally.by_outcome.size(), row.by_outcome_size());
        std::copy_n(row.by_outcome().begin(), outcomes, tally.by_outcome.begin());
        tallies.push_back(tally);
        return true;
      });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  for (const engine::DayTally& tally : tallies) call(tally);
  return absl::OkStatus();
}

absl::Status DialingTable::Create(const v1::Dialing& dialing) {
  const absl::StatusOr<DialingUuid> uuid = UuidOf(dialing);
  if (!uuid.ok()) return uuid.status();
  const absl::StatusOr<DialingStatic> dialing_static = ToDialingStatic(dialing);
  if (!dialing_static.ok()) return dialing_static.status();
  const absl::StatusOr<DialingState*> state = packer_->Pack(dialing);
  if (!state.ok()) return state.status();
  const absl::StatusOr<CampaignRow*> counts = counters_->ChangeCampaign(CampaignOf(dialing));
  if (!counts.ok()) return counts.status();
  (*counts)->set_live((*counts)->live() + 1);
  Put(Family::kDialing, DialingKey(*uuid), dialing_static->SerializeAsString());
  overlay_->Put(Family::kLive, DialingKey(*uuid), (*state)->SerializeAsString());
  return absl::OkStatus();
}

absl::Status DialingTable::Update(const v1::Dialing& dialing) {
  const absl::StatusOr<DialingUuid> uuid = UuidOf(dialing);
  if (!uuid.ok()) return uuid.status();
  const absl::StatusOr<DialingState*> state = packer_->Pack(dialing);
  if (!state.ok()) return state.status();
  overlay_->Put(Family::kLive, DialingKey(*uuid), (*state)->SerializeAsString());
  return absl::OkStatus();
}

absl::Status DialingTable::End(const v1::Dialing& dialing, int32_t day, uint64_t end_event) {
  const absl::StatusOr<DialingUuid> uuid = UuidOf(dialing);
  if (!uuid.ok()) return uuid.status();
  const absl::StatusOr<DialingState*> state = packer_->Pack(dialing);
  if (!state.ok()) return state.status();
  const std::optional<DlUuid> dl = DlUuid::Parse(dialing.dl_list_uuid());
  if (!dl.has_value()) return absl::InternalError("a dialing without an entry can't be stored");
  const CampaignUuid campaign = CampaignOf(dialing);
  const absl::StatusOr<CampaignRow*> counts = counters_->ChangeCampaign(campaign);
  if (!counts.ok()) return counts.status();
  (*counts)->set_live((*counts)->live() - 1);
  CountOutcome(dialing.outcome(), *counts);
  absl::Status tallied = AddToTally(campaign, day, dialing.outcome());
  if (!tallied.ok()) return tallied;
  overlay_->Delete(Family::kLive, DialingKey(*uuid));
  ResultRow row;
  row.set_dialing_uuid(UuidBytes(*uuid));
  row.set_end_event(end_event);
  row.set_bytes_before(bytes_written_);
  row.unsafe_arena_set_allocated_state(*state);  // lent: the packer's own
  PutResult(*uuid, campaign, *dl, row);
  row.unsafe_arena_release_state();
  return absl::OkStatus();
}

void DialingTable::PutResult(const DialingUuid& uuid, const CampaignUuid& campaign,
                             const DlUuid& dl, const ResultRow& row) {
  const uint64_t sequence = ++last_result_;
  Put(Family::kResult, SequenceKey(sequence), row.SerializeAsString());
  Put(Family::kResultOfDialing, DialingKey(uuid), SequenceKey(sequence));
  for (std::string& key : ResultIndexKeys(campaign, dl, row.state().outcome(), sequence)) {
    Put(Family::kResultIndex, std::move(key), "");
  }
}

void DialingTable::Put(Family family, std::string key, std::string value) {
  bytes_written_ += key.size() + value.size();
  overlay_->Put(family, std::move(key), std::move(value));
}

absl::Status DialingTable::Load(uint64_t last) {
  last_result_ = last;
  bytes_written_ = 0;
  if (last == 0) return absl::OkStatus();
  const std::string key = SequenceKey(last);
  const absl::StatusOr<ResultRow> row = NeedRow<ResultRow>(*overlay_, Family::kResult, key);
  if (!row.ok()) return row.status();
  bytes_written_ = row->bytes_before() + key.size() + row->ByteSizeLong();
  return absl::OkStatus();
}

absl::Status DialingTable::AddToTally(const CampaignUuid& campaign, int32_t day, int outcome) {
  const std::string key = TallyKey(campaign, day);
  absl::StatusOr<std::optional<TallyRow>> row = FindRow<TallyRow>(*overlay_, Family::kTally, key);
  if (!row.ok()) return row.status();
  if (!row->has_value()) row->emplace();
  CountOutcome(outcome, &**row);
  overlay_->Put(Family::kTally, key, (*row)->SerializeAsString());
  return absl::OkStatus();
}

}  // namespace outdial::storage
