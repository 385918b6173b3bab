// A server for the listener's tests: knows plans only, and only by number.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ami_gateway/out_backend.h"
#include "engine/errors.h"
#include "outdial/v1/plan_service.pb.h"

namespace outdial::ami {

inline std::string PlanUuid(uint64_t number) {
  return absl::StrFormat("01890a5d-ac96-774b-bcce-%012d", number);
}

// Thread-safe, by a mutex that ThreadSanitizer knows.
class FakeOutBackend : public OutBackend {
 public:
  // Called with the sequence of each new event, after the answer to its change.
  void OnPublish(std::function<void(uint64_t last)> publish) { publish_ = std::move(publish); }

  // Appends events of so many bytes each, and publishes them.
  void AddEvents(int count, size_t bytes) {
    uint64_t last = 0;
    {
      const std::lock_guard lock(mutex_);
      for (int i = 0; i < count; ++i) last = AddEvent(std::string(bytes, 'x'));
    }
    publish_(last);
  }

  void TrimBefore(uint64_t oldest) {
    const std::lock_guard lock(mutex_);
    oldest_ = oldest;
  }

  // From now on answers are kept until Release.
  void HoldAnswers() {
    const std::lock_guard lock(mutex_);
    hold_ = true;
  }
  void Release() {
    std::vector<std::function<void()>> held;
    {
      const std::lock_guard lock(mutex_);
      hold_ = false;
      held.swap(held_);
    }
    for (const auto& answer : held) answer();
  }

  // From now on readings of events wait.
  void HoldReads() {
    const std::lock_guard lock(mutex_);
    hold_reads_ = true;
  }
  void WaitForRead() {
    std::unique_lock lock(mutex_);
    read_.wait_for(lock, std::chrono::seconds(20), [this] { return event_reads_ > 0; });
  }
  void ReleaseReads() {
    const std::lock_guard lock(mutex_);
    hold_reads_ = false;
    read_.notify_all();
  }

  // From now on the pages of lists wait.
  void HoldPages() {
    const std::lock_guard lock(mutex_);
    hold_pages_ = true;
  }
  void ReleasePages() {
    const std::lock_guard lock(mutex_);
    hold_pages_ = false;
    page_.notify_all();
  }

  void SetPages(int pages, int plans_each, size_t detail_bytes) {
    const std::lock_guard lock(mutex_);
    pages_ = pages;
    plans_each_ = plans_each;
    detail_bytes_ = detail_bytes;
  }

  int pages_read() {
    const std::lock_guard lock(mutex_);
    return pages_read_;
  }
  int event_reads() {
    const std::lock_guard lock(mutex_);
    return event_reads_;
  }
  int posts() {
    const std::lock_guard lock(mutex_);
    return posts_;
  }

  void WaitForPost(int posts = 1) {
    std::unique_lock lock(mutex_);
    posted_.wait_for(lock, std::chrono::seconds(20), [&] { return posts_ >= posts; });
  }

  // ---- OutBackend

  void Post(engine::Action, Done done) override {
    std::unique_lock lock(mutex_);
    ++posts_;
    posted_.notify_all();
    const uint64_t sequence = AddEvent("");
    const auto answer = [this, done = std::move(done), sequence] {
      v1::OutPlanCreateResponse response;
      response.mutable_plan()->set_uuid(PlanUuid(sequence));
      done(response);
      publish_(sequence);
    };
    if (hold_) return held_.push_back(answer);
    lock.unlock();
    answer();
  }

  absl::StatusOr<std::unique_ptr<OutPages>> Show(const google::protobuf::Message&) override {
    const std::lock_guard lock(mutex_);
    if (pages_ == 0) return engine::NoSuch("plan", PlanUuid(0));
    return std::make_unique<Pages>(this);
  }

  uint64_t LastEvent() override {
    const std::lock_guard lock(mutex_);
    return last_;
  }

  uint64_t OldestEvent() override {
    const std::lock_guard lock(mutex_);
    return oldest_;
  }

  absl::StatusOr<std::vector<v1::Event>> Events(uint64_t after, size_t limit) override {
    std::unique_lock lock(mutex_);
    ++event_reads_;
    read_.notify_all();
    read_.wait(lock, [this] { return !hold_reads_; });
    if (after + 1 < oldest_) {
      return engine::OutOfRange(engine::Reason::kPositionTrimmed, "no longer kept");
    }
    std::vector<v1::Event> events;
    for (uint64_t sequence = after + 1; sequence <= last_ && events.size() < limit; ++sequence) {
      events.push_back(events_.at(sequence));
    }
    return events;
  }

 private:
  class Pages : public OutPages {
   public:
    explicit Pages(FakeOutBackend* backend) : backend_(backend) {}
    absl::StatusOr<bool> Next(google::protobuf::Message* response) override {
      std::unique_lock lock(backend_->mutex_);
      backend_->page_.wait(lock, [this] { return !backend_->hold_pages_; });
      if (page_ == backend_->pages_) return false;
      ++page_;
      ++backend_->pages_read_;
      auto* plans = dynamic_cast<v1::OutPlanShowResponse*>(response);
      for (int i = 0; i < backend_->plans_each_; ++i) {
        v1::Plan* plan = plans->add_plans();
        plan->set_uuid(PlanUuid(static_cast<uint64_t>(page_)));
        plan->set_detail(std::string(backend_->detail_bytes_, 'x'));
      }
      return true;
    }

   private:
    FakeOutBackend* const backend_;
    int page_ = 0;
  };

  uint64_t AddEvent(const std::string& detail) {
    v1::Event& event = events_[++last_];
    event.set_kind(v1::EVENT_KIND_OUT_PLAN_CREATE);
    event.set_uuid(PlanUuid(last_));
    event.mutable_plan()->set_uuid(PlanUuid(last_));
    event.mutable_plan()->set_detail(detail);
    return last_;
  }

  std::mutex mutex_;
  std::condition_variable posted_;
  std::condition_variable read_;
  std::condition_variable page_;
  std::function<void(uint64_t last)> publish_ = [](uint64_t) {};
  std::map<uint64_t, v1::Event> events_;
  uint64_t last_ = 0;
  uint64_t oldest_ = 1;
  int pages_ = 0;
  int plans_each_ = 1;
  size_t detail_bytes_ = 0;
  int pages_read_ = 0;
  int event_reads_ = 0;
  int posts_ = 0;
  bool hold_ = false;
  bool hold_reads_ = false;
  bool hold_pages_ = false;
  std::vector<std::function<void()>> held_;
};

}  // namespace outdial::ami
