#include "cli/top_feed.h"

#include <utility>

namespace outdial::cli {

TopFeed::TopFeed(Connection* connection, TopModel model, TopView first, absl::Duration interval,
                 std::function<absl::Time()> now)
    : connection_(connection),
      interval_(interval),
      now_(std::move(now)),
      model_(std::move(model)),
      latest_{.number = 0, .view = std::make_shared<const TopView>(std::move(first)), .status = {}},
      thread_([this] { Run(); }) {}

TopFeed::~TopFeed() {
  connection_->interrupt()->Trigger();
  thread_.join();
}

TopFeed::Latest TopFeed::latest() const {
  absl::MutexLock lock(&mutex_);
  return latest_;
}

void TopFeed::Run() {
  while (!connection_->interrupt()->WaitFor(interval_)) {
    TopSample sample;
    CommandStatus status = FetchTopSample(connection_, &sample);
    sample.time = now_();
    std::shared_ptr<const TopView> view;
    if (status.ok()) view = std::make_shared<const TopView>(model_.Add(sample));
    absl::MutexLock lock(&mutex_);
    if (view != nullptr) latest_.view = std::move(view);
    latest_.status = std::move(status);
    ++latest_.number;
  }
}

}  // namespace outdial::cli
