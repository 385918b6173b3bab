// A percentile of measured values.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace outdial::bench {

// The value below which `percent` of 100 lie, 0 to 100. `values` must not be empty.
inline double Percentile(std::vector<double> values, double percent) {
  const auto at =
      static_cast<std::ptrdiff_t>(static_cast<double>(values.size() - 1) * percent / 100);
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<size_t>(at)];
}

}  // namespace outdial::bench
