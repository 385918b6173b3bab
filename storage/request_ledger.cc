#include "storage/request_ledger.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "storage/record_conversion.h"
#include "storage/stored_value.h"

namespace outdial::storage {
namespace {

constexpr absl::Duration kKeepFor = absl::Hours(24 * 7);
// More than one, so that the ledger shrinks while it is written; bounded, so that no round stalls.
constexpr size_t kMaxDroppedPerPut = 4;

}  // namespace

absl::StatusOr<std::optional<engine::LedgerEntry>> RequestLedger::FindCreate(
    absl::string_view id) const {
  absl::StatusOr<std::optional<StoredRequest>> row =
      FindRow<StoredRequest>(*overlay_, Family::kRequest, RequestKey(RequestKind::kCreate, id));
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::optional<engine::LedgerEntry>();
  return engine::LedgerEntry{(*row)->request(), (*row)->response()};
}

absl::Status RequestLedger::PutCreate(absl::string_view id, const engine::LedgerEntry& entry,
                                      absl::Time now) {
  StoredRequest row;
  row.set_request(entry.request);
  row.set_response(entry.response);
  return Put(RequestKind::kCreate, id, std::move(row), now);
}

absl::StatusOr<std::optional<engine::ImportProgress>> RequestLedger::FindImport(
    absl::string_view id) const {
  const absl::StatusOr<std::optional<StoredRequest>> row =
      FindRow<StoredRequest>(*overlay_, Family::kRequest, RequestKey(RequestKind::kImport, id));
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::optional<engine::ImportProgress>();
  return engine::ImportProgress{
      .dlma = engine::DlmaUuid(UuidFromBytes((*row)->dlma_uuid())),
      .next_row = (*row)->next_row(),
      .accepted = (*row)->accepted(),
      .refused = (*row)->refused(),
      .duplicates = (*row)->duplicates(),
  };
}

absl::Status RequestLedger::PutImport(absl::string_view id, const engine::ImportProgress& progress,
                                      absl::Time now) {
  StoredRequest row;
  row.set_dlma_uuid(UuidBytes(progress.dlma));
  row.set_next_row(progress.next_row);
  row.set_accepted(progress.accepted);
  row.set_refused(progress.refused);
  row.set_duplicates(progress.duplicates);
  return Put(RequestKind::kImport, id, std::move(row), now);
}

void RequestLedger::Forget() { first_expiry_us_ = std::numeric_limits<int64_t>::min(); }

absl::Status RequestLedger::Put(RequestKind kind, absl::string_view id, StoredRequest row,
                                absl::Time now) {
  absl::Status dropped = DropExpired(now);
  if (!dropped.ok()) return dropped;
  const std::string key = RequestKey(kind, id);
  const absl::StatusOr<std::optional<StoredRequest>> old =
      FindRow<StoredRequest>(*overlay_, Family::kRequest, key);
  if (!old.ok()) return old.status();
  if (old->has_value()) {
    overlay_->Delete(Family::kRequestExpiry, RequestExpiryKey((*old)->expiry_us(), kind, id));
  }
  row.set_expiry_us(absl::ToUnixMicros(now + kKeepFor));
  first_expiry_us_ = std::min(first_expiry_us_, row.expiry_us());
  overlay_->Put(Family::kRequestExpiry, RequestExpiryKey(row.expiry_us(), kind, id), "");
  overlay_->Put(Family::kRequest, key, row.SerializeAsString());
  return absl::OkStatus();
}

absl::Status RequestLedger::DropExpired(absl::Time now) {
  const int64_t now_us = absl::ToUnixMicros(now);
  if (first_expiry_us_ > now_us) return absl::OkStatus();
  std::vector<std::pair<std::string, std::string>> expired;  // expiry key, request key
  absl::Status status;
  int64_t first_left_us = std::numeric_limits<int64_t>::max();
  const absl::Status scanned =
      overlay_->Scan(Family::kRequestExpiry, {RequestExpiryPrefix(first_expiry_us_), ""},
                     kMaxDroppedPerPut + 1, [&](absl::string_view key, absl::string_view) {
                       auto parsed = ParseRequestExpiryKey(key);
                       if (!parsed.has_value()) {
                         status = DamagedRow(Family::kRequestExpiry, key, "can't be read");
                         return false;
                       }
                       first_left_us = parsed->expiry_us;
                       if (parsed->expiry_us > now_us || expired.size() == kMaxDroppedPerPut)
                         return false;
                       expired.emplace_back(std::string(key), std::move(parsed->request_key));
                       first_left_us = std::numeric_limits<int64_t>::max();
                       return true;
                     });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  for (auto& [expiry_key, request_key] : expired) {
    overlay_->Delete(Family::kRequestExpiry, std::move(expiry_key));
    overlay_->Delete(Family::kRequest, std::move(request_key));
  }
  first_expiry_us_ = first_left_us;
  return absl::OkStatus();
}

}  // namespace outdial::storage
