// The small records: campaigns, plans, dlmas and destinations. Two rows each: the record as it is,
// until it is deleted, and every revision of it, for ever.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/errors.h"
#include "engine/uuid.h"
#include "outdial/v1/campaign.pb.h"
#include "outdial/v1/destination.pb.h"
#include "outdial/v1/dlma.pb.h"
#include "outdial/v1/plan.pb.h"
#include "storage/key_schema.h"
#include "storage/kv.h"
#include "storage/round_overlay.h"
#include "storage/stored_value.h"

namespace outdial::storage {

// What differs between the kinds.
template <class Record>
struct RecordTraits;
template <>
struct RecordTraits<v1::Campaign> {
  static constexpr RecordKind kKind = RecordKind::kCampaign;
  static constexpr char kName[] = "campaign";
};
template <>
struct RecordTraits<v1::Plan> {
  static constexpr RecordKind kKind = RecordKind::kPlan;
  static constexpr char kName[] = "plan";
};
template <>
struct RecordTraits<v1::Dlma> {
  static constexpr RecordKind kKind = RecordKind::kDlma;
  static constexpr char kName[] = "dlma";
};
template <>
struct RecordTraits<v1::Destination> {
  static constexpr RecordKind kKind = RecordKind::kDestination;
  static constexpr char kName[] = "destination";
};

// Writes the record and its revision; one with tm_delete leaves the records.
template <class Record>
absl::Status PutRecord(const Record& record, RoundOverlay* overlay) {
  using Traits = RecordTraits<Record>;
  const std::optional<engine::Uuid> uuid = engine::Uuid::Parse(record.uuid());
  if (!uuid.has_value()) return absl::InternalError("a record without a uuid can't be stored");
  const std::string bytes = record.SerializeAsString();
  overlay->Put(Family::kRevision, RevisionKey(Traits::kKind, *uuid, record.revision()), bytes);
  if (record.has_tm_delete()) {
    overlay->Delete(Family::kRecord, RecordKey(Traits::kKind, *uuid));
  } else {
    overlay->Put(Family::kRecord, RecordKey(Traits::kKind, *uuid), bytes);
  }
  return absl::OkStatus();
}

// NOT_FOUND: there is none, or it is deleted.
template <class Record>
absl::StatusOr<Record> ReadRecord(const KvReader& reader, const engine::Uuid& uuid) {
  using Traits = RecordTraits<Record>;
  absl::StatusOr<std::optional<Record>> record =
      FindRow<Record>(reader, Family::kRecord, RecordKey(Traits::kKind, uuid));
  if (!record.ok()) return record.status();
  if (!record->has_value()) return engine::NoSuch(Traits::kName, uuid.ToString());
  return *std::move(*record);
}

// The record as it was, deleted or not. DATA_LOSS: there is no such revision.
template <class Record>
absl::StatusOr<Record> ReadRevision(const KvReader& reader, const engine::Uuid& uuid,
                                    uint64_t revision) {
  return NeedRow<Record>(reader, Family::kRevision,
                         RevisionKey(RecordTraits<Record>::kKind, uuid, revision));
}

// Up to `limit` records after `after`, in the order of uuids; nil: from the first.
template <class Record>
absl::StatusOr<std::vector<Record>> ReadRecords(const KvReader& reader, const engine::Uuid& after,
                                                size_t limit) {
  constexpr RecordKind kKind = RecordTraits<Record>::kKind;
  KeyRange range = PrefixRange(KindPrefix(kKind));
  if (!after.is_nil()) range.first = KeyAfter(RecordKey(kKind, after));
  std::vector<Record> records;
  absl::Status status;
  const absl::Status scanned = reader.Scan(
      Family::kRecord, range, limit, [&](absl::string_view key, absl::string_view value) {
        status = ParseRow(Family::kRecord, key, value, &records.emplace_back());
        return status.ok();
      });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  return records;
}

// The number of a list, deleted or not; absent: never made.
absl::StatusOr<std::optional<engine::ListNumber>> ReadListNumber(const KvReader& reader,
                                                                 const engine::DlmaUuid& dlma);

}  // namespace outdial::storage
