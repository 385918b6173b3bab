// The connection to outdiald, as the global flags describe it.
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "cli/command_status.h"
#include "cli/command_table.h"
#include "cli/interrupt.h"
#include "cli/rpc.h"

namespace outdial::cli {

// Belongs to one thread. Connects with the first call, not when it is made.
class Connection {
 public:
  // `interrupt` must outlive it. kUsage: a bad flag; kFailed: a file can't be read.
  static CommandStatus Make(const FlagValues& globals, Interrupt* interrupt,
                            std::unique_ptr<Connection>* result);

  // One call within the timeout.
  CommandStatus Call(const UnaryRpc& rpc, const google::protobuf::Message& request,
                     google::protobuf::Message* response);

  enum class Length {
    kShort,  // within the timeout
    kLong,   // without a limit of time
  };
  // OK also when `on_response` ended the stream.
  CommandStatus Stream(const StreamRpc& rpc, Length length,
                       const google::protobuf::Message& request,
                       const StreamRpc::OnResponse& on_response);

  // For calls that are made by hand: credentials and, for short ones, the deadline.
  void Prepare(grpc::ClientContext* context, Length length) const;
  // The server's status, or kInterrupted where the interrupt ended the call.
  CommandStatus ToStatus(const grpc::Status& status) const;

  const ChannelPtr& channel() const { return channel_; }
  // Its address, as it was given.
  const std::string& server() const { return server_; }
  Interrupt* interrupt() const { return interrupt_; }

 private:
  Connection(ChannelPtr channel, std::string server, std::string token, absl::Duration timeout,
             Interrupt* interrupt);

  const ChannelPtr channel_;
  const std::string server_;
  const std::string token_;
  const absl::Duration timeout_;
  Interrupt* const interrupt_;
};

}  // namespace outdial::cli
