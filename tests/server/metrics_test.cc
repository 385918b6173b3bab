#include "server/metrics.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::server {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// The counters of one metric, by their labels.
std::map<std::string, double> CountersOf(const Metrics& metrics, const std::string& name) {
  std::map<std::string, double> counters;
  for (const prometheus::MetricFamily& family : metrics.registry()->Collect()) {
    if (family.name != name) continue;
    for (const prometheus::ClientMetric& metric : family.metric) {
      std::string labels;
      for (const auto& label : metric.label)
        absl::StrAppend(&labels, label.name, "=", label.value, " ");
      counters[labels] = metric.counter.value;
    }
  }
  return counters;
}

TEST(MetricsTest, CountsCallsByMethodAndCode) {
  Metrics metrics;
  metrics.CallEnded("OutPlanShow", absl::StatusCode::kOk);
  metrics.CallEnded("OutPlanShow", absl::StatusCode::kNotFound);
  metrics.CallEnded("OutPlanShow", absl::StatusCode::kOk);
  metrics.CallEnded("OutDlmaShow", absl::StatusCode::kOk);
  metrics.AmiActionEnded("OutPlanShow", absl::StatusCode::kOk);
  EXPECT_THAT(
      CountersOf(metrics, "outdial_grpc_calls_total"),
      ElementsAre(Pair("code=NOT_FOUND method=OutPlanShow ", 1),
                  Pair("code=OK method=OutDlmaShow ", 1), Pair("code=OK method=OutPlanShow ", 2)));
  EXPECT_THAT(CountersOf(metrics, "outdial_ami_actions_total"),
              ElementsAre(Pair("action=OutPlanShow code=OK ", 1)));
}

}  // namespace
}  // namespace outdial::server
