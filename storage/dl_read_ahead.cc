#include "storage/dl_read_ahead.h"

#include <algorithm>
#include <iterator>

#include "storage/dl_table.h"

namespace outdial::storage {
namespace {

using engine::DlPtr;
using engine::DlUuid;

// Read on one snapshot, and handed over at once.
constexpr size_t kBatch = 16;

}  // namespace

DlReadAhead::DlReadAhead(const KeyValueStore* kv, bool has_thread) : kv_(kv) {
  if (has_thread) thread_.emplace([this] { Run(); });
}

DlReadAhead::~DlReadAhead() {
  if (!thread_.has_value()) return;
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  thread_->join();
}

void DlReadAhead::Expect(const std::vector<DlUuid>& uuids) {
  std::vector<Wishes> batches;
  for (const DlUuid& uuid : uuids) {
    const auto [it, is_new] = expected_.try_emplace(uuid, Expected{last_number_ + 1, nullptr});
    if (!is_new) continue;
    const Wish wish{uuid, ++last_number_};
    order_.push_back(wish);
    if (batches.empty() || batches.back().size() == kBatch) batches.emplace_back();
    batches.back().push_back(wish);
  }
  ForgetOldest();
  if (!thread_.has_value()) {
    for (const Wishes& wishes : batches) Keep(Read(wishes));
    return;
  }
  Collect();
  absl::MutexLock lock(&mutex_);
  std::move(batches.begin(), batches.end(), std::back_inserter(wishes_));
  // A thread that can't keep up reads what was wished last.
  while (wishes_.size() > kMaxExpected / kBatch) wishes_.pop_front();
}

DlPtr DlReadAhead::Take(const DlUuid& uuid) {
  auto it = expected_.find(uuid);
  if (it == expected_.end()) return nullptr;
  if (it->second.dl == nullptr) {
    Collect();
    it = expected_.find(uuid);
  }
  DlPtr dl = std::move(it->second.dl);
  expected_.erase(it);
  return dl;
}

void DlReadAhead::DropList(engine::ListNumber list) {
  absl::erase_if(expected_,
                 [list](const auto& expected) { return expected.first.list_number() == list; });
}

void DlReadAhead::Clear() {
  expected_.clear();
  order_.clear();
  absl::MutexLock lock(&mutex_);
  wishes_.clear();
  answers_.clear();
}

DlReadAhead::Answers DlReadAhead::Read(const Wishes& wishes) const {
  Answers answers;
  const auto snapshot = kv_->Snapshot();
  if (!snapshot.ok()) return answers;
  for (const Wish& wish : wishes) {
    // What fails here fails again where it is needed, and is told there.
    absl::StatusOr<v1::Dl> dl = ReadDl(**snapshot, wish.uuid);
    if (dl.ok()) answers.emplace_back(wish, std::make_shared<const v1::Dl>(*std::move(dl)));
  }
  return answers;
}

void DlReadAhead::Run() {
  while (true) {
    Wishes wishes;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &DlReadAhead::HasWork));
      if (ending_) return;
      wishes = std::move(wishes_.front());
      wishes_.pop_front();
    }
    Answers answers = Read(wishes);
    absl::MutexLock lock(&mutex_);
    std::move(answers.begin(), answers.end(), std::back_inserter(answers_));
  }
}

void DlReadAhead::Collect() {
  if (!thread_.has_value()) return;
  Answers answers;
  {
    absl::MutexLock lock(&mutex_);
    answers.swap(answers_);
  }
  Keep(std::move(answers));
}

void DlReadAhead::Keep(Answers answers) {
  for (auto& [wish, dl] : answers) {
    const auto it = expected_.find(wish.uuid);
    if (it != expected_.end() && it->second.number == wish.number) it->second.dl = std::move(dl);
  }
}

void DlReadAhead::ForgetOldest() {
  for (; order_.size() > kMaxExpected; order_.pop_front()) {
    const auto it = expected_.find(order_.front().uuid);
    if (it != expected_.end() && it->second.number == order_.front().number) expected_.erase(it);
  }
}

}  // namespace outdial::storage
