// A dialing in progress as the engine keeps it in memory, and what is to be done with it next.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "engine/cap_limiter.h"
#include "engine/dialing_facts.h"
#include "engine/now.h"
#include "engine/outcome_classifier.h"
#include "engine/uuid.h"
#include "outdial/v1/dialing.pb.h"

namespace outdial::engine {

// A dialing of which nothing is known may still be dialled, even late: an overloaded Asterisk
// starts channels half a minute after it took the order. It is given up this long after its dial
// timeout, not earlier.
inline constexpr absl::Duration kGiveUpMargin = absl::Seconds(60);
// How long an ended channel waits for what is still to come of it, and a channel that is missing
// in a list for its Hangup event, which the list may have overtaken.
inline constexpr absl::Duration kLastWordsDelay = absl::Seconds(2);
// A dialing of which nothing was heard for this long is looked for in the node's channel list.
inline constexpr absl::Duration kAskAfter = absl::Seconds(60);
// How long the node's answer to a channel list is waited for before the dialing is looked at again.
inline constexpr absl::Duration kListPatience = absl::Seconds(15);
// How long a dialing outlives the connection to its node, if no limit of its own is shorter: its
// people may be talking, and a call that is closed too early is hung up when it shows itself.
inline constexpr absl::Duration kLostNodeLimit = absl::Hours(2);

struct LiveDialing {
  v1::Dialing record;
  DialingUuid uuid;
  CampaignUuid campaign;
  DlUuid dl;
  CallPlace place;      // its caps
  std::string queue;    // agent queue of its destination; empty: no agents
  std::string parking;  // parking lot of its destination; empty: none
  DialingTerms terms;
  absl::Duration max_call_length = absl::InfiniteDuration();
  // When its Originate was sent, or when it was taken over from an earlier run: only the wall
  // clock, which may have jumped since, knows how old it was then.
  MonotonicTime created = absl::ZeroDuration();
  MonotonicTime last_heard = absl::ZeroDuration();
  DialingFacts facts;
  // An agent or the destination has it; or its node is out of sight for so long that none is kept
  // free for it.
  bool connected = false;
  bool hangup_wanted = false;  // hung up as soon as its channel shows itself
  MonotonicTime hangup_sent = -absl::InfiniteDuration();
  // Missing in a channel list, since when; infinite: it is not.
  MonotonicTime missing_since = absl::InfiniteDuration();
  // Older than its node, as far as the clocks tell; a list that lacks it proves that it is gone.
  bool before_boot = false;
  uint64_t seen_in_list = 0;  // NodeState::list_round in which it was listed last
  // When that list was asked for.
  MonotonicTime listed_at = -absl::InfiniteDuration();
  MonotonicTime deadline = absl::InfiniteDuration();  // when it is looked at next
};

// What a look at a dialing decides.
struct DialingVerdict {
  enum class What {
    kWait,       // until `at`, or the next fact
    kEnd,        // it has ended, as its facts tell
    kEndUnseen,  // give it up: it has ended, and nobody saw how
    kAskNode,    // ask its node for the channel list
    kHangUp,     // it rings or talks longer than allowed, or is unwanted
  };
  What what = What::kWait;
  MonotonicTime at = absl::InfiniteDuration();
};

// From when on a dialing whose channel was never seen may be given up.
MonotonicTime GiveUpTime(const LiveDialing& dialing);

// `node_lost_at`: since when its node is not connected; infinite: it is connected.
DialingVerdict Judge(const LiveDialing& dialing, MonotonicTime node_lost_at, MonotonicTime now);

}  // namespace outdial::engine
