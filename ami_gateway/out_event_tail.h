// Follows the event log for all AMI clients at once.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ami_gateway/ami_gateway.h"
#include "ami_gateway/out_backend.h"

namespace outdial::ami {

// Rendered events, in order, each once and whole.
using OutEventBatch = std::vector<std::string>;

// Each event is read and rendered once, on the pool, however many clients want it; none is while
// nobody does. Belongs to the listener's thread, but for Publish.
class OutEventTail {
 public:
  static constexpr size_t kMaxBatchEvents = 64;

  // All must outlive the tail, and the pool must be at rest before it is destroyed. `on_events` is
  // called on the thread of `io`.
  OutEventTail(OutBackend* backend, std::shared_ptr<boost::asio::io_context> io,
               boost::asio::thread_pool* store_pool,
               std::function<void(const OutEventBatch& events)> on_events, GatewayLog log);

  // Events up to this sequence may be told. What was posted to the listener's thread before comes
  // before them. Thread-safe; never blocks.
  void Publish(uint64_t last_event);

  // Whether anybody wants events; from now on, when that is news.
  void SetWanted(bool wanted);

 private:
  struct Batch {
    uint64_t last = 0;  // that it goes up to, or would have
    OutEventBatch events;
    absl::Status status;
  };

  // Reads on, unless a read is under way, nobody wants it or there is nothing new.
  void Continue();
  Batch Read(uint64_t after, uint64_t last);
  void OnBatch(const Batch& batch);
  // Goes on behind what could not be read.
  void Skip(const Batch& batch);

  OutBackend* const backend_;
  const std::shared_ptr<boost::asio::io_context> io_;
  boost::asio::thread_pool* const store_pool_;
  const std::function<void(const OutEventBatch& events)> on_events_;
  const GatewayLog log_;
  std::atomic<uint64_t> published_;
  std::atomic<bool> posted_ = false;  // Continue is on its way to the listener's thread
  uint64_t position_ = 0;             // the last event that was told or passed over
  bool wanted_ = false;
  bool reading_ = false;
};

}  // namespace outdial::ami
