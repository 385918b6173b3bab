#include "ami_gateway/cdr_csv.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kDialing[] = "01890a5d-ac96-774b-bcce-b302099a8057";

// A line as cdr_csv writes it.
std::string Line(const std::string& disposition, const std::string& uniqueid = kDialing) {
  return absl::StrCat(R"x("acc7","5550001","s","from-trunk","""Lab, main"" <5550001>",)x",
                      R"x("PJSIP/trunk-00000001","","AppDial2","(Outgoing Line)",)x",
                      R"x("2026-11-22 19:10:41",,"2026-11-22 19:10:42",1,0,")x", disposition,
                      R"x(","DOCUMENTATION",")x", uniqueid, R"x(","")x");
}

TEST(ParseCdrLineTest, TakesWhatIsAboutADialing) {
  const auto record = ParseCdrLine(Line("NO ANSWER"));
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->dialing.ToString(), kDialing);
  EXPECT_EQ(record->disposition, "NO ANSWER");
}

TEST(ParseCdrLineTest, LeavesTheRest) {
  EXPECT_FALSE(ParseCdrLine(Line("BUSY", "1763838641.12")).has_value());
  for (const char* line : {"", "\"", ",,,,", "\"never closed,,,,,,,,,,,,,,,,,,,,"}) {
    EXPECT_FALSE(ParseCdrLine(line).has_value()) << line;
  }
}

class CdrCsvTest : public ::testing::Test {
 protected:
  CdrCsvTest() {
    std::string directory = testing::TempDir() + "cdr-XXXXXX";
    EXPECT_NE(mkdtemp(directory.data()), nullptr);
    directory_ = directory;
    path_ = directory + "/Master.csv";
  }
  ~CdrCsvTest() override { std::filesystem::remove_all(directory_); }

  void Append(const std::string& text) { std::ofstream(path_, std::ios::app) << text; }
  std::vector<std::string> Read(CdrCsv& csv) {
    const auto records = csv.ReadNew();
    EXPECT_TRUE(records.ok()) << records.status();
    std::vector<std::string> dispositions;
    if (!records.ok()) return dispositions;
    for (const engine::CallRecorded& record : *records) dispositions.push_back(record.disposition);
    return dispositions;
  }

  std::string directory_;
  std::string path_;
};

TEST_F(CdrCsvTest, ReadsEachLineOnceAndNoneThatIsHalfWritten) {
  CdrCsv csv(path_);
  Append(Line("BUSY") + "\n" + Line("ANSWERED").substr(0, 50));
  EXPECT_THAT(Read(csv), ElementsAre("BUSY"));
  EXPECT_THAT(Read(csv), IsEmpty());
  Append(Line("ANSWERED").substr(50) + "\n");
  EXPECT_THAT(Read(csv), ElementsAre("ANSWERED"));
}

TEST_F(CdrCsvTest, BeginsAnewWithANewFile) {
  CdrCsv csv(path_);
  Append(Line("BUSY") + "\n");
  EXPECT_THAT(Read(csv), ElementsAre("BUSY"));
  std::filesystem::rename(path_, path_ + ".1");
  Append(Line("FAILED") + "\n" + Line("ANSWERED") + "\n");
  EXPECT_THAT(Read(csv), ElementsAre("FAILED", "ANSWERED"));
}

TEST_F(CdrCsvTest, ReadsNoMoreThanTheEndOfALongFile) {
  CdrCsv csv(path_);
  Append(Line("BUSY") + "\n");
  Append(std::string(CdrCsv::kMaxBytes, 'x'));
  Append("\n" + Line("ANSWERED") + "\n");
  EXPECT_THAT(Read(csv), ElementsAre("ANSWERED"));
}

TEST_F(CdrCsvTest, SaysWhatIsWrongWithTheFile) {
  CdrCsv csv(path_);
  const auto records = csv.ReadNew();
  EXPECT_EQ(records.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(records.status().message()), HasSubstr("Master.csv: No such file"));
}

TEST_F(CdrCsvTest, APipeIsNotWaitedFor) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(std::string(CdrCsv(path_).ReadNew().status().message()),
              HasSubstr("Master.csv: is no regular file"));
}

TEST_F(CdrCsvTest, LinesWithoutUniqueidAreNotPassedOverInSilence) {
  CdrCsv csv(path_);
  const std::string line = Line("BUSY");
  Append(line.substr(0, line.find(",\"DOCUMENTATION\"")) + "\n");
  EXPECT_THAT(std::string(csv.ReadNew().status().message()), HasSubstr("loguniqueid"));
  Append(Line("BUSY") + "\n");
  EXPECT_THAT(Read(csv), ElementsAre("BUSY"));
}

}  // namespace
}  // namespace outdial::ami
