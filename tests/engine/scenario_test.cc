// Runs every script of tests/testdata/scenarios and compares the complete trace with the one that
// stands beside it. `OUTDIAL_REWRITE_TRACES=1` writes the traces anew: read the difference.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/engine/scenario_runner.h"

namespace outdial::engine {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> ScriptNames() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(OUTDIAL_TEST_DATA) / "scenarios")) {
    if (entry.path().extension() == ".script") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class ScenarioTest : public testing::TestWithParam<std::string> {};

TEST_P(ScenarioTest, GivesTheExpectedTrace) {
  const fs::path script = fs::path(OUTDIAL_TEST_DATA) / "scenarios" / (GetParam() + ".script");
  fs::path expected = script;
  expected.replace_extension(".trace");
  const std::string trace = RunScenario(ReadFile(script));
  EXPECT_EQ(trace.find("\nerror: "), std::string::npos);
  if (std::getenv("OUTDIAL_REWRITE_TRACES") != nullptr) std::ofstream(expected) << trace;
  EXPECT_EQ(trace, ReadFile(expected));
}

INSTANTIATE_TEST_SUITE_P(Scripts, ScenarioTest, testing::ValuesIn(ScriptNames()),
                         [](const auto& script) { return script.param; });

}  // namespace
}  // namespace outdial::engine
