// The small records, and the request ledger.
#include <string>

#include "outdial/v1/campaign.pb.h"
#include "outdial/v1/destination.pb.h"
#include "outdial/v1/dlma.pb.h"
#include "outdial/v1/plan.pb.h"
#include "storage/key_schema.h"
#include "storage/record_conversion.h"
#include "storage/record_table.h"
#include "storage/row_cursor.h"
#include "storage/stored_records.pb.h"
#include "storage/stored_value.h"
#include "storage/verify_parts.h"

namespace outdial::storage {
namespace {

// The list of a dlma names it back.
absl::Status CheckListOf(const KvReader& reader, const engine::DlmaUuid& uuid) {
  const std::string key = ListOfDlmaKey(uuid);
  const absl::StatusOr<std::optional<engine::ListNumber>> number = ReadListNumber(reader, uuid);
  if (!number.ok()) return number.status();
  if (!number->has_value()) return DamagedRow(Family::kListOfDlma, key, "is missing");
  const absl::StatusOr<ListRow> list = NeedRow<ListRow>(reader, Family::kList, ListKey(**number));
  if (!list.ok()) return list.status();
  if (list->dlma_uuid() == UuidBytes(uuid)) return absl::OkStatus();
  return DamagedRow(Family::kListOfDlma, key, "names a list of another dlma");
}

template <class Record>
absl::Status CheckRecord(const KvReader& reader, const std::string& key, const std::string& value) {
  constexpr RecordKind kKind = RecordTraits<Record>::kKind;
  Record record;
  if (absl::Status status = ParseRow(Family::kRecord, key, value, &record); !status.ok()) {
    return status;
  }
  const std::optional<engine::Uuid> uuid = ParseRecordKey(key);
  if (!uuid.has_value() || record.uuid() != uuid->ToString()) {
    return DamagedRow(Family::kRecord, key, "holds another record");
  }
  const std::string revision_key = RevisionKey(kKind, *uuid, record.revision());
  std::string revision;
  const absl::StatusOr<bool> found = reader.Get(Family::kRevision, revision_key, &revision);
  if (!found.ok()) return found.status();
  if (!*found) return DamagedRow(Family::kRevision, revision_key, "is missing");
  if (revision != value) {
    return DamagedRow(Family::kRevision, revision_key, "differs from the record");
  }
  if (kKind != RecordKind::kDlma) return absl::OkStatus();
  return CheckListOf(reader, engine::DlmaUuid(*uuid));
}

absl::Status CheckRecordRow(const KvReader& reader, const std::string& key,
                            const std::string& value) {
  switch (static_cast<RecordKind>(key.empty() ? '\0' : key.front())) {
    case RecordKind::kCampaign:
      return CheckRecord<v1::Campaign>(reader, key, value);
    case RecordKind::kPlan:
      return CheckRecord<v1::Plan>(reader, key, value);
    case RecordKind::kDlma:
      return CheckRecord<v1::Dlma>(reader, key, value);
    case RecordKind::kDestination:
      return CheckRecord<v1::Destination>(reader, key, value);
  }
  return DamagedRow(Family::kRecord, key, "is of an unknown kind");
}

absl::Status CheckExpiry(const KvReader& reader, const std::string& key) {
  const auto parsed = ParseRequestExpiryKey(key);
  if (!parsed.has_value()) return DamagedRow(Family::kRequestExpiry, key, "can't be read");
  const auto request = FindRow<StoredRequest>(reader, Family::kRequest, parsed->request_key);
  if (!request.ok()) return request.status();
  if (request->has_value() && (*request)->expiry_us() == parsed->expiry_us) return absl::OkStatus();
  return DamagedRow(Family::kRequestExpiry, key, "belongs to no request");
}

absl::Status CheckRequest(const KvReader& reader, const std::string& key,
                          const std::string& value) {
  StoredRequest request;
  if (absl::Status status = ParseRow(Family::kRequest, key, value, &request); !status.ok()) {
    return status;
  }
  const std::string expiry_key = RequestExpiryKey(
      request.expiry_us(), static_cast<RequestKind>(key.front()), absl::string_view(key).substr(1));
  std::string unused;
  const absl::StatusOr<bool> found = reader.Get(Family::kRequestExpiry, expiry_key, &unused);
  if (!found.ok()) return found.status();
  if (*found) return absl::OkStatus();
  return DamagedRow(Family::kRequest, key, "has no expiry");
}

}  // namespace

absl::Status VerifyRecords(const KvReader& reader, DamageSink on_damage, VerifyTotals* totals) {
  RowCursor row(reader, Family::kRecord, {});
  for (; row.Valid(); row.Next()) {
    ++totals->records;
    const absl::Status status = CheckRecordRow(reader, row.key(), row.value());
    if (!status.ok()) on_damage(status);
  }
  return row.status();
}

absl::Status VerifyRequests(const KvReader& reader, DamageSink on_damage, VerifyTotals*) {
  RowCursor request(reader, Family::kRequest, {});
  for (; request.Valid(); request.Next()) {
    const absl::Status status = CheckRequest(reader, request.key(), request.value());
    if (!status.ok()) on_damage(status);
  }
  if (!request.status().ok()) return request.status();
  RowCursor expiry(reader, Family::kRequestExpiry, {});
  for (; expiry.Valid(); expiry.Next()) {
    const absl::Status status = CheckExpiry(reader, expiry.key());
    if (!status.ok()) on_damage(status);
  }
  return expiry.status();
}

}  // namespace outdial::storage
