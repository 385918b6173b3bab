#include "ami_gateway/out_dl_create.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kDlma[] = "0190163d-8694-739b-aea5-966c26f8ad91";

// Of arguments that must be good.
v1::Dl Read(const std::vector<std::string>& arguments) {
  const auto request = ReadOutDlCreate(arguments);
  EXPECT_TRUE(request.ok()) << request.status();
  return request.ok() ? request->dl() : v1::Dl();
}

// Of arguments that must be bad.
std::string Problem(const std::vector<std::string>& arguments) {
  const auto request = ReadOutDlCreate(arguments);
  EXPECT_FALSE(request.ok()) << request->ShortDebugString();
  return std::string(request.status().message());
}

std::vector<std::string> Numbers(const std::string& list) {
  const v1::Dl dl = Read({kDlma, list});
  return {dl.number().begin(), dl.number().end()};
}

// `name=value` of each.
std::vector<std::string> Variables(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {kDlma, "1000", "", "", "", ""};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables;
  const v1::Dl dl = Read(all);
  for (const v1::Variable& variable : dl.variables()) {
    variables.push_back(absl::StrCat(variable.name(), "=", variable.value()));
  }
  return variables;
}

TEST(OutDlCreateTest, TakesAllArguments) {
  const v1::Dl dl =
      Read({kDlma, "1000:2000", "Ann", "second try", "ann@example.com", "key 7", "a=1", "b=2"});
  EXPECT_EQ(dl.dlma_uuid(), kDlma);
  EXPECT_THAT(dl.number(), ElementsAre("1000", "2000"));
  EXPECT_EQ(dl.name(), "Ann");
  EXPECT_EQ(dl.detail(), "second try");
  EXPECT_EQ(dl.email(), "ann@example.com");
  EXPECT_EQ(dl.ukey(), "key 7");
  ASSERT_THAT(dl.variables(), SizeIs(2));
  EXPECT_EQ(dl.variables(1).name(), "b");
  EXPECT_EQ(dl.variables(1).value(), "2");
}

TEST(OutDlCreateTest, WhatIsEmptyOrMissingIsNotGiven) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {kDlma, "1000"}, {kDlma, "1000", "", " ", "", "", "", ""}}) {
    const v1::Dl dl = Read(arguments);
    EXPECT_FALSE(dl.has_name());
    EXPECT_FALSE(dl.has_detail());
    EXPECT_FALSE(dl.has_email());
    EXPECT_FALSE(dl.has_ukey());
    EXPECT_THAT(dl.variables(), IsEmpty());
  }
}

TEST(OutDlCreateTest, WhiteSpaceAroundAnArgumentDoesNotCount) {
  const v1::Dl dl = Read({absl::StrCat(" ", kDlma, " "), " 1000 : 2000 ", " Ann Lee", "", "", "",
                          " a=1", "b=2 : c=3"});
  EXPECT_EQ(dl.dlma_uuid(), kDlma);
  EXPECT_THAT(dl.number(), ElementsAre("1000", "2000"));
  EXPECT_EQ(dl.name(), "Ann Lee");
  EXPECT_EQ(dl.variables(0).name(), "a");
  EXPECT_EQ(dl.variables(2).name(), "c");
}

TEST(OutDlCreateTest, NumbersKeepTheirPlaces) {
  EXPECT_THAT(Numbers(":2000::4000"), ElementsAre("", "2000", "", "4000"));
  EXPECT_THAT(Numbers("1000::"), ElementsAre("1000"));
  EXPECT_THAT(Numbers("1:2:3:4:5:6:7:8"), SizeIs(8));
  EXPECT_THAT(Numbers("1:2:3:4:5:6:7:8::"), SizeIs(8));
}

TEST(OutDlCreateTest, TheColonOfASipAddressDividesNothing) {
  EXPECT_THAT(Numbers("sip:ann@example.com"), ElementsAre("sip:ann@example.com"));
  EXPECT_THAT(Numbers("1000:SIPS:ann@example.com:sip:bob@example.com:2000"),
              ElementsAre("1000", "SIPS:ann@example.com", "sip:bob@example.com", "2000"));
  EXPECT_THAT(Numbers("sip:sip:1000"), ElementsAre("sip:sip", "1000"));
  EXPECT_THAT(Numbers("sip"), ElementsAre("sip"));
}

TEST(OutDlCreateTest, VariablesComeInOneArgumentOrInMany) {
  EXPECT_THAT(Variables({"a=1:b=2"}), ElementsAre("a=1", "b=2"));
  EXPECT_THAT(Variables({"a=1", "", "b=2:__c=3"}), ElementsAre("a=1", "b=2", "__c=3"));
}

TEST(OutDlCreateTest, AValueMayHoldColonsAndEqualSigns) {
  EXPECT_THAT(Variables({"url=http://example.com:80/?q:b=2"}),
              ElementsAre("url=http://example.com:80/?q", "b=2"));
  EXPECT_THAT(Variables({"at=10:30:x=a=b"}), ElementsAre("at=10:30", "x=a=b"));
  EXPECT_THAT(Variables({"a=:b="}), ElementsAre("a=", "b="));
}

TEST(OutDlCreateTest, SaysWhatIsMissing) {
  EXPECT_THAT(Problem({}), HasSubstr("the uuid of a dlma"));
  EXPECT_THAT(Problem({"", "1000"}), HasSubstr("the uuid of a dlma"));
  EXPECT_THAT(Problem({kDlma}), HasSubstr("at least one number"));
  EXPECT_THAT(Problem({kDlma, "::"}), HasSubstr("at least one number"));
}

TEST(OutDlCreateTest, RefusesMoreNumbersThanAnEntryHolds) {
  EXPECT_THAT(Problem({kDlma, "1:2:3:4:5:6:7:8:9"}),
              HasSubstr("there are 9 numbers, and an entry holds at most 8"));
}

TEST(OutDlCreateTest, RefusesAVariableWithoutAnEqualSign) {
  EXPECT_THAT(Problem({kDlma, "1", "", "", "", "", "a=1", "b"}),
              HasSubstr("variable 2 must be written name=value"));
}

TEST(OutDlCreateTest, NamesFieldsAsItsArgumentsAre) {
  EXPECT_EQ(OutDlCreateProblem(engine::InvalidFields({
                {"dl.dlma_uuid", "must be a uuid"},
                {"dl.number", "must hold at least one number"},
                {"dl.number[0]", "must be shorter"},
                {"dl.variables[1].name", "must be other"},
                {"dl.variables[2].value", "must be short"},
                {"dl.variables", "must be fewer"},
                {"dl.ukey", "must be valid UTF-8"},
            })),
            "dlma must be a uuid; number must hold at least one number; number 1 must be shorter; "
            "the name of variable 2 must be other; the value of variable 3 must be short; "
            "variables must be fewer; ukey must be valid UTF-8");
}

TEST(OutDlCreateTest, OtherProblemsAreToldAsTheyAre) {
  EXPECT_EQ(OutDlCreateProblem(engine::NoSuch("dlma", kDlma)), "No such dlma");
  EXPECT_EQ(OutDlCreateProblem(engine::Unavailable(engine::Reason::kShuttingDown, "is ending")),
            "is ending");
}

}  // namespace
}  // namespace outdial::ami
