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

TEST(CommandStatusTest, DetailsThatAreGarbageAreIgnored) {
  const CommandStatus status =
      FromGrpc(grpc::Status(grpc::StatusCode::ABORTED, "Wrong revision", "\xFF\xFE"), "host:1");
  EXPECT_EQ(ErrorText(status), "error: wrong revision\n");
}

}  // namespace
}  // namespace outdial::cli
