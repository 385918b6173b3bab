// How the store is doing, for Prometheus.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"
#include "storage/kv.h"

namespace outdial::server {

// Asks the store at each scrape. Thread-safe as `read` is. Names are an interface to dashboards:
// changed as carefully as the API.
class StoreMetrics final : public prometheus::Collectable {
 public:
  using Read = std::function<storage::StoreStatistics()>;

  explicit StoreMetrics(Read read) : read_(std::move(read)) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Read read_;
};

}  // namespace outdial::server
