// Yardstick: a gRPC server that streams given messages, and does nothing else.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/server.h"
#include "grpcpp/support/byte_buffer.h"
#include "outdial/v1/event_service.grpc.pb.h"

namespace outdial::bench {

// Each client gets all `messages` in order, `times` over, as fast as it takes them; then its stream
// ends. Thread-safe. Starts and ends with the object.
class BareEventStream {
 public:
  BareEventStream(std::vector<grpc::ByteBuffer> messages, int times);

  const std::string& address() const { return address_; }

 private:
  class Service final : public v1::OutEventService::WithRawCallbackMethod_OutEventSubscribe<
                            v1::OutEventService::Service> {
   public:
    Service(std::vector<grpc::ByteBuffer> messages, int times)
        : messages_(std::move(messages)), times_(times) {}
    grpc::ServerWriteReactor<grpc::ByteBuffer>* OutEventSubscribe(
        grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override;

   private:
    const std::vector<grpc::ByteBuffer> messages_;
    const int times_;
  };

  Service service_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace outdial::bench
