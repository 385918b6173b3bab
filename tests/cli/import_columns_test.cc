#include "cli/import_columns.h"

#include <gmock/gmock.h>

namespace outdial::cli {
namespace {

TEST(ImportColumnsTest, AMapOfAColumnThatIsNotThereIsRefused) {
  ImportColumns columns;
  EXPECT_EQ(ImportColumns::Make({"number"}, {"Tel=number1"}, &columns).code, ExitCode::kInvalid);
  EXPECT_EQ(ImportColumns::Make({"number"}, {"Tel"}, &columns).code, ExitCode::kUsage);
}

TEST(ImportColumnsTest, ThereMustBeANumber) {
  ImportColumns columns;
  EXPECT_EQ(ImportColumns::Make({"name"}, {}, &columns).code, ExitCode::kInvalid);
  EXPECT_TRUE(ImportColumns::Make({"name", "number8"}, {}, &columns).ok());
  EXPECT_EQ(ImportColumns::Make({"number9"}, {}, &columns).code, ExitCode::kInvalid);
}

TEST(ImportColumnsTest, FewerCellsThanColumnsAreRefused) {
  ImportColumns columns;
  ASSERT_TRUE(ImportColumns::Make({"name", "number"}, {}, &columns).ok());
  v1::Dl dl;
  EXPECT_NE(columns.ToDl({"a"}, &dl), "");
  EXPECT_EQ(columns.ToDl({"a", "1"}, &dl), "");
  EXPECT_THAT(dl.number(), testing::ElementsAre("1"));
}

}  // namespace
}  // namespace outdial::cli
