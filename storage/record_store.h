// The store: records, indexes, counters, results and events on an ordered key-value store.
//
// Two faces. To the run loop it is an engine::RoundCommitter: one writer, one atomic synced batch
// a round. To everybody else it is StoreReader: thread-safe reads of what is committed, each call
// on a fresh snapshot, so that a slow reader pins nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/ports.h"
#include "outdial/v1/campaign_service.pb.h"
#include "outdial/v1/dialing_service.pb.h"
#include "outdial/v1/dl.pb.h"
#include "outdial/v1/event.pb.h"
#include "storage/backup.h"
#include "storage/event_observer.h"
#include "storage/kv.h"

namespace outdial::storage {

// What OutDlListShow asks for of a list. Without outcomes and finished, and of status IDLE or any:
// in the order of uuids.
struct DlQuery {
  engine::DlmaUuid dlma = {};
  std::optional<v1::DlStatus> status = {};
  std::vector<v1::Outcome> outcomes = {};  // empty: all
  std::optional<bool> finished = {};       // under `plan`
  engine::PlanUuid plan = {};
  engine::DlUuid after_uuid = {};   // nil: from the first; only in the order of uuids
  std::string after_position = {};  // empty: from the first
  size_t limit = 500;
  size_t max_bytes = std::numeric_limits<size_t>::max();  // of a page; one entry always fits
};

// Entries, and where to go on; `position` moves also when everything was filtered out.
struct DlPage {
  std::vector<v1::Dl> dls = {};
  std::string position = {};
  bool at_end = false;
};

// What OutResultShow asks for.
struct ResultQuery {
  std::optional<engine::CampaignUuid> campaign = {};
  std::optional<engine::DlmaUuid> dlma = {};
  std::optional<engine::DlUuid> dl = {};
  std::vector<v1::Outcome> outcomes = {};  // empty: all
  // Absent: at any time.
  std::optional<absl::Time> ended_from = {};
  std::optional<absl::Time> ended_before = {};
  std::string after_position = {};  // empty: from the oldest
  size_t limit = 500;
  bool with_records = false;
  // It goes on after a page of the same query: ended_from, and whether an index serves it, are not
  // looked at again.
  bool is_continued = false;
};

// Results, and where to go on; `scanned_to` moves also when everything was filtered out.
struct ResultPage {
  std::vector<v1::Result> results = {};
  std::string scanned_to = {};
  bool at_end = false;
  // When the newest result that is no longer kept had ended; absent: all are kept.
  std::optional<absl::Time> trimmed_until = {};
};

struct DialingCount {
  uint64_t total = 0;
  uint64_t answered = 0;
  uint64_t with_agent = 0;
};

// Thread-safe. NOT_FOUND: no such record, or it is deleted. DATA_LOSS: the store is damaged; the
// message names the record.
class StoreReader {
 public:
  virtual ~StoreReader() = default;

  virtual absl::StatusOr<v1::Campaign> GetCampaign(const engine::CampaignUuid& uuid) = 0;
  virtual absl::StatusOr<v1::Plan> GetPlan(const engine::PlanUuid& uuid) = 0;
  virtual absl::StatusOr<v1::Dlma> GetDlma(const engine::DlmaUuid& uuid) = 0;
  virtual absl::StatusOr<v1::Destination> GetDestination(const engine::DestinationUuid& uuid) = 0;
  virtual absl::StatusOr<v1::Dl> GetDl(const engine::DlUuid& uuid) = 0;
  // In progress or ended.
  virtual absl::StatusOr<v1::Dialing> GetDialing(const engine::DialingUuid& uuid) = 0;
  virtual absl::StatusOr<v1::Result> GetResult(const engine::DialingUuid& uuid,
                                               bool with_records) = 0;

  // Pages in the order of uuids: up to `limit` records after `after`; nil: from the first. An
  // empty page: that was all.
  virtual absl::StatusOr<std::vector<v1::Campaign>> Campaigns(const engine::CampaignUuid& after,
                                                              size_t limit) = 0;
  virtual absl::StatusOr<std::vector<v1::Plan>> Plans(const engine::PlanUuid& after,
                                                      size_t limit) = 0;
  virtual absl::StatusOr<std::vector<v1::Dlma>> Dlmas(const engine::DlmaUuid& after,
                                                      size_t limit) = 0;
  virtual absl::StatusOr<std::vector<v1::Destination>> Destinations(
      const engine::DestinationUuid& after, size_t limit) = 0;
  virtual absl::StatusOr<DlPage> Dls(const DlQuery& query) = 0;
  // Dialings in progress, by list and then by uuid.
  virtual absl::StatusOr<std::vector<v1::Dialing>> LiveDialings(const engine::DialingUuid& after,
                                                                size_t limit) = 0;
  virtual absl::StatusOr<DialingCount> CountDialings(
      const std::optional<engine::CampaignUuid>& campaign) = 0;
  virtual absl::StatusOr<ResultPage> Results(const ResultQuery& query) = 0;

  // Exact, all figures from one snapshot. NOT_FOUND: no such campaign.
  virtual absl::StatusOr<v1::CampaignStat> CampaignStat(const engine::CampaignUuid& uuid) = 0;

  // ---- Events. Sequences grow by one from 1 without a gap; a position is their opaque text.

  // Up to `limit` rendered events after sequence `after`. OUT_OF_RANGE: the events right after
  // `after` are trimmed; the message and its position metadata name the oldest left.
  virtual absl::StatusOr<std::vector<v1::Event>> Events(uint64_t after, size_t limit) = 0;
  // 0: none was ever written.
  virtual uint64_t LastEvent() = 0;
  // The oldest sequence that is left; LastEvent() + 1: none is.
  virtual uint64_t OldestEvent() = 0;
};

// Opaque text of an event's sequence, and back. Parse gives absent when it is none of ours.
std::string EncodePosition(uint64_t sequence);
std::optional<uint64_t> ParsePosition(absl::string_view position);

struct RecordStoreOptions {
  // Events beyond either bound are trimmed.
  absl::Duration keep_events_for = absl::Hours(24 * 7);
  uint64_t keep_events_bytes = uint64_t{4} << 30;
  // Results likewise, once the events of their dialings are trimmed.
  absl::Duration keep_results_for = absl::InfiniteDuration();
  uint64_t keep_results_bytes = std::numeric_limits<uint64_t>::max();
  // Rounds are written, and the next entries of a class read, by threads of their own; else by
  // FinishCommit and ScanIdle.
  bool has_threads = false;
  // Distinct classes of one list that get an index of their own.
  uint32_t max_classes_per_list = 65536;
};

// Both faces on one key-value store.
class RecordStore : public engine::RoundCommitter, public StoreReader {
 public:
  // Checks or writes the schema version. FAILED_PRECONDITION: made by another version or another
  // program; nothing was touched. `kv` belongs to the record store from here on.
  static absl::StatusOr<std::unique_ptr<RecordStore>> Open(std::unique_ptr<KeyValueStore> kv,
                                                           RecordStoreOptions options);

  // Shows `observer`, which outlives the last round, the events of all rounds from here on; null:
  // nobody. The thread of the rounds.
  virtual void SetEventObserver(EventObserver* observer) = 0;

  // Within the open round, while none is being committed, a bounded amount a call: trims events and
  // results that are too old or too many, and gives the space of deleted lists back. True: there
  // may be more to do at once.
  virtual absl::StatusOr<bool> Upkeep(const engine::Now& now) = 0;

  // Any thread.
  virtual StoreStatistics Statistics() const = 0;

  // As MakeBackup of backup.h, with what is committed at a moment of the call. Any thread; one call
  // at a time.
  virtual absl::StatusOr<Backup> MakeBackup(const std::string& directory) const = 0;
};

}  // namespace outdial::storage
