#include "tests/bench/bench_report.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/check.h"

namespace outdial::bench {

void Report(const Figure& figure, const std::string& json_file) {
  const bool is_ratio = !figure.of.empty();
  std::printf("%s: %.4g %s (wanted: %s %.4g)", figure.what.c_str(), figure.value,
              figure.unit.c_str(), figure.higher_is_better ? "at least" : "at most", figure.wanted);
  if (is_ratio) {
    std::printf("; %.6g against %.6g %s", figure.measured, figure.yardstick, figure.of.c_str());
  }
  std::printf("; %s\n", figure.how.c_str());
  std::fflush(stdout);
  if (json_file.empty()) return;
  nlohmann::ordered_json json = {
      {"row", figure.row},       {"what", figure.what},
      {"unit", figure.unit},     {"value", figure.value},
      {"wanted", figure.wanted}, {"better", figure.higher_is_better ? "higher" : "lower"}};
  if (is_ratio) {
    json["measured"] = figure.measured;
    json["yardstick"] = figure.yardstick;
    json["of"] = figure.of;
  }
  json["runs"] = figure.runs;
  json["how"] = figure.how;
  std::ofstream file(json_file, std::ios::app);
  file << json.dump() << '\n';
  file.close();
  OUTDIAL_CHECK(static_cast<bool>(file), "the file of --json can be written");
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace outdial::bench
