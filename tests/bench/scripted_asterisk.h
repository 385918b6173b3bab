// An Asterisk that costs next to nothing, so that what is measured beside it is Outdial.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

#include "absl/strings/string_view.h"
#include "tests/bench/recorded_call.h"

namespace outdial::bench {

// Takes one AMI connection on a port of the system's choice, on 127.0.0.1, answers a plain login
// and what Outdial asks a node, and each Originate with the whole of a recorded call at once.
// Starts and ends with the object; what fails ends the process.
class ScriptedAsterisk {
 public:
  // `call` must outlive it.
  explicit ScriptedAsterisk(const RecordedCall* call);
  ~ScriptedAsterisk();
  ScriptedAsterisk(const ScriptedAsterisk&) = delete;
  ScriptedAsterisk& operator=(const ScriptedAsterisk&) = delete;

  uint16_t port() const;

 private:
  void Serve();
  std::string AnswerTo(absl::string_view action) const;

  const RecordedCall* const call_;
  const int listener_;
  std::thread thread_;
};

}  // namespace outdial::bench
