#include "ami_gateway/sim_parking.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outdial::ami {

void SimParking::Park(SimChannel& caller) {
  const SimParkingLot& lot = core_->config.parking;
  int space = lot.first_space;
  while (spaces_.contains(space)) ++space;
  if (space > lot.last_space) {
    host_->ApplicationDone(caller.key);
    return;
  }
  if (bridge_.id.empty()) {
    bridge_ = {.id = core_->MakeUuid(),
               .type = "parking",
               .technology = "holding_bridge",
               .creator = "Parking",
               .name = lot.name};
    PublishBridge(*core_, "BridgeCreate", bridge_);
  }
  const Parked& parked = spaces_[space] = {caller.key, core_->now.mono};
  core_->sessions.Publish(kAmiCall, Describe("ParkedCall", space, parked, caller));
  EnterBridge(*core_, bridge_, caller);
  core_->After(lot.timeout, [this, space, key = caller.key] { TimeOut(space, key); });
}

void SimParking::GiveUp(SimChannel& caller) {
  const auto found = std::find_if(spaces_.begin(), spaces_.end(), [&](const auto& entry) {
    return entry.second.caller == caller.key;
  });
  if (found == spaces_.end()) return;
  core_->sessions.Publish(kAmiCall,
                          Describe("ParkedCallGiveUp", found->first, found->second, caller));
  LeaveBridge(*core_, bridge_, caller);
  spaces_.erase(found);
}

void SimParking::Clear() {
  spaces_.clear();
  bridge_ = {};
}

void SimParking::TimeOut(int space, SimChannelKey key) {
  const auto found = spaces_.find(space);
  if (found == spaces_.end() || found->second.caller != key) return;
  SimChannel* caller = core_->channels.Find(key);
  core_->sessions.Publish(kAmiCall, Describe("ParkedCallTimeOut", space, found->second, *caller));
  LeaveBridge(*core_, bridge_, *caller);
  spaces_.erase(found);
  // An originated call has no parker to go back to.
  host_->EndCall(key, 16);
}

std::vector<AmiMessage> SimParking::ListCalls() {
  std::vector<AmiMessage> items;
  for (const auto& [space, parked] : spaces_) {
    const AmiMessage described =
        Describe("ParkedCall", space, parked, *core_->channels.Find(parked.caller));
    AmiMessage item;  // list items have no Privilege
    for (const AmiHeader& header : described.headers()) {
      if (header.name != "Privilege") item.Add(header.name, header.value);
    }
    items.push_back(std::move(item));
  }
  return items;
}

std::vector<AmiMessage> SimParking::ListLots() const {
  const SimParkingLot& lot = core_->config.parking;
  return {AmiMessage{{"Event", "Parkinglot"},
                     {"Name", lot.name},
                     {"StartSpace", absl::StrCat(lot.first_space)},
                     {"StopSpace", absl::StrCat(lot.last_space)},
                     {"Timeout", absl::StrCat(absl::ToInt64Seconds(lot.timeout))}}};
}

AmiMessage SimParking::Describe(absl::string_view event, int space, const Parked& parked,
                                const SimChannel& caller) const {
  const SimParkingLot& lot = core_->config.parking;
  const absl::Duration parked_for = core_->now.mono - parked.since;
  AmiMessage message = core_->MakeEvent(event, kAmiCall);
  AppendSnapshot(caller, "Parkee", &message);
  message.Add("ParkerDialString", caller.name.substr(0, caller.name.rfind('-')));
  message.Add("Parkinglot", lot.name);
  message.Add("ParkingSpace", absl::StrCat(space));
  // Despite its name: what is left of it.
  message.Add("ParkingTimeout", absl::StrCat(absl::ToInt64Seconds(lot.timeout - parked_for)));
  message.Add("ParkingDuration", absl::StrCat(absl::ToInt64Seconds(parked_for)));
  return message;
}

}  // namespace outdial::ami
