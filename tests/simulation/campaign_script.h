// What the clients of a simulated world do, from the first record to the last campaign's end.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "ami_gateway/sim_random.h"
#include "engine/now.h"
#include "storage/record_store.h"
#include "tests/simulation/bounds.h"
#include "tests/simulation/scenario.h"
#include "tests/simulation/simulated_client.h"
#include "tests/simulation/twin_imports.h"
#include "tests/simulation/violations.h"
#include "tests/simulation/virtual_clock.h"

namespace outdial::simulation {

// Makes the records of the scenario and starts its campaigns; stops, pauses, forces and changes
// them at moments drawn from the seed for as long as the scenario is busy; then sees to it that
// each campaign comes to the end of its list. One thread; the pointers outlive it.
class CampaignScript {
 public:
  CampaignScript(const Scenario* scenario, const VirtualClock* clock, SimulatedClient* client,
                 Bounds* bounds, Violations* violations);

  engine::MonotonicTime NextDue() const { return next_at_; }
  // `store`: null while the server is down.
  void Advance(storage::StoreReader* store);

  // Stops some campaigns by force.
  void ForceSome();
  // No more random actions; every campaign shall end.
  void WindDown();
  bool done() const { return phase_ == Phase::kDone; }

  const std::vector<std::string>& campaigns() const { return campaigns_; }
  const std::vector<std::string>& lists() const { return lists_; }
  // Entries that list `i` must have: made and not deleted.
  uint64_t Entries(size_t i) const;
  uint64_t deleted_lists() const { return deleted_lists_; }
  const TwinImports& twins() const { return twins_; }
  // Before which the entry must not be dialled, as far as its clients know for certain.
  absl::Time NotBefore(const std::string& entry) const;
  // What was answered last of each entry that was made one by one.
  const std::map<std::string, v1::Dl>& told_entries() const { return told_entries_; }
  // Its clients were told that it dials no more, and nobody asked it to since.
  bool WasStopped(const std::string& campaign) const { return stopped_.contains(campaign); }
  // Called with the campaign when a forced stop was answered.
  void set_on_forced(std::function<void(const std::string&)> call) { on_forced_ = std::move(call); }

 private:
  enum class Phase { kRecords, kCampaigns, kEntries, kBusy, kSettling, kEnding, kDone };

  // Puts right what keeps entries from being dialled, once every update that may do harm has been
  // answered: one that is asked again after a crash counts again.
  void MakeDialable();
  void MakeRecords();
  void MakeCampaign(size_t i);
  // One more list, which no campaign has.
  void MakeList();
  // A list that is filled and deleted, which nobody dials.
  void MakePassingList();
  void FillPassingList(const std::string& uuid);
  void DeletePassingList(const std::string& uuid);
  void MakeEntries();
  void StartCampaigns();
  void ActAtRandom();
  void EndCampaigns(storage::StoreReader& store);

  void SetStatus(size_t campaign, v1::CampaignStatus status);
  void UpdatePlan();
  std::vector<CampaignBounds*> BoundsOfPlan(size_t plan);
  void UpdateDestination();
  void UpdateCampaign();
  void UpdateEntry();
  void AskToUpdate(v1::OutDlListUpdateRequest request);
  void ClearNotBefore(const std::string& entry);
  // What was answered of an entry; `changed` is what the client asked to change.
  void Told(const v1::Dl& dl, const v1::Dl& changed);
  void DeleteEntry();
  void CreateEntry(size_t list, v1::Dl dl);
  void Import(size_t list, const std::vector<v1::Dl>& rows);
  void ImportSlices(size_t list, const std::string& request_id, std::vector<v1::Dl> rows,
                    uint64_t next_row);

  uint64_t NextRow(uint64_t expected);
  std::string NextRequestId();
  // An answer that must be OK.
  const engine::ActionResult* Must(const absl::StatusOr<engine::ActionResult>& result);
  // An answer that may refuse, for a good reason.
  void May(const absl::StatusOr<engine::ActionResult>& result);

  const Scenario* scenario_;
  const VirtualClock* clock_;
  SimulatedClient* client_;
  Bounds* bounds_;
  Violations* violations_;
  ami::SimRandom random_;
  ami::SimRandom passing_random_;  // of its own, so that other worlds stay as they were
  TwinImports twins_;
  Phase phase_ = Phase::kRecords;
  engine::MonotonicTime next_at_;
  uint64_t last_request_ = 0;
  int last_entry_;
  std::vector<std::string> plans_;
  std::vector<std::string> lists_;
  std::vector<std::string> destinations_;
  std::vector<std::string> campaigns_;
  std::set<std::string> passing_lists_;
  uint64_t deleted_lists_ = 0;
  std::vector<std::string> entries_;                            // made one by one and not deleted
  std::vector<uint64_t> entry_counts_;                          // by list, without imports
  std::map<std::string, std::pair<size_t, uint64_t>> imports_;  // list and rows, by request_id
  std::map<size_t, int> plan_questions_;        // updates that are not answered, by plan
  std::map<size_t, v1::Plan> told_plans_;       // what was answered last
  std::map<std::string, int> start_questions_;  // that are not answered, by campaign
  std::set<std::string> stopped_;
  std::map<std::string, v1::Dl> told_entries_;
  std::map<std::string, int> entry_questions_;  // updates that are not answered, by entry
  std::function<void(const std::string&)> on_forced_;
};

}  // namespace outdial::simulation
