// The yardstick of delays: how long the disk takes to make one small write durable, beside whatever
// else the machine does.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"

namespace outdial::bench {

// Appends 4 KB to a file and syncs it every kInterval, on a thread of its own, from its making to
// Stop. Belongs to one thread.
class BareSync {
 public:
  // So seldom that it is no load of its own.
  static constexpr absl::Duration kInterval = absl::Milliseconds(10);

  // `path`: a file on the disk in question, which is made.
  explicit BareSync(const std::string& path);
  ~BareSync();
  BareSync(const BareSync&) = delete;
  BareSync& operator=(const BareSync&) = delete;

  struct Times {
    double p99_ms = 0;
    double longest_ms = 0;
  };
  // Ends it. Once.
  Times Stop();

 private:
  void Run();

  const int file_;
  std::atomic<bool> stop_ = false;
  std::vector<double> times_ms_;  // the thread's, until it has ended
  std::thread thread_;
};

}  // namespace outdial::bench
