#include "engine/errors.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ErrorsTest, NamesEveryBadFieldAtOnce) {
  const absl::Status status = InvalidFields(
      {{"plan.max_retry[0]", "must be 0 to 20"}, {"plan.name", "must be valid UTF-8: \"a:1\""}});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(),
            "plan.max_retry[0] must be 0 to 20; plan.name must be valid UTF-8: \"a:1\"");
  EXPECT_EQ(ReasonOf(status), Reason::kInvalidField);
  const std::vector<FieldViolation> violations = ViolationsOf(status);
  ASSERT_THAT(violations, SizeIs(2));
  EXPECT_EQ(violations[0].field, "plan.max_retry[0]");
  EXPECT_EQ(violations[0].description, "must be 0 to 20");
  EXPECT_EQ(violations[1].field, "plan.name");
  EXPECT_EQ(violations[1].description, "must be valid UTF-8: \"a:1\"");
}

TEST(ErrorsTest, SaysWhichUuidIsUnknown) {
  const absl::Status status = NoSuch("dl_list", "0018e3c1-7b2a-7abc-8def-0123456789ab");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "No such dl_list");
  EXPECT_EQ(ReasonOf(status), Reason::kUnknownUuid);
  EXPECT_EQ(UnknownUuidOf(status), "0018e3c1-7b2a-7abc-8def-0123456789ab");
}

TEST(ErrorsTest, CarriesTheReasonWithEachCode) {
  EXPECT_EQ(FailedPrecondition(Reason::kRecordInUse, "x").code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Aborted(Reason::kRevisionMismatch, "x").code(), absl::StatusCode::kAborted);
  EXPECT_EQ(AlreadyExists(Reason::kRequestIdReused, "x").code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ResourceExhausted(Reason::kLimitReached, "x").code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Unavailable(Reason::kShuttingDown, "x").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(OutOfRange(Reason::kPositionTrimmed, "x").code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(ReasonOf(OutOfRange(Reason::kPositionTrimmed, "x")), Reason::kPositionTrimmed);
}

TEST(ErrorsTest, FindsNothingInAForeignStatus) {
  const absl::Status status = absl::InternalError("x");
  EXPECT_EQ(ReasonOf(status), Reason::kNone);
  EXPECT_THAT(ViolationsOf(status), IsEmpty());
  EXPECT_EQ(UnknownUuidOf(status), "");
  EXPECT_EQ(ReasonOf(absl::OkStatus()), Reason::kNone);
}

TEST(ErrorsTest, NamesEachReasonDifferently) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(Reason::kShuttingDown); ++i) {
    EXPECT_TRUE(names.insert(std::string(ReasonName(static_cast<Reason>(i)))).second);
  }
  EXPECT_EQ(ReasonName(Reason::kUnknownUuid), "UNKNOWN_UUID");
}

}  // namespace
}  // namespace outdial::engine
