// The people that the simulated Asterisk calls: customers, and the agents of its queues.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace outdial::ami {

// How often each outcome happens. Weights: what counts is their share of the sum. Each >= 0, the
// sum > 0.
struct SimShares {
  double answer = 45;     // a person answers
  double machine = 12;    // an answering machine answers
  double no_answer = 25;  // rings until the caller gives up
  double busy = 10;       // 486
  double reject = 3;      // 603
  double invalid = 3;     // 404
  double congestion = 2;  // 503
};

struct SimPopulationOptions {
  uint64_t seed = 1;
  SimShares shares = {};
  // Means; what is drawn lies between zero and twice the mean.
  absl::Duration ring_time = absl::Seconds(6);   // until somebody answers or refuses
  absl::Duration talk_time = absl::Seconds(45);  // with an agent
  absl::Duration patience = absl::Seconds(30);   // from the answer until an agent is there
  absl::Duration agent_answer_delay = absl::Seconds(2);
  double agent_ignores_ringing = 0.01;  // probability
  // The first three digits of a number decide, as with the callees of the lab: 100 answers after
  // 0.5 s and hangs up 2 s later, 200 answers and stays, 183 sends early media first, 180 rings
  // for ever, 999 says nothing, a SIP error code is the answer; 111 is a person and 222 a machine
  // for AMD. Agents likewise: `agent...` answers after 0.5 s and hangs up 2 s later, 90x answers
  // at once and stays, 91x answers after 1 s and hangs up 4 s later, 92x never answers. Without
  // it, and for every other number, the shares decide.
  bool prefix_decides = false;

  // INVALID_ARGUMENT: which value is wrong and what it must be.
  absl::Status Check() const;
};

// What happens to one call.
struct CallFate {
  enum class Kind {
    kAnswers,
    kRefuses,       // with sip_code
    kRingsForever,  // until the caller gives up
    kSilent,        // no reply of any kind
  };
  enum class Listener { kHuman, kMachine, kNoSound };  // what AMD hears

  Kind kind = Kind::kAnswers;
  int sip_code = 200;
  bool rings = true;                                    // 180 comes before the outcome
  bool early_media = false;                             // 183 with sound comes instead of 180
  absl::Duration decides_after = absl::ZeroDuration();  // from the INVITE to the answer or refusal
  Listener listener = Listener::kHuman;
  // From the answer until the callee hangs up, whatever happens; infinite: stays.
  absl::Duration stays_for = absl::InfiniteDuration();
  // From the answer until the callee gives up waiting for an agent; infinite: never.
  absl::Duration patience = absl::InfiniteDuration();
  // Length of the conversation with an agent; infinite: until the agent hangs up.
  absl::Duration talks_for = absl::InfiniteDuration();
  bool agent_ends = false;  // who hangs up after talks_for
};

// What an agent does with one call.
struct AgentFate {
  bool answers = true;
  absl::Duration answers_after = absl::ZeroDuration();
  absl::Duration talks_for = absl::InfiniteDuration();  // infinite: until the customer hangs up
};

// Who stands behind an endpoint.
enum class SimEndpointKind {
  kPeople,     // those of the options
  kFast,       // answers after 100 ms, hangs up 1 s later, whatever the number
  kSilent,     // nobody replies
  kNoContact,  // the endpoint is there, but not registered: no channel can be made
};

// Deterministic: the fate of the k-th call of a number depends on the seed, the number and k
// alone. Immutable; any thread.
class SimPopulation {
 public:
  explicit SimPopulation(const SimPopulationOptions& options) : options_(options) {}

  // `count`: how often the number was called before.
  CallFate FateOfCall(SimEndpointKind endpoint, absl::string_view number, uint64_t count) const;
  // `interface` as in the queue (`Local/911@agents`); `count`: calls offered to it before.
  AgentFate FateOfAgent(absl::string_view interface, uint64_t count) const;

 private:
  CallFate DrawFate(absl::string_view number, uint64_t count) const;

  SimPopulationOptions options_;
};

}  // namespace outdial::ami
