#include "ami_gateway/parking_lots.h"

#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"

namespace outdial::ami {
namespace {

// More than any Asterisk has; a peer that names more is not believed.
constexpr size_t kMaxLots = 10000;
constexpr int kMaxSpace = 1'000'000;

bool FreesSpace(absl::string_view event) {
  return event == "UnParkedCall" || event == "ParkedCallGiveUp" || event == "ParkedCallTimeOut";
}

}  // namespace

bool ParkingLots::Apply(const AmiMessage& event, std::string* lot) {
  const absl::string_view name = event.Get("Event");
  if (name == "Parkinglot") return AddLot(event, lot);
  if (name != "ParkedCall" && !FreesSpace(name)) return false;

  const auto found = lots_.find(std::string(event.Get("Parkinglot")));
  const std::optional<int> space = event.GetInt("ParkingSpace");
  if (found == lots_.end() || !space.has_value()) return false;
  Lot& entry = found->second;
  if (*space < entry.first_space || *space > entry.last_space) return false;
  *lot = found->first;
  return FreesSpace(name) ? entry.occupied.erase(*space) > 0 : entry.occupied.insert(*space).second;
}

bool ParkingLots::AddLot(const AmiMessage& event, std::string* name) {
  const std::optional<int> first = event.GetInt("StartSpace");
  const std::optional<int> last = event.GetInt("StopSpace");
  *name = std::string(event.Get("Name"));
  if (!first.has_value() || !last.has_value() || *first < 0 || *last < *first ||
      *last > kMaxSpace) {
    return false;
  }
  if (lots_.size() >= kMaxLots && lots_.count(*name) == 0) return false;
  Lot& lot = lots_[*name];
  lot.first_space = *first;
  lot.last_space = *last;
  lot.occupied.erase(lot.occupied.begin(), lot.occupied.lower_bound(*first));
  lot.occupied.erase(lot.occupied.upper_bound(*last), lot.occupied.end());
  return true;
}

engine::ParkingSeen ParkingLots::Seen(const std::string& lot) const {
  const auto found = lots_.find(lot);
  if (found == lots_.end()) return {lot, 0};
  const Lot& entry = found->second;
  const int spaces = entry.last_space - entry.first_space + 1;
  return {lot, spaces - static_cast<int>(entry.occupied.size())};
}

std::vector<engine::ParkingSeen> ParkingLots::SeenAll() const {
  std::vector<engine::ParkingSeen> all;
  for (const auto& [name, lot] : lots_) all.push_back(Seen(name));
  return all;
}

}  // namespace outdial::ami
