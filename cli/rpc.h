// RPCs as values, so that commands can be driven by tables. Immutable; any thread.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <functional>
#include <memory>

namespace outdial::cli {

using ChannelPtr = std::shared_ptr<grpc::Channel>;

// One request, one response. `request` and `response` are prototypes: the messages handed to
// `call` must be of their types.
struct UnaryRpc {
  const google::protobuf::Message* request;
  const google::protobuf::Message* response;
  std::function<grpc::Status(const ChannelPtr&, grpc::ClientContext*,
                             const google::protobuf::Message&, google::protobuf::Message*)>
      call;
};

// One request, many responses. The call is cancelled when `on_response` gives false.
struct StreamRpc {
  using OnResponse = std::function<bool(const google::protobuf::Message&)>;

  const google::protobuf::Message* request;
  std::function<grpc::Status(const ChannelPtr&, grpc::ClientContext*,
                             const google::protobuf::Message&, const OnResponse&)>
      call;
};

template <class Stub, class Request, class Response>
UnaryRpc MakeUnaryRpc(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                   Response*)) {
  return {&Request::default_instance(), &Response::default_instance(),
          [method](const ChannelPtr& channel, grpc::ClientContext* context,
                   const google::protobuf::Message& request, google::protobuf::Message* response) {
            Stub stub(channel);
            return (stub.*method)(context, static_cast<const Request&>(request),
                                  static_cast<Response*>(response));
          }};
}

template <class Stub, class Request, class Response>
StreamRpc MakeStreamRpc(std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(
    grpc::ClientContext*, const Request&)) {
  return {
      &Request::default_instance(),
      [method](const ChannelPtr& channel, grpc::ClientContext* context,
               const google::protobuf::Message& request, const StreamRpc::OnResponse& on_response) {
        Stub stub(channel);
        const auto reader = (stub.*method)(context, static_cast<const Request&>(request));
        Response response;
        while (reader->Read(&response)) {
          if (on_response(response)) continue;
          context->TryCancel();
          break;
        }
        return reader->Finish();
      }};
}

}  // namespace outdial::cli
