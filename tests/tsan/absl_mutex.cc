// Tells ThreadSanitizer what absl::Mutex and absl::Notification order.
//
// The distribution's Abseil is not compiled with ThreadSanitizer, and absl::Mutex is made of
// atomics and futexes that it does not see: every access under such a mutex would be told as a
// race. A suppression would hide the true races of the same data too. So the functions that this
// program calls are defined here, in front of those of the shared library: each calls the library's
// and says that an unlock happens before the next lock. Only tests of the tsan preset link this.
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}

namespace {

// A thread that unlocks or waits evaluates the conditions of all that wait, inside the library and
// with the mutex held, but outside of what is told below. Conditions only read.
class IgnoreReads {
 public:
  IgnoreReads() { AnnotateIgnoreReadsBegin(__FILE__, __LINE__); }
  ~IgnoreReads() { AnnotateIgnoreReadsEnd(__FILE__, __LINE__); }
};

// The function that `member`, defined here, stands in front of. It is found by the mangled name of
// `member`, since each distribution puts Abseil into an inline namespace of its own.
template <class Member>
void* Next(Member member) {
  void* address;  // the first word of a pointer to a member that is not virtual
  std::memcpy(&address, &member, sizeof(address));
  Dl_info self;
  void* next = nullptr;
  if (dladdr(address, &self) != 0 && self.dli_sname != nullptr) {
    next = dlsym(RTLD_NEXT, self.dli_sname);
  }
  if (next == nullptr) {
    std::fputs("absl_mutex: the program exports no dynamic symbols or has a static Abseil\n",
               stderr);
    std::abort();
  }
  return next;
}

template <auto kMember, class Object, class Result, class... Args>
Result CallNext(Object* object, Args... args) {
  static void* const next = Next(kMember);
  return reinterpret_cast<Result (*)(Object*, Args...)>(next)(object, args...);
}

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  CallNext<&Mutex::Lock, Mutex, void>(this);
  __tsan_acquire(this);
}

void Mutex::Unlock() {
  __tsan_release(this);
  const IgnoreReads ignore;
  CallNext<&Mutex::Unlock, Mutex, void>(this);
}

void Mutex::Await(const Condition& condition) {
  __tsan_release(this);
  {
    const IgnoreReads ignore;
    CallNext<&Mutex::Await, Mutex, void, const Condition&>(this, condition);
  }
  __tsan_acquire(this);
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  __tsan_release(this);
  bool holds;
  {
    const IgnoreReads ignore;
    holds = CallNext<&Mutex::AwaitWithTimeout, Mutex, bool, const Condition&, Duration>(
        this, condition, timeout);
  }
  __tsan_acquire(this);
  return holds;
}

void Notification::Notify() {
  __tsan_release(this);
  CallNext<&Notification::Notify, Notification, void>(this);
}

void Notification::WaitForNotification() const {
  CallNext<&Notification::WaitForNotification, const Notification, void>(this);
  __tsan_acquire(const_cast<Notification*>(this));
}

ABSL_NAMESPACE_END
}  // namespace absl
