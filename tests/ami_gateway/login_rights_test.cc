#include "ami_gateway/login_rights.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

LoginRights AllCommands() {
  LoginRights rights;
  rights.NoteCommands({{"Response", "Success"}, {"Originate", ""}, {"Hangup", ""}});
  return rights;
}

TEST(LoginRightsTest, MayWhatIsListedInAnyCase) {
  const LoginRights rights = AllCommands();
  EXPECT_TRUE(rights.May("originate"));
  EXPECT_FALSE(rights.May("Filter"));
  EXPECT_TRUE(rights.may_originate());
}

TEST(LoginRightsTest, NamesEachMissingRightWithItsRemedy) {
  LoginRights rights;
  rights.NoteConfig({{"Response", "Success"}, {"Line-000000-000000", "read = cdr"}});
  EXPECT_FALSE(rights.may_originate());
  EXPECT_THAT(rights.Problems(),
              ElementsAre(HasSubstr("`originate` to `write`"), HasSubstr("`call` to `write`"),
                          HasSubstr("`call` to `read`"), HasSubstr("`agent` to `read`"),
                          HasSubstr("`system` to `read`")));
}

TEST(LoginRightsTest, ReadAllSeesEverything) {
  LoginRights rights = AllCommands();
  rights.NoteConfig({{"Line-000000-000003", "read=all"}});
  rights.NoteFullyBooted();
  EXPECT_THAT(rights.Problems(), IsEmpty());
}

TEST(LoginRightsTest, TheLastReadLineCounts) {
  LoginRights rights = AllCommands();
  rights.NoteConfig({{"Line-000000-000001", "read=all"}, {"Line-000000-000002", "read=agent"}});
  EXPECT_FALSE(rights.Sees("call"));
  EXPECT_TRUE(rights.Sees("agent"));
}

TEST(LoginRightsTest, TakesWhatItCannotKnowAsGranted) {
  LoginRights rights = AllCommands();
  EXPECT_TRUE(rights.Sees("call"));
  rights.NoteConfig({{"Line-000000-000001", "secret=read=x"}});
  EXPECT_TRUE(rights.Sees("agent"));
}

}  // namespace
}  // namespace outdial::ami
