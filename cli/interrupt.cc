#include "cli/interrupt.h"

namespace outdial::cli {

void Interrupt::Trigger() {
  absl::MutexLock lock(&mutex_);
  triggered_ = true;
  for (grpc::ClientContext* call : calls_) call->TryCancel();
}

bool Interrupt::triggered() const {
  absl::MutexLock lock(&mutex_);
  return triggered_;
}

bool Interrupt::WaitFor(absl::Duration duration) const {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&triggered_), duration);
  return triggered_;
}

Interrupt::CancelsCall::CancelsCall(Interrupt* interrupt, grpc::ClientContext* call)
    : interrupt_(interrupt), call_(call) {
  absl::MutexLock lock(&interrupt_->mutex_);
  interrupt_->calls_.insert(call_);
  if (interrupt_->triggered_) call_->TryCancel();
}

Interrupt::CancelsCall::~CancelsCall() {
  absl::MutexLock lock(&interrupt_->mutex_);
  interrupt_->calls_.erase(call_);
}

}  // namespace outdial::cli
