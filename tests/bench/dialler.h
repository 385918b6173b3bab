// A campaign that dials as fast as the engine and the store can: a node on which every line is
// busy, and the rounds of it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/bench/bench_world.h"

namespace outdial::bench {

// A decision is an entry picked and durably marked as being dialled, and later its outcome durably
// recorded. Two groups of dialings are in progress: while a commit writes the ends of one and the
// beginnings of as many others, the next round is made of the other group. Belongs to one thread.
class Dialler {
 public:
  static constexpr int kGroup = 64;
  static constexpr int kCallsAtOnce = 2 * kGroup;

  // On the store in `directory`, which has campaigns.
  explicit Dialler(const std::string& directory, const BenchWorld::Wrap& wrap = nullptr);

  // Seconds that so many decisions took.
  double Decide(int decisions);
  // The same; appends what each round took.
  double Decide(int decisions, std::vector<double>* round_seconds);

 private:
  class BusyNode : public engine::NodeTransport {
   public:
    void Send(const engine::NodeCommand& command) override;
    void set_world(BenchWorld* world) { world_ = world; }
    int originates() const { return originates_; }

   private:
    BenchWorld* world_ = nullptr;
    int originates_ = 0;
  };

  BusyNode node_;
  BenchWorld world_;
};

double SecondsSince(std::chrono::steady_clock::time_point begin);

}  // namespace outdial::bench
