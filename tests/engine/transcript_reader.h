// Reads recorded AMI sessions into facts of dialings, for tests: just enough of AMI for that, and
// independent of the gateway, so that the engine's tests need nothing but the engine.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/node_event.h"
#include "engine/now.h"

namespace outdial::engine {

struct TimedFact {
  MonotonicTime at;  // since the session began
  NodeFact fact;
};

// The facts of each Originate in the transcript, by its ChannelId, in the order in which they
// came. `name` is a file in tests/testdata/ami_transcripts, without `.txt`. Only the session that
// the first line belongs to is read.
std::map<std::string, std::vector<TimedFact>> ReadTranscript(const std::string& name);

}  // namespace outdial::engine
