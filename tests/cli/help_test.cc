// Golden files of what is generated from the command table. To write them again after a wanted
// change: OUTDIAL_REWRITE_GOLDENS=1 cli_command_test --gtest_filter='HelpTest.*'
#include "cli/help.h"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/cli/cli_fixture.h"
#include "tests/cli/golden.h"

namespace outdial::cli {
namespace {

constexpr char kReferenceBegin[] = "<!-- reference: generated from the command table -->\n";

using HelpTest = CliTest;

TEST_F(HelpTest, OfTheProgram) { ExpectGolden("help.txt", CtlAlone({"--help"}).out); }

TEST_F(HelpTest, OfANoun) { ExpectGolden("help_campaign.txt", CtlAlone({"campaign", "-h"}).out); }

TEST_F(HelpTest, OfCommands) {
  ExpectGolden("help_plan_create.txt", CtlAlone({"plan", "create", "--help"}).out);
  ExpectGolden("help_dl_update.txt", CtlAlone({"dl", "update", "--help"}).out);
  ExpectGolden("help_dl_import.txt", CtlAlone({"dl", "import", "--help"}).out);
}

TEST_F(HelpTest, CompletionScripts) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const Run run = CtlAlone({"completion", shell});
    EXPECT_EQ(run.exit_code, 0);
    ExpectGolden("completion." + shell, run.out);
  }
  EXPECT_EQ(CtlAlone({"completion", "csh"}).exit_code, 2);
}

TEST_F(HelpTest, ReferenceInTheReadmeIsCurrent) {
  const std::string readme = ReadAll(OUTDIAL_CLI_README);
  const size_t begin = readme.find(kReferenceBegin);
  ASSERT_NE(begin, std::string::npos);
  const std::string head = readme.substr(0, begin) + kReferenceBegin + "\n";
  if (RewritesGoldens()) std::ofstream(OUTDIAL_CLI_README) << head << Reference();
  EXPECT_EQ(ReadAll(OUTDIAL_CLI_README), head + Reference());
}

}  // namespace
}  // namespace outdial::cli
