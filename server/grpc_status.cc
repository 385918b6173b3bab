#include "server/grpc_status.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/errors.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace outdial::server {
namespace {

constexpr char kDomain[] = "outdial";
constexpr int64_t kRetryDelaySeconds = 1;
// It travels twice: percent-encoded in its own trailer, where a byte may take three, and here.
constexpr size_t kMaxMessageBytes = 700;
constexpr size_t kMaxViolationsBytes = 2048;
constexpr size_t kMaxMetadataValueBytes = 128;

// At most `limit` bytes of `text`, cut between characters.
std::string Cut(const std::string& text, size_t limit) {
  if (text.size() <= limit) return text;
  size_t end = limit - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat(text.substr(0, end), "...");
}

google::rpc::ErrorInfo MakeErrorInfo(const absl::Status& status, const ErrorMetadata& metadata) {
  google::rpc::ErrorInfo info;
  info.set_domain(kDomain);
  const engine::Reason reason = engine::ReasonOf(status);
  if (reason == engine::Reason::kNone) {
    info.set_reason(absl::StatusCodeToString(status.code()));
  } else {
    info.set_reason(std::string(engine::ReasonName(reason)));
  }
  const std::string uuid = engine::UnknownUuidOf(status);
  if (!uuid.empty()) (*info.mutable_metadata())["uuid"] = Cut(uuid, kMaxMetadataValueBytes);
  for (const auto& [key, value] : metadata) {
    (*info.mutable_metadata())[key] = Cut(value, kMaxMetadataValueBytes);
  }
  return info;
}

google::rpc::BadRequest MakeBadRequest(const std::vector<engine::FieldViolation>& violations) {
  google::rpc::BadRequest bad;
  size_t named = 0;
  for (const engine::FieldViolation& violation : violations) {
    auto* field = bad.add_field_violations();
    field->set_field(Cut(violation.field, 128));
    field->set_description(Cut(violation.description, 512));
    if (bad.ByteSizeLong() > kMaxViolationsBytes) {
      bad.mutable_field_violations()->RemoveLast();
      break;
    }
    ++named;
  }
  if (named < violations.size()) {
    bad.add_field_violations()->set_description(
        absl::StrCat("and ", violations.size() - named, " more"));
  }
  return bad;
}

bool TryingAgainHelps(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status, const ErrorMetadata& metadata) {
  if (status.ok()) return grpc::Status::OK;

  const std::string message = Cut(std::string(status.message()), kMaxMessageBytes);
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(message);
  details.add_details()->PackFrom(MakeErrorInfo(status, metadata));
  const std::vector<engine::FieldViolation> violations = engine::ViolationsOf(status);
  if (!violations.empty()) details.add_details()->PackFrom(MakeBadRequest(violations));
  if (TryingAgainHelps(status)) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(kRetryDelaySeconds);
    details.add_details()->PackFrom(retry);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), message,
                      details.SerializeAsString());
}

}  // namespace outdial::server
