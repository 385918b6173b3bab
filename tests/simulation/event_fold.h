// Follows the events of a simulated world as a client does that misses none.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/uuid.h"
#include "outdial/v1/event.pb.h"
#include "storage/record_store.h"
#include "tests/simulation/violations.h"

namespace outdial::simulation {

// Checks that events come without gap, repeat or disorder, and that what they tell is possible: a
// campaign makes a dialing only while its status is 1 and stops with its last one; one that is
// stopped by force does nothing else first; an entry is in one dialing at a time. Folds them into
// records, which must be what Show gives. One thread.
class EventFold {
 public:
  explicit EventFold(Violations* violations) : violations_(violations) {}

  // Takes in what is new.
  void Follow(storage::StoreReader& store);
  // Compares the folded records with those in the store.
  void Compare(storage::StoreReader& store);

  uint64_t last() const { return last_; }
  bool IsLive(const std::string& dialing) const { return live_.contains(dialing); }
  bool HasEnded(const std::string& dialing) const { return ended_.contains(dialing); }
  // The server's wall clock may go back, and the times of events with it.
  void set_clock_jumps(bool jumps) { clock_jumps_ = jumps; }
  // Called with each dialing that ended.
  void set_on_ended(std::function<void(const std::string&)> call) { on_ended_ = std::move(call); }
  const std::map<std::string, v1::Campaign>& campaigns() const { return campaigns_; }
  const std::map<std::string, v1::Dialing>& live() const { return live_; }
  const std::set<std::string>& ended() const { return ended_; }
  // The last word about each of them, in the order of their ends.
  const std::vector<v1::Dialing>& final_records() const { return final_records_; }
  // Entries that were ever deleted.
  const std::set<std::string>& deleted() const { return deleted_; }

 private:
  void Take(const v1::Event& event);
  void TakeDialing(const v1::Event& event);
  void TakeImport(const v1::DlImportSlice& slice);
  void CheckStatus(const v1::Campaign& campaign);
  template <class Record>
  void Keep(std::map<std::string, Record>& records, const Record& record, bool is_new,
            bool is_gone);
  void CompareDls(storage::StoreReader& store, const std::string& dlma);

  Violations* violations_;
  uint64_t last_ = 0;
  std::string last_tm_;
  bool clock_jumps_ = false;
  std::map<std::string, v1::Campaign> campaigns_;
  std::map<std::string, v1::Plan> plans_;
  std::map<std::string, v1::Dlma> dlmas_;
  std::map<std::string, v1::Dl> dls_;
  std::map<std::string, v1::Destination> destinations_;
  std::map<engine::ListNumber, uint64_t> entry_counts_;
  // Lists of which an import has changed entries: it tells only how many.
  std::set<engine::ListNumber> merged_lists_;
  std::map<std::string, v1::Dialing> live_;
  std::map<std::string, std::string> dialing_of_entry_;
  std::set<std::string> ended_;
  std::vector<v1::Dialing> final_records_;
  std::set<std::string> deleted_;
  std::function<void(const std::string&)> on_ended_;
};

}  // namespace outdial::simulation
