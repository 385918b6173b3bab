#include "cli/command_status.h"

#include <gtest/gtest.h>

namespace outdial::cli {
namespace {

TEST(CommandStatusTest, AnErrorWithoutDetailsGetsARemedy) {
  const CommandStatus status =
      FromGrpc(grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "Deadline Exceeded"), "host:1");
  EXPECT_EQ(status.code, ExitCode::kUnavailable);
  EXPECT_EQ(ErrorText(status),
            "error: deadline Exceeded\n  no answer from host:1 in time; --timeout allows more\n");
}

TEST(CommandStatusTest, AServerThatIsNotReachedIsToldInPlainWords) {
  const CommandStatus status =
      FromGrpc(grpc::Status(grpc::StatusCode::UNAVAILABLE,
                            "failed to connect to all addresses; last error: UNKNOWN: "
                            "ipv4:127.0.0.1:1: Failed to connect to remote host: "
                            "Connection refused"),
               "host:1");
  EXPECT_EQ(status.message, "outdiald is not reached at host:1: Connection refused");
}

TEST(CommandStatusTest, FieldsAreNamedAsPeopleKnowThem) {
  EXPECT_EQ(ReadableField("dl.number[0]"), "number1");
  EXPECT_EQ(ReadableField("number[7]"), "number8");
  EXPECT_EQ(ReadableField("plan.retry_delay"), "retry_delay");
  EXPECT_EQ(ReadableField("dl.variables[0].name"), "variables[0].name");
  EXPECT_EQ(ReadableField("variables[0].name"), "variables[0].name");
}

TEST(CommandStatusTest, DetailsThatAreGarbageAreIgnored) {
  const CommandStatus status =
      FromGrpc(grpc::Status(grpc::StatusCode::ABORTED, "Wrong revision", "\xFF\xFE"), "host:1");
  EXPECT_EQ(ErrorText(status), "error: wrong revision\n");
}

}  // namespace
}  // namespace outdial::cli
