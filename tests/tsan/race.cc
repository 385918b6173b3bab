// A program with a race, which ThreadSanitizer must find: one of two threads forgets the mutex.
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace {

class Counter {
 public:
  void Add() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    ++count_;
  }
  void AddWithoutLock() ABSL_NO_THREAD_SAFETY_ANALYSIS { ++count_; }

 private:
  absl::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace

int main() {
  Counter counter;
  std::thread careful([&counter] { counter.Add(); });
  std::thread careless([&counter] { counter.AddWithoutLock(); });
  careful.join();
  careless.join();
  return 0;
}
