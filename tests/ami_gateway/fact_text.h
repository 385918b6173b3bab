// Facts as short lines, so that tests can compare whole sequences of them.
#pragma once

#include <string>

#include "engine/node_event.h"

namespace outdial::ami {

// `ChannelHungUp D cause=17 tech=486`: the fact's name, the last four digits of its dialing, and
// its values.
std::string FactText(const engine::NodeFact& fact);

}  // namespace outdial::ami
