// What a node told about one dialing, gathered from its facts in whatever order they came.
#pragma once

#include <optional>
#include <string>

#include "engine/moment.h"
#include "engine/node_event.h"
#include "engine/now.h"
#include "outdial/v1/dialing.pb.h"

namespace outdial::engine {

// Asterisk gives no order between OriginateResponse, DialEnd, Newstate, QueueCallerJoin and
// Hangup: all sets of the same facts are the same. Belongs to one thread.
struct DialingFacts {
  // Adds what `fact`, which is about this dialing or about its whole node, tells. `at` is when it
  // happened.
  void Add(const NodeFact& fact, const Moment& at);

  bool answered() const { return answered_at.has_value(); }
  // The channel is gone, or it is certain that there never was one.
  bool ended() const;
  // It has ended, and nothing that would change its classification is still to come. Between
  // ended() and complete() lies about a millisecond; wait for it, but not for ever.
  bool complete() const;
  // It is certain that no channel was made: the try is taken back.
  bool surely_no_channel() const;

  bool unsent = false;                   // never handed to a socket
  std::optional<std::string> refused;    // `Response: Error`, its message
  std::optional<bool> response_success;  // OriginateResponse
  int response_reason = 0;               // its Reason
  bool channel_seen = false;             // any sign of a channel
  bool ringing = false;
  bool progress = false;
  std::string dial_status;          // of DialEnd; empty: none came
  bool hangup_requested = false;    // by the far end
  std::optional<int> hangup_cause;  // of Hangup; present: the channel is gone
  std::optional<int> sip_code;      // TechCause
  bool queue_joined = false;
  bool parked = false;
  std::optional<Moment> answered_at;         // the first sign of an answer
  std::optional<Moment> agent_connected_at;  // the first agent
  std::optional<Moment> hung_up_at;
  // Disposition of its call detail record, ANSWERED before any other; empty: none was read.
  std::string recorded;
  // The node was out of sight for a while: what is absent may have been missed.
  bool facts_missed = false;

  // Set by the engine, not by facts of the node.
  bool stopped_by_campaign = false;  // a campaign's forced stop hung it up
  bool ended_unseen = false;         // given up: it has ended, and nobody saw how
};

// What the stored record of a dialing in progress tells, for a new run of the process: facts were
// missed since.
DialingFacts FactsOf(const v1::Dialing& dialing, const Now& now);

}  // namespace outdial::engine
