// What a Show answers, page by page. Each page is read from a fresh snapshot of the store when the
// client has taken the one before: a slow reader holds one batch and pins nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/errors.h"

namespace outdial::server {

// Bounds of one batch. A record that is larger than a batch travels alone; none comes near the
// 4 MiB that a client takes.
inline constexpr size_t kMaxBatchRecords = 256;
// The first batch of a long answer is small, so that it is there at once.
inline constexpr size_t kFirstBatchRecords = 32;
inline constexpr size_t kMaxBatchBytes = 512 * 1024;

// What became of a message that was to be filled.
enum class Batch {
  kNone,  // there is none: the answer is complete
  kMore,  // another may follow
  kLast,  // none follows
};

// Fills the next message, which is empty. Not to be called again after kNone or kLast.
template <class Response>
using NextBatch = std::function<absl::StatusOr<Batch>(Response*)>;

// INVALID_ARGUMENT: `text` is no uuid.
template <class Uuid>
absl::StatusOr<Uuid> ParseUuidField(absl::string_view field, absl::string_view text) {
  const std::optional<Uuid> uuid = Uuid::Parse(text);
  if (!uuid.has_value()) {
    return engine::InvalidField(field,
                                "must be a uuid, such as 0190163d-8694-739b-aea5-966c26f8ad91");
  }
  return *uuid;
}

// The message with the one record that `read` gives: `add`, as below, puts it there.
template <class Response, class Read, class Add>
NextBatch<Response> OneRecord(Read read, Add add) {
  return [read, add](Response* response) -> absl::StatusOr<Batch> {
    auto record = read();
    if (!record.ok()) return record.status();
    const absl::StatusOr<bool> added = add(response, *std::move(record));
    if (!added.ok()) return added.status();
    return *added ? Batch::kLast : Batch::kNone;
  };
}

// Pages through records in the order of their uuids, from the one after `after`, at most `count`.
// `read`: (Uuid after, size_t limit) -> StatusOr<vector<Record>>, empty at the end. `add`:
// (Response*, Record) -> bool or StatusOr<bool>: false when it left the record out.
template <class Response, class Uuid, class Read, class Add>
NextBatch<Response> RecordPages(Uuid after, std::optional<uint64_t> count, Read read, Add add) {
  uint64_t left = count.value_or(std::numeric_limits<uint64_t>::max());
  return [after, left, read, add,
          limit = kFirstBatchRecords](Response* response) mutable -> absl::StatusOr<Batch> {
    bool added = false;
    while (!added && left > 0) {
      auto page = read(after, static_cast<size_t>(std::min<uint64_t>(left, limit)));
      limit = kMaxBatchRecords;
      if (!page.ok()) return page.status();
      if (page->empty()) return Batch::kNone;
      size_t bytes = 0;
      for (auto& record : *page) {
        bytes += record.ByteSizeLong();
        if (added && bytes > kMaxBatchBytes) break;
        const absl::StatusOr<Uuid> uuid = ParseUuidField<Uuid>("uuid", record.uuid());
        if (!uuid.ok()) return absl::DataLossError("a stored record has a damaged uuid");
        after = *uuid;
        const absl::StatusOr<bool> taken = add(response, std::move(record));
        if (!taken.ok()) return taken.status();
        if (*taken) {
          added = true;
          --left;
        }
      }
    }
    return added ? Batch::kMore : Batch::kNone;
  };
}

}  // namespace outdial::server
