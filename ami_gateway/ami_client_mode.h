// One of the two ways to serve an AMI client, behind AmiClientSession.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_client_session.h"
#include "engine/now.h"

namespace outdial::ami {

// The steps of AmiClientSession, each of which adds to `out`. None comes after a `close`.
class AmiClientMode {
 public:
  virtual ~AmiClientMode() = default;

  virtual void Start(const engine::Now& now, AmiClientOutput* out) = 0;
  virtual void OnClientBytes(absl::string_view bytes, const engine::Now& now,
                             AmiClientOutput* out) = 0;
  virtual void OnCallBytes(absl::string_view bytes, bool complete, const engine::Now& now,
                           AmiClientOutput* out) = 0;
  virtual void OnOutEvent(absl::string_view bytes, AmiClientOutput* out) = 0;
  virtual void OnTime(const engine::Now& now, AmiClientOutput* out) = 0;
  virtual engine::MonotonicTime NextDeadline() const = 0;

  virtual bool wants_client_bytes() const = 0;
  virtual bool wants_out_events() const = 0;
  virtual bool logged_in() const = 0;
  virtual size_t waiting_bytes() const { return 0; }

  // A mode without a node never asks for one.
  virtual void OnNodeConnected(const engine::Now&, AmiClientOutput*) {}
  virtual void OnNodeBytes(absl::string_view, const engine::Now&, AmiClientOutput*) {}
  virtual void OnNodeLost(const engine::Now&, AmiClientOutput*) {}
};

}  // namespace outdial::ami
