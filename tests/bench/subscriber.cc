#include "tests/bench/subscriber.h"

#include <utility>

#include "engine/check.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "tests/bench/read_server.h"

namespace outdial::bench {
namespace {

constexpr char kMethod[] = "/outdial.v1.OutEventService/OutEventSubscribe";
// Room for a full message, so that an arena takes it from nowhere else.
constexpr size_t kBlockBytes = size_t{2} << 20;

google::protobuf::ArenaOptions OptionsOf(std::vector<char>* block) {
  google::protobuf::ArenaOptions options;
  options.initial_block = block->data();
  options.initial_block_size = block->size();
  return options;
}

}  // namespace

Subscriber::Subscriber(const std::string& address, OnMessage on_message)
    : on_message_(std::move(on_message)),
      stub_(NewConnection(address)),
      block_(kBlockBytes),
      arena_(OptionsOf(&block_)) {
  stub_.PrepareBidiStreamingCall(&context_, kMethod, grpc::StubOptions(), this);
  // An OutEventSubscribeRequest without a field has no bytes.
  const grpc::Slice nothing;
  request_ = grpc::ByteBuffer(&nothing, 1);
  StartWriteLast(&request_, grpc::WriteOptions());
  StartRead(&bytes_);
  StartCall();
}

Subscriber::~Subscriber() {
  context_.TryCancel();
  AwaitEnd();
}

void Subscriber::OnReadDone(bool ok) {
  if (!ok) return;
  auto* const message =
      google::protobuf::Arena::CreateMessage<v1::OutEventSubscribeResponse>(&arena_);
  grpc::ProtoBufferReader reader(&bytes_);
  OUTDIAL_CHECK(message->ParseFromZeroCopyStream(&reader), "a message can be read");
  const bool go_on = on_message_(*message);
  arena_.Reset();
  if (!std::exchange(has_first_, true)) first_.Notify();
  if (go_on) StartRead(&bytes_);
}

void Subscriber::OnDone(const grpc::Status&) { done_.Notify(); }

}  // namespace outdial::bench
