// Knows how many spaces of each parking lot are free.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "ami_gateway/ami_message.h"
#include "engine/node_event.h"

namespace outdial::ami {

// Fed with the events of one connection: Parkinglot and ParkedCall of the lists, and the live ones
// of calls that are parked and leave. Occupied spaces are kept by number, so that a call that is
// both in the list and in a live event counts once. A lot that no Parkinglot event named is
// ignored. Without I/O; belongs to one thread.
class ParkingLots {
 public:
  // True: the event changed how many spaces are free in `*lot`.
  bool Apply(const AmiMessage& event, std::string* lot);

  // Spaces of a lot that are free.
  engine::ParkingSeen Seen(const std::string& lot) const;
  std::vector<engine::ParkingSeen> SeenAll() const;

 private:
  struct Lot {
    int first_space = 0;
    int last_space = -1;
    std::set<int> occupied;  // within the bounds above
  };

  bool AddLot(const AmiMessage& event, std::string* name);

  std::map<std::string, Lot> lots_;
};

}  // namespace outdial::ami
