// Matches what comes back from a peer to the actions that it was sent.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_message.h"
#include "engine/check.h"
#include "engine/now.h"

namespace outdial::ami {

// Knows the actions of one connection that are not answered in full: by their ActionID, since
// responses may overtake each other, each with a deadline and with what it was sent for. A list
// answer (`EventList: start`) ends with the event that says `EventList: Complete`; each of its
// items extends the deadline. Without I/O; belongs to one thread.
template <class Purpose>
class AmiActionTracker {
 public:
  struct Answer {
    std::string action_id;
    Purpose purpose{};
    engine::MonotonicTime sent;
    bool is_response = false;  // the Response, rather than an item or the end of its list
    bool success = false;      // of a Response: not `Response: Error`
    bool complete = false;     // nothing more will come
  };

  explicit AmiActionTracker(absl::Duration timeout) : timeout_(timeout) {}

  // `action_id` is sent now and must not be under way already.
  void Add(std::string action_id, Purpose purpose, engine::MonotonicTime now) {
    const engine::MonotonicTime deadline = now + timeout_;
    deadlines_.emplace(deadline, action_id);
    const bool added =
        actions_.emplace(std::move(action_id), Pending{purpose, now, deadline, false}).second;
    OUTDIAL_CHECK(added, "an ActionID is used twice at once");
  }

  // nullopt: `message` answers no action that is under way, like most events.
  std::optional<Answer> Match(const AmiMessage& message, engine::MonotonicTime now) {
    const auto action = actions_.find(message.Get("ActionID"));
    if (action == actions_.end()) return std::nullopt;
    Pending& pending = action->second;
    const absl::string_view list = message.Get("EventList");

    Answer answer{action->first, pending.purpose, pending.sent};
    if (message.is_response() && !pending.in_list) {
      answer.is_response = true;
      answer.success = !absl::EqualsIgnoreCase(message.Get("Response"), "Error");
      pending.in_list = answer.success && absl::EqualsIgnoreCase(list, "start");
      answer.complete = !pending.in_list;
    } else if (message.is_event() && pending.in_list) {
      answer.complete = absl::EqualsIgnoreCase(list, "Complete");
    } else {
      // An OriginateResponse, say: it carries the ActionID of an Originate and doesn't answer it.
      return std::nullopt;
    }
    deadlines_.erase({pending.deadline, action->first});
    if (answer.complete) {
      actions_.erase(action);
    } else {
      pending.deadline = now + timeout_;
      deadlines_.emplace(pending.deadline, action->first);
    }
    return answer;
  }

  // When the next action is overdue; infinite: none is under way.
  engine::MonotonicTime NextDeadline() const {
    return deadlines_.empty() ? absl::InfiniteDuration() : deadlines_.begin()->first;
  }

  // The action that was due first and is overdue at `now`.
  std::optional<std::string> Overdue(engine::MonotonicTime now) const {
    if (NextDeadline() > now) return std::nullopt;
    return deadlines_.begin()->second;
  }

  size_t under_way() const { return actions_.size(); }

 private:
  struct Pending {
    Purpose purpose;
    engine::MonotonicTime sent;
    engine::MonotonicTime deadline;
    bool in_list = false;
  };

  const absl::Duration timeout_;
  std::map<std::string, Pending, std::less<>> actions_;
  std::set<std::pair<engine::MonotonicTime, std::string>> deadlines_;
};

}  // namespace outdial::ami
