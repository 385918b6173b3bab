// What the engine needs of the world, implemented by storage, ami_gateway and server.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/action.h"
#include "engine/dl_class.h"
#include "engine/node_command.h"
#include "engine/now.h"
#include "engine/uuid.h"
#include "outdial/v1/dialing.pb.h"
#include "outdial/v1/event.pb.h"

namespace outdial::engine {

// Place of an idle entry in its class: longest waiting first. An entry that was never dialled
// waits since the epoch, so it comes before every one that was.
struct IdleKey {
  int64_t last_hangup_us = 0;  // wall clock, microseconds since 1970
  DlUuid uuid;
  friend auto operator<=>(const IdleKey&, const IdleKey&) = default;
};

// One class of a list.
struct ClassCount {
  ClassNumber number = 0;
  DlClass dl_class;   // meaningless for kMixedClass
  uint64_t idle = 0;  // idle entries, those that wait for their not_before included
};

// Where an idle entry stands in the index: selectable in its class, or waiting for its
// not_before outside of it.
struct IndexPlace {
  ClassNumber class_number = 0;
  bool waits_for_not_before = false;
  IdleKey key;
};

// What a change of an entry did to the index of idle entries.
struct IndexChange {
  std::optional<IndexPlace> removed;
  std::optional<IndexPlace> added;
};

// What entries are looked up by.
enum class EntryKey {
  kUkey,
  kNumber,  // as it is dialled
};

// Exact counters of one list, deleted entries left out.
struct ListCount {
  uint64_t total = 0;
  uint64_t dialing = 0;
  uint64_t tries = 0;  // sum over all entries
};

// How the dialings of one campaign on one day of its own calendar ended.
struct DayTally {
  int32_t day = 0;                        // days since 1970-01-01 in the campaign's zone
  std::array<uint64_t, 13> by_outcome{};  // index: v1::Outcome
};

// What became of a create with a request_id.
struct LedgerEntry {
  std::string request;   // serialized, to tell a repeat from a reuse of the id
  std::string response;  // serialized
};
// How far an import got.
struct ImportProgress {
  DlmaUuid dlma;
  uint64_t next_row = 0;
  uint64_t accepted = 0;
  uint64_t refused = 0;
  uint64_t duplicates = 0;
};

// One change that clients are told about. The pointer is read during the call only.
struct EventNote {
  v1::EventKind kind = v1::EVENT_KIND_UNSPECIFIED;
  absl::Time tm;
  // Campaign that the event belongs to: its own for campaign kinds, the one that dials for
  // dialings; nil for others.
  CampaignUuid campaign;
  std::variant<const v1::Campaign*, const v1::Plan*, const v1::Dlma*, const v1::Dl*,
               const v1::Destination*, const v1::Dialing*, const v1::DlImportSlice*,
               const v1::NodeReconcile*>
      record;
  // Of an entry: a dialing changed it, at its beginning or end. Its result shows the entry too.
  bool by_dialling = false;
};

// An entry as it is read: never changed, so that whoever reads it may share it.
using DlPtr = std::shared_ptr<const v1::Dl>;

// The store as one round sees it: what is committed, plus what this round has changed so far.
// Belongs to the thread of the run loop. Reads give INTERNAL or DATA_LOSS when the store is
// damaged; such an error ends the round, and nothing of it is committed.
class RoundStore {
 public:
  virtual ~RoundStore() = default;

  // ---- At the start

  // Calls back for each record that is not deleted, in the order of uuids.
  virtual absl::Status ForEachCampaign(const std::function<void(v1::Campaign)>& call) = 0;
  virtual absl::Status ForEachPlan(const std::function<void(v1::Plan)>& call) = 0;
  // With the number that the list was given by PutDlma.
  virtual absl::Status ForEachDlma(const std::function<void(v1::Dlma, ListNumber)>& call) = 0;
  virtual absl::Status ForEachDestination(const std::function<void(v1::Destination)>& call) = 0;
  // The dialings in progress, by list and then by uuid.
  virtual absl::Status ForEachLiveDialing(const std::function<void(v1::Dialing)>& call) = 0;
  // The days of a campaign from `first_day` on.
  virtual absl::Status ForEachTally(const CampaignUuid& campaign, int32_t first_day,
                                    const std::function<void(DayTally)>& call) = 0;
  // Largest list number ever given; 0: none.
  virtual absl::StatusOr<ListNumber> MaxListNumber() = 0;
  // True: the store was put back from a backup, and nobody has run on it since. That is forgotten
  // with this round's commit.
  virtual absl::StatusOr<bool> TakeRestoreMark() = 0;

  // ---- Small records: each Put keeps the revision that the record carries, for results that
  // refer to it. A record with tm_delete leaves every Show and keeps its revisions.

  virtual absl::Status PutCampaign(const v1::Campaign& campaign) = 0;
  virtual absl::Status PutPlan(const v1::Plan& plan) = 0;
  virtual absl::Status PutDlma(const v1::Dlma& dlma, ListNumber number) = 0;
  virtual absl::Status PutDestination(const v1::Destination& destination) = 0;
  // A record as it was at a revision that a dialing refers to, changed or deleted since or not.
  // DATA_LOSS: that revision is not there.
  virtual absl::StatusOr<v1::Plan> GetPlanRevision(const PlanUuid& plan, uint64_t revision) = 0;
  virtual absl::StatusOr<v1::Destination> GetDestinationRevision(const DestinationUuid& destination,
                                                                 uint64_t revision) = 0;

  // ---- Entries

  // NOT_FOUND: never made. A deleted one has tm_delete.
  virtual absl::StatusOr<DlPtr> GetDl(const DlUuid& uuid) = 0;
  // Up to `limit` entries of a list with this ukey, or with this number, in the order of uuids;
  // deleted ones left out.
  virtual absl::StatusOr<std::vector<DlUuid>> FindEntries(ListNumber list, EntryKey key,
                                                          absl::string_view text, size_t limit) = 0;
  // Writes an entry, with its class, counters and indexes. `before` is what GetDl gives;
  // null: it is new. `now` decides whether a not_before still lies ahead.
  virtual absl::StatusOr<IndexChange> PutDl(const v1::Dl* before, const v1::Dl& after,
                                            absl::Time now) = 0;
  // Moves up to `limit` entries whose not_before has passed into their classes.
  virtual absl::StatusOr<std::vector<IndexPlace>> RipenEntries(ListNumber list, absl::Time now,
                                                               size_t limit) = 0;
  // The next not_before that entries of the list wait for; absent: none waits.
  virtual absl::StatusOr<std::optional<absl::Time>> NextNotBefore(ListNumber list) = 0;
  // All classes of a list, by number, those without an idle entry included.
  virtual absl::StatusOr<std::vector<ClassCount>> ListClasses(ListNumber list) = 0;
  virtual absl::StatusOr<ListCount> CountList(ListNumber list) = 0;
  // Up to `limit` selectable idle entries of a class in order, after `after`; absent: from the
  // first.
  virtual absl::StatusOr<std::vector<IdleKey>> ScanIdle(ListNumber list, ClassNumber class_number,
                                                        const std::optional<IdleKey>& after,
                                                        size_t limit) = 0;

  // ---- Dialings: a new one, a change, and the end, which makes it a result.

  virtual absl::Status CreateDialing(const v1::Dialing& dialing) = 0;
  virtual absl::Status UpdateDialing(const v1::Dialing& dialing) = 0;
  // Also adds its outcome to the tally of the campaign on `day`. The next two events that are
  // appended are that of its end and that of the release of its entry; no later one shows it.
  virtual absl::Status EndDialing(const v1::Dialing& dialing, int32_t day) = 0;
  // Whether this store ever made such a dialing: tells a late channel of ours from a stranger's.
  virtual absl::StatusOr<bool> HasDialing(const DialingUuid& dialing) = 0;

  // ---- Events and requests

  virtual absl::Status AppendEvent(const EventNote& note) = 0;
  virtual absl::StatusOr<std::optional<LedgerEntry>> FindRequest(absl::string_view request_id) = 0;
  // Kept for seven days after `now`; older ones are dropped along the way.
  virtual absl::Status PutRequest(absl::string_view request_id, const LedgerEntry& entry,
                                  absl::Time now) = 0;
  virtual absl::StatusOr<std::optional<ImportProgress>> FindImport(
      absl::string_view request_id) = 0;
  virtual absl::Status PutImport(absl::string_view request_id, const ImportProgress& progress,
                                 absl::Time now) = 0;
};

// Time zones, loaded at the edge.
class ZoneLookup {
 public:
  virtual ~ZoneLookup() = default;
  // Absent: there is no such zone.
  virtual std::optional<absl::TimeZone> Find(absl::string_view iana_name) = 0;
};

// Port: what time it is. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Now Read() = 0;
  // Real time that passes while this clock advances by `duration`; the same but for an
  // accelerated clock.
  virtual absl::Duration RealDuration(absl::Duration duration) = 0;
};

// Port: the way to the Asterisk nodes. Called by the loop's thread; must not block.
class NodeTransport {
 public:
  virtual ~NodeTransport() = default;
  // In order. Must not block.
  virtual void Send(const NodeCommand& command) = 0;
};

// Port: the store as rounds. Called by the loop's thread.
class RoundCommitter {
 public:
  virtual ~RoundCommitter() = default;
  // The view of the round that is open, valid until BeginCommit or Discard.
  virtual RoundStore& Round() = 0;
  // Closes the round and begins to make its changes durable, in one atomic synced write. Round() is
  // the next one from here on: it sees what this one changed, and is lost with it. One commit at a
  // time: FinishCommit must follow. Where the write goes on after BeginCommit returned, `done` is
  // called, by any thread, once CommitIsDone, and before FinishCommit returns; it must not block.
  virtual void BeginCommit(std::function<void()> done) = 0;
  // Whether FinishCommit would wait for nothing.
  virtual bool CommitIsDone() const = 0;
  // Waits for the write. RESOURCE_EXHAUSTED: the disk is full and nothing of the round was kept;
  // any other error: nobody knows what was kept. After either the open round is thrown away too.
  virtual absl::Status FinishCommit() = 0;
  // Throws the open round's changes away. Not between BeginCommit and FinishCommit.
  virtual void Discard() = 0;
  // Events up to here are durable; readers may be woken.
  virtual uint64_t LastEventSequence() const = 0;
  // After RESOURCE_EXHAUSTED: closes the store and opens it again. Not OK: not yet.
  virtual absl::Status Reopen() = 0;

  // Both halves at once.
  absl::Status Commit() {
    BeginCommit([] {});
    return FinishCommit();
  }
};

}  // namespace outdial::engine
