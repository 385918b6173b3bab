#include "tests/bench/bare_event_stream.h"

#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "server/grpc_front.h"

namespace outdial::bench {
namespace {

class Stream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  Stream(const std::vector<grpc::ByteBuffer>& messages, int times)
      : messages_(messages), end_(messages.size() * static_cast<size_t>(times)) {
    Next();
  }
  void OnWriteDone(bool ok) override { ok ? Next() : Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }

 private:
  void Next() {
    if (next_ == end_) return Finish(grpc::Status::OK);
    StartWrite(&messages_[next_++ % messages_.size()]);
  }

  const std::vector<grpc::ByteBuffer>& messages_;
  const size_t end_;
  size_t next_ = 0;
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* BareEventStream::Service::OutEventSubscribe(
    grpc::CallbackServerContext*, const grpc::ByteBuffer*) {
  return new Stream(messages_, times_);
}

BareEventStream::BareEventStream(std::vector<grpc::ByteBuffer> messages, int times)
    : service_(std::move(messages), times) {
  int port = 0;
  grpc::ServerBuilder builder;
  server::SetServerLimits(&builder);
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service_);
  server_ = builder.BuildAndStart();
  address_ = "127.0.0.1:" + std::to_string(port);
}

}  // namespace outdial::bench
