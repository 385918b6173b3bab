// What the server counts and measures, for Prometheus.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "outdial/v1/node.pb.h"
#include "prometheus/collectable.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace outdial::server {

// Counts what has ended, by its name and its status code. Finding a counter by its labels costs
// more than a short call does, so that each is looked up once. Thread-safe.
class EndedCounters {
 public:
  // `label`: what a name is in the metric's labels.
  EndedCounters(prometheus::Family<prometheus::Counter>* family, std::string label)
      : family_(family), label_(std::move(label)) {}

  void Increment(absl::string_view name, absl::StatusCode code) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Key = std::pair<std::string, absl::StatusCode>;
  using KeyView = std::pair<absl::string_view, absl::StatusCode>;
  struct Less {
    using is_transparent = void;
    bool operator()(const KeyView& a, const KeyView& b) const { return a < b; }
  };

  prometheus::Family<prometheus::Counter>* const family_;
  const std::string label_;
  absl::Mutex mutex_;
  std::map<Key, prometheus::Counter*, Less> counters_ ABSL_GUARDED_BY(mutex_);
};

// Thread-safe. Names and labels are an interface to dashboards: changed as carefully as the API.
class Metrics {
 public:
  Metrics();

  // One committed round, and how long its commit took.
  void RoundCommitted(absl::Duration commit);
  void InboxLength(size_t length);
  void Suspended(bool suspended);
  // `outcome`: name of a v1::Outcome; the label is its last part in lower case: `no_answer`.
  void DialingEnded(absl::string_view outcome);
  void NodeSeen(const v1::Node& node);
  void CallEnded(absl::string_view method, absl::StatusCode code);
  // `action`: an Out* action of an AMI client or a dialplan.
  void AmiActionEnded(absl::string_view action, absl::StatusCode code);
  void OpenSubscriptions(size_t count);

  std::shared_ptr<prometheus::Collectable> registry() const { return registry_; }

 private:
  // Shared with the exposer, which keeps its collectables weakly.
  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Histogram* commit_seconds_;
  prometheus::Gauge* inbox_length_;
  prometheus::Gauge* suspended_;
  prometheus::Gauge* subscriptions_;
  prometheus::Family<prometheus::Counter>* dialings_ended_;
  EndedCounters calls_ended_;
  EndedCounters ami_actions_ended_;
  prometheus::Family<prometheus::Gauge>* node_state_;
  prometheus::Family<prometheus::Gauge>* node_calls_;
};

}  // namespace outdial::server
