// Files with the expected output in tests/testdata/cli. OUTDIAL_REWRITE_GOLDENS=1 writes them again
// after a wanted change; the diff is read with care.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace outdial::cli {

inline bool RewritesGoldens() { return std::getenv("OUTDIAL_REWRITE_GOLDENS") != nullptr; }

inline std::string ReadAll(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream(path).rdbuf();
  return all.str();
}

inline void ExpectGolden(const std::string& name, const std::string& actual) {
  const std::string path = std::string(OUTDIAL_TEST_DATA) + "/cli/" + name;
  if (RewritesGoldens()) std::ofstream(path) << actual;
  EXPECT_EQ(ReadAll(path), actual) << path;
}

}  // namespace outdial::cli
