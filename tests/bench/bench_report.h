// What a bench program prints: text for people, and with --json lines for the driver's table.
#pragma once

#include <string>
#include <vector>

namespace outdial::bench {

// One line of the table. `measured` and `yardstick` belong to a value that is their ratio.
struct Figure {
  std::string row = {};   // names the line for good
  std::string what = {};  // for people
  std::string unit = {};  // ratio, /s, ms, bytes, MiB or s
  double value = 0;
  double wanted = 0;
  bool higher_is_better = true;
  double measured = 0;
  double yardstick = 0;
  std::string of = {};  // unit of the two; empty: the value is no ratio
  int runs = 1;
  std::string how = {};  // sizes, sync, groups
};

// Prints the figure, and appends it to `json_file` unless that is empty. Ends the process when the
// file can't be written.
void Report(const Figure& figure, const std::string& json_file);

// Middle of the values, which must not be empty.
double Median(std::vector<double> values);

}  // namespace outdial::bench
