// What the AMI door needs of the server: a port, so that the door knows neither store nor loop.
#pragma once

#include <google/protobuf/message.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/action.h"
#include "outdial/v1/event.pb.h"

namespace outdial::ami {

// The answer to a Show, page by page, each from a snapshot of its own. One thread at a time.
class OutPages {
 public:
  virtual ~OutPages() = default;

  // Fills `response`, which is empty and of the response type of the Show. False: there is nothing
  // more. Blocks on the store.
  virtual absl::StatusOr<bool> Next(google::protobuf::Message* response) = 0;
};

// Thread-safe.
class OutBackend {
 public:
  using Done = std::function<void(absl::StatusOr<engine::ActionResult>)>;

  virtual ~OutBackend() = default;

  // An action that changes something. `done` is called exactly once, when the change is durable, on
  // any thread, perhaps before Post returns; it must not block.
  virtual void Post(engine::Action action, Done done) = 0;

  // A read. `request` is a request message of the API: OutCampaignShowRequest,
  // OutCampaignStatShowRequest, OutPlanShowRequest, OutDlmaShowRequest, OutDestinationShowRequest,
  // OutDlListShowRequest, OutDialingShowRequest or OutDialingSummaryRequest (whose one page is its
  // response). Not OK: INVALID_ARGUMENT or NOT_FOUND, as over gRPC; NOT_FOUND may also come with
  // the first page. Blocks on the store.
  virtual absl::StatusOr<std::unique_ptr<OutPages>> Show(
      const google::protobuf::Message& request) = 0;

  // Sequence of the last event that was told: the answers to all changes up to it were handed to
  // their clients before. Does not block.
  virtual uint64_t LastEvent() = 0;

  // Sequence of the oldest event that is left, 1 when nothing was ever trimmed. Does not block.
  virtual uint64_t OldestEvent() = 0;

  // Up to `limit` events after sequence `after`, without a gap. OUT_OF_RANGE: those are trimmed.
  // Blocks on the store.
  virtual absl::StatusOr<std::vector<v1::Event>> Events(uint64_t after, size_t limit) = 0;
};

}  // namespace outdial::ami
