// What the simulated Asterisk will do later.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "engine/now.h"

namespace outdial::ami {

// Things to do, by time; those of one time in the order in which they were added. One thread.
class SimSchedule {
 public:
  struct Item {
    engine::MonotonicTime due;
    uint64_t number = 0;
    std::function<void()> run;
  };

  void At(engine::MonotonicTime due, std::function<void()> run);
  // absl::InfiniteDuration(): nothing is planned.
  engine::MonotonicTime NextDue() const;
  // The earliest item, removed. There must be one.
  Item Take();
  void Clear();

 private:
  struct Later {
    bool operator()(const Item& a, const Item& b) const {
      return a.due != b.due ? a.due > b.due : a.number > b.number;
    }
  };
  std::vector<Item> heap_;
  uint64_t next_number_ = 0;
};

}  // namespace outdial::ami
