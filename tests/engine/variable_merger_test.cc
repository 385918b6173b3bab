#include "engine/variable_merger.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/validation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr char kCampaign[] = "0192b7c4-5d2e-7a31-9c5b-000000000001";
constexpr char kDialing[] = "0192b7c4-5d2e-7a31-9c5b-000000000002";
constexpr char kDl[] = "0192b7c4-5d2e-7a31-9c5b-000000000003";

template <class Record>
void Add(const std::string& name, const std::string& value, Record* record) {
  v1::Variable* variable = record->add_variables();
  variable->set_name(name);
  variable->set_value(value);
}

class VariableMergerTest : public ::testing::Test {
 protected:
  VariableMergerTest() { dl_.set_uuid(kDl); }

  // Without Outdial's own four, which come last.
  std::vector<std::pair<std::string, std::string>> Merged() const {
    auto merged = MergeVariables({plan_, dlma_, destination_, dl_, *CampaignUuid::Parse(kCampaign),
                                  *DialingUuid::Parse(kDialing)});
    EXPECT_GE(merged.size(), 4U);
    own_.assign(merged.end() - 4, merged.end());
    merged.resize(merged.size() - 4);
    return merged;
  }

  v1::Plan plan_;
  v1::Dlma dlma_;
  v1::Destination destination_;
  v1::Dl dl_;
  mutable std::vector<std::pair<std::string, std::string>> own_;
};

TEST_F(VariableMergerTest, LaterRecordWinsInTheFirstOnesPlace) {
  Add("A", "plan", &plan_);
  Add("B", "plan", &plan_);
  Add("C", "dlma", &dlma_);
  Add("A", "destination", &destination_);
  Add("C", "dl", &dl_);
  Add("D", "dl", &dl_);
  EXPECT_THAT(Merged(), ElementsAre(Pair("A", "destination"), Pair("B", "plan"), Pair("C", "dl"),
                                    Pair("D", "dl")));
}

TEST_F(VariableMergerTest, InheritancePrefixIsNoPartOfTheName) {
  Add("A", "plan", &plan_);
  Add("__A", "dl", &dl_);
  EXPECT_THAT(Merged(), ElementsAre(Pair("__A", "dl")));
}

TEST_F(VariableMergerTest, KeepsValuesAsTheyAre) {
  Add("A", "x,y=\"${z}\"", &plan_);
  Add("a", "", &plan_);
  EXPECT_THAT(Merged(), ElementsAre(Pair("A", "x,y=\"${z}\""), Pair("a", "")));
}

TEST_F(VariableMergerTest, AddsOutdialsOwn) {
  dl_.set_ukey("customer-7");
  Merged();
  EXPECT_THAT(own_, ElementsAre(Pair("OUTDIAL_DIALING_UUID", kDialing),
                                Pair("OUTDIAL_CAMPAIGN_UUID", kCampaign),
                                Pair("OUTDIAL_DL_UUID", kDl), Pair("OUTDIAL_UKEY", "customer-7")));
}

TEST_F(VariableMergerTest, SendsUdataAsHeaderOrVariable) {
  dl_.set_udata("abc;enc=hex");
  EXPECT_THAT(Merged(), ElementsAre());
  plan_.set_uui_field("X-UUI");
  EXPECT_THAT(Merged(), ElementsAre(Pair("PJSIP_HEADER(add,X-UUI)", "abc;enc=hex")));
  plan_.set_uui_field("user-to-user");
  EXPECT_THAT(Merged(), ElementsAre(Pair("PJSIP_HEADER(add,user-to-user)", "abc;enc=hex")));
  plan_.set_uui_field("UUI");
  Add("UUI", "plan", &plan_);
  EXPECT_THAT(Merged(), ElementsAre(Pair("UUI", "abc;enc=hex")));
}

TEST_F(VariableMergerTest, FullRecordsFit) {
  plan_.set_uui_field("X-UUI");
  dl_.set_udata("abc");
  for (int i = 0; i < kMaxVariablesPerRecord; ++i) {
    Add(absl::StrCat("P", i), "", &plan_);
    Add(absl::StrCat("M", i), "", &dlma_);
    Add(absl::StrCat("T", i), "", &destination_);
    Add(absl::StrCat("L", i), "", &dl_);
  }
  EXPECT_EQ(Merged().size() + 4, 4U * kMaxVariablesPerRecord + 5);
  EXPECT_LE(Merged().size() + 4, static_cast<size_t>(kMaxMergedVariables));
}

TEST_F(VariableMergerTest, KeepsTheLastOfEachNameInOneRecord) {
  Add("A", "1", &dl_);
  Add("B", "2", &dl_);
  Add("_A", "3", &dl_);
  KeepLastOfEachName(dl_.mutable_variables());
  ASSERT_EQ(dl_.variables_size(), 2);
  EXPECT_EQ(dl_.variables(0).name(), "_A");
  EXPECT_EQ(dl_.variables(0).value(), "3");
  EXPECT_EQ(dl_.variables(1).name(), "B");
}

}  // namespace
}  // namespace outdial::engine
