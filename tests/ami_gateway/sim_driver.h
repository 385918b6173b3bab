// Runs an AsteriskModel in a test: its time, its sessions and what they got.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/asterisk_model.h"

namespace outdial::ami {

class SimDriver {
 public:
  explicit SimDriver(SimAsteriskConfig config)
      : model_(std::make_unique<AsteriskModel>(std::move(config), now())) {}

  // A session that is logged in as `user`.
  SimSessionId Login(const std::string& user, const std::string& secret) {
    const SimSessionId id = Open();
    Send(id, {{"Action", "Login"}, {"Username", user}, {"Secret", secret}});
    return id;
  }
  SimSessionId Open() {
    const SimSessionId id = next_++;
    model_->OpenSession(id, now());
    Collect();
    return id;
  }
  void Send(SimSessionId session, const AmiMessage& action) {
    model_->Receive(session, action, now());
    Collect();
  }
  // Lets time pass, waking the model whenever it wants.
  void Run(absl::Duration duration) { RunUntil(time_ + duration); }
  void RunUntil(absl::Duration time) {
    while (model_->NextWakeup() <= time) {
      time_ = std::max(time_, model_->NextWakeup());
      model_->Advance(now());
      Collect();
    }
    time_ = time;
    model_->Advance(now());
    Collect();
  }

  engine::Now now() const { return {time_, absl::FromUnixSeconds(1'800'000'000) + time_}; }
  AsteriskModel& model() { return *model_; }
  // What was sent to the session, in order.
  const std::vector<AmiMessage>& Got(SimSessionId session) { return got_[session]; }
  std::vector<AmiMessage> Events(SimSessionId session, absl::string_view name) {
    std::vector<AmiMessage> events;
    for (const AmiMessage& message : got_[session]) {
      if (message.Get("Event") == name) events.push_back(message);
    }
    return events;
  }
  bool Closed(SimSessionId session) const { return closed_.contains(session); }
  bool listening() const { return listening_; }
  void Collect() {
    for (const SimOutput& output : model_->TakeOutputs()) {
      if (output.kind == SimOutput::Kind::kMessage) {
        got_[output.session].push_back(*output.message);
      } else if (output.kind == SimOutput::Kind::kClose) {
        closed_[output.session] = output.close;
      } else if (output.kind == SimOutput::Kind::kStopListening) {
        listening_ = false;
      } else if (output.kind == SimOutput::Kind::kListen) {
        listening_ = true;
      }
    }
  }

 private:
  absl::Duration time_ = absl::Seconds(100);
  std::unique_ptr<AsteriskModel> model_;
  SimSessionId next_ = 1;
  std::map<SimSessionId, std::vector<AmiMessage>> got_;
  std::map<SimSessionId, SimClose> closed_;
  bool listening_ = true;
};

inline AmiMessage OriginateAction(const std::string& number, const std::string& id,
                                  const std::string& application = "Wait",
                                  const std::string& data = "600") {
  return {{"Action", "Originate"},
          {"ActionID", "act-" + id},
          {"Async", "true"},
          {"Channel", "PJSIP/" + number + "@trunk"},
          {"Application", application},
          {"Data", data},
          {"Timeout", "30000"},
          {"ChannelId", id}};
}

}  // namespace outdial::ami
