#include "tests/simulation/event_fold.h"

#include <google/protobuf/util/message_differencer.h>

#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/uuid.h"

namespace outdial::simulation {

namespace {

using google::protobuf::util::MessageDifferencer;

constexpr size_t kPage = 500;

bool IsCreate(v1::EventKind kind) {
  return kind == v1::EVENT_KIND_OUT_CAMPAIGN_CREATE || kind == v1::EVENT_KIND_OUT_PLAN_CREATE ||
         kind == v1::EVENT_KIND_OUT_DLMA_CREATE || kind == v1::EVENT_KIND_OUT_DL_LIST_CREATE ||
         kind == v1::EVENT_KIND_OUT_DESTINATION_CREATE;
}

bool IsDelete(v1::EventKind kind) {
  return kind == v1::EVENT_KIND_OUT_CAMPAIGN_DELETE || kind == v1::EVENT_KIND_OUT_PLAN_DELETE ||
         kind == v1::EVENT_KIND_OUT_DLMA_DELETE || kind == v1::EVENT_KIND_OUT_DL_LIST_DELETE ||
         kind == v1::EVENT_KIND_OUT_DESTINATION_DELETE;
}

// Of a list, and of an entry.
engine::ListNumber ListOf(const std::string& uuid) {
  return engine::Uuid::Parse(uuid)->list_number();
}

template <class Record>
std::string Difference(const Record& folded, const Record& shown) {
  std::string report;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&report);
  return differencer.Compare(folded, shown) ? "" : report;
}

// The entry without what a merge changes: its row has a name and a number that is there.
v1::Dl WithoutMerge(v1::Dl dl) {
  dl.clear_name();
  dl.clear_revision();
  dl.clear_tm_update();
  return dl;
}

}  // namespace

void EventFold::Follow(storage::StoreReader& store) {
  while (last_ < store.LastEvent()) {
    const absl::StatusOr<std::vector<v1::Event>> events = store.Events(last_, kPage);
    if (!events.ok() || events->empty()) {
      violations_->Add("events after ", last_, " can't be read: ", events.status().ToString());
      return;
    }
    for (const v1::Event& event : *events) {
      ++last_;
      if (event.position() != storage::EncodePosition(last_)) {
        violations_->Add("event ", last_, " has the position ", event.position());
      }
      if (event.tm() < last_tm_ && !clock_jumps_) {
        violations_->Add("event ", last_, " is older than the one before");
      }
      last_tm_ = event.tm();
      Take(event);
    }
  }
}

template <class Record>
void EventFold::Keep(std::map<std::string, Record>& records, const Record& record, bool is_new,
                     bool is_gone) {
  const auto known = records.find(record.uuid());
  if (is_new && known != records.end()) violations_->Add(record.uuid(), " was created twice");
  // A merge is told of in its import's event alone.
  const bool may_skip =
      std::is_same_v<Record, v1::Dl> && merged_lists_.contains(ListOf(record.uuid()));
  if (known != records.end() && record.revision() != known->second.revision() + 1 &&
      !(may_skip && record.revision() > known->second.revision())) {
    violations_->Add(record.uuid(), " went from revision ", known->second.revision(), " to ",
                     record.revision());
  }
  if (is_gone) {
    records.erase(record.uuid());
  } else {
    records[record.uuid()] = record;
  }
}

void EventFold::Take(const v1::Event& event) {
  const bool is_new = IsCreate(event.kind());
  const bool is_gone = IsDelete(event.kind());
  if (is_gone) {
    // A Delete may carry the uuid alone.
    campaigns_.erase(event.uuid());
    plans_.erase(event.uuid());
    dlmas_.erase(event.uuid());
    dls_.erase(event.uuid());
    destinations_.erase(event.uuid());
    deleted_.insert(event.uuid());
    if (event.kind() == v1::EVENT_KIND_OUT_DL_LIST_DELETE) {
      --entry_counts_[ListOf(event.uuid())];
    }
    return;
  }
  switch (event.record_case()) {
    case v1::Event::kCampaign:
      CheckStatus(event.campaign());
      return Keep(campaigns_, event.campaign(), is_new, is_gone);
    case v1::Event::kPlan:
      return Keep(plans_, event.plan(), is_new, is_gone);
    case v1::Event::kDlma:
      return Keep(dlmas_, event.dlma(), is_new, is_gone);
    case v1::Event::kImportSlice:
      return TakeImport(event.import_slice());
    case v1::Event::kDl:
      if (is_new) ++entry_counts_[ListOf(event.uuid())];
      return Keep(dls_, event.dl(), is_new, is_gone);
    case v1::Event::kDestination:
      return Keep(destinations_, event.destination(), is_new, is_gone);
    case v1::Event::kDialing:
      return TakeDialing(event);
    default:
      return;
  }
}

void EventFold::TakeImport(const v1::DlImportSlice& slice) {
  const engine::ListNumber list = ListOf(slice.dlma_uuid());
  entry_counts_[list] += slice.accepted() - slice.merged();
  if (slice.merged() > 0) merged_lists_.insert(list);
}

void EventFold::CheckStatus(const v1::Campaign& campaign) {
  const auto known = campaigns_.find(campaign.uuid());
  if (known != campaigns_.end() && known->second.status() == v1::CAMPAIGN_STATUS_STOPPING_FORCED &&
      campaign.status() != v1::CAMPAIGN_STATUS_STOPPING_FORCED &&
      campaign.status() != v1::CAMPAIGN_STATUS_STOP) {
    violations_->Add("campaign ", campaign.uuid(), " was being stopped by force, and goes to ",
                     v1::CampaignStatus_Name(campaign.status()));
  }
  if (campaign.status() != v1::CAMPAIGN_STATUS_STOP) return;
  for (const auto& [uuid, dialing] : live_) {
    if (dialing.camp_uuid() != campaign.uuid()) continue;
    violations_->Add("campaign ", campaign.uuid(), " has stopped, and dialing ", uuid, " is live");
  }
}

void EventFold::TakeDialing(const v1::Event& event) {
  const v1::Dialing& dialing = event.dialing();
  std::string& holder = dialing_of_entry_[dialing.dl_list_uuid()];
  if (event.kind() == v1::EVENT_KIND_OUT_DIALING_CREATE) {
    if (!holder.empty()) {
      violations_->Add("entry ", dialing.dl_list_uuid(), " is in ", holder, " and in ",
                       dialing.uuid());
    }
    if (live_.contains(dialing.uuid()) || ended_.contains(dialing.uuid())) {
      violations_->Add("dialing ", dialing.uuid(), " was created twice");
    }
    const auto campaign = campaigns_.find(dialing.camp_uuid());
    if (campaign == campaigns_.end() || campaign->second.status() != v1::CAMPAIGN_STATUS_START) {
      violations_->Add("dialing ", dialing.uuid(), " was made while its campaign did not run");
    }
    holder = dialing.uuid();
    live_[dialing.uuid()] = dialing;
    return;
  }
  if (!live_.contains(dialing.uuid())) {
    violations_->Add("event ", last_, " tells of dialing ", dialing.uuid(), ", which is not live");
    return;
  }
  live_[dialing.uuid()] = dialing;
  if (event.kind() != v1::EVENT_KIND_OUT_DIALING_DELETE) return;
  live_.erase(dialing.uuid());
  ended_.insert(dialing.uuid());
  final_records_.push_back(dialing);
  holder.clear();
  if (on_ended_) on_ended_(dialing.uuid());
}

// ---- Comparison

void EventFold::Compare(storage::StoreReader& store) {
  const auto compare = [this](const auto& folded, const auto& shown, const char* kind) {
    if (!shown.ok()) return violations_->Add(kind, " can't be shown: ", shown.status().ToString());
    if (shown->size() != folded.size()) {
      violations_->Add(folded.size(), " ", kind, " by events and ", shown->size(), " by Show");
    }
    for (const auto& record : *shown) {
      const auto known = folded.find(record.uuid());
      const std::string difference =
          known == folded.end() ? "unknown" : Difference(known->second, record);
      if (!difference.empty()) {
        violations_->Add(kind, " ", record.uuid(), " differs from its events: ", difference);
      }
    }
  };
  compare(campaigns_, store.Campaigns({}, kPage), "campaigns");
  compare(plans_, store.Plans({}, kPage), "plans");
  compare(dlmas_, store.Dlmas({}, kPage), "dlmas");
  compare(destinations_, store.Destinations({}, kPage), "destinations");
  compare(live_, store.LiveDialings({}, 100000), "dialings");
  for (const auto& [uuid, dlma] : dlmas_) CompareDls(store, uuid);
}

void EventFold::CompareDls(storage::StoreReader& store, const std::string& dlma) {
  const auto dls = store.Dls({.dlma = *engine::DlmaUuid::Parse(dlma), .limit = 100000});
  if (!dls.ok()) return violations_->Add("entries can't be shown: ", dls.status().ToString());
  const auto counted = entry_counts_.find(ListOf(dlma));
  const uint64_t told = counted == entry_counts_.end() ? 0 : counted->second;
  if (dls->dls.size() != told) {
    violations_->Add("list ", dlma, " has ", told, " entries by events and ", dls->dls.size(),
                     " by Show");
  }
  const bool merged = merged_lists_.contains(ListOf(dlma));
  std::set<std::string> shown;
  for (const v1::Dl& dl : dls->dls) {
    shown.insert(dl.uuid());
    const auto known = dls_.find(dl.uuid());
    if (known == dls_.end()) {
      // An import tells of its rows as a whole.
      if (dl.revision() != 1 && !merged) {
        violations_->Add("entry ", dl.uuid(), " changed without an event");
      }
      continue;
    }
    const std::string difference = merged
                                       ? Difference(WithoutMerge(known->second), WithoutMerge(dl))
                                       : Difference(known->second, dl);
    if (!difference.empty()) {
      violations_->Add("entry ", dl.uuid(), " differs from its events: ", difference);
    }
  }
  for (const auto& [uuid, dl] : dls_) {
    if (dl.dlma_uuid() == dlma && !shown.contains(uuid)) {
      violations_->Add("entry ", uuid, " is lost");
    }
  }
}

}  // namespace outdial::simulation
