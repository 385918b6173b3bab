#include "server/event_window.h"

#include <algorithm>
#include <utility>

namespace outdial::server {

void EventWindow::Append(Page page) {
  absl::MutexLock lock(&mutex_);
  last_ = page->last();
  bytes_ += page->bytes();
  pages_.push_back(std::move(page));
  while (bytes_ > kMaxBytes) {
    bytes_ -= pages_.front()->bytes();
    pages_.pop_front();
  }
}

void EventWindow::Restart(uint64_t last) {
  absl::MutexLock lock(&mutex_);
  last_ = last;
  bytes_ = 0;
  pages_.clear();
}

uint64_t EventWindow::last() const {
  absl::MutexLock lock(&mutex_);
  return last_;
}

std::vector<EventWindow::Page> EventWindow::After(uint64_t after, size_t limit) const {
  absl::MutexLock lock(&mutex_);
  std::vector<Page> pages;
  if (pages_.empty() || after < pages_.front()->after()) return pages;
  auto page =
      std::upper_bound(pages_.begin(), pages_.end(), after,
                       [](uint64_t sequence, const Page& p) { return sequence < p->last(); });
  for (; page != pages_.end() && (*page)->after() < after + limit; ++page) pages.push_back(*page);
  return pages;
}

}  // namespace outdial::server
