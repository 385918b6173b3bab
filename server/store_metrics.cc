#include "server/store_metrics.h"

#include <string>
#include <utility>

namespace outdial::server {
namespace {

prometheus::MetricFamily Named(std::string name, std::string help, prometheus::MetricType type) {
  prometheus::MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  family.metric.emplace_back();
  return family;
}

prometheus::MetricFamily Gauge(std::string name, std::string help, double value) {
  auto family = Named(std::move(name), std::move(help), prometheus::MetricType::Gauge);
  family.metric.front().gauge.value = value;
  return family;
}

prometheus::MetricFamily Counter(std::string name, std::string help, double value) {
  auto family = Named(std::move(name), std::move(help), prometheus::MetricType::Counter);
  family.metric.front().counter.value = value;
  return family;
}

}  // namespace

std::vector<prometheus::MetricFamily> StoreMetrics::Collect() const {
  const storage::StoreStatistics store = read_();
  const auto number = [](uint64_t value) { return static_cast<double>(value); };
  return {
      Gauge("outdial_store_block_cache_bytes", "Blocks of the store held in memory",
            number(store.block_cache_bytes)),
      Counter("outdial_store_block_cache_hits_total", "Blocks that were read from memory",
              number(store.block_cache_hits)),
      Counter("outdial_store_block_cache_misses_total", "Blocks that were read from the disk",
              number(store.block_cache_misses)),
      Gauge("outdial_store_memtable_bytes", "What is written and not yet in tables, in memory",
            number(store.memtable_bytes)),
      Gauge("outdial_store_table_bytes", "Tables of the store on the disk",
            number(store.table_bytes)),
      Gauge("outdial_store_log_bytes", "Logs of the store on the disk, read by the next start",
            number(store.log_bytes)),
      Gauge("outdial_store_pending_compaction_bytes",
            "What compactions have yet to write, estimated",
            number(store.pending_compaction_bytes)),
      Counter("outdial_store_stall_seconds_total",
              "Time for which commits were held up because compactions lagged behind",
              number(store.stall_microseconds) / 1e6),
      Gauge("outdial_store_writes_slowed", "1 while commits are slowed down for compactions",
            store.writes_slowed ? 1 : 0),
      Gauge("outdial_store_writes_stopped", "1 while no commit is taken until compactions catch up",
            store.writes_stopped ? 1 : 0),
  };
}

}  // namespace outdial::server
