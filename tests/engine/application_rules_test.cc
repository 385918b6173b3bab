#include "engine/application_rules.h"

#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

TEST(ApplicationRulesTest, ComparesWithoutCase) {
  const EngineConfig config;
  for (const char* name : {"Park", "park", "PARK"}) {
    EXPECT_FALSE(ApplicationProblem(name, config).has_value()) << name;
    EXPECT_EQ(CanonicalApplication(name, config), "Park");
  }
  EXPECT_EQ(CanonicalApplication("musiconhold", config), "MusicOnHold");
  EXPECT_EQ(CanonicalApplication("dial", config), "dial");
}

TEST(ApplicationRulesTest, NamesWhatIsAllowed) {
  EngineConfig config;
  config.allowed_applications = {"Queue", "Park"};
  EXPECT_EQ(ApplicationProblem("Dial", config),
            "must be one of allowed_applications in the configuration: Queue, Park");
}

TEST(ApplicationRulesTest, NeverAllowsWhatRunsPrograms) {
  EngineConfig config;
  config.allowed_applications = {"System", "TrySystem", "SHELL", "AGI", "Exec"};
  for (const char* name : {"System", "system", "TrySystem", "shell", "AGI", "agi", "Exec"}) {
    EXPECT_TRUE(ApplicationProblem(name, config).has_value()) << name;
  }
}

TEST(ApplicationRulesTest, TakesQueueArgumentsUpToTheTimeout) {
  for (const char* data : {"sales", "sales,tT", "sales,,,,60", "sales,t,http://x/,announce,60",
                           "sales,,,,", " sales ,"}) {
    EXPECT_FALSE(QueueDataProblem(data).has_value()) << data;
  }
}

TEST(ApplicationRulesTest, RefusesQueueArgumentsThatRunSomething) {
  for (const char* data :
       {"", " ", ",t", "sales,,,,60,agi.sh", "sales,,,,60,,macro", "sales,,,,60,,,gosub",
        "sales,,,,60,,,,rule", "sales,,,,,", "sales,F(default^s^1)", "sales,t\"a,b\"",
        "sales,\"a,b\",,,,agi", "sales,,,,sixty", "sales,,,,6 0"}) {
    EXPECT_TRUE(QueueDataProblem(data).has_value()) << data;
  }
}

}  // namespace
}  // namespace outdial::engine
