#include "server/store_metrics.h"

#include <map>
#include <string>

#include "gtest/gtest.h"

namespace outdial::server {
namespace {

std::map<std::string, double> Collected(const StoreMetrics& metrics) {
  std::map<std::string, double> values;
  for (const prometheus::MetricFamily& family : metrics.Collect()) {
    const prometheus::ClientMetric& metric = family.metric.at(0);
    values[family.name] =
        family.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value;
  }
  return values;
}

TEST(StoreMetricsTest, GivesEachFigureInItsUnit) {
  const StoreMetrics metrics([] {
    return storage::StoreStatistics{.block_cache_bytes = 1,
                                    .memtable_bytes = 2,
                                    .block_cache_hits = 3,
                                    .block_cache_misses = 4,
                                    .stall_microseconds = 1500000,
                                    .table_bytes = 6,
                                    .log_bytes = 7,
                                    .pending_compaction_bytes = 8,
                                    .writes_stopped = true,
                                    .writes_slowed = false};
  });
  const std::map<std::string, double> expected = {
      {"outdial_store_block_cache_bytes", 1},
      {"outdial_store_block_cache_hits_total", 3},
      {"outdial_store_block_cache_misses_total", 4},
      {"outdial_store_log_bytes", 7},
      {"outdial_store_memtable_bytes", 2},
      {"outdial_store_pending_compaction_bytes", 8},
      {"outdial_store_stall_seconds_total", 1.5},
      {"outdial_store_table_bytes", 6},
      {"outdial_store_writes_slowed", 0},
      {"outdial_store_writes_stopped", 1},
  };
  EXPECT_EQ(Collected(metrics), expected);
}

}  // namespace
}  // namespace outdial::server
