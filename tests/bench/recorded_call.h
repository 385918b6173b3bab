// A call to somebody who is busy, as a real Asterisk told it.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/node_event.h"
#include "engine/uuid.h"

namespace outdial::bench {

// Of the recorded session 05_app_busy_486: the answer to the Originate, and those events that
// Outdial has an Asterisk send. Immutable.
class RecordedCall {
 public:
  RecordedCall();

  // What Asterisk writes about a call with these ids.
  std::string Text(absl::string_view action_id, absl::string_view channel_id) const;
  // What the gateway makes of that text.
  std::vector<engine::NodeFact> Facts(const engine::DialingUuid& dialing) const;
  // In the text.
  int events() const { return events_; }

 private:
  // The text, cut where the ids stand.
  struct Piece {
    std::string text;
    enum { kNothing, kActionId, kChannelId } then;
  };

  std::vector<Piece> pieces_;
  std::vector<engine::NodeFact> facts_;  // of some dialing
  int events_ = 0;
};

}  // namespace outdial::bench
