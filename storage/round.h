// One round's view of the store: engine::RoundStore over the overlay, put together of the parts
// that know one thing each.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/ports.h"
#include "storage/class_index.h"
#include "storage/counters.h"
#include "storage/dialing_table.h"
#include "storage/dl_table.h"
#include "storage/event_log.h"
#include "storage/kv.h"
#include "storage/list_reclaimer.h"
#include "storage/record_store.h"
#include "storage/request_ledger.h"
#include "storage/restore_mark.h"
#include "storage/result_trimmer.h"
#include "storage/round_overlay.h"
#include "storage/state_packer.h"

namespace outdial::storage {

// Belongs to the thread of the rounds, but for WriteClosed; `kv` must outlive it. Lives as long as
// the store; Close and Discard begin the next round.
class Round : public engine::RoundStore {
 public:
  Round(KeyValueStore* kv, const RecordStoreOptions& options);

  // As RecordStore::SetEventObserver.
  void set_event_observer(EventObserver* observer) { events_.set_observer(observer); }

  // Drops the round's changes and what is held in memory, and takes up what is committed.
  absl::Status Discard();
  // Closes the round, whose changes the next one still sees. Settle or Discard must follow.
  void Close();
  // Writes what is closed, as RoundCommitter::FinishCommit says. Any thread, beside the next round.
  // After an error only Discard may follow.
  absl::Status WriteClosed();
  // What was closed is written.
  void Settle();
  // Whether there is anything to write, and whether the next round may go on before it is written.
  bool closed_takes_time() const { return !overlay_.closed_is_empty(); }
  bool closed_may_wait() const { return !overlay_.closed_deletes_ranges(); }

  // As RecordStore::Upkeep. Only while nothing is closed.
  absl::StatusOr<bool> Upkeep(const engine::Now& now);

  // Sequences of the oldest event that is kept and of the newest, as of what is committed.
  uint64_t oldest_event() const { return committed_.oldest_event; }
  uint64_t last_event() const { return committed_.last_event; }

  absl::Status ForEachCampaign(const std::function<void(v1::Campaign)>& call) override;
  absl::Status ForEachPlan(const std::function<void(v1::Plan)>& call) override;
  absl::Status ForEachDlma(const std::function<void(v1::Dlma, engine::ListNumber)>& call) override;
  absl::Status ForEachDestination(const std::function<void(v1::Destination)>& call) override;
  absl::Status ForEachLiveDialing(const std::function<void(v1::Dialing)>& call) override;
  absl::Status ForEachTally(const engine::CampaignUuid& campaign, int32_t first_day,
                            const std::function<void(engine::DayTally)>& call) override;
  absl::StatusOr<engine::ListNumber> MaxListNumber() override { return max_list_number_; }
  absl::StatusOr<bool> TakeRestoreMark() override { return storage::TakeRestoreMark(&overlay_); }

  absl::Status PutCampaign(const v1::Campaign& campaign) override;
  absl::Status PutPlan(const v1::Plan& plan) override;
  absl::Status PutDlma(const v1::Dlma& dlma, engine::ListNumber number) override;
  absl::Status PutDestination(const v1::Destination& destination) override;
  absl::StatusOr<v1::Plan> GetPlanRevision(const engine::PlanUuid& plan,
                                           uint64_t revision) override;
  absl::StatusOr<v1::Destination> GetDestinationRevision(const engine::DestinationUuid& destination,
                                                         uint64_t revision) override;

  absl::StatusOr<engine::DlPtr> GetDl(const engine::DlUuid& uuid) override;
  absl::StatusOr<std::vector<engine::DlUuid>> FindEntries(engine::ListNumber list,
                                                          engine::EntryKey key,
                                                          absl::string_view text,
                                                          size_t limit) override;
  absl::StatusOr<engine::IndexChange> PutDl(const v1::Dl* before, const v1::Dl& after,
                                            absl::Time now) override;
  absl::StatusOr<std::vector<engine::IndexPlace>> RipenEntries(engine::ListNumber list,
                                                               absl::Time now,
                                                               size_t limit) override;
  absl::StatusOr<std::optional<absl::Time>> NextNotBefore(engine::ListNumber list) override;
  absl::StatusOr<std::vector<engine::ClassCount>> ListClasses(engine::ListNumber list) override;
  absl::StatusOr<engine::ListCount> CountList(engine::ListNumber list) override;
  absl::StatusOr<std::vector<engine::IdleKey>> ScanIdle(engine::ListNumber list,
                                                        engine::ClassNumber class_number,
                                                        const std::optional<engine::IdleKey>& after,
                                                        size_t limit) override;

  absl::Status CreateDialing(const v1::Dialing& dialing) override;
  absl::Status UpdateDialing(const v1::Dialing& dialing) override;
  absl::Status EndDialing(const v1::Dialing& dialing, int32_t day) override;
  absl::StatusOr<bool> HasDialing(const engine::DialingUuid& dialing) override;

  absl::Status AppendEvent(const engine::EventNote& note) override;
  absl::StatusOr<std::optional<engine::LedgerEntry>> FindRequest(
      absl::string_view request_id) override;
  absl::Status PutRequest(absl::string_view request_id, const engine::LedgerEntry& entry,
                          absl::Time now) override;
  absl::StatusOr<std::optional<engine::ImportProgress>> FindImport(
      absl::string_view request_id) override;
  absl::Status PutImport(absl::string_view request_id, const engine::ImportProgress& progress,
                         absl::Time now) override;

 private:
  absl::StatusOr<uint64_t> LastSequence(Family family) const;
  absl::Status LoadResults();
  // Remembers what shows the entry that a client changed.
  absl::Status NoteEdit(const engine::EventNote& note);

  KeyValueStore* const kv_;
  RoundOverlay overlay_;
  StatePacker packer_;
  Counters counters_;
  ClassIndex index_;
  DlReadAhead read_ahead_;
  DlTable dls_;
  DialingTable dialings_;
  EventLog events_;
  RequestLedger requests_;
  ResultTrimmer results_;
  ListReclaimer reclaimer_;
  // How far the logs reached at some moment.
  struct Reach {
    uint64_t oldest_event = 1;
    uint64_t last_event = 0;
    uint64_t last_result = 0;
  };
  Reach Here() const { return {events_.oldest(), events_.last(), dialings_.last_result()}; }
  Reach committed_;
  Reach closed_;
  engine::ListNumber max_list_number_ = 0;
};

}  // namespace outdial::storage
