// Asterisk's side of the dialplan door, played by a test step by step, and the server behind it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "ami_gateway/out_backend.h"

namespace outdial::ami {

// One connection. Every wait ends after ten seconds, and fails the test.
class AgiCaller {
 public:
  explicit AgiCaller(uint16_t port);
  ~AgiCaller();
  AgiCaller(const AgiCaller&) = delete;
  AgiCaller& operator=(const AgiCaller&) = delete;

  // What the listener has closed meanwhile takes nothing: no failure.
  void Write(absl::string_view bytes);
  // A request of Asterisk's, whole.
  void Ask(absl::string_view path, const std::vector<std::string>& arguments);
  // The next line without its end; empty: the listener closed.
  std::string ReadLine();
  // Reads `SET VARIABLE name "..."`, answers with `reply`, and returns what stands in the quotes.
  std::string ReadVariable(absl::string_view name, absl::string_view reply = "200 result=1\n");
  // No more will be sent; the other direction stays open.
  void EndSending();
  // Whether the listener has closed, or does so within `patience`.
  bool IsClosed(absl::Duration patience);
  // Everything up to the end of the listener's stream.
  std::string ReadToEnd();

 private:
  // False: the stream has ended.
  bool ReadSome();

  int fd_;
  std::string received_;
};

// Keeps what is posted until it is told what to answer. Thread-safe.
class HoldingBackend : public OutBackend {
 public:
  struct Posted {
    engine::Action action;
    Done done;
  };

  void Post(engine::Action action, Done done) override;
  // Waits for the next action.
  Posted Take();
  size_t posted() const;

  absl::StatusOr<std::unique_ptr<OutPages>> Show(const google::protobuf::Message& request) override;
  uint64_t LastEvent() override { return 0; }
  uint64_t OldestEvent() override { return 1; }
  absl::StatusOr<std::vector<v1::Event>> Events(uint64_t after, size_t limit) override;

 private:
  mutable absl::Mutex mutex_;
  std::vector<Posted> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t posted_ ABSL_GUARDED_BY(mutex_) = 0;
};

// What a listener logs. Thread-safe.
class LogRecord {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  void Add(const std::string& level, const std::string& name, const Fields& fields);
  // Waits for the first line of that name: `level name key=value ...`.
  std::string Wait(const std::string& name);

 private:
  absl::Mutex mutex_;
  std::vector<std::pair<std::string, std::string>> lines_ ABSL_GUARDED_BY(mutex_);  // by name
};

}  // namespace outdial::ami
