#include "server/grpc_status.h"

#include <string>
#include <vector>

#include "engine/errors.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace outdial::server {
namespace {

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

// The first detail of a type.
template <class Detail>
std::optional<Detail> Find(const grpc::Status& status) {
  const google::rpc::Status details = DetailsOf(status);
  for (const auto& any : details.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

TEST(GrpcStatusTest, OkStaysOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok()); }

TEST(GrpcStatusTest, NamesEveryBadField) {
  const grpc::Status status = ToGrpcStatus(engine::InvalidFields(
      {{"plan.max_retry[0]", "must be 0 to 20"}, {"plan.dial_mode", "is reserved"}}));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const auto bad = Find<google::rpc::BadRequest>(status);
  ASSERT_TRUE(bad.has_value());
  ASSERT_EQ(bad->field_violations_size(), 2);
  EXPECT_EQ(bad->field_violations(0).field(), "plan.max_retry[0]");
  EXPECT_EQ(bad->field_violations(0).description(), "must be 0 to 20");
  EXPECT_EQ(bad->field_violations(1).field(), "plan.dial_mode");
  EXPECT_EQ(Find<google::rpc::ErrorInfo>(status)->reason(), "INVALID_FIELD");
  EXPECT_FALSE(Find<google::rpc::RetryInfo>(status).has_value());
}

TEST(GrpcStatusTest, ErrorInfoCarriesDomainReasonAndTheUnknownUuid) {
  const std::string uuid = "0190163d-8694-739b-aea5-966c26f8ad91";
  const grpc::Status status = ToGrpcStatus(engine::NoSuch("campaign", uuid));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  const auto info = Find<google::rpc::ErrorInfo>(status);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->domain(), "outdial");
  EXPECT_EQ(info->reason(), "UNKNOWN_UUID");
  EXPECT_EQ(info->metadata().at("uuid"), uuid);
}

TEST(GrpcStatusTest, AnErrorWithoutAReasonIsNamedAfterItsCode) {
  const auto info =
      Find<google::rpc::ErrorInfo>(ToGrpcStatus(absl::DataLossError("record is damaged")));
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->reason(), "DATA_LOSS");
}

TEST(GrpcStatusTest, SaysWhenToTryAgainWhereThatHelps) {
  for (const absl::Status& status :
       {engine::Unavailable(engine::Reason::kShuttingDown, "stopping"),
        engine::ResourceExhausted(engine::Reason::kLimitReached, "too many")}) {
    const auto retry = Find<google::rpc::RetryInfo>(ToGrpcStatus(status));
    ASSERT_TRUE(retry.has_value()) << status;
    EXPECT_GE(retry->retry_delay().seconds(), 1);
  }
}

TEST(GrpcStatusTest, MetadataIsPassedOn) {
  const grpc::Status status = ToGrpcStatus(
      engine::OutOfRange(engine::Reason::kPositionTrimmed, "gone"), {{"oldest_position", "e-12"}});
  EXPECT_EQ(Find<google::rpc::ErrorInfo>(status)->metadata().at("oldest_position"), "e-12");
}

TEST(GrpcStatusTest, TheDetailsRepeatCodeAndMessageForClientsThatReadNothingElse) {
  const grpc::Status status = ToGrpcStatus(engine::NoSuch("plan", "x"));
  EXPECT_EQ(DetailsOf(status).code(), static_cast<int>(status.error_code()));
  EXPECT_EQ(DetailsOf(status).message(), status.error_message());
}

TEST(GrpcStatusTest, StaysWithinWhatAClientTakesAsTrailers) {
  std::vector<engine::FieldViolation> violations;
  for (int i = 0; i < 1000; ++i) {
    violations.push_back({"variables[" + std::to_string(i) + "].name",
                          "must be a name, not a function \xc3\xa4\xc3\xb6\xc3\xbc"});
  }
  const grpc::Status status = ToGrpcStatus(engine::InvalidFields(violations));
  EXPECT_LT(status.error_message().size() * 3 + status.error_details().size() * 4 / 3, 7 * 1024u);
  const auto bad = Find<google::rpc::BadRequest>(status);
  ASSERT_TRUE(bad.has_value());
  const int named = bad->field_violations_size() - 1;
  EXPECT_GT(named, 10);
  EXPECT_EQ(bad->field_violations(named).description(),
            "and " + std::to_string(1000 - named) + " more");
}

}  // namespace
}  // namespace outdial::server
