// How often each kind of fault really struck in a simulated world.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace outdial::simulation {

// By name. One thread.
using FaultTally = std::map<std::string, uint64_t>;

}  // namespace outdial::simulation
