#include "cli/enum_names.h"

#include <gtest/gtest.h>

#include "outdial/v1/event.pb.h"
#include "outdial/v1/plan.pb.h"

namespace outdial::cli {
namespace {

TEST(EnumNamesTest, ShortNamesAreDerived) {
  const auto& value = *v1::EventKind_descriptor()->FindValueByName("EVENT_KIND_OUT_DL_LIST_CREATE");
  EXPECT_EQ(FlagName(value), "out-dl-list-create");
  EXPECT_EQ(Words(value), "out dl list create");
}

TEST(EnumNamesTest, TakesNamesInAnySpellingAndNumbers) {
  const auto& type = *v1::DialMode_descriptor();
  for (const char* text : {"progressive", "Progressive", "DIAL_MODE_PROGRESSIVE", "6"}) {
    EXPECT_EQ(ParseEnum(type, text), v1::DIAL_MODE_PROGRESSIVE) << text;
  }
  EXPECT_EQ(ParseEnum(*v1::EventKind_descriptor(), "OutDlListImport"),
            v1::EVENT_KIND_OUT_DL_LIST_IMPORT);
  for (const char* text : {"", "fast", "99", "-1"}) EXPECT_FALSE(ParseEnum(type, text)) << text;
}

}  // namespace
}  // namespace outdial::cli
