// How a dialing ended. The table in engine/README.md tells the rules by example.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "engine/dialing_facts.h"
#include "outdial/v1/dialing.pb.h"
#include "outdial/v1/outcome.pb.h"

namespace outdial::engine {

// What the dialing was made for.
struct DialingTerms {
  bool has_agents = false;       // the destination has an agent queue
  absl::Duration abandon_after;  // plan.abandon_after
};

// What a dialing tells about the trunk that carried it.
enum class TrunkSign {
  kNone,    // nothing: it never got there, or nobody saw
  kWorks,   // somebody at the far end said something about this call
  kFailed,  // no channel, or a failure of the network
};

struct Classification {
  v1::Outcome outcome = v1::OUTCOME_UNKNOWN;
  v1::DialingStatus status = v1::DIALING_STATUS_ERROR;
  // Absent: nobody saw what became of the dial.
  std::optional<v1::DialResult> res_dial;
  std::string res_dial_detail;
  // Q.850; absent: no hangup was seen.
  std::optional<uint32_t> res_hangup;
  std::string res_hangup_detail;
  // Of a failed call; absent: none was reported.
  std::optional<uint32_t> sip_code;
  // False: certain that no channel was made.
  bool try_counts = true;
  TrunkSign trunk_sign = TrunkSign::kNone;
};

// Classifies a dialing that has ended: facts.ended() or facts.ended_unseen. Pure.
Classification Classify(const DialingFacts& facts, const DialingTerms& terms);

}  // namespace outdial::engine
