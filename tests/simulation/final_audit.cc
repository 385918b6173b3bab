#include "tests/simulation/final_audit.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/uuid.h"

namespace outdial::simulation {

namespace {

constexpr size_t kAll = 1000000;
// Of every plan: the default, less what stamps leave out.
constexpr absl::Duration kAbandonAfter = absl::Milliseconds(1999);

// What the results say of one number of one entry.
struct NumberTally {
  uint64_t calls = 0;  // seen at a node
  uint64_t not_sent = 0;
  uint64_t counted = 0;  // tries that were not taken back
};
using Tallies = std::map<std::pair<std::string, uint32_t>, NumberTally>;  // entry, dial_index

class Audit {
 public:
  Audit(const Witnesses& witnesses, storage::StoreReader& store, Violations& violations)
      : scenario_(witnesses.scenario),
        script_(witnesses.script),
        watch_(witnesses.watch),
        fold_(witnesses.fold),
        witnesses_(witnesses),
        store_(store),
        violations_(violations) {}

  void Run() {
    NothingIsLeft();
    ReadResults();
    for (const auto& [uuid, call] : watch_.calls()) {
      if (!results_.contains(uuid)) violations_.Add("the call of ", uuid, " has no result");
    }
    for (const std::string& uuid : fold_.ended()) {
      if (!results_.contains(uuid)) violations_.Add("dialing ", uuid, " ended without a result");
    }
    for (size_t i = 0; i < script_.lists().size(); ++i) CheckList(i);
  }

 private:
  void NothingIsLeft() {
    if (!watch_.up().empty()) violations_.Add(watch_.up().size(), " calls are up after the end");
    const auto live = store_.LiveDialings({}, kAll);
    if (!live.ok() || !live->empty()) violations_.Add("dialings are live after the end");
    for (const std::string& uuid : script_.campaigns()) {
      const auto campaign = store_.GetCampaign(*engine::CampaignUuid::Parse(uuid));
      if (!campaign.ok() || campaign->status() != v1::CAMPAIGN_STATUS_STOP) {
        violations_.Add("campaign ", uuid, " has not stopped after the end");
      }
    }
  }

  void ReadResults() {
    storage::ResultQuery query;
    std::vector<v1::Dialing> kept;
    bool trimmed = false;
    while (true) {
      const auto page = store_.Results(query);
      if (!page.ok()) {
        return violations_.Add("results can't be shown: ", page.status().ToString());
      }
      for (const v1::Result& result : page->results) kept.push_back(result.dialing());
      trimmed = page->trimmed_until.has_value();
      query.after_position = page->scanned_to;
      if (page->at_end) break;
    }
    if (trimmed) TakeTrimmed(kept);
    for (const v1::Dialing& dialing : kept) TakeResult(dialing);
  }

  // Results that are no longer kept are the oldest, and their events told the same of them.
  void TakeTrimmed(const std::vector<v1::Dialing>& kept) {
    if (!scenario_.trims) violations_.Add("results were trimmed that must be kept");
    const std::vector<v1::Dialing>& told = fold_.final_records();
    if (kept.empty() || kept.size() > told.size() ||
        kept.front().uuid() != told[told.size() - kept.size()].uuid()) {
      return violations_.Add("of ", told.size(), " results not the youngest ", kept.size(),
                             " are kept");
    }
    for (size_t i = 0; i < told.size() - kept.size(); ++i) TakeResult(told[i]);
  }

  void TakeResult(const v1::Dialing& dialing) {
    if (!results_.insert(dialing.uuid()).second) {
      violations_.Add("dialing ", dialing.uuid(), " has two results");
    }
    const bool called = watch_.calls().contains(dialing.uuid());
    const bool not_sent = dialing.outcome() == v1::OUTCOME_NOT_SENT;
    NumberTally& tally = tallies_[{dialing.dl_list_uuid(), dialing.dial_index()}];
    last_outcome_[dialing.dl_list_uuid()] = dialing.outcome();
    if (called) ++tally.calls;
    if (not_sent) ++tally.not_sent;
    if (!not_sent) ++tally.counted;
    if (called && not_sent && !scenario_.faults.events) {
      violations_.Add("dialing ", dialing.uuid(), " was called, and its try was taken back");
    }
    const bool may_be_uncalled = not_sent || dialing.outcome() == v1::OUTCOME_UNKNOWN ||
                                 dialing.outcome() == v1::OUTCOME_STOPPED;
    if (!called && !may_be_uncalled) {
      violations_.Add("dialing ", dialing.uuid(), " was never called, and ended with ",
                      v1::Outcome_Name(dialing.outcome()));
    }
    CheckTimes(dialing);
    // A parking lot may be full; every other destination can be run.
    if (dialing.outcome() == v1::OUTCOME_DESTINATION_FAILED &&
        dialing.dial_application() != "Park" && !scenario_.faults.events) {
      violations_.Add("dialing ", dialing.uuid(), " was given to its destination, and counts as ",
                      "one whose destination failed");
    }
    if (dialing.outcome() == v1::OUTCOME_UNKNOWN) CheckUnknown(dialing);
    if (!called && !not_sent && !scenario_.faults.any()) {
      violations_.Add("dialing ", dialing.uuid(), " was never called, and counts as a try");
    }
  }

  // Nobody saw its end: then something was lost on the way from its node. A full disk loses
  // nothing.
  void CheckUnknown(const v1::Dialing& dialing) {
    // Whether an agent took a call is not known for certain after a full disk either.
    if (scenario_.faults.events || dialing.has_tm_answer()) return;
    const auto call = watch_.calls().find(dialing.uuid());
    engine::MonotonicTime from;
    engine::MonotonicTime to = absl::InfiniteDuration();
    if (call != watch_.calls().end()) {
      // An overloaded node may have begun it long after it was ordered.
      from = call->second.began - absl::Minutes(1);
      to = call->second.closed.value_or(to);
    }
    if (!witnesses_.lost_something(dialing, from, to)) {
      violations_.Add("dialing ", dialing.uuid(), " ended unknown, and nothing was lost");
    }
  }

  // Somebody whom an agent got in time was not abandoned, however late that was read. The wall
  // clock is what a start has to go by.
  void CheckTimes(const v1::Dialing& dialing) {
    const auto call = watch_.calls().find(dialing.uuid());
    if (call == watch_.calls().end() || scenario_.faults.events || scenario_.faults.clock) return;
    const WatchedCall& seen = call->second;
    if (!seen.answered.has_value() || !seen.got_agent.has_value()) return;
    const absl::Duration waited = *seen.got_agent - *seen.answered;
    if (dialing.outcome() == v1::OUTCOME_ABANDONED && waited < kAbandonAfter) {
      violations_.Add("dialing ", dialing.uuid(), " got an agent after ",
                      absl::FormatDuration(waited), ", and counts as abandoned");
    }
  }

  void CheckList(size_t i) {
    const engine::DlmaUuid uuid = *engine::DlmaUuid::Parse(script_.lists()[i]);
    const auto dls = store_.Dls({.dlma = uuid, .limit = kAll});
    if (!dls.ok()) return violations_.Add("a list can't be shown: ", dls.status().ToString());
    if (dls->dls.size() != script_.Entries(i)) {
      violations_.Add("list ", uuid.ToString(), " has ", dls->dls.size(), " entries instead of ",
                      script_.Entries(i));
    }
    for (const v1::Dl& dl : dls->dls) CheckEntry(dl);
    script_.twins().Check(i, dls->dls);
  }

  void CheckEntry(const v1::Dl& dl) {
    if (dl.status() != v1::DL_STATUS_IDLE) violations_.Add("entry ", dl.uuid(), " is stuck");
    const auto last = last_outcome_.find(dl.uuid());
    if (last != last_outcome_.end() && last->second != dl.outcome()) {
      violations_.Add("entry ", dl.uuid(), " shows ", v1::Outcome_Name(dl.outcome()),
                      ", and its last result ", v1::Outcome_Name(last->second));
    }
    const auto told = script_.told_entries().find(dl.uuid());
    if (told != script_.told_entries().end() && told->second.udata() != dl.udata()) {
      violations_.Add("entry ", dl.uuid(), " has lost what it was told to hold");
    }
    for (int slot = 0; slot < dl.trycnt_size(); ++slot) {
      const auto found = tallies_.find({dl.uuid(), static_cast<uint32_t>(slot) + 1});
      const NumberTally tally = found == tallies_.end() ? NumberTally{} : found->second;
      if (dl.trycnt(slot) != tally.counted) {
        violations_.Add("entry ", dl.uuid(), " number ", slot + 1, " counts ", dl.trycnt(slot),
                        " tries, and its results count ", tally.counted);
      }
      // What was lost on the way may hide a call only where events get lost.
      const uint64_t hidden = scenario_.faults.events ? tally.not_sent : 0;
      if (tally.calls > dl.trycnt(slot) + hidden) {
        violations_.Add("entry ", dl.uuid(), " number ", slot + 1, " was called ", tally.calls,
                        " times, and counts ", dl.trycnt(slot), " tries");
      }
      if (!scenario_.faults.any() && tally.calls != dl.trycnt(slot)) {
        violations_.Add("entry ", dl.uuid(), " number ", slot + 1, " counts ", dl.trycnt(slot),
                        " tries, and was called ", tally.calls, " times");
      }
    }
  }

  const Scenario& scenario_;
  const CampaignScript& script_;
  const CallWatch& watch_;
  const EventFold& fold_;
  const Witnesses& witnesses_;
  storage::StoreReader& store_;
  Violations& violations_;
  std::set<std::string> results_;
  Tallies tallies_;
  std::map<std::string, v1::Outcome> last_outcome_;  // by entry
};

}  // namespace

void AuditTheEnd(const Witnesses& witnesses, storage::StoreReader& store, Violations& violations) {
  Audit(witnesses, store, violations).Run();
}

void AuditStatistics(const std::vector<std::string>& campaigns, storage::StoreReader& store,
                     Violations& violations) {
  for (const std::string& uuid : campaigns) {
    const auto id = *engine::CampaignUuid::Parse(uuid);
    const auto campaign = store.GetCampaign(id);
    const auto stat = store.CampaignStat(id);
    if (!campaign.ok() || !stat.ok()) {
      violations.Add("campaign ", uuid, " has no statistics: ", stat.status().ToString());
      continue;
    }
    const auto dls = store.Dls({.dlma = *engine::DlmaUuid::Parse(campaign->dlma()), .limit = kAll});
    if (!dls.ok()) {
      violations.Add("a list can't be shown: ", dls.status().ToString());
      continue;
    }
    uint64_t dialing = 0;
    uint64_t tries = 0;
    for (const v1::Dl& dl : dls->dls) {
      if (dl.status() == v1::DL_STATUS_DIALING) ++dialing;
      for (const uint32_t count : dl.trycnt()) tries += count;
    }
    const uint64_t sum =
        stat->dl_finished_count() + stat->dl_available_count() + stat->dl_dialing_count();
    if (stat->dl_total_count() != sum || stat->dl_total_count() != dls->dls.size() ||
        stat->dl_dialing_count() != dialing || stat->dl_called_count() != tries) {
      violations.Add("the statistics of ", uuid, " don't add up: ", stat->ShortDebugString(),
                     "; its list has ", dls->dls.size(), " entries, ", dialing,
                     " of them dialled, ", tries, " tries");
    }
  }
}

}  // namespace outdial::simulation
