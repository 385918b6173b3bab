#include "cli/connection.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace outdial::cli {
namespace {

constexpr char kDefaultServer[] = "127.0.0.1:50051";
constexpr absl::Duration kDefaultTimeout = absl::Seconds(30);
// Rarer than the shortest distance that gRPC servers accept by default (5 minutes).
constexpr int kKeepAliveMs = 6 * 60 * 1000;
// `top` shall see a server that is back at once, not after gRPC's two minutes.
constexpr int kMaxReconnectDelayMs = 2000;
// A batch of full records may be larger than gRPC's default of 4 MiB.
constexpr int kMaxMessageBytes = 64 << 20;

CommandStatus ReadFile(const FlagValues& flags, absl::string_view flag, std::string* content) {
  if (!flags.Has(flag)) return Ok();
  const std::string path = flags.Get(flag);
  std::ifstream file(path, std::ios::binary);
  std::ostringstream all;
  if (!file || !(all << file.rdbuf())) {
    return {
        ExitCode::kFailed, absl::StrCat("--", flag, ": ", path, " can't be read, or is empty"), {}};
  }
  *content = all.str();
  return Ok();
}

bool IsThisMachine(absl::string_view server) {
  for (const char* prefix : {"127.", "localhost:", "[::1]:", "unix:"}) {
    if (absl::StartsWith(server, prefix)) return true;
  }
  return false;
}

bool WantsTls(const FlagValues& flags) {
  return flags.Has("tls") || flags.Has("tls-ca") || flags.Has("tls-cert");
}

CommandStatus MakeCredentials(const FlagValues& flags,
                              std::shared_ptr<grpc::ChannelCredentials>* credentials) {
  if (flags.Has("tls-cert") != flags.Has("tls-key")) {
    return UsageError("--tls-cert and --tls-key go together");
  }
  if (!WantsTls(flags)) {
    *credentials = grpc::InsecureChannelCredentials();
    return Ok();
  }
  grpc::SslCredentialsOptions options;
  if (CommandStatus s = ReadFile(flags, "tls-ca", &options.pem_root_certs); !s.ok()) return s;
  if (CommandStatus s = ReadFile(flags, "tls-cert", &options.pem_cert_chain); !s.ok()) return s;
  if (CommandStatus s = ReadFile(flags, "tls-key", &options.pem_private_key); !s.ok()) return s;
  *credentials = grpc::SslCredentials(options);
  return Ok();
}

CommandStatus ParseTimeout(const FlagValues& flags, absl::Duration* timeout) {
  *timeout = kDefaultTimeout;
  if (!flags.Has("timeout")) return Ok();
  const std::string text = flags.Get("timeout");
  if (!absl::ParseDuration(text, timeout) || *timeout <= absl::ZeroDuration()) {
    return UsageError(
        absl::StrCat("--timeout: '", text, "' is not a duration, for example 500ms, 10s or 2m"));
  }
  return Ok();
}

}  // namespace

CommandStatus Connection::Make(const FlagValues& globals, Interrupt* interrupt,
                               std::unique_ptr<Connection>* result) {
  const std::string server = globals.Has("server") ? globals.Get("server") : kDefaultServer;
  absl::Duration timeout;
  if (CommandStatus s = ParseTimeout(globals, &timeout); !s.ok()) return s;
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  if (CommandStatus s = MakeCredentials(globals, &credentials); !s.ok()) return s;
  std::string token;
  if (CommandStatus s = ReadFile(globals, "token-file", &token); !s.ok()) return s;
  if (!token.empty() && !WantsTls(globals) && !IsThisMachine(server)) {
    return UsageError(
        "--token-file: a token is not sent to another machine without TLS; "
        "add --tls or --tls-ca");
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepAliveMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectDelayMs);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  if (globals.Has("tls-server-name")) {
    arguments.SetSslTargetNameOverride(globals.Get("tls-server-name"));
  }
  result->reset(new Connection(grpc::CreateCustomChannel(server, credentials, arguments), server,
                               std::string(absl::StripAsciiWhitespace(token)), timeout, interrupt));
  return Ok();
}

Connection::Connection(ChannelPtr channel, std::string server, std::string token,
                       absl::Duration timeout, Interrupt* interrupt)
    : channel_(std::move(channel)),
      server_(std::move(server)),
      token_(std::move(token)),
      timeout_(timeout),
      interrupt_(interrupt) {}

void Connection::Prepare(grpc::ClientContext* context, Length length) const {
  if (!token_.empty()) context->AddMetadata("authorization", "Bearer " + token_);
  if (length == Length::kShort) {
    context->set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout_));
  }
}

CommandStatus Connection::ToStatus(const grpc::Status& status) const {
  if (status.error_code() == grpc::StatusCode::CANCELLED && interrupt_->triggered()) {
    return {ExitCode::kInterrupted, "interrupted", {}};
  }
  return FromGrpc(status, server_);
}

CommandStatus Connection::Call(const UnaryRpc& rpc, const google::protobuf::Message& request,
                               google::protobuf::Message* response) {
  grpc::ClientContext context;
  Prepare(&context, Length::kShort);
  const Interrupt::CancelsCall cancels(interrupt_, &context);
  return ToStatus(rpc.call(channel_, &context, request, response));
}

CommandStatus Connection::Stream(const StreamRpc& rpc, Length length,
                                 const google::protobuf::Message& request,
                                 const StreamRpc::OnResponse& on_response) {
  grpc::ClientContext context;
  Prepare(&context, length);
  const Interrupt::CancelsCall cancels(interrupt_, &context);
  bool ended_here = false;
  const grpc::Status status =
      rpc.call(channel_, &context, request, [&](const google::protobuf::Message& response) {
        ended_here = !on_response(response);
        return !ended_here;
      });
  return ended_here ? Ok() : ToStatus(status);
}

}  // namespace outdial::cli
