#include "tests/bench/bare_sync.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "engine/check.h"
#include "tests/bench/percentile.h"

namespace outdial::bench {

BareSync::BareSync(const std::string& path)
    : file_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600)) {
  OUTDIAL_CHECK(file_ >= 0, "a file beside the store can be made");
  thread_ = std::thread([this] { Run(); });
}

BareSync::~BareSync() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  close(file_);
}

void BareSync::Run() {
  using Clock = std::chrono::steady_clock;
  const std::string block(4096, 'b');
  while (!stop_) {
    const Clock::time_point begin = Clock::now();
    const bool written =
        write(file_, block.data(), block.size()) == static_cast<ssize_t>(block.size());
    OUTDIAL_CHECK(written && fdatasync(file_) == 0, "the disk takes a small write");
    times_ms_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    std::this_thread::sleep_for(absl::ToChronoNanoseconds(kInterval));
  }
}

BareSync::Times BareSync::Stop() {
  stop_ = true;
  thread_.join();
  return {.p99_ms = Percentile(times_ms_, 99), .longest_ms = Percentile(times_ms_, 100)};
}

}  // namespace outdial::bench
