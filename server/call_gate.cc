#include "server/call_gate.h"

#include "absl/strings/match.h"
#include "engine/errors.h"
#include "openssl/crypto.h"
#include "server/grpc_status.h"

namespace outdial::server {
namespace {

constexpr absl::string_view kBearer = "Bearer ";

// Takes as long for a wrong token as for a right one, so that it can't be guessed byte by byte.
bool EqualSecrets(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

absl::Status CallGate::Admit(const grpc::ServerContextBase& context) const {
  if (!tokens_.empty() && !HasValidToken(context)) {
    return absl::UnauthenticatedError(
        "a valid token is required: send the metadata `authorization: Bearer TOKEN`");
  }
  return draining_ ? DrainStatus() : absl::OkStatus();
}

bool CallGate::HasValidToken(const grpc::ServerContextBase& context) const {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("authorization");
  if (found == metadata.end()) return false;
  absl::string_view value(found->second.data(), found->second.size());
  if (!absl::StartsWithIgnoreCase(value, kBearer)) return false;
  value.remove_prefix(kBearer.size());
  bool valid = false;
  for (const std::string& token : tokens_) valid |= EqualSecrets(token, value);
  return valid;
}

absl::Status CallGate::DrainStatus() {
  return engine::Unavailable(engine::Reason::kShuttingDown,
                             "the server is stopping; connect again when it is back");
}

grpc::Status CallGate::End(absl::string_view method, const absl::Status& status) const {
  metrics_->CallEnded(method, status.code());
  return ToGrpcStatus(status);
}

}  // namespace outdial::server
