#include "server/metrics.h"

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"

namespace outdial::server {
namespace {

prometheus::Gauge* AddGauge(prometheus::Registry& registry, const std::string& name,
                            const std::string& help) {
  return &prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

void EndedCounters::Increment(absl::string_view name, absl::StatusCode code) {
  {
    absl::ReaderMutexLock lock(&mutex_);
    const auto found = counters_.find(KeyView(name, code));
    if (found != counters_.end()) return found->second->Increment();
  }
  prometheus::Counter& counter =
      family_->Add({{label_, std::string(name)}, {"code", absl::StatusCodeToString(code)}});
  counter.Increment();
  absl::MutexLock lock(&mutex_);
  counters_.emplace(Key(name, code), &counter);
}

Metrics::Metrics()
    : registry_(std::make_shared<prometheus::Registry>()),
      commit_seconds_(
          &prometheus::BuildHistogram()
               .Name("outdial_commit_seconds")
               .Help("Time of one round's synced commit; its count is the number of rounds")
               .Register(*registry_)
               .Add({}, prometheus::Histogram::BucketBoundaries{0.0005, 0.001, 0.002, 0.005, 0.01,
                                                                0.02, 0.05, 0.1, 0.5, 1})),
      inbox_length_(
          AddGauge(*registry_, "outdial_inbox_length", "Inputs that wait for the run loop")),
      suspended_(AddGauge(*registry_, "outdial_store_suspended",
                          "1 while the store can't be written and nothing is dialled")),
      subscriptions_(
          AddGauge(*registry_, "outdial_event_subscriptions", "Clients that follow the events")),
      dialings_ended_(&prometheus::BuildCounter()
                           .Name("outdial_dialings_ended_total")
                           .Help("Dialings that ended, by outcome")
                           .Register(*registry_)),
      calls_ended_(&prometheus::BuildCounter()
                        .Name("outdial_grpc_calls_total")
                        .Help("gRPC calls that ended, by method and status code")
                        .Register(*registry_),
                   "method"),
      ami_actions_ended_(&prometheus::BuildCounter()
                              .Name("outdial_ami_actions_total")
                              .Help("Out* actions of AMI clients and dialplans that ended, by "
                                    "action and status code")
                              .Register(*registry_),
                         "action"),
      node_state_(&prometheus::BuildGauge()
                       .Name("outdial_node_state")
                       .Help("State of the connection to a node: 0 disconnected, 1 connecting, "
                             "2 ready, 3 degraded, 4 refused")
                       .Register(*registry_)),
      node_calls_(&prometheus::BuildGauge()
                       .Name("outdial_node_calls")
                       .Help("Dialings in progress on a node")
                       .Register(*registry_)) {}

void Metrics::RoundCommitted(absl::Duration commit) {
  commit_seconds_->Observe(absl::ToDoubleSeconds(commit));
}

void Metrics::InboxLength(size_t length) { inbox_length_->Set(static_cast<double>(length)); }

void Metrics::Suspended(bool suspended) { suspended_->Set(suspended ? 1 : 0); }

void Metrics::DialingEnded(absl::string_view outcome) {
  const std::string label = absl::AsciiStrToLower(absl::StripPrefix(outcome, "OUTCOME_"));
  dialings_ended_->Add({{"outcome", label}}).Increment();
}

void Metrics::NodeSeen(const v1::Node& node) {
  node_state_->Add({{"node", node.name()}}).Set(static_cast<double>(node.state()));
  node_calls_->Add({{"node", node.name()}}).Set(static_cast<double>(node.calls()));
}

void Metrics::CallEnded(absl::string_view method, absl::StatusCode code) {
  calls_ended_.Increment(method, code);
}

void Metrics::AmiActionEnded(absl::string_view action, absl::StatusCode code) {
  ami_actions_ended_.Increment(action, code);
}

void Metrics::OpenSubscriptions(size_t count) { subscriptions_->Set(static_cast<double>(count)); }

}  // namespace outdial::server
