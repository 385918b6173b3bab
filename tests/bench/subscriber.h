// A client that follows events, at the least cost of a client that reads them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "google/protobuf/arena.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/client_callback.h"
#include "outdial/v1/event_service.pb.h"

namespace outdial::bench {

// Follows from its making on, over a connection of its own, and parses each message on an arena,
// since generated code alone would spend more time in malloc than all else that is measured. Its
// methods belong to one thread.
class Subscriber : private grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  // Called for each message by a thread of gRPC's; false: nothing more is read until the end.
  using OnMessage = std::function<bool(const v1::OutEventSubscribeResponse& message)>;

  Subscriber(const std::string& address, OnMessage on_message);
  // Cancels what is not over.
  ~Subscriber() override;

  // Waits until the first message is there: from now on no event is missed.
  void AwaitFirst() { first_.WaitForNotification(); }
  // Waits until the server ends the stream.
  void AwaitEnd() { done_.WaitForNotification(); }

 private:
  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  const OnMessage on_message_;
  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer bytes_;
  std::vector<char> block_;
  google::protobuf::Arena arena_;
  bool has_first_ = false;
  absl::Notification first_;
  absl::Notification done_;
};

}  // namespace outdial::bench
